"""The guard on the real Claude Code: a password that no rule knows, kept in `.env`, on every way to the model."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from tests.claude.session import Session, play, prepare

pytestmark = [pytest.mark.claude, pytest.mark.slow]

PASSWORD = "Tr0ub4dor" + "&3-horse/9"  # pragma: allowlist secret
ENCODED = base64.b64encode(f"app:{PASSWORD}".encode()).decode()
QUOTED = "Tr0ub4dor" + "%263-horse%2F9"
FILES = {
    ".env": f"FIRST=neutral-one\nDB_PASSWORD='{PASSWORD}'\nLAST=neutral-two\n",
    "start.sh": '. ./.env; echo "before $DB_PASSWORD after"\n',
    "send.sh": ". ./.env; printf 'app:%s' \"$DB_PASSWORD\" | base64; echo neutral-five\n",
    "notes.txt": f"neutral-three\nAuthorization: Basic {ENCODED}\nurl: https://h.example/?p={QUOTED}&q=neutral-four\n",
    "app.py": "import os\n",
}


def bash(command: str) -> list[dict[str, object]]:
    return [use("Bash", command=command, description="test")]


SCRIPT = {
    "plain": bash("sh start.sh"),
    "base64": bash("sh send.sh"),
    "url": bash("cat notes.txt"),
    "read": [use("Read", file_path="$WORK/.env")],
    "read notes": [use("Read", file_path="$WORK/notes.txt")],
    "write": [use("Write", file_path="$WORK/db.py", content=f"PASSWORD = {PASSWORD!r}\n")],
    "write clean": [use("Write", file_path="$WORK/ok.py", content="import os\nP = os.environ['DB_PASSWORD']\n")],
    "command": bash(f"echo '{PASSWORD}' | wc -c"),
    "moved": bash("mv .env settings.txt; cat settings.txt"),
}


@pytest.fixture(scope="module")
def session(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """One session that plays the whole script."""
    root = tmp_path_factory.mktemp("known")
    return play(client, root, list(SCRIPT.values()), extra=prepare(root, FILES))


def shown(session: Session, name: str) -> tuple[bool, str]:
    """(is an error, text) that the model was shown for one call of the script."""
    assert len(session.results) == len(SCRIPT)
    return session.results[list(SCRIPT).index(name)]


@pytest.mark.parametrize("name", ["plain", "base64", "url", "read", "read notes", "moved"])
def test_what_tools_show(session: Session, name: str) -> None:
    """In each form a placeholder stands in its place, and the neutral text around it arrives."""
    failed, text = shown(session, name)
    assert not failed, text
    assert "[[secret:" in text
    neutral = {"plain": ("before ", " after"), "base64": ("neutral-five",), "read": ("neutral-one", "neutral-two")}
    for word in neutral.get(name, ("neutral-",)):
        assert word in text


def test_it_is_written_and_used_nowhere_else(session: Session) -> None:
    """A file that it does not come from, and a command, are refused; code that reads the environment is not."""
    for name in ("write", "command"):
        failed, text = shown(session, name)
        assert failed, name
        assert "literal secret" in text
    assert not (session.work / "db.py").exists()
    assert (session.work / "ok.py").exists()


def test_no_request_held_it(session: Session) -> None:
    """But for the two calls in which the script's own model wrote it, which are that model's words."""
    for form in (ENCODED, QUOTED):
        assert not session.sent(form), form
    own = sum(raw.count(PASSWORD.encode()) for raw in session.bodies[:5])
    assert own == 0


def test_the_record_names_it_and_does_not_hold_it(session: Session) -> None:
    """Rules and counts are recorded; neither the journal nor the guard's own files hold the value."""
    (indexed,) = session.records("guard:known:indexed")
    assert indexed["values"] == 1
    redacted = session.records("guard:read:redacted")
    assert sum("known-value" in record["rules"] for record in redacted) >= 4
    assert session.files_with(PASSWORD, session.root / "guard") == []


def test_in_a_prompt(client: Path, tmp_path: Path) -> None:
    """A prompt with it is not sent."""
    extra = prepare(tmp_path, FILES)
    turns = [[{"type": "text", "text": "ok"}]]
    session = play(client, tmp_path, turns, extra=extra, prompt=f"login says {PASSWORD} is wrong")
    assert not session.sent(PASSWORD)
    assert session.records("guard:prompt:denied")[0]["rules"] == ["known-value"]
