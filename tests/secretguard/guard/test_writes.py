"""Write, Edit and NotebookEdit before they happen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.secretguard.guard.events import KEY, TOKEN, after, before, records

TAG = "[[secret:github-token:0123456789]]"


@pytest.mark.parametrize(
    ("name", "line", "advice"),
    [
        ("a.py", "api_token = '{}'", 'os.environ["API_TOKEN"]'),
        ("a.js", "const apiToken = '{}';", "process.env.APITOKEN"),
        ("a.ts", "  token: '{}',", "process.env.TOKEN"),
        ("a.go", 'var Token = "{}"', 'os.Getenv("TOKEN")'),
        ("a.sh", "export TOKEN={}", '"$TOKEN"'),
        ("a.rb", "TOKEN = '{}'", 'ENV.fetch("TOKEN")'),
        ("a.yaml", "token: {}", "${TOKEN}"),
        ("a.txt", "{}", "${GITHUB_TOKEN}"),
        ("Dockerfile", "ENV TOKEN={}", "${TOKEN}"),
    ],
)
def test_a_literal_secret_is_refused_with_the_line_to_write(project: Path, name: str, line: str, advice: str) -> None:
    """The advice is a line of that language with a name taken from the code."""
    decision, reason = before(project, "Write", file_path=str(project / name), content=f"first\n{line.format(TOKEN)}\n")
    assert decision == "deny"
    assert f"`{advice}`" in reason
    assert "Line 2" in reason
    assert "pragma: allowlist secret" in reason
    assert TOKEN not in reason


def test_each_writing_tool_is_held_to_it(project: Path) -> None:
    """Edit, MultiEdit and NotebookEdit write text, too."""
    path = str(project / "a.py")
    assert before(project, "Edit", file_path=path, old_string="x", new_string=TOKEN)[0] == "deny"
    edits = [{"old_string": "a", "new_string": "b"}, {"old_string": "c", "new_string": TOKEN}]
    assert before(project, "MultiEdit", file_path=path, edits=edits)[0] == "deny"
    assert before(project, "NotebookEdit", notebook_path=path, new_source=f"t='{TOKEN}'")[0] == "deny"
    assert before(project, "Write", file_path=path, content=KEY)[0] == "deny"


def test_clean_text_goes_ahead(project: Path) -> None:
    """Ordinary writes pass and are recorded."""
    assert before(project, "Write", file_path="a.py", content="import os\n") == ("", "")
    assert before(project, "Edit", file_path="a.py", old_string="a", new_string="") == ("", "")
    assert before(project, "NotebookEdit", notebook_path="a.ipynb", edit_mode="delete", cell_id="x") == ("", "")
    assert len(records("guard:write:allowed")) == 3


def test_a_person_marked_line_passes(project: Path) -> None:
    """The pragma of detect-secrets on the line lets a false alarm through; on another line it does not."""
    marked = f"t = '{TOKEN}'  # pragma: allowlist secret\n"
    assert before(project, "Write", file_path="a.py", content=marked) == ("", "")
    assert before(project, "Write", file_path="a.py", content=marked + f"u = '{TOKEN}'\n")[0] == "deny"


def test_a_secret_that_was_there_is_not_new(project: Path) -> None:
    """An edit beside a literal that the file already has is not refused for it."""
    given = {"old_string": f"t = '{TOKEN}'", "new_string": f"t = '{TOKEN}'\nprint(t)"}
    assert before(project, "Edit", file_path="a.py", **given) == ("", "")


def test_a_file_labelled_secret_may_hold_one(project: Path) -> None:
    """A `.env` file is where a secret belongs."""
    assert before(project, "Write", file_path=".env", content=f"TOKEN={TOKEN}\n") == ("", "")


@pytest.mark.parametrize(
    "given", [{"content": f"T={TAG}"}, {"old_string": TAG, "new_string": "x"}, {"old_string": "x", "new_string": TAG}]
)
def test_placeholders_are_not_written(project: Path, given: dict[str, str]) -> None:
    """A placeholder in a file would destroy the value, in a secret file most of all."""
    tool = "Write" if "content" in given else "Edit"
    decision, reason = before(project, tool, file_path=".env", **given)
    assert decision == "deny"
    assert "placeholder" in reason


@pytest.mark.parametrize(
    "name", [".claude/settings.json", ".claude/settings.local.json", "sub/../.claude/settings.json"]
)
def test_the_protection_itself_is_not_changed(project: Path, name: str) -> None:
    """The client's settings hold the hooks: an agent does not write them."""
    decision, reason = before(project, "Write", file_path=name, content="{}")
    assert decision == "deny"
    assert "person" in reason
    assert records("guard:settings:denied")


def test_the_guards_own_files_are_not_changed(project: Path) -> None:
    """Nor its launcher, its policy and its journal, also not through a link."""
    state = os.environ["SECRETGUARD_HOME"] + "/state"
    os.makedirs(state, exist_ok=True)
    (project / "link").symlink_to(state)
    for name in (f"{state}/hooks/launcher", "link/audit/journal.jsonl"):
        assert before(project, "Write", file_path=name, content="x")[0] == "deny"


def test_digests_before_and_after_are_of_the_file_on_the_disk(project: Path) -> None:
    """None before there is a file; after an edit, what is there and not what the tool said. Joined by the call's id."""
    path = project / "a.py"
    before(project, "Write", file_path=str(path), content="import os\n")
    path.write_text("import os\n")
    after(project, "Write", {"type": "create", "filePath": str(path), "content": "x"}, file_path=str(path), content="x")
    before(project, "Edit", file_path="a.py", old_string="os", new_string="re")
    path.write_text("import re\n")
    after(project, "Edit", {"filePath": str(path)}, file_path="a.py", old_string="os", new_string="re")
    first, second = records("guard:write:allowed")
    wrote, edited = records("guard:read:allowed")
    assert first["digest_before"] == "none"
    assert "bytes_before" not in first
    assert (wrote["bytes_after"], second["bytes_before"]) == (10, 10)
    assert wrote["digest_after"] == second["digest_before"] != edited["digest_after"]
    assert len(edited["digest_after"]) == 73
    assert first["tool_use_id"] == wrote["tool_use_id"]


def test_a_large_file_and_one_that_is_none_are_said_not_read(project: Path) -> None:
    """The hook reads so much and no more, and waits for no FIFO."""
    with (project / "large").open("wb") as file:
        file.truncate(300_000)
    os.mkfifo(project / "fifo")
    for name in ("large", "fifo"):
        before(project, "Write", file_path=name, content="x")
    large, fifo = records("guard:write:allowed")
    assert (large["digest_before"], large["bytes_before"]) == ("not read: larger than 256 KiB", 300_000)
    assert fifo["digest_before"] == "not read: no regular file"


def test_a_refused_write_has_no_digest(project: Path) -> None:
    """It changes nothing."""
    before(project, "Write", file_path="a.py", content=f"t = '{TOKEN}'")
    assert "digest_before" not in records("guard:write:denied")[0]


def test_a_result_without_a_path_withholds(project: Path) -> None:
    """A writer's result whose input names no file cannot be read as an event."""
    shown = after(project, "Write", {"filePath": "x", "content": "y"})
    assert "withheld" in str(shown)
