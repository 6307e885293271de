"""The names that the client takes for files, in each spelling that was tried on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.guard.mentions import LONGEST, includes, mentions
from tests.claude.channels import SPELLINGS


@pytest.mark.parametrize("spelling", SPELLINGS, ids=[spelling.name for spelling in SPELLINGS])
def test_a_spelling_that_the_client_follows_is_found(spelling: object) -> None:
    """Each text by which 2.1.330 sent a file (`tests/claude/test_mentions.py` shows it) yields that file's name."""
    assert spelling.file in [name.removeprefix("./").rstrip("/") for name in mentions(spelling.prompt)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("prompt", ["a@b.example", "x1@y", "no name", "@", "@ a", ""])
def test_an_address_is_no_file(prompt: str) -> None:
    """An `@` inside a word names nothing."""
    assert list(mentions(prompt)) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("see @a.md", "a.md"),
        ("@in\\ c.md x", "in c.md"),
        ("@a\\ b\\ c.md#top", "a b c.md"),
        ("- @~/x.md", "~/x.md"),
        ("@../up.env", "../up.env"),
        ("(@a.md)", "a.md"),
    ],
)
def test_an_include_is_found(text: str, name: str) -> None:
    """A memory file names others with an `@`; a backslash keeps a space in the name."""
    assert name in list(includes(text))


@given(st.text(max_size=300))
def test_any_text_has_names(text: str) -> None:
    """No text breaks the search; a name has no NUL, is not empty and no longer than a path."""
    for names in (list(mentions(text)), list(includes(text))):
        assert all(name and "\0" not in name and len(name) <= LONGEST for name in names)
        assert len(names) == len(set(names))


@given(
    st.text(alphabet="ab/._-é", min_size=1, max_size=30).filter(lambda name: name[-1] in "ab"), st.sampled_from(" \n")
)
def test_a_name_between_spaces_is_found_as_it_is(name: str, space: str) -> None:
    """Whatever a name consists of: one that ends with a letter is in the list."""
    assert name in list(mentions(f"x{space}@{name}{space}y"))
