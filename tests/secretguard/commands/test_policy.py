from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from secretguard.audit import reader
from secretguard.command_line import cli
from secretguard.errors import SecretguardError
from secretguard.policy import compiled
from tests.secretguard.policy.sets import RULES, policy_set


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["policy", *words], color=False)


@pytest.fixture(autouse=True)
def no_managed_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has in /etc does not decide these tests."""
    monkeypatch.setattr(compiled, "MANAGED", str(tmp_path / "etc"))


def test_check_counts_the_outcomes_and_records_the_active_policy(own_home: Path) -> None:
    """A good policy is said to be good, with its digest, which is in the record as well."""
    done = run("check")
    assert (done.exit_code, "good, 480 cells" in done.output) == (0, True)
    record = reader.last(str(own_home / "state" / "audit"), 1)[0][0]
    assert record["event"] == "policy:set:compiled"
    assert str(record["digest"]) in done.output


def test_check_of_another_folder_is_not_recorded(tmp_path: Path, own_home: Path) -> None:
    """Only what decides on this machine is an event."""
    assert run("check", str(policy_set(tmp_path / "set"))).exit_code == 0
    assert not (own_home / "state" / "audit").exists()


def test_check_names_file_and_line(tmp_path: Path) -> None:
    """A fault is an expected error that points at its line."""
    directory = policy_set(tmp_path / "set", RULES.replace('Action::"read"', 'Action::"raed"'))
    done = run("check", str(directory))
    assert isinstance(done.exception, SecretguardError)
    assert done.exception.message.startswith(f"{directory}{os.sep}rules.cedar:12: ")


def test_test_runs_the_examples(tmp_path: Path) -> None:
    """The packs pass, a folder without examples is told to write some."""
    done = run("test", "laptop")
    assert (done.exit_code, "passed" in done.output) == (0, True)
    done = run("test", str(policy_set(tmp_path / "set")))
    assert isinstance(done.exception, SecretguardError)
    assert "examples.toml" in done.exception.message


@pytest.mark.parametrize("words", [("run", "reveal", "development", "secret"), ("run/reveal/development/secret",)])
def test_explain_says_outcome_rule_reason_and_way_on(words: tuple[str, ...]) -> None:
    """Whoever was refused reads why and what to do, with the request in either spelling."""
    done = run("explain", *words)
    assert done.exit_code == 0
    assert "run/reveal/development/secret: deny" in done.output
    assert "never-reveal-secrets" in done.output
    assert "way on" in done.output


def test_explain_in_json(tmp_path: Path) -> None:
    """A program reads the same."""
    done = run(
        "explain", "--policy", str(policy_set(tmp_path / "set")), "--format", "json", "push/plain/staging/public"
    )
    assert json.loads(done.output)["outcome"] == "deny"
    assert json.loads(done.output)["rule"] == "default"


@pytest.mark.parametrize("words", [("run",), ("run", "reveal", "moon", "secret"), ("a/b/c/d/e",)])
def test_explain_of_an_unknown_word_lists_the_vocabulary(words: tuple[str, ...]) -> None:
    """A typing error is answered with the words that there are."""
    done = run("explain", *words)
    assert done.exit_code == 2
    assert "start_task" in done.output


def test_diff_says_what_changes_and_in_which_direction(tmp_path: Path) -> None:
    """Cells in words, and whether the new policy tightens, loosens or both."""
    one = str(policy_set(tmp_path / "one"))
    stricter = str(policy_set(tmp_path / "two", RULES.replace("approvals >= 1", "approvals >= 2")))
    done = run("diff", one, stricter)
    assert done.exit_code == 1
    assert "production read: ask → two_persons (public, internal, secret data)\n" in done.output
    assert "decisions and 0 labels differ: tightens" in done.output
    assert "decisions and 0 labels differ: loosens" in run("diff", stricter, one).output
    both = RULES.replace("approvals >= 1", "approvals >= 2").replace('Effect::"reveal"', 'Effect::"send"')
    assert "both tightens and loosens" in run("diff", one, str(policy_set(tmp_path / "three", both))).output


def test_diff_of_the_same_policy_is_clean_and_of_labels_is_not(tmp_path: Path) -> None:
    """Labels decide, too: a new default or pattern is told as such."""
    one, two = policy_set(tmp_path / "one"), policy_set(tmp_path / "two")
    assert run("diff", str(one), str(two)).exit_code == 0
    facts = (two / "facts.toml").read_text().replace('"/srv/**"', '"/opt/**"').replace('"internal"', '"public"')
    policy_set(two, facts=facts)
    done = run("diff", str(one), str(two))
    assert done.exit_code == 1
    for line in (
        "environment.production: - /srv/** (both tightens and loosens)",
        "environment.production: + /opt/** (both tightens and loosens)",
        "data.default: internal → public (changes no decision)",
        "0 of 480 decisions and 3 labels differ: both tightens and loosens",
    ):
        assert line in done.output


def test_diff_tells_of_task_policies_without_judging_them(tmp_path: Path) -> None:
    """What they grant is the broker's to compare: that they differ is no clean answer."""
    one, two = policy_set(tmp_path / "one"), policy_set(tmp_path / "two")
    for folder, text in ((one, "ttl = 300"), (two, "ttl = 3000")):
        (folder / "tasks").mkdir()
        (folder / "tasks" / "release.toml").write_text(text)
    (two / "tasks" / "more.toml").write_text("")
    done = run("diff", str(one), str(two))
    assert done.exit_code == 1
    assert (
        "tasks/more.toml: differs; `broker policy propose` says which way\n  tasks/release.toml: differs" in done.output
    )
    assert run("diff", str(one), str(one)).exit_code == 0


def test_diff_takes_names_of_packs() -> None:
    """What a team's policy adds to a laptop's is one command away."""
    done = run("diff", "laptop", "team")
    assert done.exit_code == 1
    assert "development run: ask → deny (send; customer data)\n" in done.output
    assert "labels differ: tightens" in done.output
    assert run("diff", "team", "team").exit_code == 0


def test_unknown_pack_is_answered_with_the_packs() -> None:
    """A name that is neither folder nor pack lists what there is."""
    for name in ("desktop", "CODEOWNERS"):
        done = run("check", name)
        assert isinstance(done.exception, SecretguardError)
        assert "laptop" in done.exception.fix
