"""Two records side by side, made up: each way in which one can lack what the other has."""

from __future__ import annotations

import dataclasses

import pytest

from broker.vault_audit import Made, VaultLog
from broker.vault_cross_check import Comparison, Question, Verdict, compare
from broker.vault_record import Known

ROLE = "sg-task"
HASHED = {"secretguard": "h:secretguard", "P": "h:P", "L": "h:L"}
PARENT = Known("parent of t", "t", "parent", 100, "P", 101)
LEASE = Known("lease-1", "t", "lease", 110, "L", 111)


def made(accessor: str, at: float = 100.5, maker: str = "login", **changes: object) -> Made:
    """A creation in Vault's log; a parent's by default."""
    meta = {"maker": "secretguard", "kind": "parent", "task": "t"}
    path, policies = f"auth/token/create/{ROLE}", frozenset({ROLE})
    by = frozenset({"sg-issuer"})
    whole = Made(3, at, path, accessor, maker, by, policies, meta, {"maker": "h:secretguard"}, 60)
    return dataclasses.replace(whole, **changes)  # type: ignore[arg-type]


def child(accessor: str, at: float = 110.5, intent: str = "lease-1", maker: str = "h:P") -> Made:
    """A lease's creation by the parent."""
    meta = {"maker": "secretguard", "kind": "lease", "task": "t", "intent": intent}
    none = frozenset[str]()
    return made(accessor, at, maker, path="auth/token/create", policies=none, maker_policies=none, meta=meta)


def compared(log: list[Made], told: list[Known], revoked: tuple[str, ...] = (), **changes: object) -> Comparison:
    """The comparison; the log covers 0 to 1000 without skew."""
    whole = VaultLog(tuple(log), frozenset(revoked), 0, 1000, 9, (), False)
    parts = {key: changes.pop(key) for key in ("first", "last", "unreadable") if key in changes}
    asked = Question(
        dataclasses.replace(whole, **parts),  # type: ignore[arg-type]
        {one.name: dataclasses.replace(one) for one in told}, HASHED, ROLE, "sg-issuer", skew=0.0,
    )  # fmt: skip
    return compare(dataclasses.replace(asked, **changes))  # type: ignore[arg-type]


def verdicts(result: Comparison) -> list[tuple[Verdict, str]]:
    """What was found, about what."""
    return [(one.verdict, one.what) for one in result.findings]


def ended(one: Known, end: str, **changes: object) -> Known:
    """The same, over at 200."""
    return dataclasses.replace(one, end=end, ended=200, **changes)  # type: ignore[arg-type]


def test_living_and_revoked_tokens_match() -> None:
    """By accessor, as an HMAC or in clear, whatever the metadata say."""
    log = [made("h:P"), child("h:L", intent="another")]
    assert verdicts(compared(log, [PARENT, LEASE])) == []
    assert compared(log, [PARENT, LEASE]).matching == 2
    over = [ended(PARENT, "confirmed"), ended(LEASE, "confirmed")]
    assert compared(log, over, ("h:P", "h:L")).verdict is Verdict.MATCHES
    assert compared([made("P"), child("L", maker="P")], over, ("P", "L")).verdict is Verdict.MATCHES


def test_other_peoples_tokens_are_none_of_this() -> None:
    """Another role, another maker, no metadata of ours that would matter."""
    other = made("x", path="auth/token/create", policies=frozenset({"web"}), maker_policies=frozenset({"root"}))
    assert verdicts(compared([other], [])) == []


@pytest.mark.parametrize(
    "extra",
    [
        made("x", meta={}),
        made("x"),
        made("", meta={}, sealed={}),
        made("x", path="auth/token/create-orphan", policies=frozenset()),
        made("x", path="auth/token/create", maker_policies=frozenset()),
        child("x"),
        child("x", intent="lease-2"),
        child("x", maker="h:L"),
    ],
    ids=["bare", "claims-the-task", "batch", "by-issuer", "parents-policy", "claims-a-lease", "unknown", "below"],
)
def test_a_token_behind_the_brokers_back_is_found(extra: Made) -> None:
    """Even where its metadata name a task or a lease that exists, and even when it is revoked again."""
    log = [made("h:P"), child("h:L"), extra]
    for revoked in ((), ("x",)):
        result = compared(log, [PARENT, LEASE], revoked)
        assert verdicts(result) == [(Verdict.NOT_IN_BROKER, "line 3")]
        assert result.matching == 2


def test_a_grandchild_of_a_stranger_is_found_too() -> None:
    """Whatever hangs below a token of ours is ours."""
    log = [made("x", meta={}), child("y", maker="x"), child("z", maker="y")]
    assert [found[0] for found in verdicts(compared(log, []))] == [Verdict.NOT_IN_BROKER] * 3


def test_a_token_without_a_creation_is_found() -> None:
    """Within the log's time it is missing, at its edge or beyond it cannot be told."""
    assert verdicts(compared([made("h:P")], [PARENT, LEASE])) == [(Verdict.NOT_IN_VAULT, "lease-1")]
    for beyond in ({"first": 110.5}, {"last": 110.9}, {"skew": 120.0}, {"unreadable": (7,)}):
        result = compared([made("h:P")], [PARENT, LEASE], **beyond)
        assert (Verdict.CANNOT_TELL, "lease-1") in verdicts(result)
        assert result.verdict is Verdict.CANNOT_TELL


def test_a_confirmed_end_without_a_revocation_is_found() -> None:
    """For leases and parents; a revocation of the parent alone is no revocation of the lease."""
    over = [ended(PARENT, "confirmed"), ended(LEASE, "confirmed")]
    log = [made("h:P"), child("h:L")]
    assert verdicts(compared(log, over, ("h:P",))) == [(Verdict.NOT_IN_VAULT, "lease-1")]
    assert verdicts(compared(log, over, ("h:L",))) == [(Verdict.NOT_IN_VAULT, "parent of t")]
    assert compared(log, over, (), last=150.0).verdict is Verdict.CANNOT_TELL


def test_a_lost_answer_is_accounted_for_once() -> None:
    """A lease without an accessor takes one token that names it; that must be revoked when the lease is over."""
    lost = dataclasses.replace(LEASE, accessor="", minted=0.0)
    log = [made("h:P"), child("x")]
    assert verdicts(compared(log, [PARENT, lost])) == [(Verdict.CANNOT_TELL, "lease-1")]
    for end in ("confirmed", "nothing"):
        assert compared(log, [PARENT, ended(lost, end)], ("x",)).verdict is Verdict.MATCHES
    assert verdicts(compared(log, [PARENT, ended(lost, "confirmed")])) == [(Verdict.NOT_IN_VAULT, "lease-1")]
    assert verdicts(compared(log, [PARENT, ended(lost, "nothing")])) == [(Verdict.CANNOT_TELL, "lease-1")], "expired"
    alive = [made("h:P"), dataclasses.replace(child("x"), ttl=3600)]
    assert verdicts(compared(alive, [PARENT, ended(lost, "nothing")])) == [(Verdict.NOT_IN_BROKER, "lease-1")]
    twice = compared([*log, child("y")], [PARENT, ended(lost, "nothing")], ("x", "y"))
    assert verdicts(twice) == [(Verdict.NOT_IN_BROKER, "line 3")]
    for claim in ({"kind": "parent"}, {"task": "another"}):
        false = dataclasses.replace(child("x"), meta={**child("x").meta, **claim})
        assert (Verdict.NOT_IN_BROKER, "line 3") in verdicts(compared([made("h:P"), false], [PARENT, lost], ("x",)))
    nowhere = compared([made("h:P")], [PARENT, ended(lost, "confirmed")])
    assert verdicts(nowhere) == [(Verdict.CANNOT_TELL, "lease-1")]


def test_a_parent_that_was_lost_and_made_again_is_accounted_for() -> None:
    """As often as the record says that no answer came, and only when the lost ones are dead."""
    again = dataclasses.replace(PARENT, lost=1)
    log = [made("x"), made("h:P")]
    assert compared(log, [again], ("x",)).verdict is Verdict.MATCHES
    assert verdicts(compared([made("x", ttl=3600), made("h:P")], [again])) == [(Verdict.NOT_IN_BROKER, "line 3")]
    assert verdicts(compared([*log, made("y")], [again], ("x", "y"))) == [(Verdict.NOT_IN_BROKER, "line 3")]
    pending = dataclasses.replace(PARENT, accessor="", minted=0.0)
    assert verdicts(compared([made("x")], [pending])) == [(Verdict.CANNOT_TELL, "parent of t")]


def test_a_log_of_a_device_that_was_made_anew_cannot_be_told() -> None:
    """Under another salt nothing is said to be missing, and nothing to match."""
    old = [made("o:P", sealed={"maker": "o:secretguard"})]
    result = compared(old, [PARENT, LEASE])
    assert result.verdict is Verdict.CANNOT_TELL
    assert (result.matching, len(result.findings)) == (0, 3)


def test_what_is_older_than_asked_for_is_left_out() -> None:
    """On both sides; a parent that is older still vouches for its leases."""
    log = [made("old", at=50.0, meta={}), made("h:P"), child("h:L")]
    assert compared(log, [PARENT, LEASE], since=105.0).verdict is Verdict.MATCHES
    assert verdicts(compared([], [PARENT, LEASE], since=105.0)) == [(Verdict.NOT_IN_VAULT, "lease-1")]
    late = compared([*log, child("x", at=120.0)], [PARENT, LEASE], since=105.0)
    assert verdicts(late) == [(Verdict.NOT_IN_BROKER, "line 3")]


def test_what_is_newer_than_asked_for_is_left_out() -> None:
    """On both sides: an end after it does not count yet, and the log need not have it."""
    over = [ended(PARENT, "confirmed"), ended(LEASE, "confirmed")]
    log = [made("h:P"), child("h:L"), child("x", at=160.0)]
    assert compared(log, over, last=170.0).verdict is not Verdict.MATCHES
    assert compared(log, over, last=170.0, until=150.0).matching == 2
    assert compared(log, over, last=170.0, until=150.0).verdict is Verdict.MATCHES
    assert verdicts(compared([made("h:P")], [PARENT, LEASE], until=110.0)) == []


def test_a_drill_is_named_and_not_excused() -> None:
    """Anybody with the issuer's login could call a token so."""
    drill = made("x", meta={"maker": "secretguard", "kind": "parent", "task": "check-1"})
    (found,) = compared([drill], [], ("x",)).findings
    assert found.verdict is Verdict.NOT_IN_BROKER
    assert "as a drill of `broker vault check` would" in found.detail
