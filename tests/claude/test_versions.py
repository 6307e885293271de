"""The failure answers and the redaction on the oldest client that can be protected, npm's one for Node 20, and ours.

One session a version plays every call; the launcher breaks for the calls whose file's name says so. A second one shows
the prompt that is refused where the guard's interpreter is gone.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from secretguard.agents import capability, claude_client
from secretguard.agents.loopback_api import use
from tests.claude.conftest import Part
from tests.claude.session import Session, play, prepare
from tests.claude.test_session import CANARY, LITERAL, bash

pytestmark = [pytest.mark.claude, pytest.mark.slow]

VERSIONS = ("claude-2.1.121", "claude-2.1.197", "claude")
LINE = f"first neutral line\nTOKEN={CANARY}\n"
FILES = dict.fromkeys(("app.env", "unstartable.env", "crashing.env", "unrecorded.env"), LINE)
SCRIPT = {
    "read": [use("Read", file_path="$WORK/app.env")],
    "bash": bash("cat app.env"),
    "before, no interpreter": [use("Read", file_path="$WORK/unstartable.env")],
    "before, crash": [use("Read", file_path="$WORK/crashing.env")],
    "after, no record": [use("Read", file_path="$WORK/unrecorded.env")],
    "after, no record, bash": bash("cat unrecorded.env"),
    "write": [use("Write", file_path="$WORK/new.py", content=f"token = '{LITERAL}'\n")],
    "settings": [use("Write", file_path="$WORK/.claude/settings.local.json", content='{"disableAllHooks": true}')],
    "after": bash("cat app.env"),
}
BREAKING = """\
#!/bin/sh
event=$(cat)
case $event in
  *PreToolUse*unstartable.env*) printf %s "$event" | {gone} "$@"; exit ;;
  *PreToolUse*crashing.env*) exit 1 ;;
  *PostToolUse*unrecorded.env*) SECRETGUARD_HOME={damaged}; export SECRETGUARD_HOME
    printf %s "$event" | {bare} "$@"; exit ;;
esac
printf %s "$event" | {whole} "$@"
"""


def launcher_of(root: Path) -> Path:
    return root / "guard" / "state" / "hooks" / "secretguard-claude-code"


def without_python(launcher: Path, to: Path) -> Path:
    """A copy of the launcher whose interpreter is gone."""
    to.write_text(launcher.read_text().replace("-x /", "-x /gone/"))
    to.chmod(0o700)
    return to


def breaking(root: Path) -> None:
    """Put a launcher before the guard's own one that fails as `SCRIPT` asks for."""
    launcher = launcher_of(root)
    folder = root / "guard" / "broken"
    (folder / "home" / "state" / "audit" / "journal.jsonl").mkdir(parents=True)
    for path in (folder / "home", folder / "home" / "state", folder / "home" / "state" / "audit"):
        path.chmod(0o700)
    whole, bare = folder / "whole", folder / "bare"
    whole.write_text(launcher.read_text())
    lines = launcher.read_text().splitlines(keepends=True)
    bare.write_text("".join(line for line in lines if not line.startswith("SECRETGUARD_HOME=")))
    gone = without_python(launcher, folder / "gone")
    for path in (whole, bare):
        path.chmod(0o700)
    names = {"whole": whole, "bare": bare, "gone": gone, "damaged": folder / "home"}
    launcher.write_text(BREAKING.format(**{name: shlex.quote(str(path)) for name, path in names.items()}))


@pytest.fixture(scope="module", params=VERSIONS)
def old(part: Part, request: pytest.FixtureRequest) -> Path:
    """One version of the real client after the other."""
    return part(request.param)


@pytest.fixture(scope="module")
def session(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The session that plays the whole script on one version; what the hooks do is not to be done before them."""
    root = tmp_path_factory.mktemp("version")
    extra = prepare(root, FILES, client=old, options=("--no-shell",))
    breaking(root)
    return play(old, root, list(SCRIPT.values()), extra=extra)


def result(session: Session, name: str) -> tuple[bool, str]:
    """(is an error, what the model was shown) of one call."""
    return session.results[list(SCRIPT).index(name)]


def test_no_version_sends_the_secret(session: Session) -> None:
    """All calls were answered, and no request of the session carried the value; nothing on disk of the client does."""
    assert len(session.results) == len(SCRIPT)
    assert not session.sent(CANARY)
    assert session.files_with(CANARY, session.home) == []


@pytest.mark.parametrize("name", ["read", "bash", "after"])
def test_results_are_redacted(session: Session, name: str) -> None:
    """The model is shown the placeholder, and what stands beside it."""
    error, text = result(session, name)
    assert not error
    assert "TOKEN=[[secret:github-token:" in text
    assert "first neutral line" in text


def test_before_a_tool_the_failure_answer_refuses(session: Session) -> None:
    """Exit 2 with the reason on stderr: the tool does not run, on every version, `onFailure` or not."""
    error, text = result(session, "before, no interpreter")
    assert error
    assert "secretguard" in text
    assert "first neutral line" not in text


@pytest.mark.parametrize("name", ["after, no record", "after, no record, bash"])
def test_after_a_tool_the_failure_answer_withholds(session: Session, name: str) -> None:
    """A text in the tool's own shape takes the result's place."""
    _, text = result(session, name)
    assert "secretguard withheld this output" in text
    assert "first neutral line" not in text


def test_a_crash_before_a_tool_stops_it_where_the_client_can(session: Session, old: Path) -> None:
    """`onFailure` refuses from 2.1.296 on. An older client goes on: the result is redacted then."""
    version = claude_client.version(old)
    assert version is not None
    error, text = result(session, "before, crash")
    assert error == (version >= capability.OLDEST_FAILING_CLOSED)
    assert error or "TOKEN=[[secret:github-token:" in text


@pytest.mark.parametrize("name", ["write", "settings"])
def test_writes_are_refused(session: Session, name: str) -> None:
    """A literal secret into code, and settings that would switch the hooks off."""
    error, text = result(session, name)
    assert error
    assert "secretguard" in text.lower() or "hooks" in text
    assert not (session.work / "new.py").exists()


def test_a_prompt_is_refused_without_an_interpreter(old: Path, tmp_path: Path) -> None:
    """Nothing at all is sent while the guard cannot answer."""
    extra = prepare(tmp_path, FILES, client=old)
    without_python(launcher_of(tmp_path), launcher_of(tmp_path))
    session = play(old, tmp_path, [SCRIPT["read"]], extra=extra, prompt="a neutral prompt")
    assert not session.sent("a neutral prompt")
    assert not session.sent(CANARY)
