"""Reading gitleaks' files: what they say, and a sentence for whatever is not understood."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import ConfigError
from secretguard.migrate import gitleaks
from secretguard.migrate.gitleaks import Fingerprint, any_of, config, fingerprints, overlaps

FULL = r"""
title = "ours"

[extend]
useDefault = true
path = "other.toml"
disabledRules = ["generic-api-key"]

[[rules]]
id = "acme"
regex = '''acme_([0-9]{4})'''
entropy = 3.5
keywords = ["acme"]
  [rules.allowlist]
  stopwords = ["example"]
  [[rules.allowlists]]
  condition = "AND"
  regexTarget = "line"
  paths = ['''^docs/''']
  regexes = ['''(?i)sample''']

[[rules]]
id = "github-pat"

[allowlist]
paths = ['''^vendor/''', '''\.lock$''']
commits = ["0123456789abcdef0123456789abcdef01234567"]

[[allowlists]]
targetRules = ["acme", "jwt"]
regexes = ['''^x''']
"""


def test_a_whole_configuration() -> None:
    """Rules, and the allowlists of rules, of all and of several, in old and new spelling."""
    read = config("g.toml", FULL)
    assert set(read.rules) == {"acme", "github-pat"}
    assert read.rules["github-pat"] is None
    assert any_of([one for one in read.rules.values() if one], "x acme_1234")
    shapes = {
        one.where: (one.rules, len(one.paths), len(one.regexes), one.target, one.every) for one in read.allowlists
    }
    assert shapes == {
        "g.toml: allowlist": ((), 2, 0, "secret", False),
        "g.toml: allowlists[0]": (("acme", "jwt"), 0, 1, "secret", False),
        "g.toml: rule acme: allowlist": (("acme",), 0, 0, "secret", False),
        "g.toml: rule acme: allowlists[0]": (("acme",), 1, 1, "line", True),
    }
    assert any("extend.path = 'other.toml'" in note for note in read.notes)
    assert any("generic-api-key" in note for note in read.notes)


@pytest.mark.parametrize("with_re2", [True, False])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules = 3", "rules: not a list of tables"),
        ("[[rules]]\nregex = 'x'", "rules[0]: has no id"),
        ("[[rules]]\nid = 'a'\nregex = '('", "rule a: "),
        ("allowlists = [3]", "allowlists: not a list of tables"),
        ("[allowlist]\npaths = 'x'", "paths: not a list of texts"),
        ("[allowlist]\npaths = ['(']", "paths[0]: "),
        ("[allowlist]\nstopwords = [3]", "stopwords: not a list of texts"),
        ("[allowlist]\nwhat = 1", "what: not known here"),
        ("[allowlist]\ncondition = 'AND'\npaths = ['a', '(']", "with an expression that cannot be read: left out"),
        ("[allowlist]\ncommits = 'abc'", "commits: not a list of texts"),
    ],
)
def test_what_is_not_understood(text: str, says: str, with_re2: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told, and never taken for an allowance."""
    if not with_re2:
        monkeypatch.setattr(gitleaks, "_search", gitleaks._with_re)
    read = config("g.toml", text)
    assert any(says in note for note in read.notes)
    assert not any(one.paths and one.every for one in read.allowlists)


@pytest.mark.parametrize("text", ["a = ", "[a\n", "a = " + "[" * 5000])
def test_no_toml(text: str) -> None:
    """What is no TOML is an error with the file's name."""
    with pytest.raises(ConfigError, match=r"g\.toml: not TOML"):
        config("g.toml", text)


def test_expressions_without_re2() -> None:
    """Where the standard library reads them, one that could take for ever is refused."""
    assert gitleaks._with_re("a(b+)c")("xabbc abc") == [(1, 5), (6, 9)]
    for text in ("(a+)+$", "(a*b?)*", "(?:x|(y+))*?"):
        with pytest.raises(ValueError, match="for ever"):
            gitleaks._with_re(text)
    with pytest.raises(ValueError, match="cannot be read"):
        gitleaks._with_re(r"\pL")
    assert gitleaks._search(r"(a+)+$")("a" * 5000 + "b") == []


def test_fingerprints() -> None:
    """Both forms, comments, paths with colons; whatever else stands there is told by its line."""
    text = "# c\n\na.py:rule:3\n0123456789:b:c.py:rule:4\n" + "f" * 40 + ":d.py:rule-x:5\nnonsense\na.py:rule:x\n"
    found, notes = fingerprints("i", text)
    assert found == [
        Fingerprint(3, "a.py", "rule", 3),
        Fingerprint(4, "b:c.py", "rule", 4, "0123456789"),
        Fingerprint(5, "d.py", "rule-x", 5, "f" * 40),
    ]
    assert notes == ["i:6: not a fingerprint of file:rule:line", "i:7: not a fingerprint of file:rule:line"]


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """No text breaks the readers; TOML or an error, a fingerprint or a sentence."""
    found, notes = fingerprints("i", text)
    lines = [line.strip() for line in text.splitlines()]
    assert len(found) + len(notes) == len([line for line in lines if line and not line.startswith("#")])
    with contextlib.suppress(ConfigError):
        config("g.toml", text)


def test_spans() -> None:
    """Spans overlap when they share a character."""
    assert overlaps([(0, 1), (4, 6)], (5, 9))
    assert not overlaps([(0, 5), (9, 12)], (5, 9))
    assert not overlaps([], (5, 9))
