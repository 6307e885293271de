"""Each house rule catches what it is there for: a rule that cannot fail is not one."""

from __future__ import annotations

import pytest

from tests.house import rules


def test_oversized() -> None:
    """A long file, a long function and a drawer are each reported; a small room is not."""
    long_function = "def f():\n" + "    x = 1\n" * 50
    assert any("51 lines" in broken for broken in rules.oversized("a/b.py", long_function))
    assert any("401 lines" in broken for broken in rules.oversized("a/b.py", "x = 1\n" * 401))
    assert any("drawer" in broken for broken in rules.oversized("a/helpers/b.py", ""))
    assert any("drawer" in broken for broken in rules.oversized("a/utils.py", ""))
    assert list(rules.oversized("a/b.py", "def f():\n" + "    x = 1\n" * 49)) == []


def test_undocumented() -> None:
    """A public function without a docstring is reported, a private one is not."""
    assert list(rules.undocumented("a.py", "def f(): ...\ndef _g(): ...\n")) == ["a.py:1: f has no docstring"]


def test_untested() -> None:
    """A module without its test is reported, and so is a row of `tested_by` that is not needed or names no test."""
    module, tests = {"p/a.py": "x = 1\n" * 16}, {"tests/p/test_b.py"}
    assert list(rules.untested(module, tests, {})) == ["p/a.py: no tests/p/test_a.py"]
    assert list(rules.untested(module, {"tests/p/test_a.py"}, {})) == []
    assert list(rules.untested(module, tests, {"p/a.py": "tests/p/test_b.py"})) == []
    assert len(list(rules.untested(module, tests, {"p/a.py": "tests/p/test_c.py"}))) == 1
    assert len(list(rules.untested(module, {"tests/p/test_a.py"}, {"p/a.py": "tests/p/test_a.py"}))) == 1
    assert len(list(rules.untested({}, tests, {"p/gone.py": "tests/p/test_b.py"}))) == 1


@pytest.mark.parametrize(
    "leak", ["see /wo" + "rk/main", "cd '/ro" + "ot/x'", "https://" + "gro.ipyp"[::-1] + "/simple"]
)
def test_leaking(leak: str) -> None:
    """A machine's path or a registry's host is reported with its line."""
    assert [broken.split(":")[:2] for broken in rules.leaking("a.md", f"one\n{leak}\n")] == [["a.md", "2"]]


def test_a_path_in_the_project_is_no_leak() -> None:
    """Folders of the project that happen to bear such a name are fine."""
    assert list(rules.leaking("a.md", "docs/wo" + "rk/flow.md ~/ro" + "ot/x /usr/bin/env")) == []


def test_unfinished() -> None:
    """A note to oneself is reported with its line."""
    assert list(rules.unfinished("a.py", "x = 1  # TO" + "DO: more\n")) == ["a.py:1: TO" + "DO"]


def test_figures_are_read_from_both_sides() -> None:
    """A figure, its goal and its bench come out of SPEC.md and of the bench alike; a computed name is refused."""
    spec = "| `hook p50` | `<= 15` | ms | `python -m bench guard` |\n".replace("`hook p50`", "hook p50")
    source = 'Figure("hook p50", 3.0, "ms", 9, goal="<= 15")\n'
    assert rules.spec_figures(spec) == rules.bench_figures("guard", source) == {"hook p50": ("<= 15", "guard")}
    with pytest.raises(ValueError, match="literal"):
        rules.bench_figures("guard", "Figure(name, 3.0, 'ms', 9)")


def test_undocumented_commands() -> None:
    """A subcommand that the guide never shows is reported."""
    guide = "Run `broker dev`, then `broker task start`."
    assert list(rules.undocumented_commands("broker", ["dev", "kill", "task"], guide)) == [
        "`broker kill`: in no page of docs/guide nor in README.md"
    ]


def test_dead_links() -> None:
    """A link or a named file that is not there is reported; one that is, a web address and a heading are not."""
    text = "[a](gone.md) [b](here.md#part) [c](https://example.org/x) [d](#part) `tests/gone/` `tests/here/`"
    there = {"docs/here.md", "tests/here"}
    assert list(rules.dead_links("docs/x.md", text, there.__contains__)) == [
        "docs/x.md: links to gone.md, which is not there",
        "docs/x.md: names tests/gone/, which is not there",
    ]
