"""A conversation's record as the text that would be sent again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.guard import transcript
from secretguard.guard.transcript import TooLong, read, text_of
from tests.secretguard.guard.events import KEY


def line(text: str, **more: object) -> bytes:
    return json.dumps({"type": "user", "message": {"content": text}, **more}).encode() + b"\n"


def test_texts_come_as_they_were_said() -> None:
    """A key of several lines is whole again."""
    assert KEY.encode() in text_of(line("a") + line(f"the key:\n{KEY}"))


def test_a_picture_is_left_out() -> None:
    """Its bytes are no text."""
    row = {"content": [{"type": "image", "data": "QUJD" * 9, "mimeType": "image/png"}, {"type": "text", "text": "x"}]}
    assert b"QUJD" not in text_of(json.dumps(row).encode())


def test_a_prompt_that_was_refused_is_no_part_of_it() -> None:
    """The client notes it before the hook sees it, and does not send the note."""
    assert b"noted" not in text_of(b'{"type":"queue-operation","content":"noted"}\n{"type":"last-prompt","a":"noted"}')


@given(st.binary(max_size=200))
def test_damage_is_looked_at_as_it_is(data: bytes) -> None:
    """What is no JSON stays in the text."""
    text_of(data)
    assert b"xyzzy{" + data.replace(b"\n", b"") in text_of(b"xyzzy{" + data.replace(b"\n", b""))


def test_what_was_compacted_is_not_sent_again(tmp_path: Path) -> None:
    """The conversation begins behind the last such line."""
    path = tmp_path / "s.jsonl"
    path.write_bytes(line("old") + b'{"type":"system","subtype":"compact_boundary"}\n' + line("new"))
    text = text_of(read(str(path)))
    assert b"new" in text
    assert b"old" not in text
    assert read(str(tmp_path / "none.jsonl")) == b""


def test_one_that_is_too_long_cannot_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it was compacted within what can be looked through."""
    monkeypatch.setattr(transcript, "LARGEST", 300)
    path = tmp_path / "s.jsonl"
    path.write_bytes(line("x" * 400))
    with pytest.raises(TooLong):
        read(str(path))
    path.write_bytes(line("x" * 400) + b'{"subtype":"compact_boundary"}\n' + line("new"))
    assert b"new" in read(str(path))
    with pytest.raises(TooLong):
        read(str(tmp_path))
