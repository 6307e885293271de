"""`secretguard baseline`: accept what is there, keep what a person wrote, report what is new."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.detect import made_up
from tests.secretguard.commands.test_scan import run

ONE, TWO = made_up.github("ghp_"), made_up.github("ghp_", "b")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text(f"x = '{ONE}'\n")
    (tmp_path / "b.py").write_text(f"y = '{TWO}'  # pragma: allowlist secret\n")
    return tmp_path


def results(project: Path) -> dict[str, list[dict[str, object]]]:
    document: dict[str, dict[str, list[dict[str, object]]]] = json.loads((project / "base").read_text())
    return document["results"]


def test_create_then_scan_is_clean(project: Path) -> None:
    """What the baseline holds is not reported; a pragma needs no entry; the baseline itself is not scanned."""
    assert run("baseline", "create", "base", ".", cwd=project).returncode == 0
    assert list(results(project)) == ["src/a.py"]
    assert ONE not in (project / "base").read_text()
    assert run("scan", "--baseline", "base", ".", cwd=project).returncode == 0
    assert run("scan", ".", cwd=project).returncode == 1


def test_new_secret_is_reported(project: Path) -> None:
    """A baseline accepts the findings it names, moved lines included, and no others."""
    run("baseline", "create", "base", ".", cwd=project)
    (project / "src" / "a.py").write_text(f"\n\nx = '{ONE}'\nz = '{TWO}'\n")
    done = run("scan", "--baseline", "base", ".", cwd=project)
    assert done.returncode == 1
    assert b"src/a.py:4:6" in done.stdout
    assert b"src/a.py:3" not in done.stdout


def test_create_does_not_overwrite(project: Path) -> None:
    """An existing file is kept unless told otherwise."""
    run("baseline", "create", "base", ".", cwd=project)
    done = run("baseline", "create", "base", ".", cwd=project)
    assert done.returncode == 2
    assert b"baseline update" in done.stderr
    assert run("baseline", "create", "--force", "base", ".", cwd=project).returncode == 0


def test_update(project: Path) -> None:
    """New findings come in, gone ones go, labels stay."""
    run("baseline", "create", "base", ".", cwd=project)
    document = json.loads((project / "base").read_text())
    document["results"]["src/a.py"][0]["is_secret"] = False
    document["results"]["gone.py"] = [{**document["results"]["src/a.py"][0], "filename": "gone.py"}]
    (project / "base").write_text(json.dumps(document))
    (project / "c.py").write_text(f"z = '{TWO}'\n")
    assert run("baseline", "update", "base", ".", cwd=project).returncode == 0
    assert list(results(project)) == ["c.py", "src/a.py"]
    assert results(project)["src/a.py"][0]["is_secret"] is False


def test_update_of_some_paths_keeps_the_others(project: Path) -> None:
    """Entries of files outside of the paths are left alone."""
    run("baseline", "create", "base", ".", cwd=project)
    (project / "c.py").write_text(f"z = '{TWO}'\n")
    assert run("baseline", "update", "base", "c.py", cwd=project).returncode == 0
    assert list(results(project)) == ["c.py", "src/a.py"]


def test_real_secret_stays_a_finding(project: Path) -> None:
    """An entry that a person labelled as real is reported, and an update does not bury it."""
    run("baseline", "create", "base", ".", cwd=project)
    document = json.loads((project / "base").read_text())
    document["results"]["src/a.py"][0]["is_secret"] = True
    (project / "base").write_text(json.dumps(document))
    run("baseline", "update", "base", ".", cwd=project)
    assert results(project)["src/a.py"][0]["is_secret"] is True
    assert run("scan", "--baseline", "base", ".", cwd=project).returncode == 1
