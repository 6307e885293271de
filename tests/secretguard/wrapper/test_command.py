"""The command inside the line that the client gives to its shell."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from secretguard.wrapper.command import given

LINES = {
    "2.1.121": "source /h/snapshot-bash-1.sh 2>/dev/null || true && {} && eval {} < /dev/null && pwd -P >| /t/cwd",
    "2.1.330": "source /h/snapshot-zsh-1.sh 2>/dev/null || true && {} && eval {} && pwd -P >| /t/claude-1a2b-cwd",
}
SETTINGS = "{ \\builtin shopt -u extglob || \\builtin setopt NO_EXTENDED_GLOB; } >/dev/null 2>&1 || true"


@pytest.mark.parametrize("form", LINES.values(), ids=LINES)
@each(command=st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_a_command_is_told_as_it_was_given(form: str, command: str) -> None:
    """Whatever the command holds, quotes and line ends included: the same text comes back."""
    line = form.replace("{}", SETTINGS, 1).replace("{}", shlex.quote(command), 1)
    assert given(line) == command


def test_other_ways_of_quoting_are_read() -> None:
    """A backslash, double quotes and a bare word are what POSIX says they are."""
    for quoted in ("'it'\\''s'", "'it'\"'\"'s'", "it\\'s"):
        assert given(f"source x && eval {quoted} && pwd -P >| /t") == "it's"


OTHERS = (
    "",
    "ls -l",
    "a && eval 'b'",
    "pwd -P >| x && eval 'b'",
    's && eval "$a" && pwd -P >| /t',
    "a && eval b;c && pwd -P >| /t",
)


@pytest.mark.parametrize("line", OTHERS)
def test_another_line_is_its_own_command(line: str) -> None:
    """What does not have the measured form is told whole."""
    assert given(line) == line
