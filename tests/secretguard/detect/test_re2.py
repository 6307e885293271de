"""The fallback engine: where there is no Hyperscan wheel, the findings are the same."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.detect.re2 import Re2Matcher
from secretguard.detect.registry import RULES
from secretguard.detect.rule import Rule
from tests.secretguard.detect import engines
from tests.secretguard.detect.test_engine import EXAMPLES, PIECES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_same_findings_on_every_example(rule: Rule) -> None:
    """Both engines agree on every example and near miss of every rule."""
    for text in (*(example for example, _ in rule.examples), *rule.near_misses):
        data = text.encode()
        assert engines.rows(engines.re2().scan(data)) == engines.rows(engines.hyperscan().scan(data)), text


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=10).map("".join))
def test_same_findings_on_any_mixture(text: str) -> None:
    """Both engines agree on examples thrown together with what disturbs them."""
    data = text.encode()
    assert engines.rows(engines.re2().scan(data)) == engines.rows(engines.hyperscan().scan(data))


def test_same_findings_on_one_large_text() -> None:
    """Both engines agree on all examples in one file, with bytes between them that are no UTF-8."""
    data = b"\n\xff\x00\n".join(text.encode() for text in EXAMPLES)
    found = engines.rows(engines.hyperscan().scan(data))
    assert len(found) > len(RULES)
    assert engines.rows(engines.re2().scan(data)) == found


def test_refused_pattern_is_an_error() -> None:
    """A pattern outside of the common subset is refused when the matcher is made, not skipped."""
    with pytest.raises(re2.error):
        Re2Matcher([r"(?<!a)b"])
