from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.finding import INCOMPLETE, NOTE, TAMPERED
from secretguard.audit.head import Head
from secretguard.audit.line import GENESIS, seal
from secretguard.audit.walk import Walk

START = seal(1, "", "journal:file:started", "{}", GENESIS)


def walked(*lines: bytes, head: Head | None = None) -> list[str]:
    walk = Walk(head or Head(), None)
    for line in lines:
        walk.take(line)
    return [finding.kind for finding in walk.finish(sum(map(len, lines)))]


def test_a_good_line_is_taken_and_a_torn_end_is_a_note() -> None:
    """What nobody acknowledged is no loss."""
    line, own = START
    head = Head(1, own, len(line))
    assert walked(line, head=head) == []
    assert walked(line, line[:40], head=head) == [NOTE]


def test_a_file_starts_once_and_at_its_beginning() -> None:
    """A start within a file, or another record at its beginning, is made by no writer."""
    line, own = START
    second = seal(2, "", "journal:segment:started", "{}", own)[0]
    assert TAMPERED in walked(line, second)
    assert TAMPERED in walked(seal(1, "", "guard:read:allowed", "{}", GENESIS)[0])


def test_a_journal_that_goes_on_with_another_is_seen() -> None:
    """Each file names the journal by its first record."""
    walk = Walk(Head(), None)
    line, own = START
    walk.take(line)
    walk.end_closed(1)
    walk.begin("journal.jsonl")
    walk.take(seal(2, "", "journal:segment:started", f'{{"journal":"{"f" * 64}"}}', own)[0])
    assert [finding.kind for finding in walk.findings] == [TAMPERED]


def test_a_closed_file_ends_where_its_name_says() -> None:
    """Shorter is cut off; longer was named by nobody who wrote it."""
    for last, kind in ((2, INCOMPLETE), (0, TAMPERED)):
        walk = Walk(Head(), None)
        walk.take(START[0])
        walk.end_closed(last)
        assert [finding.kind for finding in walk.findings] == [kind]


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=5))
def test_any_lines_end_in_findings_and_never_in_an_exception(lines: list[bytes]) -> None:
    """Whatever is in the file."""
    assert "" not in walked(START[0], *lines)
