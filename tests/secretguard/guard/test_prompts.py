"""A person's prompt, and the files that it mentions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.guard.prompts import mentions
from tests.secretguard.guard.events import TOKEN, ask, records


def said(project: Path, prompt: str) -> dict[str, str]:
    answer = ask("UserPromptSubmit", project, prompt=prompt)
    assert answer.status == 0
    return json.loads(answer.stdout) if answer.stdout else {}


def test_a_clean_prompt_goes(project: Path) -> None:
    """Ordinary prompts pass without a word."""
    assert said(project, "please fix a@b.example and @missing.txt") == {}
    assert records("guard:prompt:allowed")


def test_a_prompt_with_a_secret_is_stopped(project: Path) -> None:
    """The person is told how to send it again; the value is not repeated."""
    answer = said(project, f"use {TOKEN} please")
    assert answer["decision"] == "block"
    assert "Send it again" in answer["reason"]
    assert TOKEN not in answer["reason"]
    assert said(project, f"use {TOKEN} # pragma: allowlist secret") == {}


@pytest.mark.parametrize(
    "prompt", ["@a.env", "see @a.env.", "@./a.env", '@"a.env"', "@a.env#L1-2", "(@a.env)", "x @sub/../a.env, y"]
)
def test_a_mentioned_file_with_a_secret_stops_it(project: Path, prompt: str) -> None:
    """The client reads mentioned files past every hook: the prompt is the place to stop them."""
    (project / "a.env").write_text(f"TOKEN={TOKEN}\n")
    answer = said(project, prompt)
    assert answer["decision"] == "block"
    assert "without the @" in answer["reason"]


def test_a_mentioned_clean_file_goes(project: Path) -> None:
    """A file without a secret may be mentioned."""
    (project / "a.txt").write_text("nothing\n")
    assert said(project, "see @a.txt") == {}


@given(st.text(max_size=200))
def test_any_text_has_a_list_of_mentions(text: str) -> None:
    """No text breaks the search, and no name holds a NUL."""
    assert all("\0" not in name for name in mentions(text))


def test_many_mentions_hide_none(project: Path) -> None:
    """A pasted program has hundreds of names behind an `@`; the file after them is looked at like the first."""
    (project / "a.env").write_text(f"TOKEN={TOKEN}\n")
    pasted = "\n".join(f'@app.get("/{number}")' for number in range(400))
    assert said(project, f"{pasted}\nlook at @a.env")["decision"] == "block"


def test_a_mentioned_file_too_large_to_look_through_stops_it(project: Path) -> None:
    """The client sends the beginning of a large file, and nothing is known of what is in it."""
    with (project / "huge.log").open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    assert "too large" in said(project, "see @huge.log")["reason"]


def test_a_mentioned_file_in_utf_16_is_looked_at(project: Path) -> None:
    """The client decodes what has a byte order mark."""
    (project / "a.env").write_text(f"TOKEN={TOKEN}\n", encoding="utf-16")
    assert said(project, "see @a.env")["decision"] == "block"
