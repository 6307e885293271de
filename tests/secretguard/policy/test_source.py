"""One layer as it was read: what is wrong with it is a value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.errors import GuardError
from secretguard.policy import source
from secretguard.policy.source import MAX_SOURCE, USER, Source, from_folder, joined, must_be_owned
from tests.secretguard.policy.sets import policy_set

OWNERS = (0, os.geteuid())


@pytest.mark.parametrize(("group", "mode", "refused"), [(1000, 0o770, True), (0, 0o770, False), (1000, 0o755, False)])
def test_managed_policy_that_a_group_may_write_is_refused(
    monkeypatch: pytest.MonkeyPatch, group: int, mode: int, refused: bool
) -> None:
    """Root's policy in a group's hands is that group's policy."""
    monkeypatch.setattr(source.os, "stat", lambda path: os.stat_result((0o40000 | mode, 0, 0, 1, 0, group, 0, 0, 0, 0)))
    if refused:
        with pytest.raises(GuardError, match="writable"):
            must_be_owned("/etc/x", (0,))
    else:
        must_be_owned("/etc/x", (0,))


def test_a_layer_that_tightens_may_have_one_file_a_base_has_both(tmp_path: Path) -> None:
    """What is not there is None; for a base it is a fault with its file."""
    folder = policy_set(tmp_path / "set")
    (folder / "rules.cedar").unlink()
    part = from_folder(USER, str(folder), OWNERS, whole=False)
    assert (part.rules, part.fault, bool(part.facts)) == (None, "", True)
    base = from_folder(USER, str(folder), OWNERS, whole=True)
    assert "rules.cedar:1: cannot be read" in base.fault


def test_what_cannot_be_read_or_trusted_is_a_fault_and_not_an_exception(tmp_path: Path) -> None:
    """Too large, a FIFO, writable by others: the caller lets the last good one stand."""
    folder = policy_set(tmp_path / "set")
    (folder / "facts.toml").write_bytes(b"x" * (MAX_SOURCE + 1))
    assert "facts.toml:1: larger than" in from_folder(USER, str(folder), OWNERS, whole=False).fault
    (folder / "facts.toml").unlink()
    os.mkfifo(folder / "facts.toml")
    assert from_folder(USER, str(folder), OWNERS, whole=False).facts == b""  # an empty FIFO never makes us wait
    (folder / "rules.cedar").chmod(0o666)
    assert "not be writable by others" in from_folder(USER, str(folder), OWNERS, whole=False).fault


def test_digests_tell_parts_from_wholes_and_faults_from_texts() -> None:
    """A layer without rules is not one with an empty rule file, and a fault is its own state."""
    layers = [
        Source(USER, "/p", b"", b""),
        Source(USER, "/p", None, b""),
        Source(USER, "/p", b"", None),
        Source(USER, "/p", None, None, "broken"),
        Source(USER, "/p", None, None, "broken otherwise"),
    ]
    assert len({layer.digest for layer in layers}) == len(layers)
    assert joined((b"ab", b"c")) != joined((b"a", b"bc"))
