"""Kept expressions match exactly as `re` does, and fall back to it when their code is not what it should be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect.expression import WORD, freeze, thaw
from secretguard.detect.registry import RULES

TEXT = "\n".join("\n".join(example) for rule in RULES for example in rule.examples).encode()
SOURCES = [pattern.confirm for rule in RULES for pattern in rule.patterns]


@pytest.mark.parametrize("source", SOURCES)
def test_every_rule_matches_as_compiled_from_source(source: str) -> None:
    """For each rule's pattern: same groups, same flags, same matches with the same spans on all rules' examples."""
    frozen = freeze(source, 0)
    assert frozen is not None
    kept, fresh = thaw(source, *frozen), re.compile(source.encode())
    assert (kept.flags, kept.groups, kept.groupindex) == (fresh.flags, fresh.groups, fresh.groupindex)
    text = TEXT
    assert [(m.span(), m.lastgroup, m.groups()) for m in kept.finditer(text)] == [
        (m.span(), m.lastgroup, m.groups()) for m in fresh.finditer(text)
    ]


def test_code_is_taken_from_its_place() -> None:
    """Several expressions share one code; each finds its own part."""
    codes, made = b"", []
    for source in SOURCES[:10]:
        frozen = freeze(source, len(codes))
        assert frozen is not None
        made.append(frozen[0])
        codes += frozen[1]
    for source, frozen_one in zip(SOURCES[:10], made, strict=True):
        assert thaw(source, frozen_one, codes) == thaw(source, None, b"")


def test_no_code_means_compiled_from_source() -> None:
    """Without kept code the source is compiled."""
    assert thaw("a(?P<x>b+)", None, b"").fullmatch(b"abb") is not None


@given(st.binary(max_size=400))
def test_damaged_code_never_crashes(junk: bytes) -> None:
    """Whatever stands where code should be, there is an answer; with the right code it is the right one."""
    source = r"ghp_(?P<secret>[A-Za-z0-9]{4})\b"
    frozen = freeze(source, 0)
    assert frozen is not None
    head, code = frozen
    damaged = (junk + code)[: len(code)] if len(junk) % 2 else code[: len(junk)]
    words = len(damaged) // WORD
    assert thaw(source, (*head[:3], 0, words), damaged).pattern == source.encode()
    match = thaw(source, head, code).search(b"x ghp_Ab12 ")
    assert match is not None
    assert match["secret"] == b"Ab12"
