"""The bench of the agreement: on a small tree with every kind of file, the sets are the same; differences are told."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

import pytest

from bench import agreement

MODULES = ("argparse", "base64", "configparser", "hashlib", "json/decoder", "shlex", "uuid", "netrc")
TEXTS = {
    "a.yaml": "one:\n  two: 3\n  list:\n    - a\n    - b\nthree: |\n  text\n",
    "b.ini": "[one]\na = 1\nb = two\n\n[two]\nc =\n  d\n  e\n",
    "c.env": "ONE=1\nTWO=two\n",
    "d.txt": "Some text.\n\nMore of it.\n",
    "e.go": "package main\n\nfunc main() {\n}\n",
    "f.conf": "one 1\ntwo 2\n",
    "g.json": '{\n  "one": 1\n}\n',
    "Makefile": "all:\n\techo done\n",
}


def planted(folder: Path) -> None:
    source = Path(sysconfig.get_path("stdlib"))
    for name in MODULES:
        shutil.copyfile(source / f"{name}.py", folder / f"{name.replace('/', '-')}.py")
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    agreement.plant(folder)


def test_both_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook and detect-secrets' own scan agree on every file, digest and type."""
    monkeypatch.setattr(agreement, "PLANTED", 400)
    planted(tmp_path)
    theirs, _, _ = agreement.timed(["detect_secrets", "scan", "--all-files", "--no-verify", "."], str(tmp_path))
    names = sorted(path.name for path in tmp_path.iterdir())
    ours, _, said = agreement.timed(["secretguard", "detect-secrets-hook", "--json", *names], str(tmp_path))
    assert said == ""
    assert len(theirs) > 150
    assert len({kind for _, _, kind in theirs}) > 12
    assert ours == theirs


def test_planting_is_always_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two trees with the same files are the same afterwards."""
    monkeypatch.setattr(agreement, "PLANTED", 50)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        planted(tmp_path / name)
    assert [path.read_bytes() for path in sorted((tmp_path / "one").iterdir())] == [
        path.read_bytes() for path in sorted((tmp_path / "two").iterdir())
    ]


def test_reasons(tmp_path: Path) -> None:
    """A file in Latin-1 and one that was left out are reasons; anything else has none."""
    (tmp_path / "l.py").write_bytes(b"\xe9")
    (tmp_path / "u.py").write_bytes(b"x")
    ours = {("l.py", "0", "T"), ("u.py", "1", "T"), ("u.py", "2", "T")}
    theirs = {("u.py", "2", "T"), ("s.py", "3", "T"), ("u.py", "4", "T")}
    told = agreement.explained(ours, theirs, str(tmp_path), "not looked at: s.py: a line takes too long\nother\n")
    assert told == {
        ("its file is no UTF-8", "us"): 1,
        ("NO REASON KNOWN", "us"): 1,
        ("a line takes too long", "detect-secrets"): 1,
        ("NO REASON KNOWN", "detect-secrets"): 1,
    }
