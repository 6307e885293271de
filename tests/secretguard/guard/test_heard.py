"""Whether the person has heard of secrets in this session."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given as some
from hypothesis import strategies as st

from secretguard.guard import given, heard
from secretguard.guard.outcomes import CANNOT_TELL, DID_NOT_LEAVE, LEFT
from tests.secretguard.guard.test_given import row

ONE, TWO = "a" * 10, "b" * 10


def test_only_what_was_told_comes_again() -> None:
    """A session that is not there, a tag that is not in it, one of two that is not: not heard, and not counted."""
    assert not heard.again("s", [ONE], DID_NOT_LEAVE)
    assert not Path(heard.path_of("s")).exists()
    given.remember("s", [row(ONE)])
    assert heard.again("s", [ONE], DID_NOT_LEAVE)
    assert not heard.again("s", [TWO], DID_NOT_LEAVE)
    assert not heard.again("s", [ONE, TWO], DID_NOT_LEAVE)
    assert not heard.again("other", [ONE], DID_NOT_LEAVE)
    (session,) = given.sessions()
    assert session.counts == {ONE: 2}


def test_a_worse_outcome_was_not_heard_of() -> None:
    """Kept back before, at the provider now: that is news; at the provider before: nothing is worse."""
    given.remember("s", [row(ONE)])
    assert not heard.again("s", [ONE], CANNOT_TELL)
    assert not heard.again("s", [ONE], LEFT)
    given.remember("s", [row(ONE, LEFT)])
    assert all(heard.again("s", [ONE], outcome) for outcome in (LEFT, CANNOT_TELL, DID_NOT_LEAVE))


def test_after_a_torn_line_the_whole_way_is_gone() -> None:
    """What a killed writer left is ended by whoever writes rows, not by a count."""
    given.remember("s", [row(ONE)])
    with Path(heard.path_of("s")).open("a") as file:
        file.write('{"tag"')
    assert not heard.again("s", [ONE], DID_NOT_LEAVE)
    assert given.remember("s", [row(ONE)]) == ([], 0)
    assert heard.again("s", [ONE], DID_NOT_LEAVE)


def test_a_full_file_does_not_grow() -> None:
    """It is heard of all the same."""
    given.remember("s", [row(ONE)])
    path = Path(heard.path_of("s"))
    with path.open("a") as file:
        file.write("+" + ONE + "\n" + "x" * (heard.LARGEST - path.stat().st_size - 15) + "\n")
    size = path.stat().st_size
    assert heard.again("s", [ONE], DID_NOT_LEAVE)
    assert heard.again("s", [ONE, ONE], DID_NOT_LEAVE)
    assert size <= path.stat().st_size <= heard.LARGEST


@some(st.binary(max_size=200), st.text(max_size=20), st.text(max_size=10))
def test_any_bytes_are_no_news_of_a_tag(data: bytes, tag: str, outcome: str) -> None:
    """Only the form that rows have tells; nothing ends in an exception."""
    assert not heard.known(ONE + tag, outcome, data.replace(ONE.encode(), b""))
