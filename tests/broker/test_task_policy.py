"""Task policies from TOML: what a good file becomes, and how a bad one is refused."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from broker import task_policy
from broker.config import Config
from broker.task_policy import TaskPolicyFile
from broker.toml_file import StrictModel
from secretguard.errors import ConfigError

SCHEMAS = Path(task_policy.__file__).parent / "schema"

GOOD = """name = "orders"
environment = "development"
deadline = 900
launchers = ["unix:1000", "jwt:https://id.example.org:group:dev"]

[grants.db]
source = "database"
scope = { role = "readonly" }
ttl = 300
"""


def write(folder: Path, text: str, name: str = "orders") -> Path:
    """A policy directory with one task policy."""
    (folder / "tasks").mkdir(exist_ok=True)
    path = folder / "tasks" / f"{name}.toml"
    path.write_text(text)
    return path


def test_a_good_file_becomes_a_frozen_policy(tmp_path: Path) -> None:
    """Values, defaults, and the digest of the exact bytes."""
    write(tmp_path, GOOD)
    policy = task_policy.load(str(tmp_path))["orders"]
    assert (policy.deadline, policy.approvers) == (900, ("jwt:*",))
    grant = policy.grant("db")
    assert grant is not None
    assert (grant.source, dict(grant.scope), grant.ttl, grant.data, grant.approvals) == (
        "database",
        {"role": "readonly"},
        300,
        "internal",
        0,
    )
    assert policy.digest == hashlib.sha256(GOOD.encode()).hexdigest()
    assert policy.grant("other") is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("deadline = 900", "deadline = 0", "3: deadline"),
        ("deadline = 900", "deadline = 900\nowner = 'x'", "4: owner"),
        ('"development"', '"prod"', "2: environment"),
        ('"unix:1000"', '"root"', "4: launchers.0"),
        ('"unix:1000"', '"unix:0; unix:*"', "4: launchers.0"),
        ('"readonly"', '"../admin?x"', "8: grants.db.scope.role"),
        ("ttl = 300", "ttl = 901", "9: grants.db.ttl: longer than the task's deadline"),
        ("ttl = 300", "ttl = 300\napprovals = 3", "10: grants.db.approvals"),
        ("ttl = 300", 'ttl = 300\ndelivery = "env"', "10: grants.db.delivery"),
        ("[grants.db]", '[grants."d b"]', "grants"),
        ('name = "orders"', 'name = "other"', "1: name"),
        (GOOD[GOOD.index("[grants") :], "", "1: grants"),
    ],
)
def test_a_bad_file_is_named_with_line_and_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Nothing is guessed and nothing ignored."""
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ConfigError) as refused:
        task_policy.load(str(tmp_path))
    assert str(path) in str(refused.value)
    assert told in str(refused.value)


def test_a_directory_without_tasks_has_none(tmp_path: Path) -> None:
    """Not an error here; whoever needs one says so."""
    assert task_policy.load(str(tmp_path)) == {}


@pytest.mark.parametrize(("name", "model"), [("task_policy", TaskPolicyFile), ("config", Config)])
def test_the_published_schema_is_that_of_the_code(name: str, model: type[StrictModel]) -> None:
    """`broker/schema/*.json` is what the loader accepts. To renew it: write this very value to the file."""
    published = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    assert published == {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (GOOD, True),
        (GOOD.replace("ttl = 300\n", ""), False),
        (GOOD.replace("deadline = 900\n", ""), False),
        ('name = "small"\nextends = "orders"\n', True),
        ('name = "small"\nextends = "orders"\n[grants.db]\nttl = 60\n', True),
        ('name = "small"\nextends = "orders"\n[grants.db]\nlife = 60\n', False),
        ('name = "small"\n', False),
    ],
)
def test_the_published_schema_takes_what_the_loader_takes(tmp_path: Path, text: str, good: bool) -> None:
    """Whole files and those that extend another one, judged by an editor's own validator and by the loader."""
    schema = json.loads((SCHEMAS / "task_policy.schema.json").read_text("utf-8"))
    assert jsonschema.Draft202012Validator(schema).is_valid(tomllib.loads(text)) is good
    write(tmp_path, GOOD)
    path = write(tmp_path, text, tomllib.loads(text)["name"])
    with contextlib.nullcontext() if good else pytest.raises(ConfigError):
        task_policy.load_file(path)
