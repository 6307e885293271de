"""An Edit that names a placeholder becomes the same Edit without it, or none at all."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from secretguard.detect.finding import HIGH, Finding
from secretguard.guard.edits import ABSENT, BESIDE, OVER, SEVERAL, Trimmed, trimmed
from secretguard.guard.values import Value, put_back, values_of
from secretguard.placeholder import Placeholders
from secretguard.redact import redact

TAGS = Placeholders(bytes(32), "/project")
ONE, TWO, KEY = b"<xxxx>", b"<yyyy>", b"<z\nz\nz>"


class File:
    """A text with secrets in it: its values, its secrets' places, and how it is shown."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.found = sorted(self._found(), key=lambda finding: finding.start)
        self.values, _ = values_of(text, self.found, TAGS)
        self.view = redact(text, self.found, TAGS)

    def _found(self) -> list[Finding]:
        found = []
        for value in (ONE, TWO, KEY):
            at = self.text.find(value)
            while at >= 0:
                found.append(Finding("a", "", HIGH, HIGH, at, at + len(value), value))
                at = self.text.find(value, at + 1)
        return found

    def edit(self, old: bytes, new: bytes) -> Trimmed:
        return trimmed(self.text, old, new, self.values, [(f.start, f.end) for f in self.found])

    def done(self, edit: Trimmed) -> bytes:
        """The file after the Edit and after the values came back."""
        assert self.text.count(edit.old) == 1
        return put_back(self.text.replace(edit.old, edit.new), self.values)


def tag(value: bytes) -> bytes:
    return TAGS.tag("a", value).encode()


FILE = File(b"FIRST=1\nA=" + ONE + b"\nMIDDLE=2\nB=" + TWO + b"\nLAST=3\n")
T1, T2 = tag(ONE), tag(TWO)


@pytest.mark.parametrize(
    ("old", "new", "cut"),
    [
        (b"A=" + T1 + b"\nMIDDLE=2", b"A=" + T1 + b"\nMIDDLE=3", (b"\nMIDDLE=2", b"\nMIDDLE=3")),
        (b"FIRST=1\nA=" + T1, b"FIRST=0\nA=" + T1, (b"FIRST=1\nA=", b"FIRST=0\nA=")),
        (T1 + b"\nMIDDLE=2\nB=" + T2, T1 + b"\nB=" + T2, (b"\nMIDDLE=2\nB=", b"\nB=")),
        (b"A=" + T1 + b"\n", b"A=" + T1 + b"\nNEW=1\n", (b"\nMIDDLE=2\n", b"\nNEW=1\nMIDDLE=2\n")),
        (T1, b"x" + T1, (b"A=", b"A=x")),
        (b"LAST=3", b"LAST=" + T1, (b"LAST=3", b"LAST=" + T1)),
        (b"B=" + T2 + b"\nLAST=3", b"B=" + T2 + b"\nLAST=3\nC=" + T1, (b"\nLAST=3", b"\nLAST=3\nC=" + T1)),
    ],
)
def test_what_stands_on_one_side_is_edited(old: bytes, new: bytes, cut: tuple[bytes, bytes]) -> None:
    """Before, after and between placeholders; a text too short to be found is widened by its neighbours."""
    edit = FILE.edit(old, new)
    assert (edit.why, edit.old, edit.new) == ("", *cut)
    assert FILE.done(edit) == FILE.text.replace(put_back(old, FILE.values), put_back(new, FILE.values))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"A=" + T1, b"A=none", OVER),
        (b"A=" + T1, b"", OVER),
        (b"A=" + T1 + b"\nMIDDLE=2", b"C=" + T1 + b"\nMIDDLE=3", OVER),
        (T1 + T2, T2 + T1, ABSENT),
        (b"A=" + T2, b"A=" + T2 + b"1", ABSENT),
        (b"", T1, ABSENT),
        (b"B=" + T2 + b"\nLAST=3\n", b"B=" + T2 + b"\n", ""),
    ],
)
def test_what_goes_over_one_is_not(old: bytes, new: bytes, why: str) -> None:
    """Replacing or removing the value, both sides at once, a text that is not there."""
    assert FILE.edit(old, new).why == why


def test_what_is_there_twice_or_has_no_neighbour_is_not() -> None:
    """The client takes a text only where it is once; nothing stands beside a value that is a file of its own."""
    twice = File(b"A=" + ONE + b"\nA=" + ONE + b"\n")
    assert twice.edit(b"A=" + T1 + b"\n", b"A=" + T1 + b";\n").why == SEVERAL
    alone = File(ONE)
    assert alone.edit(T1, T1 + b"\nB=1").why == BESIDE
    last = File(b"A=" + ONE)
    assert last.edit(b"A=" + T1, b"A=" + T1 + b"\nB=1").why == BESIDE


def test_a_secret_is_never_taken_in_to_make_a_text_unique() -> None:
    """Between two values on one line there is only what stands between them."""
    file = File(b"A=" + ONE + b", " + TWO + b"\nC=" + ONE + b", " + TWO + b"\n")
    edit = file.edit(b"A=" + T1 + b", " + T2, b"A=" + T1 + b"; " + T2)
    assert edit.why == BESIDE


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(
    st.lists(st.sampled_from([b"A=", b"B=", b"\n", b" ", b"x", ONE, TWO, KEY]), min_size=1, max_size=14),
    st.integers(0, 60),
    st.integers(0, 90),
    st.integers(0, 90),
    st.sampled_from([b"", b"A", b"\n", b"new\nlines\n", T1, tag(KEY) + b"\n\n"]),
    st.integers(0, 8),
)
def test_an_edit_does_exactly_what_was_meant(
    pieces: list[bytes], start: int, length: int, at: int, added: bytes, taken: int
) -> None:
    """Whatever part of what was shown is replaced: what comes of it is what the two texts say, no value is named, and a
    text with a placeholder is found once."""
    file = File(b"".join(pieces))
    old = file.view[start : start + length]
    new = old[:at] + added + old[at + taken :]
    assume(T1 in old or T2 in old)
    edit = file.edit(old, new)
    if edit.why:
        assert not edit.old
        return
    meant = file.text.replace(put_back(old, file.values), put_back(new, file.values), 1)
    result = file.done(edit)
    if KEY not in file.text and tag(KEY) not in new:  # line ends after a key may be its own: the caller compares, too
        assert result == meant
    assert edit.new or not edit.old
    assert not any(value.text in edit.old for value in file.values.values())


def test_no_value_in_what_is_told() -> None:
    """A result that is none says a word and a place."""
    edit = FILE.edit(b"A=" + T1, b"none")
    assert (edit.old, edit.new, edit.at) == (b"", b"", FILE.text.find(b"A="))
    assert isinstance(FILE.values[TAGS.digits(ONE)], Value)
