"""A Read before it happens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.secretguard.guard.events import TOKEN, before, records


def large(path: Path, *, secret_at: int = 2500, lines: int = 3000) -> str:
    """A file of 30 bytes a line with a secret on one of them."""
    text = ["a neutral line of thirty bytes"] * lines
    text[secret_at - 1] = f"TOKEN={TOKEN}"
    path.write_text("\n".join(text) + "\n")
    return str(path)


def test_a_small_file_goes_ahead(project: Path) -> None:
    """Small files are redacted afterwards, so that edits of them keep working."""
    (project / "a.txt").write_text(TOKEN)
    assert before(project, "Read", file_path=str(project / "a.txt")) == ("", "")
    assert records("guard:read:allowed")[0]["phase"] == "before"


def test_a_large_file_with_a_secret_is_refused_with_a_part(project: Path) -> None:
    """The refusal names the rule, not the value, and numbers that work."""
    path = large(project / "a.log", secret_at=100)
    decision, reason = before(project, "Read", file_path=path)
    assert decision == "deny"
    assert "github-token" in reason
    assert TOKEN not in reason
    limit = int(reason.split("limit=")[1].split(",")[0])
    assert before(project, "Read", file_path=path, offset=1, limit=limit) == ("", "")


@pytest.mark.parametrize(
    ("given", "decision"),
    [({}, ""), ({"offset": 2000}, "deny"), ({"offset": 2400, "limit": 50}, ""), ({"offset": 1, "limit": 3000}, "deny"),
     ({"offset": 2501}, ""), ({"offset": 99_999}, ""), ({"offset": "x", "limit": -1}, "")],
)  # fmt: skip
def test_the_lines_that_are_asked_for_decide(project: Path, given: dict[str, object], decision: str) -> None:
    """The client reads 2,000 lines unless told; a secret outside of the part is no reason to refuse."""
    path = large(project / "a.log")
    assert before(project, "Read", file_path=path, **given)[0] == decision


def test_a_large_clean_file_goes_ahead(project: Path) -> None:
    """Size alone is no reason."""
    (project / "a.log").write_text("nothing here\n" * 10_000)
    assert before(project, "Read", file_path=str(project / "a.log")) == ("", "")


def test_one_long_line_is_refused_with_another_way(project: Path) -> None:
    """A minified file has no parts: Bash is named, whose output is redacted."""
    (project / "a.js").write_text("x" * 50_000 + f"'{TOKEN}'")
    decision, reason = before(project, "Read", file_path=str(project / "a.js"))
    assert decision == "deny"
    assert "Bash" in reason


def test_a_secret_file_that_cannot_be_scanned_is_refused_by_policy(project: Path) -> None:
    """A key store is labelled secret, and no scan can redact it."""
    assert before(project, "Read", file_path=str(project / "store.p12"))[0] == "deny"
    assert before(project, "Read", file_path=str(project / "picture.png")) == ("", "")


def test_another_process_environment_is_refused(project: Path) -> None:
    """`/proc/PID/environ` reveals; it has no form that redaction could promise to catch."""
    assert before(project, "Read", file_path=f"/proc/{os.getpid()}/environ")[0] == "deny"


def test_a_link_is_judged_by_what_it_points_at(project: Path) -> None:
    """A harmless name for a large secret file changes nothing."""
    large(project / "a.log", secret_at=5)
    (project / "notes.txt").symlink_to(project / "a.log")
    assert before(project, "Read", file_path="notes.txt")[0] == "deny"


@pytest.mark.parametrize("name", ["missing.txt", ".", "/dev/zero"])
def test_what_is_no_file_is_left_to_the_client(project: Path, name: str) -> None:
    """Nothing is opened that never ends; the client has its own answer."""
    assert before(project, "Read", file_path=name) == ("", "")


def test_a_pipe_does_not_hang(project: Path) -> None:
    """A named pipe without a writer is not waited for."""
    os.mkfifo(project / "pipe")
    assert before(project, "Read", file_path="pipe") == ("", "")


def test_a_file_too_large_to_look_through_is_refused(project: Path) -> None:
    """A part of it could be large enough to be sent before any hook sees it, and nothing is known of what is in it."""
    path = project / "huge.log"
    with path.open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    decision, reason = before(project, "Read", file_path=str(path), offset=1, limit=2000)
    assert decision == "deny"
    assert "Bash" in reason


def test_a_large_file_in_utf_16_is_judged_by_its_text(project: Path) -> None:
    """The client decodes what has a byte order mark; so must the look at it."""
    path = project / "a.log"
    large(path, secret_at=100)
    path.write_text(path.read_text(), encoding="utf-16")
    assert before(project, "Read", file_path=str(path))[0] == "deny"
    assert before(project, "Read", file_path=str(path), offset=200, limit=300) == ("", "")


def test_a_number_in_quotes_is_a_number(project: Path) -> None:
    """The client takes `"2000"` for 2000, so the part that is judged is that part."""
    path = large(project / "a.log")
    assert before(project, "Read", file_path=path, offset="2000")[0] == "deny"
    assert before(project, "Read", file_path=path, offset="2400", limit="50") == ("", "")


def test_a_notebook_is_judged_whole(project: Path) -> None:
    """The client shows all cells whatever part is asked for."""
    path = large(project / "a.ipynb")
    decision, reason = before(project, "Read", file_path=path, offset=1, limit=1)
    assert decision == "deny"
    assert "Bash" in reason
    assert "offset" not in reason
