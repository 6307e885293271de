"""A changed task policy in its file's own words."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from broker import task_policy
from broker.errors import Conflict
from broker.policy_text import rewritten
from broker.task_policy import TaskPolicy

WORK = """\
# who may do what
name = "work"
environment = "development"
deadline = 3600   # an hour
launchers = ["unix:*"]

[grants.db]          # the orders
source = "database"
scope = { role = "r", policy = "p" }
ttl = 900            # see the ticket
max_leases = 5

[grants.spare]
source = "vault_token"
ttl = 60
[grants.spare.scope]
policy = "q"

# what is left
[grants."last"]
source = "identity"
scope.audience = "x"
ttl = 60
"""


def loaded(folder: Path, **texts: str) -> dict[str, TaskPolicy]:
    (folder / "tasks").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "tasks" / f"{name}.toml").write_text(text)
    return task_policy.load(str(folder))


def changed(policy: TaskPolicy, *gone: str, deadline: int = 0, **grants: dict[str, int]) -> TaskPolicy:
    kept = [dataclasses.replace(one, **grants.get(one.name, {})) for one in policy.grants if one.name not in gone]  # type: ignore[arg-type]
    return dataclasses.replace(policy, grants=tuple(kept), deadline=deadline or policy.deadline)


def test_only_the_lines_that_change_are_touched(tmp_path: Path) -> None:
    """A number in its place, a limit that was not said in a line of its own, a grant with its tables gone; comments and
    order stay."""
    old = loaded(tmp_path, work=WORK)["work"]
    new = changed(old, "spare", deadline=1800, db={"ttl": 120, "max_issues": 4, "rate": 2})
    text = rewritten({"work": WORK}, old, new)
    assert text.splitlines() == [
        "# who may do what",
        'name = "work"',
        'environment = "development"',
        "deadline = 1800   # an hour",
        'launchers = ["unix:*"]',
        "",
        "[grants.db]          # the orders",
        "rate = 2",
        "max_issues = 4",
        'source = "database"',
        'scope = { role = "r", policy = "p" }',
        "ttl = 120            # see the ticket",
        "max_leases = 5",
        "",
        '[grants."last"]',
        'source = "identity"',
        'scope.audience = "x"',
        "ttl = 60",
    ]


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ("", "\n[grants.db]\nttl = 60\n\n[grants.last]\n"),
        ("[grants.db]\nttl = 300\n[grants.last]\n", "[grants.db]\nttl = 60\n[grants.last]\n"),
    ],
)
def test_one_that_extends_says_what_it_keeps(tmp_path: Path, own: str, says: str) -> None:
    """A child inherits what it leaves out: what comes down gets a table, and what stays is named beside it."""
    child = 'name = "child"\nextends = "work"\n' + own
    old = loaded(tmp_path, work=WORK, child=child)["child"]
    new = changed(old, "spare", db={"ttl": 60}, deadline=1800)
    made = rewritten({"work": WORK, "child": child}, old, new)
    assert made == f'name = "child"\ndeadline = 1800\nextends = "work"\n{says}'


def test_what_others_extend_is_not_narrowed_below_them(tmp_path: Path) -> None:
    """The policy that would be wider then is named; nothing is proposed that does not load."""
    child = 'name = "child"\nextends = "work"\n[grants.db]\nttl = 800\n'
    every = loaded(tmp_path, work=WORK, child=child)
    with pytest.raises(Conflict) as refused:
        rewritten({"work": WORK, "child": child}, every["work"], changed(every["work"], db={"ttl": 60}))
    assert "tasks/child.toml" in str(refused.value)
    assert "[grants.db] ttl = 60" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        'name = "work"\nenvironment = "development"\ndeadline = 60\nlaunchers = ["unix:*"]\n'
        '[grants]\ndb = { source = "identity", ttl = 60 }\n',
        'name = "work"\nenvironment = "development"\ndeadline = 60\nlaunchers = ["unix:*"]\n'
        'grants.db.source = "identity"\ngrants.db.ttl = 60\n',
        'name = "work"\nenvironment = "development"\ndeadline = 60\nlaunchers = ["unix:*"]\n'
        'description = """\n[grants.db]\nttl = 60\n"""\n[grants.db]\nsource = "identity"\nttl = 0x3C\n',
    ],
)
def test_a_file_that_is_not_understood_is_not_changed(tmp_path: Path, text: str) -> None:
    """Other ways to write the same TOML, and text that looks like a table: an error with the change in words."""
    old = loaded(tmp_path, work=text)["work"]
    with pytest.raises(Conflict) as refused:
        rewritten({"work": text}, old, changed(old, db={"ttl": 30}))
    assert "[grants.db] ttl = 30" in str(refused.value)
