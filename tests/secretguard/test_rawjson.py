from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard import rawjson
from secretguard.rawjson import JsonError, dumps, loads

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_reads_and_writes_as_the_standard_library(value: object) -> None:
    """The same value comes back, and the text is that of `json` in its most compact form."""
    text = dumps(value)
    assert text == json.dumps(value, separators=(",", ":"))
    assert loads(text.encode()) == value
    assert text.isascii()
    assert "\n" not in text


@settings(max_examples=400)
@given(st.one_of(st.binary(max_size=60), st.text(alphabet='[]{},:"\\u0123-.eE+ntfalsruINy \t\n', max_size=30)))
def test_accepts_no_more_than_the_standard_library(data: bytes | str) -> None:
    """Any bytes are parsed as `json` does or refused; nothing else is raised."""
    raw = data if isinstance(data, bytes) else data.encode()
    try:
        value = loads(raw)
    except JsonError:
        return
    assert value == json.loads(raw.decode("utf-8"))


@settings(max_examples=300)
@given(VALUES, st.sampled_from([None, 1, 3]), st.sampled_from(["", " ", "\r\n\t"]))
def test_refuses_no_valid_document(value: object, indent: int | None, around: str) -> None:
    """White space inside and around does not matter."""
    text = around + json.dumps(value, indent=indent, ensure_ascii=False) + around
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        return  # a lone surrogate has no UTF-8
    assert loads(raw) == value


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity", "[NaN]", '{"a":-Infinity}'])
def test_numbers_that_json_does_not_have_are_refused(name: str) -> None:
    """RFC 8259 has no NaN and no infinities."""
    with pytest.raises(JsonError, match="is not JSON"):
        loads(name.encode())


def test_number_too_large_for_a_float_is_not_silently_infinite() -> None:
    """1e999 is JSON; what comes back must at least be writable again or refused, never NaN."""
    value = loads(b"1e999")
    assert isinstance(value, float)
    assert not math.isnan(value)
    with pytest.raises(ValueError):
        dumps(value)


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', '[{"x":{"b":1,"c":2,"b":3}}]', '{"a":1,"\\u0061":2}'])
def test_duplicate_keys_are_refused_at_any_depth(text: str) -> None:
    """Two readers of the same text could see two different values."""
    with pytest.raises(JsonError, match="twice"):
        loads(text.encode())


@pytest.mark.parametrize("unit", ["[", '{"a":', '[{"a":'])
def test_nesting_of_a_hundred_thousand_is_an_error_and_no_crash(unit: str) -> None:
    """Depth is refused in words."""
    with pytest.raises(JsonError):
        loads(unit.encode() * 100_000)
    with pytest.raises(JsonError):
        loads(b"[" * 100_000 + b"]" * 100_000)


def test_writing_too_deep_and_cyclic_values_is_an_error_and_no_crash() -> None:
    """The writer has the same bound."""
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(RecursionError):
        dumps(value)
    while value:  # taken apart by hand: freeing it in one go is not this test's subject
        value = value.pop()  # type: ignore[assignment]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"nul",
        b"01",
        b"[1,]",
        b'{"a"}',
        b"{} {}",
        b"'a'",
        b'"\x00"',
        b'"\n"',
        b"\xef\xbb\xbf{}",
        b"\xff",
        b'"\\x"',
    ],
)
def test_malformed_documents_are_refused_without_quoting_them(raw: bytes) -> None:
    """The message names the fault and never repeats the input, which may hold a secret."""
    with pytest.raises(JsonError) as caught:
        loads(raw)
    assert len(str(caught.value)) < 60


def test_secret_in_a_broken_document_is_not_in_the_message() -> None:
    """An error is printed where the input must not be."""
    with pytest.raises(JsonError) as caught:
        loads(b'{"token": "made-up-value", }')
    assert "made-up" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_size_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large is not parsed."""
    monkeypatch.setattr(rawjson, "MAX_BYTES", 10)
    with pytest.raises(JsonError, match="larger than"):
        loads(b"[1,2,3,4,5,6]")


@pytest.mark.parametrize("value", [b"x", {1, 2}, object(), 1j])
def test_values_without_a_form_are_refused(value: object) -> None:
    """Nothing is written by its `repr`."""
    with pytest.raises(TypeError, match="cannot be written"):
        dumps(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_numbers_without_a_form_are_refused(value: object) -> None:
    """What would not be read back is not written."""
    with pytest.raises(ValueError):
        dumps(value)


def test_huge_integers_are_refused_in_words() -> None:
    """Ten thousand digits are above the interpreter's own limit, which is an expected error here."""
    with pytest.raises(JsonError):
        loads(b"1" * 10_000)


@pytest.mark.parametrize("text", ["{", '{"a', '{"a":tru', "[1,", '{"a" 1}', ""])
def test_damage_is_named_where_the_json_package_was_never_imported(text: str) -> None:
    """As in a hook: the C scanner then has no exception to raise."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\nfrom secretguard.rawjson import JsonError, loads\n"
        "try:\n    loads(sys.argv[2].encode())\nexcept JsonError:\n    print('JsonError', 'json' in sys.modules)\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program, root, text], capture_output=True, check=True)
    assert done.stdout == b"JsonError False\n"
