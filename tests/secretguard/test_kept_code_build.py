"""What is kept of the code: every module of the hot path, and each as Python compiles it."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard import kept_code
from secretguard.kept_code_build import ROOMS, build
from tests.secretguard.test_kept_code import small


def test_an_unchanged_tree_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hooks that build it at the same moment write the same."""
    root = small(tmp_path, monkeypatch)
    path = Path(kept_code.path_of(str(root)))
    first = path.read_bytes()
    build(str(root), str(path))
    assert path.read_bytes() == first
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_module_that_cannot_be_compiled_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken module is an error of who imports it, and no file is written."""
    root = small(tmp_path, monkeypatch, build_it=False)
    (root / "secretguard" / "guard" / "bad.py").write_text("def (")
    path = Path(kept_code.path_of(str(root)))
    with pytest.raises(SyntaxError):
        build(str(root), str(path))
    assert not path.exists()


def test_the_rooms_are_there() -> None:
    """Each room is a folder of the package: a moved one would be left out without a word."""
    package = Path(kept_code.__file__).parent
    assert all((package / room / "__init__.py").exists() for room in ROOMS)
