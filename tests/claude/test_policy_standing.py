"""Layers, a broken policy and observe mode, on the real client."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from secretguard.policy.shipped import copy
from tests.claude.session import Session, play, prepare
from tests.secretguard.policy.cloned import RULE, commit, git

pytestmark = [pytest.mark.claude, pytest.mark.slow]

CANARY = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
FILES = {"app.env": f"TOKEN={CANARY}\n", "notes.txt": "a note\n"}


def bash(command: str) -> list[dict[str, object]]:
    return [use("Bash", command=command, description="test")]


def session(client: Path, root: Path, turns: list[list[dict[str, object]]]) -> Session:
    """A guarded session in a folder that was prepared before."""
    return play(client, root, turns, extra={"SECRETGUARD_HOME": str(root / "guard")})


def test_a_broken_policy_releases_nothing_and_lets_harmless_work_go_on(client: Path, tmp_path: Path) -> None:
    """The last good one stands, the model reads file and line, the person does at the prompt."""
    prepare(tmp_path, FILES)
    own = tmp_path / "guard" / "config" / "policy"
    copy("laptop", str(own))
    first = session(client, tmp_path, [bash("cat notes.txt")])
    assert first.results == [(False, "a note")]
    (own / "rules.cedar").write_text("\n\nforbid (principal;\n")
    for folder in ("spec.json", "out.json"):
        (tmp_path / folder).unlink(missing_ok=True)
    found = session(client, tmp_path, [bash("cat notes.txt"), bash(". ./app.env && true"), bash("printenv")])
    assert found.results[0] == (False, "a note")
    for refused, text in found.results[1:]:
        assert refused
        assert "[secretguard: " in text
    assert f"{own}/rules.cedar:3: " in found.results[1][1]
    assert "never-reveal-secrets" in found.results[2][1]
    assert found.records("policy:set:broken")
    assert not found.sent(CANARY)


def test_a_repositorys_layer_counts_from_its_protected_branch(client: Path, tmp_path: Path) -> None:
    """Not from the work tree; and moving the branch within the turn changes nothing in it."""
    prepare(tmp_path, FILES)
    work = tmp_path / "work"
    git(work, "init", "-q", "-b", "main")
    rule = RULE.replace("staging", "development").replace('Action::"run"', 'Action::"write"')
    protected = commit(work, rules=rule)
    git(work, "update-ref", "refs/remotes/origin/main", protected)
    commit(work, rules="")
    write = [use("Write", file_path="$WORK/new.txt", content="x\n")]
    moved = bash("git update-ref refs/remotes/origin/main HEAD && echo moved")
    found = session(client, tmp_path, [write, moved, [use("Write", file_path="$WORK/new.txt", content="y\n")]])
    assert [refused for refused, _ in found.results] == [True, False, True]
    assert "[secretguard: repository/no-development-runs]" in found.results[2][1]
    again = session(client, tmp_path, [write])
    assert again.results[0][0] is False
    assert [record["direction"] for record in again.records("policy:set:changed")] == ["loosens"]


def test_observe_mode_refuses_and_rewrites_nothing(client: Path, tmp_path: Path) -> None:
    """What would have been is in the record; the secret that went to the model is an exposure there."""
    prepare(tmp_path, FILES)
    own = tmp_path / "guard" / "config" / "policy"
    copy("laptop", str(own))
    end = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=5)).date()
    with (own / "facts.toml").open("a") as facts:
        facts.write(f"\n[observe]\nuntil = {end}\n")
    found = session(client, tmp_path, [bash("cat app.env"), bash("printenv")])
    assert [refused for refused, _ in found.results] == [False, False]
    assert found.sent(CANARY)
    assert found.records("guard:read:exposed")[0]["would"] == "redact"
    assert {r.get("would_rule") for r in found.records("guard:command:allowed")} >= {"never-reveal-secrets"}
    journal = (found.journal / "journal.jsonl").read_text()
    assert CANARY not in journal
    assert json.loads(found.stdout)["result"] == "done"
