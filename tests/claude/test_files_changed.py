"""The real client: what a command makes, changes and deletes is in the journal after the turn, as is Write and Edit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from secretguard.agents.loopback_api import use
from tests.claude.session import ROOT, Session, play, prepare
from tests.claude.test_session import bash
from tests.secretguard.worktree.repository import canary, git, repository

pytestmark = [pytest.mark.claude, pytest.mark.slow]

FILES = {
    "kept.txt": "kept\n",
    "edited.py": "import os\n",
    "changed.txt": "one\n",
    "gone.txt": "gone\n",
    ".gitignore": ".env\n",
}
SCRIPT = [
    [use("Read", file_path="$WORK/edited.py")],
    [use("Edit", file_path="$WORK/edited.py", old_string="import os", new_string="import re")],
    [use("Write", file_path="$WORK/written.py", content="import sys\n")],
    bash("printf two >> changed.txt; rm gone.txt; mkdir -p made && printf three > made/new.txt; printf A=1 > .env"),
]
COMMAND, EDIT, WRITE = "toolu_sg_003_00", "toolu_sg_001_00", "toolu_sg_002_00"


@pytest.fixture(scope="module")
def session(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A session in a repository whose configuration would run a canary, if anything of ours let it."""
    root = tmp_path_factory.mktemp("files")
    extra = prepare(root, FILES)
    repository(root / "work")
    program, _ = canary(root / "bin")
    git(root / "work", "config", "filter.f.clean", str(program))
    git(root / "work", "config", "diff.external", str(program))
    (root / "work" / ".git" / "info" / "attributes").write_text("* filter=f\n")
    return play(client, root, SCRIPT, extra=extra)


def changes(session: Session) -> dict[str, dict[str, Any]]:
    """Each change of the journal by the file's path in the work folder."""
    return {record["path"].removeprefix(f"{session.work}/"): record for record in session.records("guard:file:changed")}


def command(session: Session, *arguments: str) -> str:
    """What one `secretguard audit` command says of the session's journal."""
    environment = {**os.environ, "SECRETGUARD_HOME": str(session.root / "guard")}
    done = subprocess.run(
        [sys.executable, "-m", "secretguard", "audit", *arguments], cwd=ROOT, env=environment, check=True,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.stdout


def test_every_change_is_listed_and_nothing_else(session: Session) -> None:
    """By whomever it was made: how, and which file."""
    assert [error for error, _ in session.results] == [False] * 4
    assert {path: change["how"] for path, change in changes(session).items()} == {
        "edited.py": "modified", "written.py": "created", "changed.txt": "modified", "gone.txt": "deleted",
        "made/new.txt": "created", ".env": "created",
    }  # fmt: skip


def test_write_and_edit_are_named_by_call(session: Session) -> None:
    """The content on the disk is what the call left behind, with the digest that the call's own records have."""
    found = changes(session)
    assert (found["edited.py"]["by"], found["written.py"]["by"]) == ([EDIT], [WRITE])
    before = {record["tool_use_id"]: record for record in session.records("guard:write:allowed")}
    after = {
        record["tool_use_id"]: record for record in session.records("guard:read:allowed") if "digest_after" in record
    }
    assert before[WRITE]["digest_before"] == "none"
    assert before[EDIT]["digest_before"] == found["edited.py"]["digest_before"]
    assert after[EDIT]["digest_after"] == found["edited.py"]["digest_after"]
    assert after[WRITE]["bytes_after"] == len("import sys\n")


def test_what_a_command_did_is_told_by_its_time(session: Session) -> None:
    """No claim that the command did it: that it was changed while the command ran; of a deleted file not even that."""
    found = changes(session)
    for name in ("changed.txt", "made/new.txt", ".env"):
        assert found[name]["during"] == [COMMAND]
        assert found[name]["by"] == "a command of this turn, or somebody else"
    assert "during" not in found["gone.txt"]
    assert found[".env"]["ignored"] is True


def test_the_records_join_the_clients_own(session: Session) -> None:
    """Session and prompt, as the client calls them, on every change and on the turn's end."""
    (ended,) = session.records("guard:turn:ended")
    for record in [*session.records("guard:file:changed"), ended]:
        assert record["session_id"] == ended["session_id"]
        assert record["prompt_id"] == ended["prompt_id"]
    assert any(ended["look"] in record["looks"] for record in session.records("guard:files:compared"))


def test_show_and_timeline_tell_of_them(session: Session) -> None:
    """One file's records, by a tool or by a command; the run as a story with both."""
    assert "how=modified" in command(session, "show", "--file", str(session.work / "changed.txt"))
    shown = command(session, "show", "--file", str(session.work / "edited.py"))
    assert "guard:write:allowed" in shown
    assert "guard:file:changed" in shown
    story = command(session, "timeline")
    assert f"deleted {session.work}/gone.txt [a command of this turn, or somebody else]" in story
    assert f"created {session.work}/made/new.txt [while this ran: printf two" in story
    assert f"modified {session.work}/edited.py [what the agent wrote: {session.work}/edited.py]" in story
    assert "turn ended, 6 files changed since the look before" in story
    assert "UNSEEN" not in story


def test_nothing_of_the_repositorys_configuration_ran(session: Session) -> None:
    """Looking at the files is not using them."""
    assert not (session.root / "bin" / "it-ran").exists()


def test_the_client_ends_as_it_does_without_us(session: Session) -> None:
    """No hook of ours made the agent go on, or said anything at its end."""
    assert session.status == 0
    assert session.stderr == ""
    assert session.stdout.count('"result":"done"') == 1
