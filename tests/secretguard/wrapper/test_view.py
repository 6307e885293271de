"""What is hidden in a command's output: what the hook would hide, under the hook's tags, and recorded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from secretguard.audit.reader import records
from secretguard.errors import GuardError
from secretguard.guard import pause
from secretguard.placeholder import of_user
from secretguard.places import state_dir
from secretguard.policy import kept
from secretguard.wrapper.view import of_client, of_person
from tests.secretguard.wrapper.started import TOKEN

LINE = "source x 2>/dev/null || true && eval 'cat app.env' < /dev/null && pwd -P >| /t/cwd"
TEXT = f"TOKEN={TOKEN}\n".encode()
ENVIRONMENT = {"AI_AGENT": "claude-code_2-1-330_agent", "CLAUDE_CODE_SESSION_ID": "s-1", "CLAUDE_PID": str(os.getpid())}


def journal() -> list[dict[str, Any]]:
    """The redactions on record."""
    found = records(os.path.join(state_dir(), "audit"))
    return [record for record in found if record["event"] == "guard:read:redacted"]


def test_the_record_says_what_a_hooks_would() -> None:
    """Client, session, command as it was given, rules, digests, and that it did not leave; no value."""
    view = of_client(LINE, ENVIRONMENT)
    assert view is not None
    view.record(view.scan(TEXT))
    (record,) = journal()
    assert record["command"] == "cat app.env"
    assert (record["client_version"], record["session_id"], record["tool"]) == ("2.1.330", "s-1", "Bash")
    assert (record["outcome"], record["rules"], record["count"]) == ("did not leave", ["github-token"], 1)
    assert record["command_digest"]
    assert TOKEN not in str(record)


def test_a_secret_is_recorded_once_a_command() -> None:
    """The same value again adds nothing; another one does."""
    view = of_client(LINE, ENVIRONMENT)
    assert view is not None
    view.record(view.scan(TEXT))
    view.record(view.scan(TEXT))
    assert len(journal()) == 1
    view.record(view.scan(TEXT[:-5] + b"Xy7a\n"))
    assert len(journal()) == 2


def test_tags_are_those_of_the_clients_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own folder, wherever the command runs; what it tells hooks counts first."""
    here = os.path.realpath(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    tag = of_user(here).tag("r", b"v")
    view = of_client(LINE, ENVIRONMENT)
    assert view is not None
    assert view.tags.tag("r", b"v") == tag
    monkeypatch.chdir(tmp_path / "elsewhere")
    view = of_client(LINE, {**ENVIRONMENT, "CLAUDE_PROJECT_DIR": here})
    assert view is not None
    assert view.tags.tag("r", b"v") == tag
    assert of_person(here).tags.tag("r", b"v") == tag


def test_what_is_less_sure_counts_in_a_secret_place() -> None:
    """As in the hook: a weak finding is hidden when the command names a file that exists to hold secrets."""
    weak = b"url = http://bob:Kq7w" + b"Lz3x@localhost/db\n"
    plain, secret = of_client(LINE.replace("app.env", "notes.txt"), ENVIRONMENT), of_client(
        LINE.replace("app.env", ".env"), ENVIRONMENT
    )  # fmt: skip
    assert plain is not None
    assert secret is not None
    assert len(secret.scan(weak)) > len(plain.scan(weak))


def test_a_pause_lets_it_pass() -> None:
    """While a person has paused the guard, there is nothing to hide."""
    assert of_client(LINE, ENVIRONMENT) is not None
    kept.write(pause.path_of(), pause.document(60, "grace", "demo"))
    assert of_client(LINE, ENVIRONMENT) is None


def test_a_guard_that_cannot_work_raises(in_home: Path) -> None:
    """A damaged key is found out before there is output, so that the caller withholds."""
    (in_home / "state").mkdir(mode=0o700, exist_ok=True)
    (in_home / "state" / "digest.key").write_bytes(b"short")
    with pytest.raises(GuardError):
        of_client(LINE, ENVIRONMENT)
    with pytest.raises(GuardError):
        of_person(".")
