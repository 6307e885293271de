"""Words with their quotes removed, as bash removes them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.shell.shfmt import Unparsed, parse
from secretguard.shell.tree import commands
from secretguard.shell.words import UNKNOWN
from tests.secretguard.shell.place import HERE


def word(text: str) -> str:
    """The text of the one argument in `echo TEXT`."""
    (command,) = commands(parse("echo " + text), HERE)
    assert len(command.words) == 2
    return command.words[1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a b'", "a b"),
        ('"a b"', "a b"),
        ("a\\ b", "a b"),
        ("'a'\"b\"c", "abc"),
        ('"a\\"b"', 'a"b'),
        ('"a\\b"', "a\\b"),
        ('"\\$x"', "$x"),
        ("\\r\\m", "rm"),
        ("$'a\\tb'", "a\tb"),
        ("$'\\x41\\101\\u0041'", "AAA"),
        ("$'\\''", "'"),
        ("$HOME", "/home/dev"),
        ('"${HOME}/x"', "/home/dev/x"),
        ("~", "/home/dev"),
        ("~/x", "/home/dev/x"),
        ("'~'", "/home/dev"),  # errs on the strict side: bash would not expand it
        ("a~", "a~"),
        ("$X", UNKNOWN),
        ('"a$X"', "a" + UNKNOWN),
        ("${HOME:-x}", UNKNOWN),
        ("${HOME#/}", UNKNOWN),
        ("$(a)", UNKNOWN),
        ("$((1+1))", UNKNOWN),
        ("''", ""),
    ],
)
def test_one_word(text: str, value: str) -> None:
    """Quotes and escapes go; what only the running shell knows is marked."""
    found = commands(parse("echo " + text), HERE)
    assert found[-1].words[1] == value


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab \\'\"$x41n/~.-", min_size=1, max_size=12))
def test_agrees_with_bash(text: str) -> None:
    """Whatever the quoting, a word that is known wholly is what bash makes of it."""
    try:
        found = commands(parse("printf '%s\\n' " + text), HERE)
    except Unparsed:
        return
    words = found[-1].words[2:] if found and found[-1].name == "printf" else []
    if len(found) != 1 or any(UNKNOWN in w or "~" in w or "\n" in w for w in words) or "~" in text:
        return
    script = ["bash", "--norc", "-c", "printf '%s\\n' " + text]
    said = subprocess.run(script, capture_output=True, text=True, env={"HOME": "/home/dev"}, timeout=10, check=False)
    if said.returncode == 0:
        assert said.stdout == ("\n".join(words) + "\n" if words else "\n")
