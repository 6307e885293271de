"""Notebooks as Jupyter writes them: what a cell says is found as it says it, where it stands in the file."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect import made_up
from secretguard.detect.finding import Finding
from secretguard.detect.notebook import decoded, scan
from secretguard.detect.rules.private_key import _PEM as PEM
from tests.secretguard.detect import engines

ENGINE = engines.hyperscan()
TOKEN = made_up.github("ghp_")
PASSWORD = "k9#Vq2mZr7!"  # pragma: allowlist secret


def notebook(*sources: str, output: str = "", cell: str = "lines", **metadata: object) -> dict[str, Any]:
    """A notebook of format 4.5 with a code cell for each of `sources`; text as a list of lines, or as one string."""

    def text(value: str) -> list[str] | str:
        return value.splitlines(keepends=True) if cell == "lines" else value

    outputs: list[dict[str, Any]] = [
        {"name": "stdout", "output_type": "stream", "text": text(output)},
        {"data": {"text/plain": text(output)}, "execution_count": 1, "metadata": {}, "output_type": "execute_result"},
        {"ename": "E", "evalue": "e", "output_type": "error", "traceback": output.splitlines()},
    ]
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "execution_count": 1, "id": f"c{number}", "metadata": {}, "outputs": outputs[:number],
         "source": text(source)}
        for number, source in enumerate(sources)
    ]  # fmt: skip
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def written(document: object, indent: int | None = 1) -> bytes:
    """As `nbformat.write` does it: one space of indent, characters as they are, a line end after it."""
    return json.dumps(document, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def found(data: bytes) -> list[Finding]:
    return scan(ENGINE, data, 100)[0]


@pytest.mark.parametrize("indent", [1, None])
@pytest.mark.parametrize("cell", ["lines", "one"])
def test_key_of_many_lines(cell: str, indent: int | None) -> None:
    """A private key in a cell is one secret, its block as it was typed; the span reaches from its first line to its
    last in the file."""
    data = written(notebook("# mine\n" + PEM + "\n", cell=cell), indent)
    [one] = found(data)
    assert (one.rule_id, one.value.decode(), one.encoding) == ("private-key", PEM, ("json",))
    span = data[one.start : one.end]
    assert (span[:10], span[-10:]) == (PEM[:10].encode(), PEM[-10:].encode())


@pytest.mark.parametrize("cell", ["lines", "one"])
def test_quoted_value(cell: str) -> None:
    """A value in quotes, which JSON escapes, is found once and ends before the escape."""
    data = written(notebook(f'import os\nDB_PASSWORD = "{PASSWORD}"\n', cell=cell))
    [one] = found(data)
    assert (one.value.decode(), one.encoding) == (PASSWORD, ())
    assert data[one.start : one.end] == PASSWORD.encode()


def test_escaped_value() -> None:
    """A value that the file has with escapes, as some programs write any character, is the value without them."""
    escaped = "".join(f"\\u{ord(char):04x}" for char in TOKEN).encode()
    data = written(notebook(f"k = '{TOKEN}'\n")).replace(TOKEN.encode(), escaped)
    [one] = found(data)
    assert (one.value.decode(), one.encoding, data[one.start : one.end]) == (TOKEN, ("json",), escaped)


def test_plain_value_is_told_once_and_plainly() -> None:
    """What needs no decoding is found once, as in any file."""
    data = written(notebook(f"k = '{TOKEN}'\n", api=TOKEN))
    assert [(data[one.start : one.end], one.encoding) for one in found(data)] == [(TOKEN.encode(), ())] * 2


def test_outputs_and_metadata() -> None:
    """Printed, shown and raised text is scanned; so is what stands beside the cells, with the name it stands under."""
    made = notebook("x", "x", "x", "x", output=f"token {TOKEN}\nend\n", my_password=PASSWORD)
    assert len(found(written(made))) == 6 + 1  # the outputs of cells 1, 2 and 3: one, two and three of them


def test_strings_are_lines_of_their_own() -> None:
    """What stands in two strings is not read as one word."""
    data = written({"tags": [TOKEN[:20], TOKEN[20:]], "a": 1})
    strings = decoded(data)
    assert strings is not None
    assert strings.text == f"tags\n{TOKEN[:20]}\n{TOKEN[20:]}\na".encode()
    assert found(data) == []


TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from('"\\\n\t/')) | st.just(PEM)
JSONS = st.recursive(TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))


@given(values=st.lists(TEXTS, min_size=1), indent=st.sampled_from([None, 0, 1]), ascii_only=st.booleans())
def test_text_and_places(values: list[str], indent: int | None, ascii_only: bool) -> None:
    """Every string is there as it was, and each of its characters has its place in the file."""
    data = json.dumps({"": values}, indent=indent, ensure_ascii=ascii_only).encode()
    strings = decoded(data)
    assert strings is not None
    expected = b""
    for value in values:
        expected += b"\n" if expected and not expected.endswith(b"\n") else b""
        expected += value.encode()
    if all(ord(char) < 0x10000 for value in values for char in value) or not ascii_only:
        assert strings.text == expected
    places = [place for at in range(len(strings.text)) for place in strings.original(at, at + 1)]
    assert all(0 <= start < end <= len(data) for start, end in places)
    assert all(one[0] <= other[0] and one[1] <= other[1] for one, other in pairwise(places))


@given(data=st.binary().map(lambda rest: b"{" + rest) | JSONS.map(lambda value: json.dumps({"a": value}).encode()))
def test_whatever_it_holds(data: bytes) -> None:
    """Damaged files are read as far as they go, and every place is in the file."""
    strings = decoded(data)
    assert strings is not None
    size = len(strings.text)
    assert all(0 <= begin <= len(data) for at in range(size) for begin, _ in strings.original(at, at + 1))
    found(data)


def test_cut_off_in_a_string() -> None:
    """A download that ended in the middle is scanned to its last byte."""
    data = written(notebook(f"k = '{TOKEN}'\n"))
    cut = data[: data.index(TOKEN.encode()) + len(TOKEN)]
    assert [one.value for one in found(cut)] == [TOKEN.encode()]


def test_no_notebook() -> None:
    """A text of another kind is scanned as the text that it is."""
    data = f'k = "{TOKEN}" and \'"\'\n'.encode()
    assert decoded(data) is None
    assert [one.value for one in found(data)] == [TOKEN.encode()]


def test_cap_is_told() -> None:
    """More findings of one rule than are looked at are counted once, not for both readings."""
    data = written(notebook("\n".join(made_up.github("ghp_", str(number)) for number in range(9))))
    kept, unexamined = scan(ENGINE, data, 4)
    assert len(kept) == 4
    assert unexamined == {"github-token": 5}


def test_quotes_and_backslashes_are_linear() -> None:
    """A megabyte of nothing but marks is read once: as many pieces as marks, no more."""
    for text in (b'"' * 200_000, b"\\" * 200_000, b'"\\"' * 70_000, b'"' + b"\\\\" * 100_000):
        strings = decoded(b"{" + text)
        assert strings is not None
        assert len(strings.text) <= len(text)
