"""A finding's name in reports that are compared: stable, unlike any other, harmless."""

from __future__ import annotations

from secretguard.report.identity import stable
from secretguard.secret import Secret
from tests.secretguard.report.test_json_report import FOUND


def test_the_same_wherever_it_moves_and_whoever_scans() -> None:
    """Line, offset and the user's key do not matter."""
    moved = FOUND._replace(line=99, start_offset=7000, fingerprint="0" * 16)
    assert [name for _, name in stable([FOUND])] == [name for _, name in stable([moved])]


def test_no_two_share_a_name() -> None:
    """Equal findings in one file are told apart; so are rules, paths and masks."""
    others = [FOUND._replace(rule_id="b"), FOUND._replace(path="b"), FOUND._replace(masked="b")]
    names = [name for _, name in stable([FOUND, FOUND, *others])]
    assert len(set(names)) == 5


def test_it_says_nothing_of_the_secret() -> None:
    """Two secrets with one mask have one name: nothing can be guessed from it."""
    other = FOUND._replace(secret=Secret("something else entirely"), sha1=("1" * 40,))
    assert [name for _, name in stable([FOUND])] == [name for _, name in stable([other])]
