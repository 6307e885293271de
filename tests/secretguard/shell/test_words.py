"""Options and table rows: what fits a command and what only looks like it."""

from __future__ import annotations

import pytest

from secretguard.shell.words import Step
from tests.secretguard.shell.place import HERE, words


@pytest.mark.parametrize(
    ("call", "line", "fits"),
    [
        ("git push", "git push", True),
        ("git push", "git -C dir push origin", True),
        ("git push", "git --no-pager push", True),
        ("git push", "git commit push", False),
        ("git push", "git", False),
        ("npm publish", "npm run publish", False),
        ("aws * delete-*", "aws rds delete-db-instance", True),
        ("aws * delete-*", "aws delete-x", True),
        ("aws * delete-*", "aws rds describe", False),
        ("mkfs*", "mkfs.ext4 /dev/x", True),
        ("git checkout * .", "git checkout HEAD .", True),
        ("git checkout * .", "git checkout main", False),
    ],
)
def test_a_row_fits(call: str, line: str, fits: bool) -> None:
    """Words must follow in order; options and their values may stand between them."""
    assert Step(call, "f", "w").fits(words(*line.split())) is fits


@pytest.mark.parametrize(
    ("option", "line", "has"),
    [
        ("-f", "git clean -fd", True),
        ("-f", "git clean -d", False),
        ("-f", "git clean --force", False),
        ("--force", "git push --force=x", True),
        ("--force", "git push --force-with-lease", False),
        ("-prefix", "vault lease revoke -prefix x", True),
        ("-d", "curl -sSd x", True),
        ("-d", "curl d", False),
    ],
)
def test_an_option_is_given(option: str, line: str, has: bool) -> None:
    """Short options also stand in a bunch, long ones also with a value."""
    assert words(*line.split()).has(option) is has


@pytest.mark.parametrize(
    ("word", "path"),
    [("a", "/w/project/a"), ("../a", "/w/a"), ("/a/../b", "/b"), ("~/a", "/home/dev/a"), ("a\x00", None)],
)
def test_paths(word: str, path: str | None) -> None:
    """A word names a path from where the command stands."""
    assert HERE.path(word) == path
    assert HERE.moved(None).path("a") is None
