"""The sieve loses no line in which a plugin of detect-secrets sees anything."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretguard.detect.peer_lines import _FOLDS_TO_ASCII, Sieve, may_exceed, required, within_lines

PLUGINS = [cls() for cls in get_mapping_from_secret_type_to_class().values()]
EXPRESSIONS = [one for plugin in PLUGINS for one in getattr(plugin, "denylist", ())]
SIEVE = Sieve(PLUGINS)


def bounded(expression: re.Pattern[str]) -> st.SearchStrategy[str]:
    """Strings with a match of the expression, none of them endless."""
    pattern = expression.pattern.replace("{50,1024}", "{50,60}")
    return st.from_regex(re.compile(pattern, expression.flags), fullmatch=False)


WORDS = st.sampled_from([
    "password", "PASSWORD", "pas\u017fword", "api_key", "AP\u0130_KEY", "\u0131pi", "client", "secret", "aws", "cl",
    "contrase\u00f1a", "\u212aey", "AC", "eyJ", "://", "8.8.8.8", "'", '"', "=", ":", " ", "\t", "\x0b", "\x1c", "\x85",
    "\u2028", "N" + "a1" * 12 + ".aB3dE4." + "x9" * 13 + "y", "12345678:", "a" * 35, "0a1b2c3d" * 3,
])  # fmt: skip
LINES = st.one_of(
    st.lists(WORDS, max_size=8).map("".join),
    st.text(max_size=20),
    st.one_of([bounded(one) for one in EXPRESSIONS]),
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(LINES, max_size=6), st.sampled_from(["", "\n", "  \n"]))
def test_no_line_is_lost(lines: list[str], end: str) -> None:
    """Whatever a plugin sees in a line, the sieve has asked it about that line."""
    lines = [re.sub(r"[\r\n]", " ", line) + end for line in lines]
    asked = dict(SIEVE.candidates(lines))
    for number, line in enumerate(lines, 1):
        shown = line.rstrip()
        for place, plugin in enumerate(PLUGINS):
            if plugin.analyze_line(filename="a.py", line=shown, line_number=number):
                assert place in asked.get(number, []), (type(plugin).__name__, line)
                assert SIEVE.may_see(place, shown)


def test_most_lines_are_sieved_out() -> None:
    """Ordinary lines are of interest to no plugin, and a plugin's own line to that plugin among few."""
    lines = ["import os", "", "def work(value: int) -> None:", "    return value + 1  # done", "x = 'text'"]
    assert list(SIEVE.candidates(lines)) == []
    [(number, places)] = SIEVE.candidates([*lines, "AccountKey=" + "a" * 88])
    assert number == 6
    assert "AzureStorageKeyDetector" in {type(PLUGINS[place]).__name__ for place in places}
    assert len(places) < 6


class Listed(RegexBasedDetector):
    """A plugin of somebody's own that is a list of expressions."""

    secret_type = "Listed"
    denylist = (re.compile("acme_[0-9]{4}"),)


class Clever(BasePlugin):
    """A plugin whose mind cannot be read."""

    secret_type = "Clever"

    def analyze_string(self, string: str) -> Any:
        """Anything at all."""
        yield string


def test_plugins_of_others() -> None:
    """One that lists its expressions is sieved; one that does not is asked about every line."""
    sieve = Sieve([Listed(), Clever()])
    assert list(sieve.candidates(["x", "acme_1234"])) == [(1, [1]), (2, [0, 1])]
    assert [sieve.may_see(place, "x") for place in (0, 1)] == [False, True]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda one: one.pattern[:30])
def test_what_an_expression_requires(expression: re.Pattern[str]) -> None:
    """Every string that an expression of detect-secrets matches holds one of its texts, and there are such texts."""
    needles = required(expression)
    assert needles is not None

    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(bounded(expression))
    def holds(text: str) -> None:
        if any(letter in text for letter in _FOLDS_TO_ASCII):
            return
        shown = text.lower() if needles.folded else text
        assert any(one in shown for one in needles.texts)

    holds()


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("abc|def", {"abc", "def"}),
        ("(?:abc|d?)", None),
        ("x?y*z+", {"z"}),
        ("[ab]cd", {"acd", "bcd"}),
        ("[a-z]+", None),
        ("(?i:ABC)def", {"abc"}),
        ("(?i)Abc", {"abc"}),
        ("(?i)\u00e9tat", {"tat"}),
        ("a(?=secret)b", {"a", "b"}),
        ("(?:ab){2,3}", {"ab"}),
        ("", None),
    ],
)
def test_required_texts(pattern: str, texts: set[str] | None) -> None:
    """What is optional, unbounded or only looked at is not required."""
    needles = required(re.compile(pattern))
    if texts is None:
        assert needles is None
    else:
        assert needles is not None
        assert needles.texts <= frozenset(texts)


@pytest.mark.parametrize(
    ("pattern", "safe"),
    [
        (r"\d{8,10}:[0-9A-Za-z_-]{35}", True), (r"\bab\b", True), (r"(?<![\w.])a(?!b)", True), ("a.b", True),
        (r"^a", False), (r"a$", False), (r"a\s", False), (r"[^a]", False), (r"a\nb", False), (r"(?s)a.b", False),
        (r"(?s:a.)b", False), (r"\W", False), (r"\D", False), (r"[\s\S]", False), (r"[\t-\r]", False),
        (r"(?<!\s)a", False), (r"\Aa", False), (r"[^\n]a", True), (r"[^\s]a", True),
    ],
)  # fmt: skip
def test_within_lines(pattern: str, safe: bool) -> None:
    """An expression that can match a line end, or tell it from the end of the text, is not searched for in a whole."""
    assert within_lines(re.compile(pattern)) is safe


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab8.:0 \t\x0b\x85", max_size=12), min_size=1, max_size=5))
def test_the_whole_is_its_lines(lines: list[str]) -> None:
    """For expressions found safe, a search of the text hits exactly the lines that a search of each line hits."""
    text = "\n".join(lines)
    for expression in [one for one in EXPRESSIONS if within_lines(one)] + [re.compile(r"\bab\b"), re.compile("a.?b")]:
        whole = {text.count("\n", 0, match.start()) for match in expression.finditer(text)}
        assert whole == {number for number, line in enumerate(lines) if expression.search(line)}


def test_lower_case_is_what_re_ignores() -> None:
    """Of all characters, those that match an ASCII letter without case become it by `lower`, but for the three told."""
    letters = re.compile("[a-z]", re.IGNORECASE)
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if character in _FOLDS_TO_ASCII:
            continue
        assert len(character.lower()) == 1
        if letters.fullmatch(character):
            assert re.fullmatch(character.lower(), character, re.IGNORECASE)
            assert character.lower().isascii()


@settings(max_examples=200, deadline=None)
@given(st.text("0123456789abcdefABCDEF", min_size=1, max_size=40), st.floats(0, 8))
def test_entropy_is_never_underestimated(value: str, limit: float) -> None:
    """What a plugin finds above a limit is never ruled out by the quick look."""
    for plugin in PLUGINS:
        if hasattr(plugin, "calculate_shannon_entropy") and plugin.calculate_shannon_entropy(value) > limit:
            assert may_exceed(value, limit)
