"""The guard on the real Claude Code: what reaches the model, what is refused, what is recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from secretguard.audit.verify import UNANCHORED, verify
from tests.claude.session import Session, play, prepare

pytestmark = [pytest.mark.claude, pytest.mark.slow]

CANARY = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
LITERAL = "glpat-" + "Zk3Qm8Lw0Rt5" + "Yp2Hn7Vb"
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "".join(f"Mq{i:02d}" + "aB3dE5fG7h" * 6 + "\n" for i in range(12))
KEY += "-----END RSA " + "PRIVATE KEY-----\n"
FILES = {
    "app.env": f"FIRST=neutral-one\nTOKEN={CANARY}\nLAST=neutral-two\n",
    "large.log": "a neutral line of some length\n" * 1500 + f"TOKEN={CANARY}\n",
    "key.txt": "neutral-three\n" + KEY + "neutral-four\n",
    "code.py": f"import os\nTOKEN = '{CANARY}'\nprint(os.name)\n",
}


def bash(command: str) -> list[dict[str, object]]:
    return [use("Bash", command=command, description="test")]


SCRIPT = {
    "read": [use("Read", file_path="$WORK/app.env")],
    "bash": bash("cat app.env"),
    "read large": [use("Read", file_path="$WORK/large.log")],
    "read part": [use("Read", file_path="$WORK/large.log", offset=1495, limit=10)],
    "read key part": [use("Read", file_path="$WORK/key.txt", offset=5, limit=12)],
    "bash large": bash("cat app.env; seq 1 12000"),
    "write literal": [use("Write", file_path="$WORK/bad.py", content=f"token = '{LITERAL}'\n")],
    "write clean": [use("Write", file_path="$WORK/good.py", content="import os\n")],
    "write placeholder": [
        use("Write", file_path="$WORK/app.env", content="TOKEN=[[secret:github-token:0123456789]]\n")
    ],
    "read code": [use("Read", file_path="$WORK/code.py")],
    "edit code": [use("Edit", file_path="$WORK/code.py", old_string="print(os.name)", new_string="print(1)")],
    "env": bash("env"),
    "reset": bash("git init -q . && git reset --hard"),
    "remove outside": bash("rm -rf $ROOT/outside"),
    "plain": bash("ls; git status --short; mkdir -p build && rm -rf build"),
    "settings": [use("Write", file_path="$WORK/.claude/settings.local.json", content='{"disableAllHooks": true}')],
    "read after": [use("Read", file_path="$WORK/app.env")],
}
"""Name → one turn of the model."""


@pytest.fixture(scope="module")
def session(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """One session that plays the whole script."""
    root = tmp_path_factory.mktemp("session")
    (root / "outside").mkdir()
    (root / "outside" / "work.txt").write_text("not yours\n")
    extra = prepare(root, FILES)
    return play(client, root, list(SCRIPT.values()), extra={**extra, "SOME_TOKEN": CANARY})


def shown(session: Session, name: str) -> str:
    """What the model was shown for one call of the script."""
    return session.results[list(SCRIPT).index(name)][1]


def refused(session: Session, name: str) -> bool:
    return session.results[list(SCRIPT).index(name)][0]


def test_every_call_of_the_script_was_answered(session: Session) -> None:
    """The session ran to its end: without this the other tests could pass on nothing."""
    assert session.status == 0
    assert len(session.results) == len(SCRIPT)
    assert json.loads(session.stdout)["result"] == "done"


def test_no_request_carried_a_secret(session: Session) -> None:
    """Neither a message nor a token count nor a side request of the whole session held the planted values."""
    assert len(session.bodies) > len(SCRIPT)
    assert not session.sent(CANARY)
    for line in KEY.splitlines()[1:-1]:
        assert not session.sent(line)


def test_nothing_of_the_guard_or_client_on_disk_holds_the_secret(session: Session) -> None:
    """Transcript, journal and cache are clean; the client's own dump of a large output is the known exception."""
    assert session.files_with(CANARY, session.root / "guard") == []
    kept = session.files_with(CANARY, session.home)
    assert [path for path in kept if "/tool-results/" not in path] == []


@pytest.mark.parametrize("name", ["read", "bash", "read part", "bash large", "read after"])
def test_a_placeholder_reaches_the_model_instead(session: Session, name: str) -> None:
    """The model is shown the stable tag of the secret."""
    assert "TOKEN=[[secret:github-token:" in shown(session, name)
    assert not refused(session, name)


def test_neutral_lines_arrive_unchanged(session: Session) -> None:
    """Only the secret is replaced: what stands around it is shown, with the line numbers that it has."""
    for name in ("read", "bash"):
        assert "FIRST=neutral-one" in shown(session, name)
        assert "LAST=neutral-two" in shown(session, name)
    assert "3\tLAST=neutral-two" in shown(session, "read")


def test_the_same_secret_has_the_same_placeholder(session: Session) -> None:
    """A tag is stable over tools and files of one project."""
    tags = {
        shown(session, name).split("[[secret:")[1].split("]]")[0] for name in ("read", "bash", "read part", "read code")
    }
    assert len(tags) == 1


def test_a_large_file_with_a_secret_is_refused_with_the_part_to_read(session: Session) -> None:
    """What cannot be redacted in time does not happen, and the refusal says how to go on."""
    assert refused(session, "read large")
    assert "offset=1, limit=" in shown(session, "read large")


def test_lines_of_a_key_cut_by_a_part_are_hidden(session: Session) -> None:
    """A part that shows only the inside of a private key shows placeholders."""
    assert "[[secret:" in shown(session, "read key part")
    assert "neutral-four" in shown(session, "read key part")


def test_a_literal_secret_is_refused_with_the_line_to_write(session: Session) -> None:
    """The advice names the environment variable form of the language, and the pragma; the file was not written."""
    assert refused(session, "write literal")
    assert 'os.environ["TOKEN"]' in shown(session, "write literal")
    assert "pragma: allowlist secret" in shown(session, "write literal")
    assert not (session.work / "bad.py").exists()


def test_clean_code_is_written(session: Session) -> None:
    """The guard is not in the way of ordinary work."""
    assert (session.work / "good.py").read_text() == "import os\n"
    assert not refused(session, "plain")


def test_a_placeholder_does_not_destroy_the_secret_file(session: Session) -> None:
    """Writing a placeholder back would lose the real value: refused, the file is as it was."""
    assert refused(session, "write placeholder")
    assert (session.work / "app.env").read_text() == FILES["app.env"]


def test_editing_a_redacted_file_still_works(session: Session) -> None:
    """After a redacted Read the client lets the model edit other lines, and the secret stays in place on disk."""
    assert not refused(session, "edit code")
    assert (session.work / "code.py").read_text() == FILES["code.py"].replace("print(os.name)", "print(1)")


def test_printing_the_environment_is_refused_by_policy(session: Session) -> None:
    """`env` is denied with the rule and a way on; the variable that it would have printed never left."""
    assert refused(session, "env")
    assert "never-reveal-secrets" in shown(session, "env")
    assert "Way on" in shown(session, "env")


@pytest.mark.parametrize("name", ["reset", "remove outside"])
def test_destruction_asks_and_is_refused_where_nobody_can_answer(session: Session, name: str) -> None:
    """`ask` has no dialog in a headless session: the client refuses, even in bypassPermissions."""
    assert refused(session, name)
    assert "destroy-asks" in shown(session, name)
    assert (session.root / "outside" / "work.txt").exists()
    assert len(session.records("guard:command:asked")) == 2


def test_the_guard_cannot_be_switched_off_from_inside(session: Session) -> None:
    """A write to the client's settings is refused, and later reads are still guarded."""
    assert refused(session, "settings")
    assert not (session.work / ".claude" / "settings.local.json").exists()


def test_every_verdict_is_in_the_journal_and_the_journal_verifies(session: Session) -> None:
    """Redactions and refusals are recorded with session, call and rule, and the chain is unbroken. What a command
    printed was redacted before the client had it: that record names the session."""
    redacted = session.records("guard:read:redacted")
    assert "toolu_sg_000_00" in {r.get("tool_use_id") for r in redacted}
    assert any("tool_use_id" not in record for record in redacted)
    for record in redacted:
        assert record["session_id"]
        assert record.get("prompt_id") or "tool_use_id" not in record
        assert record["outcome"] == "did not leave"
        assert record["client_version"].startswith("2.")
    assert session.records("guard:write:denied")
    assert session.records("guard:command:denied")[0]["rule"] == "never-reveal-secrets"
    assert verify(str(session.journal)).words == UNANCHORED
