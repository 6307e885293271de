"""The building blocks of rules: a marked token, a key known by its name, examples in context."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError

import pytest

from secretguard.detect.registry import RULES
from secretguard.detect.rule import ALNUM, HEX, Pattern, keyed, shown, token

TOKEN = re.compile(token("tok_", ALNUM, 8, 10).confirm)
KEYED = re.compile(keyed("acme", f"{HEX}{{8}}").confirm)


@pytest.mark.parametrize("text", ["tok_abcd1234", '"tok_abcd1234"', "x=tok_abcd123456,", r"a\ntok_abcd1234\n"])
def test_token_alone(text: str) -> None:
    """A token is found between anything that is not part of a word, an escaped line end included."""
    assert TOKEN.search(text)


@pytest.mark.parametrize("text", ["tok_abcd123", "tok_abcd1234567", "xtok_abcd1234", "tok-abcd1234"])
def test_token_of_another_length_or_in_a_word(text: str) -> None:
    """Too short, too long, and the end of another word are no tokens."""
    assert not TOKEN.search(text)


VALUE = "0123abcd"


@pytest.mark.parametrize("before", ["ACME_KEY=", "acme: '", '"acmeToken": "', "acme.key => ", "--acme-key "])
def test_key_known_by_its_name(before: str) -> None:
    """The name beside it, in any case and any kind of assignment, makes a plain value a key."""
    match = KEYED.search(before + VALUE + "'")
    assert match is not None
    assert match["secret"] == VALUE


@pytest.mark.parametrize("text", ["0123abcd", "other=0123abcd", "acme=0123abcd9", "acme\n0123abcd", "acme=x"])
def test_value_without_its_name(text: str) -> None:
    """Without the name, on another line, or of another length it is none."""
    assert not KEYED.search(text)


def test_stage1_is_the_confirming_pattern_by_default() -> None:
    """One expression serves both stages where it can."""
    assert Pattern("a").stage1 == "a"
    assert Pattern("(?<!x)a", "a").stage1 == "a"


def test_examples_hold_the_value() -> None:
    """Every context that examples are shown in holds the token as it is."""
    assert all(secret == "abc" and "abc" in text for text, secret in shown("abc"))


def test_rule_is_a_value() -> None:
    """A rule cannot be changed after it was made."""
    with pytest.raises(FrozenInstanceError):
        RULES[0].id = "other"  # type: ignore[misc]
