"""A tool's result: secrets replaced, everything else as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.placeholder import placeholders_in
from tests.secretguard.guard.events import KEY, OTHER, TOKEN, after, ask, before, records, shape


def read(content: str, path: str = "/a.txt", start: int = 1, total: int | None = None) -> dict[str, object]:
    lines = content.count("\n") + 1
    file = {"filePath": path, "content": content, "numLines": lines, "startLine": start, "totalLines": total or lines}
    return {"type": "text", "file": file}


def test_a_clean_result_is_left_alone(project: Path) -> None:
    """No finding: no answer at all, and a record that it left."""
    assert after(project, "Read", read("nothing\n"), file_path="/a.txt") is None
    assert records("guard:read:allowed")[0]["outcome"] == "left"


def test_two_secrets_have_two_tags_and_neighbours_stay(project: Path) -> None:
    """Each value has its own placeholder; what is between them is untouched."""
    shown = after(project, "Read", read(f"a {TOKEN} b {OTHER} c {TOKEN}\n"), file_path="/a.txt")["file"]["content"]
    first, second, third = (part.split("]]")[0] for part in shown.split("[[")[1:])
    assert first == third != second
    assert shown.startswith("a [[secret:github-token:")
    assert shown.endswith("]]\n")


def test_a_key_of_many_lines_keeps_the_line_count(project: Path) -> None:
    """What follows a multi-line secret stays on its line number."""
    content = f"one\n{KEY}last\n"
    shown = after(project, "Read", read(content), file_path="/a.txt")["file"]["content"]
    assert shown.splitlines()[-1] == "last"
    assert len(shown.splitlines()) == len(content.splitlines())
    assert not any(line in shown for line in KEY.splitlines()[1:-1])


def test_a_key_cut_into_a_patch_is_hidden_line_by_line(project: Path) -> None:
    """An edit's patch lists lines with a sign before each: the key's lines are found by the whole key beside it."""
    lines = ["+" + line for line in KEY.splitlines()]
    patch = [{"oldStart": 1, "oldLines": 0, "newStart": 1, "newLines": len(lines), "lines": lines}]
    response = {"filePath": "/k", "oldString": "x", "newString": "y", "originalFile": KEY, "structuredPatch": patch}
    shown = after(project, "Edit", response, file_path="/k", old_string="x", new_string="y")
    assert shape(shown) == shape(response)
    assert not any(line in json.dumps(shown) for line in KEY.splitlines()[1:-1])


def test_a_part_of_a_key_is_hidden_by_the_file_on_disk(project: Path) -> None:
    """A part that shows only the inside of a key is compared with the whole file."""
    path = project / "key.txt"
    path.write_text("head\n" + KEY)
    part = "\n".join(KEY.splitlines()[3:7])
    shown = after(project, "Read", read(part, str(path), 5, 15), file_path=str(path), offset=5, limit=4)
    assert not any(line in shown["file"]["content"] for line in KEY.splitlines()[3:7])


def test_a_part_of_a_key_with_carriage_returns_is_hidden(project: Path) -> None:
    """The client shows a file of Windows without its carriage returns; the key on disk has them."""
    path = project / "key.txt"
    path.write_bytes(b"head\r\n" + KEY.replace("\n", "\r\n").encode())
    part = "\n".join(KEY.splitlines()[3:7])
    shown = after(project, "Read", read(part, str(path), 5, 15), file_path=str(path), offset=5, limit=4)
    assert not any(line in shown["file"]["content"] for line in KEY.splitlines()[3:7])


def test_a_structured_answer_of_a_server_stays_json(project: Path) -> None:
    """A server's JSON text is redacted in place and still parses."""
    shown = after(project, "mcp__server__tool", json.dumps({"token": TOKEN, "n": 1}))
    assert json.loads(shown)["n"] == 1
    assert TOKEN not in shown


def test_keys_are_texts_too(project: Path) -> None:
    """A secret as a key of an unknown structure is replaced like any other."""
    shown = after(project, "SomeTool", {TOKEN: 1, "list": [{"deep": [TOKEN]}]})
    assert TOKEN not in json.dumps(shown)


@pytest.mark.parametrize("password", ["file", "content", "text", "on"])
def test_a_password_that_is_a_word_of_the_client_leaves_the_shape(project: Path, password: str) -> None:
    """The client drops a result of another shape and shows the original: its own words stay, whatever was found."""
    content = f"postgres://app:{password}@db\nTOKEN={TOKEN}\n"
    shown = after(project, "Read", read(content), file_path="/a.txt")
    assert shape(shown) == shape(read(content))
    assert shown["type"] == "text"
    assert TOKEN not in shown["file"]["content"]
    assert f":{password}@" not in shown["file"]["content"]


def test_nothing_is_replaced_inside_a_placeholder(project: Path) -> None:
    """Short passwords that are pieces of a placeholder do not break it, and the text does not grow with each."""
    values = ["conn", "ecti", "tion", "stri", "ring", "assw", "word", "ecre", "cret"]
    content = "".join(f"postgres://app:{value}@db\n" for value in values)
    shown = after(project, "Read", read(content), file_path="/a.txt")["file"]["content"]
    assert len(placeholders_in(shown)) == len(values)
    assert [line.split("[[")[0] for line in shown.splitlines()] == ["postgres://app:"] * len(values)


def test_weak_findings_count_in_secret_files_alone(project: Path) -> None:
    """A password of a weak form is hidden where the file is labelled secret, by path or by command."""
    line = "password = 'correct" + "-horse-7-battery'\n"
    assert after(project, "Read", read(line), file_path=str(project / "test.py")) is None
    assert after(project, "Read", read(line), file_path=str(project / ".env")) is not None
    bash = {"stdout": line, "stderr": "", "interrupted": False}
    assert after(project, "Bash", bash, command="cat test.py") is None
    assert after(project, "Bash", bash, command="head -3 ./.env | cat") is not None


def test_pictures_are_left_alone(project: Path) -> None:
    """Base64 of an image is not text; a text that only begins like one is."""
    image = {"type": "image", "file": {"base64": TOKEN, "type": "image/png", "originalSize": 1}}
    assert after(project, "Read", image, file_path="/a.png") is None
    assert after(project, "mcp__s__t", [{"type": "image", "data": TOKEN, "mimeType": "image/png"}]) is None
    text = {"stdout": f"data:image/png;base64,AAAA\n{TOKEN}", "stderr": "", "interrupted": False}
    assert TOKEN not in json.dumps(after(project, "Bash", text, command="x"))


def test_a_result_too_deep_to_see_is_withheld(project: Path) -> None:
    """Nesting beyond any measured shape cannot be shown to be clean, so nothing of it is shown."""
    deep: object = TOKEN
    for _ in range(100):
        deep = [deep]
    shown = after(project, "mcp__s__t", deep)
    assert TOKEN not in json.dumps(shown)
    assert "withheld" in shown[0]["text"]
    assert records()[-1]["outcome"] == "did not leave"


@pytest.mark.parametrize("text", ["\U0001f600 é \u2028 \x00 \x1b[31m", 'tab\tquote"back\\slash', "\r\n"])
def test_unusual_characters_survive(project: Path, text: str) -> None:
    """What stands beside a secret comes back exactly."""
    shown = after(project, "Read", read(f"{text}\n{TOKEN}\n{text}"), file_path="/a")["file"]["content"]
    assert shown.startswith(text)
    assert shown.endswith(text)


def test_a_failed_tool_with_a_secret_is_an_exposure(project: Path) -> None:
    """The text of a failure cannot be changed: the person is told, and the record says that it left."""
    answer = ask(
        "PostToolUseFailure", project, tool_name="Bash", tool_input={"command": "x"}, error=f"Exit code 1\n{TOKEN}"
    )
    said = json.loads(answer.stdout)
    assert "left to the provider" in said["systemMessage"]
    assert said["hookSpecificOutput"]["hookEventName"] == "PostToolUseFailure"
    (record,) = records("guard:read:exposed")
    assert record["outcome"] == "left"
    assert ask("PostToolUseFailure", project, tool_name="Bash", tool_input={"command": "x"}, error="no").stdout == ""


@pytest.mark.parametrize("length", [2000, 10_000])
def test_no_part_of_a_secret_in_a_long_command_is_recorded(project: Path, length: int) -> None:
    """A command is redacted whole and then cut: a token cut first would be no token any more, and stay."""
    keys = KEY * (length // len(KEY))
    command = keys + "#" * (length - len(keys) - 8) + TOKEN
    bash = {"stdout": "", "stderr": "", "interrupted": False}
    after(project, "Bash", bash, command=command)
    before(project, "Bash", command=command)
    assert [len(records("guard:read:allowed")), len(records("guard:command:denied"))] == [1, 1]
    assert TOKEN[:8] not in json.dumps(records())


@pytest.mark.parametrize("name", ["PostToolUse", "PostToolUseFailure"])
def test_placeholders_of_the_shell_wrapper_are_explained(project: Path, name: str) -> None:
    """A command's output comes with them already: the model is told what they are, and the text stays as it is."""
    text = "TOKEN=[[secret:github-token:0123456789]]"
    given = {"tool_response": {"stdout": text, "stderr": "", "interrupted": False}, "error": text}
    answer = ask(name, project, tool_name="Bash", tool_input={"command": "cat app.env"}, **given)
    said = json.loads(answer.stdout)["hookSpecificOutput"]
    assert "updatedToolOutput" not in said
    assert "stand for secrets" in said["additionalContext"]
