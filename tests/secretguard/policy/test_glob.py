from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.policy.glob import MAX_PATH, matches, normal

NAMES = st.text(alphabet="ab*?", min_size=1, max_size=5)
PATTERNS = st.lists(st.one_of(NAMES.filter(lambda name: "**" not in name), st.just("**")), min_size=1, max_size=5)
PATHS = st.lists(st.text(alphabet="ab", min_size=1, max_size=5), min_size=1, max_size=6)


def oracle(pattern: list[str], path: list[str]) -> bool:
    """The definition, by recursion over segments and `re` for names: slow and obviously right."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(oracle(pattern[1:], path[at:]) for at in range(len(path) + 1))
    if not path:
        return False
    name = re.escape(pattern[0]).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(name, path[0]) is not None and oracle(pattern[1:], path[1:])


@given(PATTERNS, PATHS)
def test_matches_as_the_definition_says(pattern: list[str], path: list[str]) -> None:
    """The two-pointer match gives the answer of the plain definition."""
    assert matches("/".join(pattern), "/".join(path)) is oracle(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**/.env", "/home/dev/app/.env", True),
        ("**/.env", "/.env", True),
        ("**/*.env", "/x/.env", True),
        ("**/.env", "/x/.env/y", False),
        ("**/.env", "/x/a.env", False),
        ("/srv/**", "/srv", True),
        ("/srv/**", "/srv/a/b", True),
        ("/srv/**", "/srv2/a", False),
        ("/proc/*/environ", "/proc/1/environ", True),
        ("/proc/*/environ", "/proc/1/task/1/environ", False),
        ("deploy/**", "x/deploy/a", False),
        ("**/a/**/b", "/a/b", True),
        ("**/[ab]", "/[ab]", True),
        ("**/[ab]", "/a", False),
    ],
)
def test_what_patterns_cover(pattern: str, path: str, expected: bool) -> None:
    """Stars stay within a name, double stars span folders, nothing else is special."""
    assert matches(pattern, path) is expected


def test_hostile_patterns_stay_within_their_product() -> None:
    """The classic exponential case is polynomial: it ends."""
    assert not matches("**/" + "*a" * 120 + "b", "/" + "a" * (MAX_PATH - 1))
    assert not matches("**/a/" * 50 + "b", "/a" * (MAX_PATH // 2))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a//b/./c/", "/a/b/c"),
        ("/a/../b", "/b"),
        ("/../../etc", "/etc"),
        ("a/../../b", "../b"),
        ("../x", "../x"),
        ("./deploy/x", "deploy/x"),
        ("", ""),
        ("/", "/"),
    ],
)
def test_normal_form(path: str, expected: str) -> None:
    """Detours are resolved by name; climbing out stays visible."""
    assert normal(path) == expected


@given(st.text(alphabet="a./", max_size=30))
def test_normal_form_is_stable(path: str) -> None:
    """What is normal stays as it is."""
    assert normal(normal(path)) == normal(path)
