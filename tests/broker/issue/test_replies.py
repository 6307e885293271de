"""Answers that can be asked for again: for a minute, by the same request, from memory alone."""

from __future__ import annotations

import time

import pytest

from broker.errors import Conflict
from broker.issue import replies
from broker.issue.replies import MAX_KEPT, Replies
from broker.lease import Lease, LeaseState, Minted
from secretguard.secret import Secret

MINTED = Minted({"token": Secret("made-up-value")}, "accessor", "", 0)


def lease(state: LeaseState, name: str = "lease-1") -> Lease:
    """A lease in a state."""
    return Lease(name, "task-1", "db", "database", state)


def test_an_issued_credential_is_given_again() -> None:
    """The same request within a minute gets the same credential."""
    kept = Replies()
    kept.keep("lease-1", MINTED)
    assert kept.again(lease(LeaseState.ISSUED)) is MINTED


@pytest.mark.parametrize("state", [state for state in LeaseState if state is not LeaseState.ISSUED])
def test_no_other_state_is_given(state: LeaseState) -> None:
    """A lease that is not out is answered with Conflict, although its answer is still in memory."""
    kept = Replies()
    kept.keep("lease-1", MINTED)
    with pytest.raises(Conflict) as refused:
        kept.again(lease(state))
    assert "made-up-value" not in str(refused.value)
    assert refused.value.fix


def test_a_dropped_answer_is_gone() -> None:
    """What was taken back is not given again."""
    kept = Replies()
    kept.keep("lease-1", MINTED)
    kept.drop("lease-1")
    kept.drop("lease-1")  # twice is fine
    with pytest.raises(Conflict, match="answered already"):
        kept.again(lease(LeaseState.ISSUED))


def test_a_minute_later_it_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """After REPLAY_SECONDS the secret is out of memory, and the refusal says how to go on."""
    kept = Replies()
    kept.keep("lease-1", MINTED)
    later = time.monotonic() + replies.REPLAY_SECONDS
    monkeypatch.setattr(replies.time, "monotonic", lambda: later)
    with pytest.raises(Conflict) as refused:
        kept.again(lease(LeaseState.ISSUED))
    assert "revoke lease-1" in refused.value.fix
    assert not kept._kept


def test_memory_is_bounded() -> None:
    """More than MAX_KEPT answers push the oldest out."""
    kept = Replies()
    for number in range(MAX_KEPT + 1):
        kept.keep(f"lease-{number}", MINTED)
    assert len(kept._kept) == MAX_KEPT
    with pytest.raises(Conflict):
        kept.again(lease(LeaseState.ISSUED, "lease-0"))
    assert kept.again(lease(LeaseState.ISSUED, f"lease-{MAX_KEPT}")) is MINTED
