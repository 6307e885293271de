"""Times as people type them."""

from __future__ import annotations

import pytest

from broker.commands.moments import moment
from secretguard.errors import ConfigError


def test_dates_and_times() -> None:
    """A date, a time, a zone; without one it is UTC."""
    assert moment("--before", "1970-01-02") == 86_400
    assert moment("--before", "1970-01-01T01:00Z") == moment("--before", "1970-01-01T02:00+01:00") == 3600


def test_anything_else() -> None:
    """What is no time is named with its option, cut, and with the form that is wanted."""
    with pytest.raises(ConfigError, match=r"--since 'y{40}' is not a time") as raised:
        moment("--since", "y" * 200)
    assert "2026-01-31T08:00Z" in raised.value.fix
