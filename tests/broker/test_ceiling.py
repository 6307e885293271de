"""Ceilings: who has which, what they leave of a task policy, and that they hold while a task runs."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from broker import ceiling
from broker.authenticate.identity import Identity
from broker.authorise import authorise_issue, authorise_start
from broker.ceiling import UNBOUNDED, Ceiling, Ceilings, CeilingsFile
from broker.errors import Refused
from broker.grant import Grant
from broker.narrow import Narrow, NarrowTask
from broker.task import Task, TaskState
from broker.testing import flat_policy, task_policy
from secretguard.errors import ConfigError
from tests.broker.scenario import ADA, DB, USER

GOOD = """[ceilings.everybody]
launchers = ["jwt:*", "unix:*"]
environment = "staging"
data = "secret"
max_tasks = 9

[ceilings.developers]
launchers = ["jwt:corp:group:dev"]
environment = "development"
data = "internal"
ttl = 120
sources = ["memory", "identity"]
max_tasks = 3
"""


def load(tmp_path: Path, text: str) -> Ceilings:
    (tmp_path / ceiling.FILE).write_text(text)
    return ceiling.load(str(tmp_path))


def test_who_has_several_has_what_all_allow(tmp_path: Path) -> None:
    """The lower of each, field by field; a launcher of none is refused."""
    found = load(tmp_path, GOOD)
    assert found.of(USER).names == ("everybody",)
    both = found.of(Identity("jwt", "ada", "corp", ("dev",)))
    assert (both.environment, both.data, both.ttl, both.max_tasks) == ("development", "internal", 120, 3)
    assert both.sources == frozenset({"memory", "identity"})
    assert both.names == ("developers", "everybody")
    with pytest.raises(Refused, match="has no ceiling") as no:
        found.of(Identity("spiffe", "example.org/a"))
    assert no.value.rule == "ceiling"


def test_without_the_file_nobody_is_bound(tmp_path: Path) -> None:
    """And a file that cannot be followed is no missing file."""
    assert ceiling.load(str(tmp_path)).of(ADA) is UNBOUNDED
    (tmp_path / ceiling.FILE).symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError):
        ceiling.load(str(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"staging"', '"prod"', "3: ceilings.everybody.environment"),
        ("ttl = 120", "ttl = 0", "11: ceilings.developers.ttl"),
        ("ttl = 120", "life = 5", "11: ceilings.developers.life"),
        ('sources = ["memory", "identity"]', "sources = []", "12: ceilings.developers.sources"),
        ('"jwt:corp:group:dev"', '"root"', "8: ceilings.developers.launchers.0"),
        (GOOD, "", "1: ceilings"),
    ],
)
def test_a_bad_file_is_named_with_line_and_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    """As every file of a policy."""
    with pytest.raises(ConfigError, match=rf"ceilings\.toml:{told}"):
        load(tmp_path, GOOD.replace(old, new))


LOW = Ceiling(environment="development", data="internal", ttl=60, sources=frozenset({"memory"}), names=("low",))


def test_a_start_is_within_the_ceiling() -> None:
    """A longer life is cut; what asks for more, reaches other data or another source is refused; the rest passes."""
    policy = task_policy(DB, dataclasses.replace(DB, name="vault", source="vault_token"))
    only = NarrowTask(grants={"db": Narrow()})
    assert authorise_start(ADA, policy, only, flat_policy(), LOW).grants[0].ttl == 60
    for narrow, told in (
        (None, "has no source vault_token, which vault needs"),
        (NarrowTask(grants={"db": Narrow(ttl=61)}), "db.ttl = 61"),
    ):
        with pytest.raises(Refused, match=told):
            authorise_start(ADA, policy, narrow, flat_policy(), LOW)
    secret = task_policy(dataclasses.replace(DB, data="secret"))
    with pytest.raises(Refused, match="allows internal data at most"):
        authorise_start(ADA, secret, None, flat_policy(), LOW)
    above = dataclasses.replace(task_policy(DB), environment="staging")
    with pytest.raises(Refused, match="allows development at most, and this is staging"):
        authorise_start(ADA, above, None, flat_policy(), LOW)


def test_a_ceiling_that_was_lowered_holds_for_tasks_that_run() -> None:
    """By its name, by the launcher's, and by the kind of launcher; one of which nothing is left gives nothing."""
    task = Task("t", "work", "d", "development", ADA.id, ADA.id, "p", TaskState.ACTIVE, (DB,), 0, 0, 10**9)
    named = Ceilings({"low": dataclasses.replace(LOW, launchers=("jwt:corp:group:dev",))}, "d")
    for ceilings, names in (
        (named, ("low",)),
        (Ceilings({"new": dataclasses.replace(LOW, launchers=(ADA.id,))}, "d"), ()),
        (Ceilings({"new": dataclasses.replace(LOW, launchers=("jwt:*",))}, "d"), ("gone",)),
    ):
        held = ceilings.again(names, task.launcher)
        decided = authorise_issue(task, {"work": task_policy(DB)}, "db", None, flat_policy(), held)
        assert decided.grant.ttl == 60
    with pytest.raises(Refused, match="has no ceiling"):
        named.again((), task.launcher)
    assert Ceilings().again(("gone",), task.launcher) is UNBOUNDED


def test_the_published_schema_is_that_of_the_code() -> None:
    """To renew it: write this very value to the file."""
    published = json.loads((Path(ceiling.__file__).parent / "schema" / "ceilings.schema.json").read_text("utf-8"))
    assert published == {
        "$schema": "https://json-schema.org/draft/2020-12/schema", **CeilingsFile.model_json_schema()
    }  # fmt: skip


def test_a_grant_is_only_cut() -> None:
    """No cap leaves it as it is."""
    grant = Grant("g", "memory", {}, 30)
    assert UNBOUNDED.limited(grant) is grant
    assert LOW.limited(grant).ttl == 30
