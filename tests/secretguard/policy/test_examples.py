from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import ConfigError
from secretguard.policy.compiled import compile_set
from secretguard.policy.examples import check, expand
from secretguard.policy.table import CELLS, Policy
from tests.secretguard.policy.sets import policy_set

GOOD = '[[example]]\nrequest = "run/reveal/*/*"\noutcome = "deny"\nrule = "never"\n'


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return compile_set(str(policy_set(tmp_path / "set")))


def test_examples_that_hold_are_counted(policy: Policy) -> None:
    """A star asks every word in its place."""
    assert check(policy, GOOD, "examples.toml") == 16
    assert len(expand("*/*/*/*")) == CELLS


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"deny"', '"ask"', "should be ask by never, and is deny by never"),
        ('"never"', '"two"', "should be deny by two"),
        ('"deny"', '"denied"', "outcome must be"),
        ("run/reveal", "run/reveel", "request must be"),
        ("run/reveal/*/*", "run/reveal/*", "request must be"),
        ("rule =", "rul =", "unknown key rul"),
    ],
)
def test_examples_that_do_not_hold_are_named(policy: Policy, old: str, new: str, told: str) -> None:
    """The example that fails is named by file and line, with what is decided instead."""
    with pytest.raises(ConfigError) as caught:
        check(policy, GOOD + "\n" + GOOD.replace(old, new), "examples.toml")
    assert caught.value.message.startswith("examples.toml:6: ")
    assert told in caught.value.message


def test_policy_whose_example_fails_does_not_compile(tmp_path: Path) -> None:
    """What is written beside the rules is part of them."""
    directory = policy_set(tmp_path / "set", examples=GOOD.replace("deny", "allow"))
    with pytest.raises(ConfigError, match=r"examples\.toml:1: "):
        compile_set(str(directory))


@given(text=st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the file holds, it is examples or one expected error."""
    with contextlib.suppress(ConfigError):
        assert check(None, text, "examples.toml") == 0  # type: ignore[arg-type]  # no example, so nothing is asked
