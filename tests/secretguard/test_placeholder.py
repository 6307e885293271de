"""Placeholders: stable, keyed, recognised exactly."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.placeholder import Placeholders, digits_of, located, of_user, placeholders_in

TAGS = Placeholders(b"k" * 32, "/project")


def test_a_tag_is_forty_bits_of_a_keyed_digest() -> None:
    """The digits are those of HMAC-SHA-256 over project and value."""
    digest = hmac.new(b"k" * 32, b"placeholder\0/project\0value", hashlib.sha256).hexdigest()
    assert TAGS.tag("a-rule", b"value") == f"[[secret:a-rule:{digest[:10]}]]"


def test_project_and_key_change_it() -> None:
    """Tags of two projects or users cannot be linked."""
    tags = {
        TAGS.tag("r", b"value"),
        Placeholders(b"k" * 32, "/other").tag("r", b"value"),
        Placeholders(b"x" * 32, "/project").tag("r", b"value"),
        TAGS.tag("r", b"other"),
    }
    assert len(tags) == 4


def test_the_users_key_is_kept() -> None:
    """A later process makes the same tag."""
    assert of_user("/p").tag("r", b"v") == of_user("/p").tag("r", b"v")


@given(st.binary(max_size=50), st.text(max_size=30), st.text(max_size=30))
def test_every_tag_is_found_in_any_text(value: bytes, before: str, after: str) -> None:
    """What `tag` makes, `placeholders_in` finds, whatever stands around it."""
    tag = TAGS.tag("some-rule", value)
    assert tag in placeholders_in(before + tag + after)


@pytest.mark.parametrize(
    "text",
    [
        "[[secret:]]", "[[secret:rule]]", "[[secret:rule:123]]", "[[secret:Rule:0123456789]]", "[[secret::0123456789]]",
        "[[secret:rule:012345678g]]", "[secret:rule:0123456789]", "[[secret:rule:0123456789]",
        "[[secret:ru le:0123456789]]",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_not(text: str) -> None:
    """Documentation and broken tags are no placeholders."""
    assert placeholders_in(text) == []


def test_the_search_is_linear() -> None:
    """A text of nothing but openings is gone through once."""
    assert placeholders_in("[[secret:" * 100_000) == []


def test_places_and_digits() -> None:
    """Where each is, and the ten digits by which it is known."""
    tag = "[[secret:a-rule:0123456789]]"
    text = f"a {tag} [[secret:x:nothexdigi]] {tag}"
    assert [text[start:end] for start, end in located(text)] == [tag, tag]
    assert digits_of(tag) == "0123456789"
