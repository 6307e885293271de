"""Whether a person is at the terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from secretguard import person
from secretguard.errors import ConfigError
from tests.secretguard.guard.events import records
from tests.typed import ROOT, in_terminal

ASK = "from secretguard.person import must_be_there; must_be_there('secretguard accept'); print('a person')"
CLEAN = {name: value for name, value in os.environ.items() if name not in person.MARKS}


def asked(*words: str, **environment: str) -> tuple[int, str]:
    """What happens in a terminal; `words` come before the interpreter."""
    given = {**CLEAN, "SECRETGUARD_HOME": os.environ["SECRETGUARD_HOME"], **environment}
    return in_terminal([*words, sys.executable, "-c", ASK], Path.cwd(), given)


def test_a_person_in_a_terminal_is_let_through() -> None:
    """The foreground of a terminal, and no mark of a client."""
    status, shown = asked()
    assert (status, shown) == (0, "a person\n")


@pytest.mark.parametrize("mark", person.MARKS)
def test_what_a_client_starts_is_refused(mark: str) -> None:
    """Each of the client's variables is enough; the try is on record."""
    status, shown = asked(**{mark: "1"})
    assert status != 0
    assert f"{mark} is set, so an agent's client started this" in shown
    (record,) = records("guard:settings:denied")
    assert (record["command"], record["rule"]) == ("secretguard accept", "persons-only")


@pytest.mark.skipif(sys.platform != "linux", reason="environments of others are to be had on Linux alone")
@pytest.mark.parametrize("hide", ["env -u CLAUDECODE", "env -i PATH=/usr/bin:/bin", "nice env -i"])
def test_taking_the_mark_away_does_not_help(hide: str, tmp_path: Path) -> None:
    """A shell of the client's that starts it has the mark still, also where the script makes a terminal of its own."""
    (tmp_path / "ask.py").write_text(ASK)
    here = f"PYTHONPATH={ROOT} SECRETGUARD_HOME={tmp_path}"
    script = f"script -qec '{hide} {here} {sys.executable} {tmp_path}/ask.py' /dev/null\nexit $?\n"
    (tmp_path / "x.sh").write_text(script)
    status, shown = in_terminal(["bash", str(tmp_path / "x.sh")], Path.cwd(), {**CLEAN, "CLAUDECODE": "1"})
    assert status != 0, shown
    assert "a process that started this has CLAUDECODE set" in shown


def test_without_a_terminal_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe, a script, a job of cron."""
    for mark in person.MARKS:
        monkeypatch.delenv(mark, raising=False)
    read, write = os.pipe()
    kept = os.dup(0)
    try:
        os.dup2(read, 0)
        with pytest.raises(ConfigError, match="`secretguard pause` needs a person: this is no terminal"):
            person.must_be_there("secretguard pause")
    finally:
        os.dup2(kept, 0)
        for fd in (read, write, kept):
            os.close(fd)


def test_what_a_script_of_a_persons_may_do_an_agent_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking the guard out needs no terminal, but no client may have started it."""
    for mark in person.MARKS:
        monkeypatch.delenv(mark, raising=False)
    monkeypatch.setattr(person, "environments_above", lambda pid: iter([b"HOME=/x\0A=1"]))
    person.must_not_be_an_agent("secretguard uninstall")
    monkeypatch.setattr(
        person, "environments_above", lambda pid: iter([b"HOME=/x\0", b"AI_AGENT=claude-code_2-1-330_agent\0"])
    )
    with pytest.raises(ConfigError, match="a process that started this has AI_AGENT set"):
        person.must_not_be_an_agent("secretguard uninstall")


def test_in_the_background_it_is_refused() -> None:
    """A job that the shell put aside is not what the person is looking at."""
    environment = {**CLEAN, "SECRETGUARD_HOME": os.environ["SECRETGUARD_HOME"]}
    status, shown = in_terminal(["bash", "-mc", f'{sys.executable} -c "{ASK}" & wait $!'], Path.cwd(), environment)
    assert status != 0
    assert "in the background of the terminal" in shown


def test_a_refusal_stands_where_it_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No record is no way round."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("CLAUDECODE", "1")
    with pytest.raises(ConfigError, match="needs a person"):
        person.must_be_there("secretguard accept")


def test_a_name_is_gits_or_the_logins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The address that commits carry; where git has none, who is logged in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / "none"))
    assert person.name()
    assert "@" not in person.name()
    (tmp_path / "git").write_text("[user]\n email = dev@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "git"))
    assert person.name() == "dev@example.org"


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a container nobody may have written down who runs there, and git may not know either."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setattr(person.pwd, "getpwuid", {}.__getitem__)
    assert person.name() == f"uid {os.getuid()}"
