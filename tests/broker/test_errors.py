"""The broker's errors: each has a status that tells a caller what to do."""

from __future__ import annotations

import pytest

from broker import errors
from broker.errors import BrokerError
from secretguard.errors import USAGE, SecretguardError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BrokerError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_is_an_expected_error(kind: type[BrokerError]) -> None:
    """It carries message, fix and rule, is told at the command line with status 2, and has an HTTP error status."""
    error = kind("it is wrong", "do this", rule="some-rule")
    assert isinstance(error, SecretguardError)
    assert (error.message, error.fix, error.rule, error.exit_code) == ("it is wrong", "do this", "some-rule", USAGE)
    assert str(error) == "it is wrong\n  do this"
    assert 400 <= kind.status < 600
    assert kind.title
    assert kind.__doc__


def test_certain_and_uncertain_failures_differ() -> None:
    """Nothing issued, and maybe issued, are never the same answer."""
    assert errors.SourceFailed.status != errors.MaybeIssued.status
    assert not issubclass(errors.MaybeIssued, errors.SourceFailed)
    assert not issubclass(errors.SourceFailed, errors.MaybeIssued)
