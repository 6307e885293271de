"""shfmt's trees to simple commands: nothing that bash would run may be missed."""

from __future__ import annotations

import pytest

from secretguard.shell.shfmt import parse
from secretguard.shell.tree import TooNested, commands
from secretguard.shell.words import UNKNOWN
from tests.secretguard.shell.place import HERE

PROGRAMS = {
    "a; b && c || d": "abcd",
    "a | b |& c": "abc",
    "a & b": "ab",
    "! a": "a",
    "(a; b)": "ab",
    "{ a; b; }": "ab",
    "if a; then b; elif c; then d; else e; fi": "abcde",
    "while a; do b; done": "ab",
    "until a; do b; done": "ab",
    "for i in $(a); do b; done": "ab",
    "for ((i=$(a); i<3; i++)); do b; done": "ab",
    "select i in x; do a; done": "a",
    "case $(a) in $(b)) c;; *) d;; esac": "abcd",
    "f() { a; }": "a",
    "function f { a; }": "a",
    "[[ -n $(a) && $(b) == x ]]": "ab",
    "(( x = $(a) ))": "a",
    "x=$(a)": "a",
    "x=$(a) b": "ab",
    "x=($(a) $(b))": "ab",
    "export x=$(a)": "a",
    "local x=`a`": "a",
    'b "x $(a) y"': "ab",
    "b `a`": "ab",
    "c `a` `b`": "abc",
    "b ${x:-$(a)}": "ab",
    "b ${x:=`a`}": "ab",
    "b $(( $(a) ))": "ab",
    "b <(a)": "ab",
    "b >(a)": "ab",
    "b < <(a)": "ab",
    "b <<< $(a)": "ab",
    "b <<E\n$(a)\nE": "ab",
    "b <<'E'\n$(a)\nE": "b",
    "b > $(a)": "ab",
    "time a": "a",
    "coproc a": "a",
    "a \\\n b": "a",
    "a$(b)": "b",
    "echo $(a $(b $(c)))": "abc",
    "let x=$(a)": "a",
    "declare -a x=($(a))": "a",
    "trap 'a' EXIT": "",
}
"""Text → the one-letter programs that it runs, in any order."""


@pytest.mark.parametrize(("text", "programs"), PROGRAMS.items())
def test_every_command_is_found(text: str, programs: str) -> None:
    """Commands inside substitutions, tests, documents, functions and loops are all in the list."""
    names = [c.name for c in commands(parse(text), HERE)]
    assert sorted(n for n in names if len(n) == 1) == sorted(programs)


def test_words_redirections_and_pipes_of_one_command() -> None:
    """A command knows its words, its files, its document and what is piped into it."""
    first, second = commands(parse("a 'b c' \"$X\" >out 2>>err | d <in <<E\nbody $Y\nE\n"), HERE)
    assert first.words == ["a", "b c", UNKNOWN]
    assert first.outputs == ("out", "err")
    assert first.variables == ("X",)
    assert (second.piped_from, second.inputs) == (("a",), ("in",))
    assert second.body == f"body {UNKNOWN}\n"
    assert second.variables == ("Y",)


def test_cd_moves_what_follows() -> None:
    """Later commands stand where `cd` went; an unknown target leaves the place unknown."""
    places = [c.place.cwd for c in commands(parse("a; cd /x; b; cd y; c; cd $Z; d; cd ~; e"), HERE) if len(c.name) == 1]
    assert places == ["/w/project", "/x", "/x/y", None, "/home/dev"]


def test_a_redirected_group_is_a_command_without_words() -> None:
    """The file that a whole group writes is not lost."""
    assert commands(parse("{ a; } > out"), HERE)[-1].outputs == ("out",)


def test_a_tree_without_end_is_refused() -> None:
    """Nesting beyond what a person writes is an error, not a crash."""
    node: dict[str, object] = {}
    for _ in range(1000):
        node = {"Stmts": [node]}
    with pytest.raises(TooNested):
        commands(node, HERE)
