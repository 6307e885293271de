"""Which files of a project are found, and what stays known of them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from secretguard.known import build as building
from secretguard.known.build import build
from secretguard.known.index import index_key
from tests.secretguard.known.projects import OTHER, PASSWORD, knows, names, write


def test_files_of_every_kind_and_place(tmp_path: Path) -> None:
    """Ignored by git or not, in the project's folders; not in those of packages, and not in examples."""
    write(tmp_path / ".gitignore", ".env\n")
    for number, name in enumerate([".env", "deploy/prod.env", "k8s/secrets.yaml", "infra/prod.tfvars", ".npmrc"]):
        write(tmp_path / name, f"_authToken: xK9!mQ2vB{number}\n".replace(": ", "=" if "yaml" not in name else ": "))
    for name in ["node_modules/x/.env", ".git/secrets.yaml", ".env.example", "secrets.py"]:
        write(tmp_path / name, "PASSWORD=xK9!mQ2vB9\n")  # pragma: allowlist secret
    assert [file for file, _ in names(tmp_path)] == [".env", ".npmrc", "prod.env", "prod.tfvars", "secrets.yaml"]


def test_links_are_followed_inside_the_project_alone(tmp_path: Path) -> None:
    """A link to a folder or file elsewhere is no way out; one inside is read once."""
    project, outside = tmp_path / "project", tmp_path / "outside"
    write(outside / ".env", f"PASSWORD={OTHER}\n")
    write(project / "config" / "prod.env", f"PASSWORD={PASSWORD}\n")
    (project / ".env").symlink_to(outside / ".env")
    (project / "out").symlink_to(outside)
    (project / "in.env").symlink_to(project / "config" / "prod.env")
    assert names(project) == [("prod.env", "PASSWORD")]


def test_what_is_no_plain_file_is_passed_over(tmp_path: Path) -> None:
    """A FIFO does not make the hook wait, a folder called `.env` is no file, a huge file is said."""
    os.mkfifo(tmp_path / "a.env")
    (tmp_path / "b.env").mkdir()
    write(tmp_path / "c.env", f"PASSWORD={PASSWORD}\n" + "x" * building.LARGEST)
    index = build(str(tmp_path))
    assert not index.records
    assert [gap.split()[0] for gap in index.missing] == ["a.env", "c.env"]


def test_bounds_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest files are read, and that there are more is said."""
    monkeypatch.setattr(building, "FOLDERS", 3)
    for folder in ("a", "b", "c", "d"):
        write(tmp_path / folder / "x.env", f"PASSWORD=xK9!mQ2vB{folder}\n")
    index = build(str(tmp_path))
    assert len(index.sources) == 2
    assert index.missing == ["2 folders that were not looked into in time"]


def test_a_value_that_left_its_file_is_known_for_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was replaced or moved, and may still open something; after a day it is forgotten."""
    write(tmp_path / ".env", f"PASSWORD={PASSWORD}\n")
    assert knows(tmp_path, PASSWORD)
    (tmp_path / ".env").rename(tmp_path / "notes.txt")
    build(str(tmp_path))
    assert knows(tmp_path, PASSWORD)
    later = time.time() + building.KEPT + 5
    monkeypatch.setattr(time, "time", lambda: later)
    build(str(tmp_path))
    assert not knows(tmp_path, PASSWORD)


def test_where_nothing_can_be_written_it_is_known_all_the_same(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs the speed, not the protection."""
    write(tmp_path / ".env", f"PASSWORD={PASSWORD}\n")
    key = index_key()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("secretguard.whole_file.replace", full)
    index = build(str(tmp_path))
    assert not index.stored
    assert PASSWORD.encode() in index.known(key)
    assert not list((own_home / "state" / "known").rglob("index"))
