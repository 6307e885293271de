"""Writes that hold placeholders: what the client is told before it writes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from secretguard.guard import given_back, snapshots
from secretguard.guard.room import Room
from tests.secretguard.guard.events import OTHER, TOKEN, after, ask, before, records

BODY = f"FIRST=1\nTOKEN={TOKEN}\nLAST=2\n"


@pytest.fixture
def file(project: Path) -> Path:
    path = project / "app.env"
    path.write_text(BODY)
    return path


def tag(file: Path, value: str = TOKEN) -> str:
    """The placeholder that a command's output shows for `value`."""
    shown = after(file.parent, "Bash", {"stdout": f"T={value}", "stderr": "", "interrupted": False}, command="x")
    return str(shown["stdout"]).removeprefix("T=").rstrip("\n")


def given(file: Path, tool: str, **fields: str) -> dict[str, Any]:
    """The input that the client is to use instead; {} when it is to go ahead as it is."""
    name = "notebook_path" if tool == "NotebookEdit" else "file_path"
    answer = ask("PreToolUse", file.parent, tool_name=tool, tool_input={name: str(file), **fields})
    assert answer.status == 0, answer.stderr
    assert TOKEN not in answer.stdout
    said = json.loads(answer.stdout)["hookSpecificOutput"] if answer.stdout else {}
    assert "permissionDecision" not in said, said
    return dict(said.get("updatedInput", {}))


def reason(file: Path, tool: str, **fields: object) -> str:
    decision, why = before(file.parent, tool, file_path=str(file), **fields)
    assert decision == "deny"
    assert snapshots.waiting() == []
    return why


def test_a_whole_file_goes_ahead_with_a_copy_kept(file: Path) -> None:
    """As it is: the client writes the placeholder, and the record says how many there are."""
    content = BODY.replace(TOKEN, tag(file)) + "NEW=3\n"
    assert given(file, "Write", content=content) == {}
    assert len(snapshots.waiting()) == 1
    (record,) = records("guard:write:allowed")
    assert (record["rule"], record["count"]) == ("placeholders-given-back", 1)


def test_an_edit_is_cut_down_and_needs_no_copy(file: Path) -> None:
    """Every other field of the input stays: the client takes what it is given for the whole."""
    one = tag(file)
    used = given(file, "Edit", old_string=f"TOKEN={one}\nLAST=2", new_string=f"TOKEN={one}\nLAST=3", more="kept")
    texts = {"old_string": "\nLAST=2", "new_string": "\nLAST=3"}
    assert used == {"file_path": str(file), "more": "kept", **texts}
    assert snapshots.waiting() == []


def test_an_edit_that_adds_a_placeholder_keeps_a_copy(file: Path) -> None:
    """Its old text names none: it goes ahead as it is."""
    assert given(file, "Edit", old_string="LAST=2", new_string=f"LAST={tag(file)}") == {}
    assert len(snapshots.waiting()) == 1


def test_a_notebooks_cell_keeps_a_copy(project: Path) -> None:
    """Its new source holds the placeholder of a value that is in the notebook."""
    book = project / "a.ipynb"
    book.write_text(f'{{"cells": [{{"source": ["t = \'{TOKEN}\'"]}}]}}')
    assert given(book, "NotebookEdit", new_source=f"t = '{tag(book)}'", cell_id="a") == {}
    assert len(snapshots.waiting()) == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("TOKEN={0}", "TOKEN=none", "sed -i '2,2d' "),
        ("FIRST=1\nTOKEN={0}\n", "FIRST=1\n", "sed -i '1,2d' "),
        ("FIRST=1\nTOKEN={0}\nLAST=2", "FIRST=2\nTOKEN={0}\nLAST=3", "Make two Edits"),
        ("OTHER={0}", "OTHER={0}1", "not in the file as it is now"),
        ("TOKEN={0}", "TOKEN={0} https://evil.example/", "another host"),
    ],
)
def test_an_edit_that_cannot_be_made_says_the_next_step(file: Path, old: str, new: str, words: str) -> None:
    """What to do instead, exactly."""
    one = tag(file)
    assert words in reason(file, "Edit", old_string=old.format(one), new_string=new.format(one))
    assert file.read_text() == BODY


def test_an_edit_at_the_end_of_a_file_says_the_next_step(file: Path) -> None:
    """Nothing follows the value that could be found."""
    file.write_text(BODY.removesuffix("\nLAST=2\n"))
    one = tag(file)
    why = reason(file, "Edit", old_string=f"TOKEN={one}", new_string=f"TOKEN={one}\nMORE=1")
    assert "Write the whole file" in why


def test_several_edits_at_once_are_refused(file: Path) -> None:
    """Each changes the file for the next: one by one they can be made."""
    edits = [{"old_string": "FIRST=1", "new_string": f"FIRST={tag(file)}"}]
    assert "one Edit for each change" in reason(file, "MultiEdit", edits=edits)


def test_other_files_and_unknown_placeholders_are_refused(file: Path) -> None:
    """Whatever tool would write them."""
    for text in (tag(file, OTHER), "[[secret:github-token:0123456789]]"):
        assert "does not hold its value" in reason(file, "Write", content=f"T={text}\n")
        assert "does not hold its value" in reason(file, "Edit", old_string="FIRST=1", new_string=text)
        assert "does not hold its value" in reason(file, "Edit", old_string=text, new_string="FIRST=1")
    new = file.with_name("new.env")
    assert "is a new file" in reason(new, "Write", content=tag(file))


def test_a_literal_secret_beside_a_placeholder_is_refused_first(project: Path) -> None:
    """In code both rules hold, and no copy is kept for a write that is refused."""
    code = project / "a.py"
    code.write_text(f"t = '{TOKEN}'\n")
    why = reason(code, "Write", content=f"t = '{tag(code)}'\nu = '{OTHER}'\n")
    assert "literal secret" in why


def test_a_write_that_is_asked_about_is_given_back_as_well(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person may say yes: then it is made as it can be."""
    from secretguard.policy.request import Decision

    one = tag(file)
    asked = Decision("ask", "a-rule", "Because.")
    monkeypatch.setattr(Room, "decide", lambda *_, **__: asked)
    fields = {"file_path": str(file), "old_string": f"TOKEN={one}\nLAST=2", "new_string": f"TOKEN={one}\nLAST=3{one}"}
    answer = ask("PreToolUse", file.parent, tool_name="Edit", tool_input=fields)
    said = json.loads(answer.stdout)["hookSpecificOutput"]
    assert said["permissionDecision"] == "ask"
    assert said["updatedInput"]["old_string"] == "\nLAST=2"
    assert len(snapshots.waiting()) == 1


def test_where_no_copy_can_be_kept_the_write_is_refused(file: Path) -> None:
    """The state folder is not this user's alone: fail closed."""
    content = BODY.replace(TOKEN, tag(file))
    place = Path(os.environ["SECRETGUARD_HOME"], "state", "snapshots")
    place.mkdir(mode=0o700)
    place.chmod(0o777)
    answer = ask("PreToolUse", file.parent, tool_name="Write", tool_input={"file_path": str(file), "content": content})
    assert (answer.status, answer.stdout) == (2, "")
    assert "not private" in answer.stderr


def test_windows_line_ends_are_kept_in_the_value(project: Path) -> None:
    """A key is put back with the line ends that it had, whatever the client writes around it."""
    from tests.secretguard.guard.events import KEY

    path = project / "key.pem"
    key = KEY.strip().replace("\n", "\r\n")
    path.write_bytes(f"A=1\r\n{key}\r\nB=2\r\n".encode())
    shown = tag(path, KEY.strip())
    assert given(path, "Write", content=f"A=2\n{shown}" + "\n" * 14 + "B=2\n") == {}
    path.write_text(f"A=2\n{shown}" + "\n" * 14 + "B=2\n")
    ask("Stop", project)
    assert path.read_bytes() == f"A=2\n{key}\nB=2\n".encode()


def test_the_way_on_is_one_sentence_everywhere() -> None:
    """Write is the way that always works."""
    assert "gets its value back" in given_back._WHOLE
