"""The real Claude Code in a terminal: what a person is asked, what an answer does, and what never gets that far."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from secretguard.audit.verify import UNANCHORED, verify
from tests.claude.session import Moment, Session, play, prepare, settle
from tests.claude.terminal import Step
from tests.claude.test_session import CANARY

pytestmark = [pytest.mark.claude, pytest.mark.slow]

COMMITTED, UNCOMMITTED = "committed\n", "an hour of uncommitted work\n"
REASON = "This command throws away uncommitted work. It cannot be undone."
DIALOG = "Do you want to proceed?"
RESET = [use("Bash", command="git reset --hard", description="tidy up")]
ENV = [use("Bash", command="env", description="look around")]
TURNS = [RESET, RESET, ENV, [{"type": "text", "text": "end of the script"}]]
MODES = ("default", "auto", "bypassPermissions")
READY = "← for agents"
"""Stands at the foot of the screen while the prompt box is there and empty."""
PASTE, CLEAR = "\x1b[200~{}\x1b[201~", "\x15"


SCRIPT: dict[str, Step] = {
    "ready": (READY, PASTE.format(f"my token is {CANARY}")),
    "pasted": ("my token is", "\r"),
    "refused": ("The prompt was not sent", CLEAR),
    "cleared": (READY, "please begin"),
    "typed": ("please begin", "\r"),
    "first question": (DIALOG, "2"),
    "answered no": ("Interrupted", "please go on"),
    "typed again": ("please go on", "\r"),
    "second question": (DIALOG, "1"),
    "end": ("end of the script", "/exit"),
    "leaving": ("/exit", "\r"),
    "left": ("Resume this session", ""),
}
"""The person's side: what a step waits for is what the keys of the step before it led to."""


def person(client: Path, root: Path, mode: str, steps: list[Step], *, guarded: bool = True) -> Session:
    """A session of a person with uncommitted work and a secret in the environment."""
    extra = prepare(root, {"work.txt": COMMITTED}, guarded=guarded)
    settle(root)
    author = "git -c user.name=a -c user.email=a@localhost -c commit.gpgsign=false"
    for command in ("git init -q .", "git add work.txt", f"{author} commit -q -m start"):
        subprocess.run(shlex.split(command), cwd=root / "work", check=True, timeout=30)
    (root / "work" / "work.txt").write_text(UNCOMMITTED)
    extra["SOME_TOKEN"] = CANARY
    return play(client, root, TURNS, extra=extra, options=("--permission-mode", mode), steps=tuple(steps))


@pytest.fixture(scope="module", params=MODES)
def session(client: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Session:
    """One session in each permission mode of the client."""
    return person(client, tmp_path_factory.mktemp("dialog"), request.param, list(SCRIPT.values()))


def at(session: Session, name: str) -> Moment:
    """What was there when the step `name` had seen its words, before it pressed its keys."""
    return session.moments[list(SCRIPT).index(name)]


def test_without_the_guard_nobody_is_asked(client: Path, tmp_path: Path) -> None:
    """The control: unguarded, the same script destroys the work and sends the environment, with nobody at the keys."""
    steps = [SCRIPT["ready"], ("my token is", CLEAR), *(SCRIPT[name] for name in ("cleared", "typed", "end"))]
    session = person(client, tmp_path, "bypassPermissions", steps, guarded=False)
    assert session.moments[-1].files["work.txt"] == COMMITTED
    assert session.sent(CANARY)


def test_destruction_opens_a_dialog_with_the_reason(session: Session) -> None:
    """The person reads what would be lost, why it is asked and which rule asks, in every permission mode."""
    for name in ("first question", "second question"):
        assert REASON in at(session, name).screen
        assert "[secretguard: destroy-asks]" in at(session, name).screen
        assert "Yes in the client's dialog approves it this once" in at(session, name).screen
        assert "1. Yes" in at(session, name).screen


def test_the_question_is_recorded_before_it_is_asked(session: Session) -> None:
    """While the dialog waits, the record of it is in the journal, and nothing has happened to the work."""
    for count, name in ((1, "first question"), (2, "second question")):
        moment = at(session, name)
        assert len(moment.records("guard:command:asked")) == count
        assert moment.files["work.txt"] == UNCOMMITTED
    (first, second) = session.records("guard:command:asked")
    assert (first["tool_use_id"], second["tool_use_id"]) == ("toolu_sg_000_00", "toolu_sg_001_00")
    assert first["rule"] == "destroy-asks"


def test_no_leaves_the_work_alone_and_tells_the_model(session: Session) -> None:
    """The command did not run, and the model reads in its next request that the person said no."""
    assert at(session, "answered no").files["work.txt"] == UNCOMMITTED
    is_error, text = session.results[0]
    assert is_error
    assert "doesn't want to proceed" in text


def test_yes_runs_the_command(session: Session) -> None:
    """The person's yes is enough: git did what it was asked."""
    assert at(session, "end").files["work.txt"] == COMMITTED
    is_error, text = session.results[1]
    assert not is_error
    assert "HEAD is now at" in text


def test_printing_the_environment_is_denied_without_a_dialog(session: Session) -> None:
    """Nobody was asked: the session went on by itself, and the model was told another way."""
    is_error, text = session.results[2]
    assert is_error
    assert "never-reveal-secrets" in text
    assert "Way on" in text
    (denied,) = at(session, "end").records("guard:command:denied")
    assert denied["tool_use_id"] == "toolu_sg_002_00"
    assert DIALOG not in at(session, "end").screen


def test_a_pasted_secret_is_refused(session: Session) -> None:
    """The person reads why, the prompt as it can be sent again, and the command for a false alarm; the prompt box has
    the text again, to be mended."""
    assert CANARY in at(session, "pasted").screen
    refused = at(session, "refused")
    assert "or name the variable or file that holds it. No secret? `secretguard accept " in refused.screen
    assert "my token is [[secret:github-token:" in refused.screen
    assert "❯ my token is" in refused.screen
    assert len(refused.records("guard:prompt:denied")) == 1


def test_the_refused_prompt_is_nowhere(session: Session) -> None:
    """No request of the session carried it; neither the client, which ended in its own time, nor the guard kept it."""
    assert len(session.results) == 3
    assert session.sent("please go on")
    assert not session.sent("my token is")
    assert not session.sent(CANARY)
    assert session.files_with(CANARY, session.root) == []


def test_the_journal_verifies(session: Session) -> None:
    """The record of a session with a person in it is as whole as any other."""
    assert verify(str(session.journal)).words == UNANCHORED
