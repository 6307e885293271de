"""`secretguard gate` as its users meet it."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

import secretguard.policy
from tests.secretguard.review.gated import Gated, environment, gated

PACK = Path(secretguard.policy.__file__).parent / "packs" / "laptop"
PRODUCTION = "deploy/prod/app.yaml"


@pytest.fixture
def place(tmp_path: Path) -> Gated:
    return gated(tmp_path, PACK)


def test_doctor_says_protected_and_names_what_is_missing(place: Gated) -> None:
    """A complete gate is called protected with exit 0; without reviewers it is not, with exit 2."""
    good = place.agent.run("secretguard", "gate", "doctor", "--server", str(place.server), check=False)
    assert (good.returncode, "protected" in good.stdout) == (0, True), good.stdout
    (place.server / "secretguard" / "allowed_signers").unlink()
    bad = place.agent.run("secretguard", "gate", "doctor", "--server", str(place.server), check=False)
    assert bad.returncode == 2
    assert "nobody can review" in bad.stdout
    place.agent.run("git", "--git-dir", str(place.server), "config", "secretguard.policy", str(place.server / "none"))
    bad = place.agent.run("secretguard", "gate", "doctor", "--server", str(place.server), check=False)
    assert "policy does not load" in bad.stdout


def test_check_answers_without_recording(place: Gated) -> None:
    """`check` says what a push would be told and leaves the journal as it was."""
    commit = place.agent.commit(PRODUCTION, "replicas: 9\n")
    place.agent.push("HEAD:refs/heads/review/main")
    before = (place.journal / "journal.jsonl").read_bytes()
    done = place.agent.run("secretguard", "gate", "check", "main", commit, "--server", str(place.server), check=False)
    assert done.returncode == 1
    assert PRODUCTION in done.stdout
    assert (place.journal / "journal.jsonl").read_bytes() == before


def test_review_without_a_terminal_is_refused(place: Gated) -> None:
    """A script cannot answer the question for the person."""
    commit = place.agent.commit(PRODUCTION, "replicas: 9\n")
    place.agent.push("HEAD:refs/heads/review/main")
    place.reviewer.git("fetch", "-q", "origin")
    key = str(place.reviewer.key)
    done = place.reviewer.run("secretguard", "gate", "review", commit, "--ref", "main", "--key", key, check=False)
    assert done.returncode == 2
    assert "person" in done.stderr


def test_review_shows_the_change_and_asks(place: Gated) -> None:
    """On a terminal the reviewer sees the diff and the tree, nothing in it moves the cursor, and "n" signs nothing."""
    commit = place.agent.commit(PRODUCTION, "replicas: 9\n\thidden: yes\x1b[2K\r\n")
    place.agent.push("HEAD:refs/heads/review/main")
    place.reviewer.git("fetch", "-q", "origin")
    parent, child = pty.openpty()
    command = ["secretguard", "gate", "review", commit, "--ref", "main", "--key", str(place.reviewer.key)]
    env = environment(place.reviewer.home, place.reviewer.mail)
    started = subprocess.Popen(
        command, cwd=place.reviewer.clone, env=env, stdin=child, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.write(parent, b"n\n")
    out, _ = started.communicate(timeout=60)
    os.close(parent)
    os.close(child)
    assert started.returncode == 130
    assert b"+replicas: 9" in out
    assert b"+\thidden: yes\\x1b[2K\\r\n" in out
    assert place.agent.push().returncode != 0


def test_pre_receive_crash_refuses(place: Gated, tmp_path: Path) -> None:
    """The hook fails closed when it is run outside of any repository."""
    done = subprocess.run(
        ["secretguard", "gate", "pre-receive"],
        input=f"{'0' * 40} {'1' * 40} refs/heads/main\n",
        text=True,
        capture_output=True,
        cwd=tmp_path,
        env=environment(place.agent.home, place.agent.mail),
        timeout=60,
    )
    assert done.returncode == 1
    assert "push refused" in done.stderr


def test_the_pusher_does_not_choose_the_policy(place: Gated) -> None:
    """Without a configured policy the packaged one counts, not a permissive one in the pushing account's home."""
    subprocess.run(["git", "--git-dir", str(place.server), "config", "--unset", "secretguard.policy"], check=True)
    own = place.agent.home / "secretguard" / "config" / "policy"
    own.mkdir(parents=True, mode=0o700)
    (own / "facts.toml").write_text('version = 1\n[environment]\ndefault = "sandbox"\n[data]\ndefault = "public"\n')
    (own / "rules.cedar").write_text('@id("all")\n@reason("all")\npermit (principal, action, resource);\n')
    place.agent.commit(".secretguard/production-paths", "everything/**\n")
    done = place.agent.push()
    assert done.returncode != 0
    assert "needs a review" in done.stderr
