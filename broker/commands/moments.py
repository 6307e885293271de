"""Times that a person types as options."""

from __future__ import annotations

import datetime

from secretguard.errors import ConfigError


def moment(option: str, text: str) -> float:
    """Unix seconds of an ISO 8601 time or date; without a zone it is UTC. Raises ConfigError naming the option."""
    try:
        at = datetime.datetime.fromisoformat(text)
    except ValueError:
        fix = "write it as 2026-01-31 or 2026-01-31T08:00Z"
        raise ConfigError(f"{option} {text[:40]!r} is not a time", fix) from None
    return (at if at.tzinfo else at.replace(tzinfo=datetime.UTC)).timestamp()
