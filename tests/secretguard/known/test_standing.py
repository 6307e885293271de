"""What is known at this moment, and that every place where the guard scans knows it."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from secretguard.known import standing
from secretguard.known.index import index_key, place
from secretguard.known.standing import KnowingEngine, current
from secretguard.pack import open_engine
from tests.secretguard.guard.events import after, ask, before, records
from tests.secretguard.known.projects import OTHER, PASSWORD, index_of, knows, write


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose `.env` has a password that no rule knows."""
    folder = (tmp_path / "project").resolve()
    write(folder / ".env", f"APP=shop\nDB_PASSWORD={PASSWORD}\n")
    return folder


def bash(text: str) -> dict[str, object]:
    return {"stdout": text, "stderr": "", "interrupted": False, "isImage": False}


def test_a_password_in_what_a_command_prints(project: Path) -> None:
    """Plain and encoded; what stands around it arrives."""
    encoded = base64.b64encode(f"app:{PASSWORD}".encode()).decode()
    for form in (PASSWORD, encoded, PASSWORD.encode().hex(), quote(PASSWORD), json.dumps(f"\t{PASSWORD}")):
        shown = after(project, "Bash", bash(f"first neutral\nconnect {form} now\n"), command="./start")
        assert "[[secret:known-value:" in shown["stdout"], form
        assert PASSWORD not in json.dumps(shown)
        assert form not in shown["stdout"]
        assert shown["stdout"].startswith("first neutral\nconnect ")
    assert PASSWORD not in json.dumps(records())


def test_in_a_prompt_a_command_and_a_write(project: Path) -> None:
    """It goes into no prompt, no command and no other file; its own file may hold it."""
    answer = ask("UserPromptSubmit", project, prompt=f"why does {PASSWORD} not work")
    assert json.loads(answer.stdout)["decision"] == "block"
    assert PASSWORD not in answer.stdout.replace(f"why does {PASSWORD}", "")
    assert before(project, "Bash", command=f"psql -W {PASSWORD}")[0] == "deny"
    assert before(project, "Write", file_path=str(project / "db.py"), content=f"P = '{PASSWORD}'\n")[0] == "deny"
    assert before(project, "Write", file_path=str(project / "db.py"), content="P = os.environ['X']\n")[0] != "deny"
    for record in records():
        assert PASSWORD not in json.dumps(record)


def test_in_a_failing_command(project: Path) -> None:
    """The client lets nobody change it: the exposure is recorded."""
    ask("PostToolUseFailure", project, tool_name="Bash", tool_input={"command": "x"}, error=f"denied: {PASSWORD}")
    (exposed,) = records("guard:read:exposed")
    assert exposed["rules"] == ["known-value"]


def test_a_change_counts_at_once(project: Path) -> None:
    """A file that changed is read again by the next call, and no other is."""
    assert knows(project, PASSWORD)
    write(project / ".env", f"DB_PASSWORD={OTHER}\n")
    assert knows(project, OTHER)
    assert knows(project, PASSWORD), "what was replaced may still be good"
    write(project / ".env.local", "TOKEN=xK9!mQ2vB7nn\n")  # pragma: allowlist secret
    assert knows(project, "xK9!mQ2vB7nn")


def test_a_change_in_the_same_moment_counts(project: Path) -> None:
    """Same size, same time: a file that was only just written is not believed."""
    assert knows(project, PASSWORD)
    path = project / ".env"
    info = path.stat()
    with path.open("r+") as file:
        file.write(f"APP=shop\nDB_PASSWORD={PASSWORD[::-1]}\n")
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert knows(project, PASSWORD[::-1])


def test_an_unchanged_file_is_not_read(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary call stats the files and reads none."""
    index_of(project)
    time.sleep(0.15)  # until the file is no longer fresh
    index_of(project)
    monkeypatch.setattr("secretguard.known.build.reread", None)
    monkeypatch.setattr("secretguard.known.build.build", None)
    assert knows(project, PASSWORD)


def test_damage_is_mended_and_recorded(project: Path) -> None:
    """A broken index is built again at once; what it protects is never open."""
    index_of(project)
    Path(place(str(project))).write_bytes(b"garbage")
    assert knows(project, PASSWORD)
    (damaged,) = records("guard:known:damaged")
    assert "seal" in damaged["reason"]
    assert len(current(str(project), index_key()).sources) == 1


def test_a_sessions_start_says_how_many(project: Path) -> None:
    """In the record; the person is told nothing, nothing happened."""
    answer = ask("SessionStart", project, source="startup")
    assert "known" not in answer.stdout
    (indexed,) = records("guard:known:indexed")
    assert (indexed["files"], indexed["values"]) == (1, 1)


def test_values_of_a_folder_above_that_were_synced(project: Path) -> None:
    """The client may be started below the folder for which a person synced."""
    from secretguard.known import synced

    values, _ = synced.digested([("value", OTHER.encode())])
    synced.put(str(project), "vault secret/app", values)
    (project / "api").mkdir()
    assert knows(project / "api", OTHER)
    synced.put(str(project), "vault secret/app", synced.digested([("value", b"xK9!mQ2vB7nn")])[0])
    assert knows(project / "api", "xK9!mQ2vB7nn")


def test_an_engine_that_knows(project: Path) -> None:
    """`KnowingEngine` stands where an engine does."""
    engine = KnowingEngine(open_engine(), str(project))
    token = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
    found = engine.scan(f"a {token} b {PASSWORD} c".encode())
    assert [one.rule_id for one in found] == ["github-token", "known-value"]


def test_a_process_that_goes_on_sees_a_change(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapped command that writes a file of secrets and then prints it."""
    engine = KnowingEngine(open_engine(), str(project))
    assert engine.scan(OTHER.encode()) == []
    write(project / ".env", f"DB_PASSWORD={OTHER}\n")
    monkeypatch.setattr(standing, "FRESH", 0.0)
    assert [one.rule_id for one in engine.scan(OTHER.encode())] == ["known-value"]
