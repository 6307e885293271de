from __future__ import annotations

import pytest

from secretguard.errors import CLEAN, FINDINGS, INTERNAL, USAGE, ConfigError, GuardError, RecordError, SecretguardError


def test_exit_codes_are_those_of_the_contract() -> None:
    """0 clean, 1 findings, 2 usage or guarded failure, 3 internal error; expected errors are 2."""
    assert (CLEAN, FINDINGS, USAGE, INTERNAL) == (0, 1, 2, 3)
    for kind in (SecretguardError, ConfigError, GuardError, RecordError):
        assert kind("x").exit_code == USAGE


def test_message_comes_with_its_fix() -> None:
    """What went wrong is on the first line, how to go on on the second, if there is anything to say."""
    assert str(ConfigError("a.toml:3: wrong", "write it right")) == "a.toml:3: wrong\n  write it right"
    assert str(ConfigError("a.toml:3: wrong")) == "a.toml:3: wrong"


def test_failed_record_is_a_failed_guard() -> None:
    """Whoever fails closed on a guard's failure does so on a record's."""
    with pytest.raises(GuardError):
        raise RecordError("full")
