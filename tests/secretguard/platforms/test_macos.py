"""The macOS file as far as it can be tested elsewhere: it reads the kernel's structures as the headers lay them out."""

from __future__ import annotations

from typing import Any

import pytest

from secretguard.platforms import linux, macos


class Credentials:
    """A socket that answers as xucred (version, uid, number of groups, groups) and LOCAL_PEERPID would."""

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        assert level == 0
        words = {1: [0, 501, 2, 20, 12], 2: [4242]}[option]
        return b"".join(word.to_bytes(4, "little") for word in words).ljust(size, b"\0")


def test_peer_reads_xucred() -> None:
    """Process, user and first group come out of their places."""
    sock: Any = Credentials()
    assert macos.peer(sock) == (4242, 501, 20)


def test_both_platforms_offer_the_same_names() -> None:
    """What one file has the other has, so that the choice is made in one place."""
    public = [{name for name in vars(module) if name[0] != "_" and name != "annotations"} for module in (linux, macos)]
    assert public[0] - {"os"} == public[1]


def test_cpus_are_counted_without_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS has no call that says which CPUs a process may use."""
    monkeypatch.delattr("os.sched_getaffinity")
    assert macos.usable_cpus() >= 1
