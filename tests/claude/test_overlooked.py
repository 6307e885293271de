"""The real client, and ways on which a secret once got past the guard: each of these sent the canary before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from tests.claude.session import play, prepare
from tests.claude.test_session import CANARY

pytestmark = [pytest.mark.claude, pytest.mark.slow]

LINES = ["a neutral line of thirty bytes"] * 1000 + [f"TOKEN={CANARY}"] + ["and as many after it as before"] * 400
TEXT = "\n".join(LINES) + "\n"
CELL = {"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {}, "outputs": []}
NOTEBOOK = {"metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}


def test_a_password_that_is_a_word_of_the_client(client: Path, tmp_path: Path) -> None:
    """A password `content` must not rename the result's own field: the client would show the original."""
    extra = prepare(tmp_path, {"a.env": "DB=postgres://app:" + "content@db" + f"\nTOKEN={CANARY}\n"})
    session = play(client, tmp_path, [[use("Read", file_path="$WORK/a.env")]], extra=extra)
    assert not session.sent(CANARY)
    assert "[[secret:github-token:" in session.results[0][1]


def test_a_file_behind_many_mentions(client: Path, tmp_path: Path) -> None:
    """A pasted program full of `@` before the mention of a file hides it from nobody."""
    extra = prepare(tmp_path, {"a.env": f"TOKEN={CANARY}\n"})
    prompt = "\n".join(f'@app.get("/{number}")' for number in range(60)) + "\nlook at @a.env"
    session = play(client, tmp_path, [[{"type": "text", "text": "ok"}]], extra=extra, prompt=prompt)
    assert not session.sent(CANARY)


@pytest.mark.parametrize(
    ("name", "content", "given"),
    [
        ("utf16.log", TEXT.encode("utf-16"), {}),
        ("huge.log", TEXT.encode() + (b"y" * 1000 + b"\n") * 34_000, {"offset": 1, "limit": 1300}),
        (
            "a.ipynb",
            json.dumps({**NOTEBOOK, "cells": [{**CELL, "source": [line + "\n" for line in LINES]}]}, indent=1).encode(),
            {"offset": 1, "limit": 5},
        ),
    ],
    ids=["utf-16", "over 32 MiB", "notebook"],
)
def test_a_large_read_is_judged_as_the_client_shows_it(
    client: Path, tmp_path: Path, name: str, content: bytes, given: dict[str, int]
) -> None:
    """What the client decodes, cuts from a huge file, or shows whole, is stopped before it is sent to be counted."""
    extra = prepare(tmp_path, {name: ""})
    (place,) = tmp_path.rglob(name)
    place.write_bytes(content)
    session = play(client, tmp_path, [[use("Read", file_path=f"$WORK/{name}", **given)]], extra=extra)
    assert session.results[0][0]
    assert not session.sent(CANARY)
