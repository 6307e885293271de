"""Digests of files: keyed, bounded, and never a wait."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from secretguard.audit.digest import key_id
from secretguard.worktree.content import LARGEST_IN_HOOK, NONE, content, file_digest, link_digest

KEY = b"k" * 32


def test_the_digest_depends_on_content_and_key_alone(tmp_path: Path) -> None:
    """Two files with one content have one digest; another key gives another, so a guess cannot be tested."""
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"one")
    digest, size = content(str(tmp_path / "a"), KEY, 10)
    assert (digest, size) == content(str(tmp_path / "b"), KEY, 10)
    assert size == 3
    assert digest == file_digest(KEY, hashlib.sha256(b"one").digest())
    assert digest != content(str(tmp_path / "a"), b"o" * 32, 10)[0]
    assert hashlib.sha256(b"one").hexdigest() not in digest
    assert digest.startswith(f"{key_id(KEY)}:")


def test_both_sha256_agree(tmp_path: Path) -> None:
    """What a hook digests and what a look digests is compared: the same, over several reads, too."""
    (tmp_path / "a").write_bytes(os.urandom(3 << 20))
    one = content(str(tmp_path / "a"), KEY, 4 << 20)
    assert one == content(str(tmp_path / "a"), KEY, 4 << 20, hashlib.sha256)


def test_a_file_that_is_not_there() -> None:
    """Is `none`, not an error."""
    assert content("/nowhere/at/all", KEY, 10) == (NONE, None)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """The words say the bound; the size is known all the same."""
    with (tmp_path / "a").open("wb") as file:
        file.truncate(LARGEST_IN_HOOK + 1)
    assert content(str(tmp_path / "a"), KEY, LARGEST_IN_HOOK) == ("not read: larger than 256 KiB", LARGEST_IN_HOOK + 1)


@pytest.mark.parametrize("made", ["fifo", "folder", "device"])
def test_what_is_no_regular_file_is_not_read(tmp_path: Path, made: str) -> None:
    """A FIFO without a writer, a folder or an endless device holds nobody up."""
    path = str(tmp_path / "a")
    if made == "fifo":
        os.mkfifo(path)
    elif made == "folder":
        os.mkdir(path)
    else:
        path = "/dev/zero"
    assert content(path, KEY, 1000) == ("not read: no regular file", None)


def test_a_file_without_an_end_is_not_read(tmp_path: Path) -> None:
    """What says that it has no bytes and gives more than the bound is given up."""
    digest, _ = content("/proc/self/smaps", KEY, 100)
    assert digest.startswith("not read: ")


def test_a_link_loop_is_said(tmp_path: Path) -> None:
    """The system's own words, in lower case."""
    (tmp_path / "a").symlink_to("a")
    assert content(str(tmp_path / "a"), KEY, 10) == ("not read: too many levels of symbolic links", None)


def test_a_link_is_not_the_file_with_its_name_in_it() -> None:
    """Replacing a file by a link with the same bytes is a change."""
    assert link_digest(KEY, "one") != file_digest(KEY, hashlib.sha256(b"one").digest())
