"""What a person says with an acceptance: who, why, until when. Extra fields of a baseline's entry.

detect-secrets 1.5 reads entries by the names it knows and drops others where it writes a baseline itself (`scan
--baseline`, `audit`, its hook): what is here is then lost, and with it the end of an acceptance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from secretguard.errors import ConfigError
from secretguard.terminal import printable

LONGEST = 500
"""Characters of each text."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted, why, and the last day on which it counts (ISO 8601, in UTC); each may be empty."""

    by: str = ""
    why: str = ""
    until: str = ""

    def fields(self) -> dict[str, str]:
        """What is said, as an entry of a baseline holds it."""
        return {name: getattr(self, name) for name in ("by", "why", "until") if getattr(self, name)}

    def expired(self, today: str) -> bool:
        """Whether it has ended before the day `today`."""
        return bool(self.until) and self.until < today

    def tells(self, secret: str) -> bool:
        """Whether the reason holds the secret; a very short one may be a word of it by chance."""
        return len(secret) >= 8 and secret in self.why

    def __str__(self) -> str:
        said = printable(f"{self.by}: {self.why}" if self.by and self.why else self.by or self.why)
        until = f"until {self.until}" if self.until else ""
        return ", ".join(part for part in (said, until) if part)


def today() -> str:
    """The day in UTC, so that an acceptance ends at the same moment everywhere."""
    import datetime  # most baselines have no dates

    return datetime.datetime.now(datetime.UTC).date().isoformat()


def of_entry(place: str, entry: dict[str, Any]) -> Acceptance:
    """What an entry says. Raises ConfigError, beginning with `place`, for a field of the wrong kind."""
    said = {name: entry[name] for name in ("by", "why", "until") if name in entry}
    for name, value in said.items():
        if not isinstance(value, str):
            raise ConfigError(f"{place}: {name}: not a text")
    if said.get("until"):
        _check_date(f"{place}: until", said["until"])
    return Acceptance(**said)


def given(by: str | None, why: str, until: str, now: str) -> Acceptance:
    """What was said on a command line or screen; without `by`, git's user.email. Raises ConfigError."""
    texts = {"by": by.strip() if by else _from_git(), "why": why.strip()}
    for name, value in texts.items():
        if not value or len(value) > LONGEST or printable(value) != value:
            raise ConfigError(f"{name}: it needs one line of text, {LONGEST} characters at most")
    if until:
        _check_date("until", until)
        if until < now:
            raise ConfigError(f"until: {until} is over", "give a day to come, or none for an acceptance without an end")
    return Acceptance(**texts, until=until)


def _check_date(place: str, text: str) -> None:
    import datetime

    try:
        good = datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if not good:
        raise ConfigError(f"{place}: {text!r} is no day such as 2027-01-31")


def _from_git() -> str:
    from secretguard.source.git import Git  # brings subprocess, which a scan of files does without

    done = Git().run("config", "--get", "user.email")
    address = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode or not address:
        raise ConfigError("who accepts this? git has no user.email", "give --by NAME")
    return address
