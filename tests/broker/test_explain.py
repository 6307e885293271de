"""Explain: what it allows is what a start gives, what it refuses is refused, and the nearest request passes."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from broker.authenticate.identity import Identity
from broker.authorise import authorise_start
from broker.ceiling import Ceiling, Ceilings
from broker.errors import Refused
from broker.explain import Question, explained
from broker.grant import Grant
from broker.narrow import LIMITS, NO_CAP_IS_ZERO, Narrow, NarrowTask
from broker.policy.policy_set import PolicySet
from broker.task_policy import TaskPolicy
from broker.testing import flat_policy, task_policy
from broker.workplace import NOWHERE, PROVED, Workplace, stated
from secretguard.policy.request import DATA, ENVIRONMENTS, OUTCOMES, Decision
from secretguard.policy.table import CELLS, Policy
from tests.broker.scenario import ADA, DB, USER

few = st.integers(1, 6)
grants = st.builds(
    Grant, name=st.just(""), source=st.sampled_from(["memory", "other"]), scope=st.just({}), ttl=few,
    data=st.sampled_from(DATA), uses=st.integers(0, 4), rate=st.integers(0, 4), max_leases=few, max_issues=few,
    approvals=st.sampled_from([0, 0, 1]),
)  # fmt: skip
limits = st.builds(Narrow, **{name: st.none() | few for name in LIMITS})
names = st.sampled_from(["a", "b", "c"])
narrows = st.none() | st.builds(
    NarrowTask, deadline=st.none() | st.integers(1, 20), grants=st.none() | st.dictionaries(names, limits, max_size=3)
)
ceilings = st.none() | st.builds(
    Ceiling,
    launchers=st.just(("jwt:*", "unix:*")),
    environment=st.sampled_from(ENVIRONMENTS),
    data=st.sampled_from(DATA),
    ttl=st.integers(0, 6),
    sources=st.none() | st.just(frozenset({"memory"})),
    names=st.just(("low",)),
)


@st.composite
def policies(draw: st.DrawFn) -> TaskPolicy:
    """A task policy of one to three grants, ten seconds long."""
    made = draw(st.lists(grants, min_size=1, max_size=3))
    named = (dataclasses.replace(one, name=name) for one, name in zip(made, "abc", strict=False))
    return dataclasses.replace(task_policy(*named), deadline=10, environment=draw(st.sampled_from(ENVIRONMENTS)))


@st.composite
def rules(draw: st.DrawFn) -> Policy:
    """Allow mostly: each cell's outcome from a short list that repeats."""
    some = draw(st.lists(st.sampled_from([0, 0, 0, 1, 3]), min_size=3, max_size=7))
    cells = [some[at % len(some)] for at in range(CELLS)]
    return Policy(
        "0" * 64, [Decision(one, f"rule-{one}", "because") for one in OUTCOMES], cells, {"protected": {"paths": []}}
    )


@given(policies(), rules(), ceilings, narrows, st.sampled_from([ADA, USER]))
def test_it_says_what_a_start_does_and_its_nearest_request_passes(
    policy: TaskPolicy, table: Policy, low: Ceiling | None, narrow: NarrowTask | None, caller: Identity
) -> None:
    """Allowed exactly when a start is, and then within policy, ceiling and request in every limit. What a refusal names
    as the nearest request passes, and keeps each grant that would pass alone."""
    held = PolicySet("", table, {"work": policy}, Ceilings({"low": low} if low else {}, "d"))
    answer = explained(held, Question(caller, "work", "", narrow, NOWHERE))
    limit = held.ceilings.of(caller)
    try:
        start = authorise_start(caller, policy, narrow, table, limit)
    except Refused as no:
        told = (answer["allowed"], answer["rule"], answer["reason"])
        if told != (False, no.rule, no.message):
            raise AssertionError(told) from None
        near = answer["nearest"]
        if near is None:
            assert not any(_alone(policy, table, limit, caller, narrow, one) for one in policy.grants)
            return
        passed = authorise_start(caller, policy, NarrowTask.model_validate(near), table, limit)
        assert not narrow or not narrow.grants or {one.name for one in passed.grants} <= set(narrow.grants)
        _within(passed.grants, policy, limit, narrow, cut=True)
        return
    assert answer["allowed"] is True
    assert set(_part(answer, "grants")) == {one.name for one in start.grants}
    _within(start.grants, policy, limit, narrow, cut=False)
    assert start.deadline <= min(policy.deadline, (narrow and narrow.deadline) or 10**9)
    for step in answer["steps"]:  # type: ignore[attr-defined]
        given_ = next((one for one in start.grants if one.name == step["grant"]), None)
        if given_ and step["limit"] in LIMITS:
            assert step["effective"] == (getattr(given_, step["limit"]) or "no cap")


def _alone(
    policy: TaskPolicy, table: Policy, limit: Ceiling, caller: Identity, narrow: NarrowTask | None, grant: Grant
) -> bool:
    """Whether the least request for one of the grants that were asked for is allowed whole."""
    if narrow and narrow.grants and grant.name not in narrow.grants:
        return False
    least = NarrowTask(deadline=1, grants={grant.name: Narrow(ttl=1, max_leases=1, max_issues=1)})
    held = PolicySet("", table, {"work": policy}, Ceilings({"low": limit} if limit.names else {}, "d"))
    answer = explained(held, Question(caller, "work", "", least, NOWHERE))
    return answer["allowed"] is True and all(one["allowed"] for one in _part(answer, "grants").values())


def _part(answer: dict[str, object], name: str) -> dict[str, Any]:
    part = answer[name]
    assert isinstance(part, dict)
    return part


def _within(
    given_: tuple[Grant, ...], policy: TaskPolicy, limit: Ceiling, narrow: NarrowTask | None, cut: bool
) -> None:
    for one in given_:
        written = policy.grant(one.name)
        asked = (narrow.grants or {}).get(one.name) if narrow else None
        assert written is not None
        assert one.ttl <= (limit.ttl or one.ttl)
        assert limit.sources is None or one.source in limit.sources
        assert DATA.index(one.data) <= DATA.index(limit.data)
        for name in LIMITS:
            most = [getattr(written, name), (getattr(asked, name) if asked else None) or 0]
            caps = [cap for cap in most if cap] if name in NO_CAP_IS_ZERO else [most[0], most[1] or most[0]]
            assert (getattr(one, name) or 10**9) <= min([*caps, 10**9]), (name, cut)


WORK = task_policy(DB, dataclasses.replace(DB, name="kv", source="kv", data="secret"))


def ask(policy: TaskPolicy = WORK, caller: Identity = ADA, low: Ceiling | None = None, **more: Any) -> dict[str, Any]:
    """An answer about WORK."""
    held = PolicySet("", flat_policy(), {"work": policy}, Ceilings({"low": low} if low else {}, "d"))
    said = more.get("said", NOWHERE)
    return explained(held, Question(caller, more.get("name", "work"), more.get("grant", ""), more.get("narrow"), said))


LOW = Ceiling(("jwt:*",), "development", "internal", ttl=60, names=("low",))


def test_the_table_says_who_set_what() -> None:
    """A life that the ceiling cut, a cap that the request set, one grant alone."""
    narrow = NarrowTask(grants={"db": Narrow(uses=2)})
    answer = ask(low=LOW, narrow=narrow, grant="db")
    rows = {step["limit"]: step for step in answer["steps"]}
    assert {step["grant"] for step in answer["steps"]} == {"", "db"}
    assert rows["ttl"] == {
        "grant": "db", "limit": "ttl", "policy": 300, "ceiling": 60, "request": None, "effective": 60
    }  # fmt: skip
    assert (rows["uses"]["policy"], rows["uses"]["request"], rows["uses"]["effective"]) == ("no cap", 2, 2)
    assert rows["data"]["ceiling"] == "internal"


def test_a_refusal_names_the_request_that_passes() -> None:
    """Without the grant that the ceiling does not allow, and with the life that it does."""
    answer = ask(low=LOW, narrow=NarrowTask(grants={"db": Narrow(ttl=200), "kv": Narrow()}))
    assert (answer["allowed"], answer["nearest"]) == (False, {"grants": {"db": {"ttl": 60}}})
    assert ask(low=LOW, narrow=NarrowTask.model_validate(answer["nearest"]))["allowed"] is True


def test_where_nothing_passes_it_says_so() -> None:
    """An unknown policy, somebody who may start nothing, a launcher without a ceiling, an unknown grant."""
    assert ask(name="none")["nearest"] is None
    stranger = ask(caller=Identity("jwt", "eve", "corp"))
    assert (stranger["rule"], stranger["nearest"], stranger["steps"]) == ("launchers", None, [])
    assert ask(low=LOW, caller=USER)["rule"] == "ceiling"
    assert ask(grant="none")["rule"] == "unknown-grant"


def test_where_a_task_works_is_proved_or_it_is_not() -> None:
    """Stated is enough only where the policy says so; a proof that says otherwise counts."""
    policy = dataclasses.replace(task_policy(DB), repositories=("acme/*",), branches=("main",))
    said = stated("acme/web", "main")
    assert ask(policy, said=said)["rule"] == "workplace"
    assert ask(dataclasses.replace(policy, accept_stated=True), said=said)["allowed"] is True
    assert ask(dataclasses.replace(policy, accept_stated=True), said=stated("evil/web", "main"))["rule"] == "workplace"
    proved = dataclasses.replace(ADA, workplace=Workplace("acme/web", "main", PROVED))
    assert ask(policy, proved)["allowed"] is True
    assert ask(policy, proved, said=stated("acme/other", ""))["rule"] == "workplace"
    other = dataclasses.replace(ADA, workplace=Workplace("acme/web", "dev", PROVED))
    assert "is not for dev" in ask(policy, other)["reason"]


def test_a_grant_that_its_source_cannot_give_for_so_short_is_told() -> None:
    """AWS has a shortest session: a task that ends before could start, and would get nothing of that grant."""
    scope = {"role": "arn:aws:iam::123456789012:role/r", "actions": "s3:PutObject", "resources": "arn:aws:s3:::r/*"}
    kept = Grant("crate", "static", {"name": "n"}, 300, delivery="inject")
    found = task_policy(Grant("upload", "aws_sts", scope, 1800), kept)
    held = PolicySet("", flat_policy(), {"work": found})
    for deadline, good in ((3600, True), (600, False)):
        asked = Question(USER, "work", "", NarrowTask(deadline=deadline), NOWHERE)
        shown: Any = explained(held, asked)["grants"]
        assert (shown["upload"]["allowed"], shown["crate"]["allowed"]) == (good, True)
        assert (shown["upload"]["delivery"], shown["crate"]["delivery"]) == ("socket", "inject")
    assert shown["upload"]["rule"] == "least-ttl"
