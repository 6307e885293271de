"""A task policy that extends another one: what it inherits, and that it only ever narrows."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broker import inheritance, task_policy
from broker.inheritance import MAX_DEPTH, merged, wider
from broker.task_policy import GrantFile, TaskPolicyFile
from secretguard.errors import ConfigError

BASE = """name = "base"
environment = "development"
deadline = 900
launchers = ["unix:1000", "jwt:*"]
repositories = ["acme/*"]
max_children = 4

[grants.db]
source = "database"
scope = { role = "readonly", policy = "db" }
ttl = 600
uses = 10
rate = 6
approvals = 1

[grants.kv]
source = "vault_token"
scope = { policy = "kv" }
ttl = 300
"""


def load(tmp_path: Path, **files: str) -> dict[str, task_policy.TaskPolicy]:
    """Task policies from these texts, `base` among them."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    for name, text in {"base": BASE, **files}.items():
        (folder / f"{name}.toml").write_text(text)
    return task_policy.load(str(tmp_path))


def test_what_is_left_out_is_inherited(tmp_path: Path) -> None:
    """A name and what it extends are enough; digests differ, and the child's changes with its parent's bytes."""
    found = load(tmp_path, child='name = "child"\nextends = "base"\n')
    base, child = found["base"], found["child"]
    assert child.grants == base.grants
    assert (child.launchers, child.repositories, child.max_children) == (base.launchers, ("acme/*",), 4)
    assert child.digest != base.digest
    (tmp_path / "tasks" / "base.toml").write_text(BASE + "\n")
    assert task_policy.load(str(tmp_path))["child"].digest != child.digest


def test_a_child_keeps_the_grants_that_it_names_and_narrows_them(tmp_path: Path) -> None:
    """One grant of two, shorter; the life that it inherits ends with its shorter task."""
    text = 'name = "child"\nextends = "base"\ndeadline = 500\n[grants.db]\nrate = 2\napprovals = 2\n'
    child = load(tmp_path, child=text)["child"]
    (grant,) = child.grants
    assert (grant.name, grant.ttl, grant.rate, grant.approvals, grant.uses) == ("db", 500, 2, 2, 10)
    assert dict(grant.scope) == {"role": "readonly", "policy": "db"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("deadline = 901", "child.toml:3: deadline: wider than base, which has 900"),
        ('environment = "sandbox"', "3: environment: wider than base"),
        ('launchers = ["unix:*"]', "3: launchers: wider than base, which has unix:1000, jwt:*"),
        ('repositories = ["**"]', "3: repositories: wider"),
        ("repositories = []", "3: repositories: wider"),
        ("accept_stated = true", "3: accept_stated: wider than base, which has False"),
        ("max_children = 5", "3: max_children: wider"),
        ("[grants.db]\nttl = 601", "4: grants.db.ttl: wider than base, which has 600"),
        ("[grants.db]\nuses = 0", "4: grants.db.uses: wider"),
        ("[grants.db]\nuses = 11", "4: grants.db.uses: wider"),
        ("[grants.db]\nrate = 0", "4: grants.db.rate: wider"),
        ("[grants.db]\nmax_leases = 2", "4: grants.db.max_leases: wider"),
        ("[grants.db]\nmax_issues = 21", "4: grants.db.max_issues: wider"),
        ("[grants.db]\napprovals = 0", "4: grants.db.approvals: wider"),
        ('[grants.db]\ndata = "public"', "4: grants.db.data: wider"),
        ('[grants.db]\nsource = "vault_token"', "4: grants.db.source: wider"),
        ('[grants.db.scope]\nrole = "owner"', "3: grants.db.scope: wider than base, which has policy=db role=readonly"),
        ("[grants.db]\nreissue_on_exposure = true", "4: grants.db.reissue_on_exposure: wider"),
        ('[grants.new]\nsource = "kv"\nttl = 1', "3: grants.new: wider than base, which has no such grant, but db, kv"),
        ("grants = 5", "3: grants: Input should be"),
        ("[grants]\ndb = 5", "4: grants.db: Input should be"),
        ('deadline = "x"', "3: deadline: Input should be"),
    ],
)
def test_what_is_wider_is_refused_with_file_line_and_field(tmp_path: Path, line: str, told: str) -> None:
    """And says what the parent has."""
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, child=f'name = "child"\nextends = "base"\n{line}\n')
    assert told in str(refused.value)
    assert "child.toml:" in str(refused.value)


@pytest.mark.parametrize(
    "line",
    [
        'launchers = ["jwt:corp:ada"]',
        'launchers = ["unix:1000"]',
        'repositories = ["acme/web", "acme/api-*"]',
        "max_children = 0",
        '[grants.kv]\ndelivery = "inject"',
        "[grants.kv]\nuses = 3\nrate = 1",
        'description = "another"',
    ],
)
def test_what_is_narrower_is_taken(tmp_path: Path, line: str) -> None:
    """Each field that can be narrowed."""
    assert "child" in load(tmp_path, child=f'name = "child"\nextends = "base"\n{line}\n')


def test_circles_long_chains_and_unknown_names(tmp_path: Path) -> None:
    """Refused at the line of `extends`; names lead nowhere but to files beside."""
    chain = {f"t{n}": f'name = "t{n}"\nextends = "{f"t{n - 1}" if n else "base"}"\n' for n in range(MAX_DEPTH)}
    assert f"t{MAX_DEPTH - 1}" in load(tmp_path, **chain)
    for text, told in (
        ('extends = "more"', "extends: a circle: more → more"),
        (f'extends = "t{MAX_DEPTH - 1}"', f"more than {MAX_DEPTH} task policies"),
        ('extends = "nothing"', "extends: there is no task policy nothing"),
        ('extends = "../base"', "extends: String should match pattern"),
        ("extends = 5", "extends: Input should be a valid string"),
    ):
        (tmp_path / "tasks" / "more.toml").write_text(f'name = "more"\n{text}\n')
        with pytest.raises(ConfigError) as refused:
            task_policy.load_file(tmp_path / "tasks" / "more.toml")
        assert told in str(refused.value)
        assert ".toml:2: extends: " in str(refused.value)


def test_what_is_inherited_is_judged_as_it_stands(tmp_path: Path) -> None:
    """A parent that is itself wrong is named, not its child."""
    with pytest.raises(ConfigError, match=r"base\.toml:3: deadline"):
        load(tmp_path, base=BASE.replace("900", "0"), a='name = "a"\nextends = "base"\n')


def whole(value: dict[str, Any]) -> dict[str, Any]:
    return TaskPolicyFile.model_validate(value).model_dump()


small = st.integers(1, 30)
limits = st.fixed_dictionaries(
    {},
    optional={
        "uses": st.integers(0, 5), "rate": st.integers(0, 5), "max_leases": small, "max_issues": small,
        "approvals": st.integers(0, 2), "delivery": st.sampled_from(["socket", "inject"]), "ttl": small,
        "reissue_on_exposure": st.booleans(),
    },
)  # fmt: skip
tasks = st.fixed_dictionaries(
    {},
    optional={
        "deadline": st.integers(30, 60), "max_children": st.integers(0, 3), "accept_stated": st.booleans(),
        "branches": st.lists(st.sampled_from(["main", "rel/*", "**", "rel/1"]), max_size=2),
        "grants": st.fixed_dictionaries({}, optional={"a": limits, "b": limits}).filter(bool),
    },
)  # fmt: skip
BOTTOM = {"name": "p", "environment": "sandbox", "deadline": 45, "launchers": ["unix:*"],
          "grants": {name: {"source": "s", "ttl": 20, "max_leases": 9} for name in "ab"}}  # fmt: skip


@given(tasks, tasks)
def test_whatever_is_taken_is_inside_its_parent(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Field by field, for any two task policies; and a refusal is never for nothing."""
    parent = merged({**copy.deepcopy(first), "name": "p"}, BOTTOM)
    assume(set(second.get("grants", ())) <= set(parent["grants"]))
    child = whole(merged({**second, "name": "c", "extends": "p"}, parent))
    had = whole(parent)
    found = wider(child, had)
    within = child["deadline"] <= had["deadline"] and child["max_children"] <= had["max_children"]
    within = (
        within and (had["accept_stated"] or not child["accept_stated"]) and set(child["grants"]) <= set(had["grants"])
    )
    for name in set(child["grants"]) & set(had["grants"]):
        mine, theirs = child["grants"][name], had["grants"][name]
        within = within and all(mine[one] <= theirs[one] for one in ("ttl", "max_leases", "max_issues"))
        within = within and all((mine[one] or 99) <= (theirs[one] or 99) for one in ("uses", "rate"))
        within = within and mine["approvals"] >= theirs["approvals"]
        within = within and (mine["delivery"], theirs["delivery"]) != ("socket", "inject")
        within = within and mine["reissue_on_exposure"] <= theirs["reissue_on_exposure"]
    if found is None:
        assert within
    elif within:
        assert found[0] == ("branches",)


def test_a_field_that_nobody_judged_must_stay() -> None:
    """Every field of the two models has a row or stays as it is; a new one cannot be widened by accident."""
    free = {"name", "extends", "grants", "environment", "source", "scope", "data", "tenant"}
    judged = {*inheritance._TASK, *inheritance._GRANT}
    assert {*TaskPolicyFile.model_fields, *GrantFile.model_fields} == judged | free
