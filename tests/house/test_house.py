"""The house rules, applied to this repository."""

from __future__ import annotations

import importlib
import statistics
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from bench.__main__ import NAMES
from tests.house import rules

ROOT = Path(__file__).parents[2]

API = "tests/broker/api/test_api.py"
AS_A_PROCESS = "tests/broker/test_dev.py"
TESTED_BY = {
    **{f"broker/api/{name}.py": API for name in ("app", "approvals", "caller", "control", "models", "problems")},
    **{f"broker/commands/{name}.py": AS_A_PROCESS for name in ("approve", "dev")},
    **{f"broker/commands/{name}.py": AS_A_PROCESS for name in ("revoke", "task")},
    **{f"broker/commands/log_{name}.py": "tests/broker/commands/test_log.py" for name in ("keep", "prove", "read")},
    "secretguard/commands/baseline_options.py": "tests/secretguard/commands/test_baseline_accept.py",
    "secretguard/commands/baseline_write.py": "tests/secretguard/commands/test_baseline.py",
    "broker/commands/store.py": "tests/broker/store/test_roles.py",
    "broker/log/signer.py": "tests/broker/store/test_verify.py",
    "broker/commands/serve.py": "tests/broker/test_kill_nine.py",
    "broker/assemble.py": AS_A_PROCESS,
    "broker/aws_call.py": "tests/broker/test_aws_client.py",
    "broker/commands/activity.py": "tests/broker/web/test_login.py",
    "broker/grant.py": "tests/broker/test_task_policy.py",
    "broker/issue/source.py": "tests/broker/test_pipeline.py",
    "broker/journal.py": "tests/broker/test_nothing_lost.py",
    "broker/lease.py": "tests/broker/test_pipeline.py",
    "broker/parent.py": "tests/broker/test_recover.py",
    "broker/commands/policy_recover.py": "tests/broker/commands/test_policy.py",
    "broker/policy/in_force.py": "tests/broker/policy/test_live.py",
    "broker/policy/policy_set.py": "tests/broker/policy/test_difference.py",
    "broker/service.py": "tests/broker/test_pipeline.py",
    "broker/store/log.py": "tests/broker/store/test_verify.py",
    "broker/store/rows.py": "tests/broker/store/test_database.py",
    "broker/store/tables.py": "tests/broker/store/test_database.py",
    "broker/task.py": "tests/broker/test_pipeline.py",
    "broker/task_journal.py": "tests/broker/store/test_database.py",
    "broker/testing.py": "tests/broker/test_nothing_lost.py",
    "broker/web/activity.py": "tests/broker/web/test_login.py",
    "broker/web/mount.py": "tests/broker/web/test_guarded.py",
    "secretguard/policy/change.py": "tests/secretguard/policy/test_labels.py",
}
"""Module → the test file that has its tests, where it is not the one of its name."""


def tracked() -> list[str]:
    """What the repository holds, as git knows it; a source tree without git is walked instead."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_files() -> dict[str, str]:
    """Every tracked file that is text, with what it says."""
    found = {}
    for name in tracked():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:8000]:
            found[name] = content.decode("utf-8", "replace")
    return found


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The tracked text files, read once."""
    return text_files()


@pytest.fixture(scope="module")
def modules(texts: dict[str, str]) -> dict[str, str]:
    """The modules that ship."""
    return {
        name: text
        for name, text in texts.items()
        if name.endswith(".py") and name.startswith(("secretguard/", "broker/"))
    }


def python_files(texts: dict[str, str]) -> dict[str, str]:
    """All Python in the repository, tests and scripts included."""
    return {name: text for name, text in texts.items() if name.endswith(".py")}


def test_sizes(texts: dict[str, str]) -> None:
    """No file is over 400 lines, no function over 50, and no module is a drawer."""
    assert [broken for name, text in python_files(texts).items() for broken in rules.oversized(name, text)] == []


def test_the_usual_module_is_short(modules: dict[str, str]) -> None:
    """Half of the modules that ship have at most 120 lines."""
    assert statistics.median(text.count("\n") for name, text in modules.items() if text) <= 120


def test_public_names_say_what_they_do(modules: dict[str, str]) -> None:
    """Each public function and class that ships has a docstring."""
    assert [broken for name, text in modules.items() for broken in rules.undocumented(name, text)] == []


def test_packages_are_empty(modules: dict[str, str]) -> None:
    """No `__init__.py` runs anything: importing one module never loads its neighbours."""
    assert [name for name, text in modules.items() if name.endswith("__init__.py") and text.strip()] == []


def test_tests_mirror_the_tree(modules: dict[str, str], texts: dict[str, str]) -> None:
    """Each module has a test file of its name at its place under tests/, or a row here that names another."""
    own = {name: text for name, text in modules.items() if "/rules/" not in name and "/migrations/" not in name}
    assert list(rules.untested(own, set(texts), TESTED_BY)) == []


def test_nothing_names_this_machine(texts: dict[str, str]) -> None:
    """No tracked file holds a path of one machine or the host of a package registry."""
    assert [broken for name, text in texts.items() for broken in rules.leaking(name, text)] == []


def test_nothing_is_left_for_later(texts: dict[str, str]) -> None:
    """No tracked source or page holds a note to oneself."""
    mine = {name: text for name, text in texts.items() if name.endswith((".py", ".md", ".toml", ".cedar", ".yaml"))}
    assert [broken for name, text in mine.items() for broken in rules.unfinished(name, text)] == []


def test_pages_name_what_is_there(texts: dict[str, str]) -> None:
    """Each link of a page, and each file of the project that it names, exists."""
    pages = {name: text for name, text in texts.items() if name.endswith(".md")}
    there = [
        broken for name, text in pages.items() for broken in rules.dead_links(name, text, lambda p: (ROOT / p).exists())
    ]
    assert there == []


def test_spec_and_benches_agree() -> None:
    """SPEC.md lists exactly the figures that the benches measure, each with its goal and its command."""
    spec = rules.spec_figures((ROOT / "SPEC.md").read_text())
    measured: dict[str, tuple[str, str]] = {}
    for name in NAMES:
        measured |= rules.bench_figures(name, (ROOT / "bench" / f"{name}.py").read_text())
    assert spec == measured


@pytest.mark.parametrize("program", ["secretguard", "broker"])
def test_each_subcommand_loads_and_is_in_the_guide(program: str) -> None:
    """Each row of a command table names a real click command, and a page of the guide or README shows it."""
    table: dict[str, str] = importlib.import_module(f"{program}.cli").COMMANDS
    for target in table.values():
        module, attribute = target.split(":")
        assert isinstance(getattr(importlib.import_module(module), attribute), click.Command), target
    pages = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
    guide = "\n".join(page.read_text() for page in pages)
    assert list(rules.undocumented_commands(program, sorted(table), guide)) == []


def test_decision_records_are_indexed() -> None:
    """docs/adr/README.md links every record, and nothing else."""
    folder = ROOT / "docs" / "adr"
    linked = {
        line.split("(")[1].split(")")[0] for line in (folder / "README.md").read_text().splitlines() if "](0" in line
    }
    assert linked == {path.name for path in folder.glob("0*.md")}


def test_versions_agree() -> None:
    """The changelog has an entry for the version that pyproject.toml names."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()
