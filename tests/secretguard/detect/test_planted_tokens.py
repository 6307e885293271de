"""Every rule's token at every alignment, by both engines: stage 1 must not depend on where in the text a match lies."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from secretguard.detect.engine import Engine
from secretguard.detect.registry import RULES
from secretguard.detect.rule import Rule
from tests.secretguard.detect import engines

ALIGNMENTS = 67
"""More than the widest step of either engine (64 bytes), and prime."""

WHOLE_LINES = {"env-secret"}
"""Rules for lines of their own; in the middle of one, another rule's finding is right."""


@pytest.mark.parametrize("engine", [engines.hyperscan, engines.re2], ids=["hyperscan", "re2"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_alignment(rule: Rule, engine: Callable[[], Engine]) -> None:
    """Moved byte by byte through the text, alone on its line or after other words, the secret is found exactly."""
    text, value = rule.examples[0]
    scanner = engine()
    for shift in range(ALIGNMENTS):
        for before in ("." * shift + "\n", "word " + " " * shift)[: 1 if rule.id in WHOLE_LINES else 2]:
            data = (before + text + "\nthe rest\n").encode()
            start = len(before) + text.index(value)
            found = [(f.rule_id, f.start, f.end) for f in scanner.scan(data)]
            assert found == [(rule.id, start, start + len(value))], (shift, before[:4])
