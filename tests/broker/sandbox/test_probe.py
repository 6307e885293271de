"""The probe's judgement. That it sees real weaknesses is shown in test_selftest.py."""

from __future__ import annotations

import errno
import functools
import os

import pytest

from broker.sandbox import probe


def test_an_unexpected_error_is_cannot_tell() -> None:
    """A refusal for another reason than the guard's is not taken for the guard's."""
    missing = functools.partial(os.stat, "/no/such/place")
    assert probe.refused("a look", missing, 1).startswith("cannot tell")
    assert probe.refused("a look", missing) == "held"
    assert probe.refused("nothing", lambda: None).startswith("broken")
    assert probe.worked("a look", missing).startswith("broken")


def test_the_first_bad_answer_is_the_answer() -> None:
    """One weakness among others that hold is not averaged away."""
    assert probe.first_bad(["held", "broken: a", "cannot tell: b"]) == "broken: a"
    assert probe.first_bad([]) == "held"


def test_an_unprotected_process_is_seen() -> None:
    """Outside of any sandbox the environment, the processes and the missing no_new_privs are all called broken."""
    assert probe.environment({"variables": ["PATH"]}).startswith("broken")
    assert probe.command_lines().startswith("broken")
    assert probe.capabilities().startswith("broken")


def test_a_refused_call_is_an_error_with_its_number() -> None:
    """A system call that the kernel refuses is raised as OSError with its errno."""
    with pytest.raises(OSError, match="keyctl") as caught:
        probe.call("keyctl", -1, 0, 0)
    assert caught.value.errno in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.EPERM)
