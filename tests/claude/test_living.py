"""Living with the guard on the real Claude Code: quiet, one command for a false alarm, a pause; a person's alone."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from tests.claude.session import ROOT, Session, play, prepare
from tests.typed import typed

pytestmark = [pytest.mark.claude, pytest.mark.slow]

ALARM = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
CANARY = "glpat-" + "Zk3Qm8Lw0Rt5" + "Yp2Hn7Vb"
FAILING = "glpat-" + "Lw0Rt5Zk3Qm8" + "VbHn7Yp2"
WHILE_PAUSED = "glpat-" + "Qm8Lw0Rt5Zk3" + "Hn7VbYp2"
TAG = r"$(grep -rho tag...[0-9a-f]* $SECRETGUARD_HOME/state/given | head -1 | tail -c 11)"
ACCEPT = f'PYTHONPATH={ROOT} script -qec "{sys.executable} -m secretguard accept {TAG}" /dev/null\n'
FILES = {
    "app.env": f"TEST_TOKEN={ALARM}\nTOKEN={CANARY}\n",
    "third.env": f"TOKEN={FAILING}\n",
    "other.env": f"TOKEN={WHILE_PAUSED}\n",
    "accept.sh": ACCEPT,
    "hidden.sh": f"env -i PATH=$PATH HOME=$HOME SECRETGUARD_HOME=$SECRETGUARD_HOME sh -c '{ACCEPT}'\n",
}


def bash(command: str) -> list[dict[str, object]]:
    return [use("Bash", command=command, description="test")]


def wait(name: str) -> list[dict[str, object]]:
    """A turn of the model that lasts until the person has done something."""
    return bash(f"touch waiting-{name}; for i in $(seq 300); do [ -e {name} ] && exit 0; sleep 0.1; done; exit 1")


SCRIPT = {
    "read": [use("Read", file_path="$WORK/app.env")],
    "again": bash("cat app.env"),
    "failing": bash("cat third.env; exit 3"),
    "own accept": bash("secretguard accept 7f3a9c41d0"),
    "own pause": bash(f"env -u CLAUDECODE {sys.executable} -m secretguard pause 10m --why x"),
    "own script": bash("bash accept.sh"),
    "own hidden script": bash("bash hidden.sh"),
    "own file": bash("echo '{}' > $ROOT/guard/state/false-alarms"),
    "own code": bash("python3 -c \"open('$ROOT/guard/state/pause', 'w')\""),
    "own write": [use("Write", file_path="$ROOT/guard/state/pause", content="{}")],
    "accepting": wait("accepted"),
    "read after": [use("Read", file_path="$WORK/app.env")],
    "pausing": wait("paused"),
    "read paused": [use("Read", file_path="$WORK/other.env")],
    "resuming": wait("resumed"),
    "read resumed": [use("Read", file_path="$WORK/other.env")],
}
"""Name → one turn of the model."""


class Person(threading.Thread):
    """Waits until the session has come far enough, and types what a person would type in a terminal beside it."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.said: list[tuple[int, str]] = []

    def run(self) -> None:
        self._until("accepted")
        given = (self.root / "guard" / "state" / "given").glob("*")
        rows = [json.loads(line) for path in given for line in path.read_text().splitlines() if line[:1] == "{"]
        tag = next(row["tag"] for row in rows if row["rule"] == "github-token")
        self._type("accepted", "accept", tag, "--why", "a token of the tests")
        self._until("paused")
        self._type("paused", "pause", "5m", "--why", "a demo")
        self._until("resumed")
        self._type("resumed", "pause", "--end")

    def _type(self, done: str, *words: str) -> None:
        folders = {"SECRETGUARD_HOME": str(self.root / "guard"), "HOME": str(self.root / "home")}
        environment = {**folders, "PATH": "/usr/bin:/bin"}
        self.said.append(typed(list(words), self.root / "work", environment))
        (self.root / "work" / done).touch()

    def _until(self, name: str) -> None:
        """Wait until the agent waits for `name`."""
        end = time.monotonic() + 60
        while not (self.root / "work" / f"waiting-{name}").exists() and time.monotonic() < end:
            time.sleep(0.05)


@pytest.fixture(scope="module")
def lived(client: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, list[tuple[int, str]]]:
    """The session, and what the person's terminal showed."""
    root = tmp_path_factory.mktemp("living")
    extra = prepare(root, FILES)
    person = Person(root)
    person.start()
    session = play(client, root, list(SCRIPT.values()), extra=extra)
    person.join(60)
    return session, person.said


def shown(session: Session, name: str) -> str:
    """What the model was shown for one call of the script."""
    return session.results[list(SCRIPT).index(name)][1]


def lines(session: Session) -> list[str]:
    """The lines that the client showed the person, in order."""
    told = []
    for path in sorted((session.home / ".claude" / "projects").rglob("*.jsonl")):
        for row in map(json.loads, path.read_text().splitlines()):
            attachment = row.get("attachment", {})
            if attachment.get("type") == "hook_system_message":
                told += attachment["content"].split("\n")
    return told


def test_the_session_and_the_person_did_all_of_it(lived: tuple[Session, list[tuple[int, str]]]) -> None:
    """Without this the other tests could pass on nothing."""
    session, said = lived
    assert len(session.results) == len(SCRIPT)
    assert [status for status, _ in said] == [0, 0, 0]
    assert not any(session.results[list(SCRIPT).index(name)][0] for name in ("accepting", "pausing", "resuming"))


def test_the_person_reads_one_line_a_secret(lived: tuple[Session, list[tuple[int, str]]]) -> None:
    """Both secrets once, though they came several times; one that a failing command printed, hidden by the shell
    wrapper and told by the hook after it; then the one that the pause let pass, and how many came."""
    told = lines(lived[0])
    assert len(told) == 4
    assert "GitHub token in app.env did not leave" in told[0]
    assert "GitLab token in app.env did not leave" in told[1]
    assert "GitLab token in the output of `cat third.env; exit 3` did not leave" in told[2]
    assert "GitLab token in other.env left to the provider: the guard is paused" in told[3]
    assert "more since" in told[3]


@pytest.mark.parametrize("name", ["own accept", "own pause", "own file", "own code", "own write"])
def test_the_agent_cannot_do_it_for_itself(lived: tuple[Session, list[tuple[int, str]]], name: str) -> None:
    """Its own command, without the client's mark, a file edited by a command, by program text, by Write: refused."""
    session, _ = lived
    assert session.results[list(SCRIPT).index(name)][0]
    rule = "changes-own-protection" if name in ("own accept", "own pause") else "protected-path"
    assert f"[secretguard: {rule}]" in shown(session, name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("own script", "CLAUDECODE is set, so an agent's client started this"),
        ("own hidden script", "a process that started this has CLAUDECODE set"),
    ],
)
def test_its_scripts_cannot_either(lived: tuple[Session, list[tuple[int, str]]], name: str, reason: str) -> None:
    """In a terminal of the script's own, with the client's mark and with an empty environment; both are on record."""
    session, _ = lived
    assert reason in shown(session, name)
    assert any(record["reason"].startswith(reason) for record in session.records("guard:settings:denied"))


def test_what_a_person_accepts_is_shown_in_the_same_session(lived: tuple[Session, list[tuple[int, str]]]) -> None:
    """The next read has the value of the false alarm and still a placeholder for the other."""
    session, said = lived
    assert "TEST_TOKEN=[[secret:github-token:" in shown(session, "read")
    assert f"TEST_TOKEN={ALARM}" in shown(session, "read after")
    assert "TOKEN=[[secret:gitlab-token:" in shown(session, "read after")
    assert not session.sent(CANARY)
    assert not session.sent(FAILING)
    assert "ghp_…(40)" in said[0][1]
    (record,) = session.records("guard:value:accepted")
    assert (record["why"], record["scope"]) == ("a token of the tests", "project")


def test_a_pause_lets_pass_and_ends(lived: tuple[Session, list[tuple[int, str]]]) -> None:
    """While it is on the value goes out, recorded as that; afterwards the guard is back."""
    session, _ = lived
    assert WHILE_PAUSED in shown(session, "read paused")
    assert "TOKEN=[[secret:gitlab-token:" in shown(session, "read resumed")
    (record,) = session.records("guard:read:exposed")
    assert (record["outcome"], record["paused"], record["would"]) == ("left", True, "redact")
    assert session.records("guard:pause:started")[0]["why"] == "a demo"
    assert len(session.records("guard:pause:ended")) == 1
