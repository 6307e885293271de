"""`secretguard accept`: a false alarm is over with one command of a person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from secretguard import false_alarms, person
from secretguard.commands.accept import accept
from secretguard.errors import ConfigError, RecordError
from secretguard.guard import given
from tests.secretguard.guard.events import OTHER, TOKEN, after, ask, before, records
from tests.typed import typed


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder; a person is at the terminal."""
    monkeypatch.setattr(person, "must_be_there", lambda command: None)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "client"))
    folder = (tmp_path / "project").resolve()
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def shown(project: Path, text: str = TOKEN, name: str = "a.py") -> bool:
    """Whether the model is shown `text` as it is when it reads a file of the project."""
    file = {"filePath": str(project / name), "content": text, "numLines": 1, "startLine": 1, "totalLines": 1}
    return after(project, "Read", {"type": "text", "file": file}, file_path=str(project / name)) is None


def tag(rule: str = "github-token") -> str:
    """The tag that the guard gave last to what `rule` found."""
    return next(row["tag"] for session in given.sessions() for row in session.rows if row["rule"] == rule)


def run(*words: str, fails: bool = False) -> Result:
    result = CliRunner().invoke(accept, words, catch_exceptions=fails)
    assert fails or result.exit_code == 0, result.output
    return result


def test_one_command_and_the_next_read_is_clear(project: Path) -> None:
    """The masked value is shown, the value nowhere; who and why are kept; it counts for every kind of event."""
    assert not shown(project)
    said = run(tag(), "--by", "dev@example.org").output
    assert said.startswith(
        f"[[secret:github-token:{tag()}]]  GitHub token  ghp_…(40)\n  in a.py (did not leave), project"
    )
    assert "accepted in this project [dev@example.org: a false alarm]" in said
    assert shown(project)
    assert before(project, "Write", file_path="b.py", content=f"t = '{TOKEN}'") == ("", "")
    assert before(project, "Bash", command=f"curl -H 'A: {TOKEN}' localhost")[1].count("literal") == 0
    assert ask("UserPromptSubmit", project, prompt=f"use {TOKEN}").stdout == ""
    assert not shown(project, OTHER)
    assert TOKEN not in said + Path(false_alarms.path_of()).read_text() + json.dumps(records())
    assert [record["accepted"] for record in records("guard:read:allowed")] == [1]
    (record,) = records("guard:value:accepted")
    assert (record["tag"], record["by"], record["scope"]) == (tag(), "dev@example.org", "project")


def test_a_person_types_it_in_a_terminal(project: Path) -> None:
    """The whole program, by a placeholder that was copied whole."""
    assert not shown(project)
    status, said = typed(["accept", f"[[secret:github-token:{tag()}]]", "--by", "dev"], project)
    assert status == 0, said
    assert "to take it back: secretguard accept --remove" in said
    assert shown(project)


def test_it_counts_in_its_project_or_with_user_everywhere(project: Path, tmp_path: Path) -> None:
    """The project is the one in which the guard saw it, wherever the command is typed."""
    other = (tmp_path / "other").resolve()
    other.mkdir()
    assert not shown(project)
    assert not shown(other)
    os.chdir(other)
    first = next(row["tag"] for s in given.sessions() for row in s.rows if row["project"] == str(project))
    run(first, "--by", "a")
    assert shown(project)
    assert not shown(other)
    run(first, "--user", "--by", "a")
    assert shown(other)


def test_it_is_taken_back(project: Path) -> None:
    """By its tag; on record; what is not accepted cannot be taken back."""
    assert not shown(project)
    run(tag(), "--by", "a")
    assert tag() in run("--list").output
    assert "no longer accepted" in run("--remove", tag(), "--by", "a").output
    assert not shown(project)
    assert run("--list").output == ""
    assert len(records("guard:value:withdrawn")) == 1
    with pytest.raises(ConfigError, match="not accepted"):
        run("--remove", tag(), "--by", "a")


def test_a_rule_in_the_files_of_a_pattern(project: Path) -> None:
    """From this folder on; where a tool names the file."""
    run("--rule", "github-token", "--path", "tests/**", "--by", "a", "--why", "made-up tokens")
    assert shown(project, name="tests/x/data.py")
    assert not shown(project, name="src/a.py")
    assert not shown(project, OTHER, name="tests/x/data.py")
    assert f"github-token in {project}/tests/**" in run("--list").output
    run("--remove", "--rule", "github-token", "--path", "tests/**", "--by", "a")
    assert not shown(project, name="tests/x/data.py")


def test_an_end_in_time(project: Path) -> None:
    """Until a day to come; a day that is over is refused."""
    assert not shown(project)
    run(tag(), "--until", "2999-12-31", "--by", "a")
    assert false_alarms.entries()[0]["until"] == "2999-12-31"
    with pytest.raises(ConfigError, match="is over"):
        run(tag(), "--until", "2020-01-01", "--by", "a")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["0123456789"], "the guard gave no such tag"),
        (["xyz"], "not a TAG"),
        (["../../etc"], "not a TAG"),
        (["--rule", "no-such-rule", "--path", "a/**"], "there is no such rule"),
        (["--rule", "github-token", "--path", "**/*"], "names every file"),
        (["--rule", "github-token", "--path", "a/../b"], "not a pattern"),
        (["--rule", "github-token", "--path", "a/b**"], "not a pattern"),
    ],
)
def test_wrong_input_is_named(project: Path, words: list[str], reason: str) -> None:
    """Nothing is accepted by a slip."""
    with pytest.raises(ConfigError, match=reason):
        run(*words, "--by", "a")
    assert false_alarms.entries() == []


@pytest.mark.parametrize("words", [[], ["--rule", "x"], ["--path", "x"], ["0123456789", "--rule", "r", "--path", "p"]])
def test_tags_or_a_rule(project: Path, words: list[str]) -> None:
    """One of the two forms, whole."""
    assert run(*words, fails=True).exit_code == 2


def test_a_reason_that_holds_a_secret_is_refused(project: Path) -> None:
    """It would be on record."""
    assert not shown(project)
    with pytest.raises(ConfigError, match="looks like a secret"):
        run(tag(), "--why", f"it is only {TOKEN}", "--by", "a")


def test_one_wrong_tag_of_several_accepts_none(project: Path) -> None:
    """All are known before one counts."""
    assert not shown(project)
    with pytest.raises(ConfigError):
        run(tag(), "0123456789", "--by", "a")
    assert false_alarms.entries() == []


def test_nothing_counts_that_is_not_on_record(project: Path, own_home: Path) -> None:
    """Record, then act."""
    assert not shown(project)
    name = tag()
    (own_home / "state" / "audit").rename(own_home / "state" / "away")
    (own_home / "state" / "audit").touch()
    with pytest.raises(RecordError):
        run(name, "--by", "a")
    assert false_alarms.entries() == []


def test_a_damaged_list_is_not_written_over(project: Path) -> None:
    """What was accepted could not be told any more: a person decides."""
    assert not shown(project)
    run(tag(), "--by", "a")
    path = Path(false_alarms.path_of())
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(ConfigError, match="damaged"):
        run(tag(), "--by", "a")


def test_a_shell_completes_tags(project: Path) -> None:
    """With what each stands for; by the program itself, as bash asks it."""
    assert not shown(project)
    assert not shown(project, OTHER)
    asked = {"_SECRETGUARD_COMPLETE": "zsh_complete", "COMP_WORDS": "secretguard accept ", "COMP_CWORD": "2"}
    said = complete(project, asked)
    assert tag() in said
    assert tag("gitlab-token") in said
    assert "GitHub token in a.py" in said
    asked["COMP_WORDS"] += tag()[:9]
    assert complete(project, asked).count("plain") == 1


def complete(project: Path, asked: dict[str, str]) -> str:
    """What the installed program answers to a shell."""
    program = Path(sys.executable).with_name("secretguard")
    environment = {**os.environ, **asked}
    done = subprocess.run([program], cwd=project, env=environment, capture_output=True, text=True, check=False)
    return done.stdout
