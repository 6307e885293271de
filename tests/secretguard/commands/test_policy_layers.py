"""`secretguard policy layers`, and what the other commands say of layers, trials and faults."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from secretguard.command_line import cli
from secretguard.errors import SecretguardError
from secretguard.policy import compiled
from tests.secretguard.policy.cloned import LABELS, RULE, clone, commit, git, upstream
from tests.secretguard.policy.sets import FACTS, RULES, policy_set

CELL = "run/plain/staging/internal"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, [*words], color=False)


@pytest.fixture(autouse=True)
def managed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /etc/secretguard/policy; empty until a test writes it."""
    monkeypatch.setattr(compiled, "MANAGED", str(tmp_path / "etc"))
    return tmp_path / "etc"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose protected branch has a layer; the current folder."""
    folder = clone(upstream(tmp_path / "up", rules=RULE, facts=LABELS), tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


def observed(own: Path, days: int = 9) -> str:
    end = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)).date().isoformat()
    policy_set(own, facts=f"{FACTS}\n[observe]\nuntil = {end}\n")
    return end


def test_layers_names_what_decides_and_what_tightens(project: Path) -> None:
    """With place and digest, for a person and for a program."""
    done = run("policy", "layers")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0].startswith("packaged      decides")
    assert lines[1].startswith("repository    tightens  origin/HEAD@")
    document = json.loads(run("policy", "layers", "--format", "json").output)
    assert [(layer["name"], layer["role"]) for layer in document["layers"]] == [
        ("packaged", "decides"),
        ("repository", "tightens"),
    ]
    assert (document["broken"], document["observing"]) == ([], False)


def test_layers_says_why_a_repository_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy in the work tree alone is pointed out: it does not count."""
    folder = clone(upstream(tmp_path / "up"), tmp_path / "project")
    policy_set(folder / ".secretguard" / "policy")
    monkeypatch.chdir(folder)
    said = run("policy", "layers").output
    assert "refs/remotes/origin/HEAD has no .secretguard/policy" in said
    assert "counts once the protected branch has it" in said


def test_explain_names_the_layer_that_decided(project: Path) -> None:
    """The repository's rule by its commit, the base's by its folder; a policy by itself has none."""
    said = run("policy", "explain", CELL).output
    assert f"{CELL}: deny" in said
    assert "rule    repository/no-staging-runs" in said
    assert "layer   repository (origin/HEAD@" in said
    assert "layer   packaged (" in run("policy", "explain", "read/plain/staging/internal").output
    assert "layer   this policy alone" in run("policy", "explain", CELL, "--policy", "team").output
    assert json.loads(run("policy", "explain", CELL, "--format", "json").output)["layer"].startswith("repository")


def test_a_trial_is_said_by_every_command(project: Path, own_home: Path) -> None:
    """check, layers, status, doctor and explain: until when, and what happens meanwhile."""
    end = observed(own_home / "config" / "policy")
    for words in (("policy", "check"), ("policy", "layers"), ("status",), ("doctor",)):
        assert f"OBSERVE MODE until the end of {end}" in run(*words).output, words
    said = run("policy", "explain", "run/plain/production/internal").output
    assert f"but     observed until {end}: allow meanwhile" in said
    assert "but" not in run("policy", "explain", CELL).output  # the repository's own


def test_a_fault_is_said_by_every_command(project: Path, own_home: Path) -> None:
    """With file and line; check and layers end with 2, doctor calls it a fault."""
    own = policy_set(own_home / "config" / "policy")
    assert run("policy", "layers").exit_code == 0
    policy_set(own, RULES.replace('Effect::"reveal"', 'Effect::"reveel"'))
    for words, code in ((("policy", "layers"), 2), (("status",), 0), (("doctor",), 2)):
        done = run(*words)
        assert done.exit_code == code, words
        assert f"{own}/rules.cedar:2: " in done.output, words
    done = run("policy", "check")
    assert isinstance(done.exception, SecretguardError)
    assert done.exception.message.startswith(f"{own}/rules.cedar:2: ")
    said = run("policy", "explain", "run/send/development/internal").output
    assert "but     refused while the policy is broken" in said


def test_check_fails_for_a_broken_layer_of_the_repository(project: Path, tmp_path: Path) -> None:
    """The base may be good: the set that counts here is not."""
    commit(tmp_path / "up", rules="forbid (")
    git(project, "fetch", "-q")
    done = run("policy", "check")
    assert isinstance(done.exception, SecretguardError)
    assert "origin/HEAD@" in done.exception.message
    assert "BROKEN" in done.output


def test_check_of_a_layer_by_itself(project: Path) -> None:
    """What a repository's own tests run: what it forbids, and what of it would have no effect."""
    done = run("policy", "check", "--layer")
    assert done.exit_code == 0
    assert "good as a layer that tightens" in done.output
    assert "20 deny" in done.output
    (project / ".secretguard" / "policy" / "rules.cedar").write_text(RULES)
    said = run("policy", "check", "--layer", str(project / ".secretguard" / "policy")).output
    assert "rules.cedar:12: work permits: this layer can only tighten" in said
    (project / "empty").mkdir()
    done = run("policy", "check", "--layer", "empty")
    assert isinstance(done.exception, SecretguardError)


def test_test_of_a_layer_by_itself(project: Path) -> None:
    """Its examples, by its own rules' names; without the file it is said."""
    done = run("policy", "test", "--layer")
    assert isinstance(done.exception, SecretguardError)
    examples = project / ".secretguard" / "policy" / "examples.toml"
    examples.write_text('[[example]]\nrequest = "run/*/staging/*"\noutcome = "deny"\nrule = "no-staging-runs"\n')
    assert "passed, 20 requests asked" in run("policy", "test", "--layer").output
    examples.write_text('[[example]]\nrequest = "read/*/staging/*"\noutcome = "deny"\n')
    done = run("policy", "test", "--layer", str(examples.parent))
    assert isinstance(done.exception, SecretguardError)
    assert "should be deny" in done.exception.message


def test_a_users_copy_under_an_organisation_is_told_what_it_is(managed: Path, own_home: Path) -> None:
    """`policy init` says that only its denials count."""
    policy_set(managed)
    assert "of this copy only denials count" in run("policy", "init").output
