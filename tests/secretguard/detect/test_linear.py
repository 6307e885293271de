"""Linear time whatever the input: the work of stage 2 is counted; where only a clock can tell, growth is compared."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator

import pytest

from secretguard.detect.engine import Engine
from secretguard.detect.expression import thaw
from secretguard.detect.registry import RULES
from secretguard.detect.rule import Rule
from secretguard.pipeline import CAP, Scanner
from tests.secretguard.detect import engines
from tests.secretguard.history.repository import token

PER_BYTE = 8
"""Bytes that stage 2 may look at for a byte of input: all its patterns together, whatever the input.
The worst of what follows needs 4."""

PER_SCAN = 50_000
"""And that many more, however short the input: windows are as wide as patterns may be."""


class Work:
    """What stage 2 was given to do: searches, and the bytes of their windows."""

    def __init__(self) -> None:
        self.searches = self.looked_at = 0


class Counted:
    """A compiled expression that counts."""

    def __init__(self, compiled: re.Pattern[bytes], work: Work) -> None:
        self._compiled, self._work = compiled, work

    def finditer(self, data: bytes, start: int, limit: int) -> Iterator[re.Match[bytes]]:
        self._work.searches += 1
        at = start
        for match in self._compiled.finditer(data, start, limit):
            self._work.looked_at += match.end() - at
            at = match.end()
            yield match
        self._work.looked_at += max(0, min(limit, len(data)) - at)


def counted() -> tuple[Engine, Work]:
    """The real engine, with every expression counted."""
    full, work = engines.hyperscan(), Work()
    engine = Engine.__new__(Engine)
    engine.__dict__.update(full.__dict__)
    shapes = enumerate(full._shapes)
    engine._confirm = {  # type: ignore[assignment]
        number: Counted(thaw(source, frozen, full._codes), work) for number, (_, source, *_, frozen) in shapes
    }
    return engine, work


def assert_linear(data: bytes, what: object) -> None:
    """The work for `data` is bounded by its length."""
    engine, work = counted()
    engine.scan_capped(data, CAP)
    assert work.looked_at <= PER_BYTE * len(data) + PER_SCAN, (what, work.looked_at / len(data))
    assert work.searches <= len(data) // 10 + 1000, (what, work.searches)


def test_the_counter_counts() -> None:
    """A text with a secret costs at least one search over at least that secret."""
    engine, work = counted()
    assert len(engine.scan(f"key {token(1)}".encode())) == 1
    assert work.searches >= 1
    assert work.looked_at >= 40


def test_a_megabyte_of_each_byte() -> None:
    """One character a million times costs next to nothing, whichever it is."""
    for byte in range(256):
        assert_linear(bytes([byte]) * 1_000_000, byte)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_pumped_examples(rule: Rule) -> None:
    """What a rule wants, with any part of it repeated without end, costs a bounded number of looks at each byte."""
    for pumped in pumps(rule, 20_000):
        assert_linear(pumped, pumped[:80])


def one_of_each_form() -> list[Rule]:
    """One rule for each form of expression: those that differ in words and numbers alone take the same paths."""
    forms = {re.sub(r"[A-Za-z0-9]+", "x", pattern.confirm): rule for rule in RULES for pattern in rule.patterns}
    return list({rule.id: rule for rule in forms.values()}.values())


@pytest.mark.parametrize("rule", one_of_each_form(), ids=lambda rule: rule.id)
def test_pumped_examples_grow_straight(rule: Rule) -> None:
    """Eight times the input takes nowhere near sixty-four times the processor: the least of several tries counts."""
    short, long = list(pumps(rule, 3_000)), list(pumps(rule, 24_000))
    for _ in range(6):
        small, large = _seconds(short), _seconds(long)
        if large < 28 * small + 0.02:
            return
    pytest.fail(f"8 times the input took {large / small:.0f} times as long")


def _seconds(inputs: list[bytes]) -> float:
    engine = engines.hyperscan()
    began = time.process_time()
    for data in inputs:
        engine.scan_capped(data, CAP)
    return time.process_time() - began


def pumps(rule: Rule, size: int) -> Iterator[bytes]:
    """Inputs of about `size` bytes: an example's start and then one of its characters again and again; an example but
    for its end, over and over; its start, over and over."""
    chance = random.Random(rule.id)
    for text, _ in rule.examples[:1]:
        data = text.encode()
        for at in sorted(chance.sample(range(1, len(data)), min(4, len(data) - 1))):
            yield data[:at] + data[at : at + 1] * size
            yield data[:at] * (size // at)
        yield data[:-1] * (size // len(data))


BUNDLE = (
    'function e(t){var n=t.key||"",r=t.token;return n===r?{apiKey:n,secret:null}:f(n,r,"password",!0,1e3)};'
    'const c={url:"https://a.b/c?d=e&f=g",auth:o.auth,"client-secret":"your-secret-here",password:"password"};'
)
"""Code as bundlers write it: many names that say secret, no secret."""

DEEP = ["[", '{"a":', "((", "<a b='", "{{", "${", "\\\\", "/*", '\\"', "&amp;", "%7B", "key={secret:"]


@pytest.mark.parametrize("unit", [*DEEP, BUNDLE], ids=lambda unit: unit[:12])
def test_deep_nesting_and_bundles(unit: str) -> None:
    """Nesting without end and minified code, a megabyte in one line, cost a bounded number of looks at each byte."""
    assert_linear(unit.encode() * (1_000_000 // len(unit)), unit[:12])


def test_one_line_of_fifty_megabytes() -> None:
    """A line of 50 MB is scanned to its end in windows, whose work is bounded; the secret at its end is found."""
    engine, work = counted()
    unit = (BUNDLE.replace("secret", "part").replace("password", "p") * 30 + BUNDLE * 2).encode()
    left = [50_000_000 // len(unit)]
    tail = [f" '{token('tail')}' ".encode()]

    def read(wanted: int) -> bytes:
        if left[0]:
            left[0] -= 1
            return unit
        return tail.pop() if tail else b""

    scan = Scanner(engine, b"k" * 32).stream("bundle.js", read)
    assert [one.secret.reveal() for one in scan.findings] == [token("tail")]
    assert scan.bytes > 49_000_000
    assert 1_000_000 < work.looked_at <= PER_BYTE * scan.bytes
    assert scan.skipped == []
