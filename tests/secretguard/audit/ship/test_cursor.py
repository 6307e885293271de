"""The cursor: kept whole, refused when damaged, one process at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.audit.ship import cursor as cursors
from secretguard.audit.ship.cursor import Cursor
from secretguard.errors import ConfigError


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """And there is nothing of it before; the file is the user's alone."""
    path = str(tmp_path / "cursor")
    assert cursors.load(path) == Cursor()
    cursors.save(path, Cursor(7, "ab", 3, 900, 4, 5))
    cursors.save(path, Cursor(8, "cd", 3, 1000, 4, 6))
    assert cursors.load(path) == Cursor(8, "cd", 3, 1000, 4, 6)
    assert (tmp_path / "cursor").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["cursor"]


GOOD = '{"number":1,"hash":"a","segment":1,"offset":1,"inode":0,"size":0}'


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", '{"offset":1}', GOOD.replace("1", "-1", 1), GOOD.replace("1", "true", 1),
        GOOD.replace('"a"', '"\u00e9"'), GOOD.replace('"a"', "7"), GOOD.replace('"size":0', '"size":0,"more":1'),
        GOOD.replace('"size":0', '"size":1.0'), "x" * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_cursor_is_named(text: str, tmp_path: Path) -> None:
    """It is neither guessed nor silently started anew."""
    (tmp_path / "cursor").write_text(text)
    with pytest.raises(ConfigError, match="is no cursor\n  remove it"):
        cursors.load(str(tmp_path / "cursor"))
    (tmp_path / "cursor").write_text(GOOD)
    assert cursors.load(str(tmp_path / "cursor")).number == 1


def test_a_cursor_that_does_not_fit_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes a part of it: that is an error, and no damaged cursor."""
    path = str(tmp_path / "cursor")
    cursors.save(path, Cursor(1, "aa", 2, 3))
    whole = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: whole(fd, data[:10]))
    with pytest.raises(OSError, match="No space left"):
        cursors.save(path, Cursor(2, "bb", 2, 9))
    assert cursors.load(path) == Cursor(1, "aa", 2, 3)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """The second is refused at once; no link is followed; a missing folder is named."""
    held = cursors.lock(str(tmp_path / "cursor"))
    with pytest.raises(ConfigError, match="another export"):
        cursors.lock(str(tmp_path / "cursor"))
    os.close(held)
    os.close(cursors.lock(str(tmp_path / "cursor")))
    (tmp_path / "target").write_text("")
    (tmp_path / "other.lock").symlink_to(tmp_path / "target")
    with pytest.raises(ConfigError, match=r"other\.lock"):
        cursors.lock(str(tmp_path / "other"))
    with pytest.raises(ConfigError, match="must be writable"):
        cursors.lock(str(tmp_path / "none" / "cursor"))
