"""Known values are found by their digests, plain and encoded, and nothing else is."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect.finding import HIGH, LOW, MEDIUM, Finding
from secretguard.detect.known import LONGEST, RECORD, RULE, Known, apart, joined, record

KEY = bytes(range(32))
STRONG = ["Tr0ub4dor" + "&3-horse", "zQ9x2LmV" + "8pW4", "$$p@ss w0rd/9%", "quo\"te\\and'9x", "pässwörd9", "++x1y2z3++"]
WEAK = "sunshine"
VALUES = [*STRONG, WEAK]


def table(*values: str, weak: tuple[str, ...] = (WEAK,)) -> Known:
    rows = [record(KEY, value.encode(), value in weak, number) for number, value in enumerate(values)]
    return Known(KEY, b"".join(rows), lambda number: (f"NAME_{number}", f"NAME_{number} of .env"))


KNOWN = table(*VALUES)


def found(data: bytes) -> list[bytes]:
    return [data[one.start : one.end] for one in KNOWN.scan(data)]


@pytest.mark.parametrize("value", STRONG)
@pytest.mark.parametrize("around", [" {} ", "{}", '"{}"', "A={}\n", "x:{}@h", "({})", "{}.", "--p={} -v", "\n{}\n"])
def test_plain(value: str, around: str) -> None:
    """A value is found with whatever stands around it, at exactly its place."""
    assert found(around.format(value).encode()) == [value.encode()]


@pytest.mark.parametrize("value", STRONG)
def test_encoded(value: str) -> None:
    """base64, hexadecimal, percent and JSON escapes, inside other text; the finding's value is the decoded one."""
    if value.isascii():
        for encoded in (base64.b64encode(f"u:{value}".encode()).decode(), value.encode().hex()):
            (one,) = KNOWN.scan(f"x {encoded} y".encode())
            assert one.value == value.encode()
            assert one.encoding in (("base64",), ("hex",))
    for encoded in (quote(value, safe=""), json.dumps(f"\n{value}\n"), json.dumps(value, ensure_ascii=False)):
        (one,) = KNOWN.scan(f"x={encoded}&y".encode())
        assert one.value == value.encode()


def test_encoded_twice() -> None:
    """JSON in a URL, base64 in JSON, colours in JSON: one inside the other."""
    value = STRONG[0]
    for text in (
        quote(json.dumps({"p": value + "\n"})),
        json.dumps({"a": "\n" + base64.b64encode(f"p={value}".encode()).decode()}),
        json.dumps(f"\x1b[31m{value[:4]}\x1b[0m{value[4:]}"),
        base64.b64encode(json.dumps(f"\t{value}").encode()).decode(),
    ):
        assert [one.value for one in KNOWN.scan(text.encode())] == [value.encode()], text


def test_between_colours() -> None:
    """What `grep --color` prints hides no value, and the colours after it stay."""
    value = STRONG[1]
    data = f"a=\x1b[01;31m\x1b[K{value[:5]}\x1b[m\x1b[K{value[5:]}\x1b[m".encode()
    (one,) = KNOWN.scan(data)
    assert data[one.end :] == b"\x1b[m"


def test_not_inside_another_word() -> None:
    """Without the values themselves a value is found where a word begins and ends; `known_plain` does the rest."""
    assert found(f"abc{STRONG[1]}def".encode()) == []


def test_a_weak_value_needs_its_name() -> None:
    """A word is everywhere; beside a name that says secret, or as the password of a URL, it is the password."""
    for text in ("the sunshine", "sunshine\n", "title: sunshine", "PASSWORD=x\nsunshine", "\\nsunshine"):
        assert found(text.encode()) == [], text
    for text in (
        "DB_PASSWORD=sunshine",
        '"token": "sunshine"',
        "postgres://a:sunshine@h",  # pragma: allowlist secret
        f"NAME_{len(STRONG)} sunshine",
    ):
        assert found(text.encode()) == [b"sunshine"], text
    (one,) = KNOWN.scan(b"password: sunshine")
    assert (one.confidence, KNOWN.scan(STRONG[1].encode())[0].confidence) == (MEDIUM, HIGH)


def test_what_a_finding_says() -> None:
    """The rule, where the value comes from, and never the value."""
    (one,) = KNOWN.scan(STRONG[0].encode())
    assert (one.rule_id, one.description) == (RULE, "the value of NAME_0 of .env")
    assert STRONG[0] not in repr(one)


def test_the_table_holds_no_value() -> None:
    """Digests under another key are others, and no piece of a value is in the table."""
    row = record(KEY, STRONG[0].encode(), False, 0)
    assert len(row) == RECORD
    assert row[:34] != record(bytes(32), STRONG[0].encode(), False, 0)[:34]
    assert b"Tr0u" not in row


@pytest.mark.parametrize("value", ["", "---", "a" * (LONGEST + 1)])
def test_what_cannot_be_known(value: str) -> None:
    """No value, no letter or digit, too long."""
    with pytest.raises(ValueError, match="must hold"):
        record(KEY, value.encode(), False, 0)


def test_an_empty_table_finds_nothing() -> None:
    """Most projects have no file of secrets."""
    assert table().scan(b"anything at all") == []
    assert len(table()) == 0


def test_a_large_text() -> None:
    """Over many pieces, at their borders too, each place once."""
    value = STRONG[0].encode()
    data = bytearray(b"some ordinary words of text\n" * 120_000)
    places = [0, (1 << 20) - 9, 1 << 20, (1 << 20) + 1, (1 << 21) - 5, len(data) - len(value) - 2]
    for at in places:
        data[at : at + len(value) + 2] = b" " + value + b" "
    assert len(found(bytes(data))) == len(places) - 2  # three of them overlap: only the last one stands whole


def test_many_encoded_words() -> None:
    """A large text of nothing but encoded words is looked through once, not once a word."""
    words = [base64.b64encode(b"some-word-%08d" % number) for number in range(60_000)]
    words[40_000] = base64.b64encode(STRONG[0].encode())
    assert found(b" ".join(words)) == [words[40_000]]


def test_many_values_of_one_beginning() -> None:
    """Values that share their longest run are told apart."""
    values = [f"same-longest-run{n:02d}" for n in range(10)] + [f"longest-{n}" for n in range(5)]
    known = table(*values)
    data = " ".join(values[::2]).encode()
    assert [one.value.decode() for one in known.scan(data)] == values[::2]


@given(st.lists(st.text(min_size=1, max_size=12), max_size=6), st.sampled_from(STRONG))
def test_any_text_around(words: list[str], value: str) -> None:
    """A value between any words is covered, whatever else is in the text."""
    data = " ".join([*words, value, *words]).encode("utf-8", "surrogatepass")
    at = data.index(value.encode())
    assert any(one.start <= at and at + len(value.encode()) <= one.end for one in KNOWN.scan(data))


@given(st.binary(max_size=500))
def test_any_bytes(data: bytes) -> None:
    """Nothing breaks it; findings are in order and apart."""
    spans = [(one.start, one.end) for one in KNOWN.scan(data)]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


def finding(start: int, end: int, rule: str = "r") -> Finding:
    return Finding(rule, "", LOW, "high", start, end, b"x" * (end - start))


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=6)


@given(SPANS, SPANS)
def test_joined_covers_both(rules: list[tuple[int, int]], known: list[tuple[int, int]]) -> None:
    """Every byte that either found is covered, and nothing overlaps."""
    ours = apart(finding(at, at + size) for at, size in rules)
    theirs = apart(finding(at, at + size, RULE) for at, size in known)
    wanted = {place for one in (*ours, *theirs) for place in range(one.start, one.end)}
    both = joined(ours, theirs)
    assert wanted <= {place for one in both for place in range(one.start, one.end)}
    assert all(a.end <= b.start for a, b in pairwise(both))


def test_a_rule_that_covers_a_known_value_stays() -> None:
    """`github-token` says more than `known-value`."""
    assert [one.rule_id for one in joined([finding(0, 9)], [finding(2, 9, RULE)])] == ["r"]
    assert [one.rule_id for one in joined([finding(2, 9)], [finding(0, 9, RULE)])] == [RULE]
