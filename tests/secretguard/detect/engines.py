"""The two engines over the real rules, each compiled once a test run and kept out of every home folder."""

from __future__ import annotations

from functools import cache

from secretguard import pack, pack_build
from secretguard.detect.engine import Engine
from secretguard.detect.finding import Finding
from secretguard.detect.hyperscan import HyperscanMatcher, compile_database
from secretguard.detect.re2 import Re2Matcher


@cache
def hyperscan() -> Engine:
    native = pack.native_module()
    blob = compile_database(native, [pattern.encode() for pattern in pack_build.stage1()])
    return Engine(HyperscanMatcher(native, blob), *pack_build.flatten())


@cache
def re2() -> Engine:
    return Engine(Re2Matcher(pack_build.stage1()), *pack_build.flatten())


def rows(findings: list[Finding]) -> list[tuple[str, str, int, int, bytes]]:
    """Findings as plain values that can be compared."""
    return [(f.rule_id, f.confidence, f.start, f.end, f.value) for f in findings]
