"""What a page was asked for, read from its query: bounded texts, times in UTC, the addresses of further pages."""

from __future__ import annotations

import dataclasses
import datetime
from urllib.parse import urlencode

from broker.activity import Filter
from broker.errors import BadRequest

MAX_TEXT = 200
"""Longest search text, in characters."""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """The form of the runs page as it was sent. `since` and `until` are `YYYY-MM-DDTHH:MM`, UTC."""

    text: str = ""
    state: str = ""
    environment: str = ""
    since: str = ""
    until: str = ""
    attention: bool = False
    after: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether it asks for less than every run."""
        return dataclasses.replace(self, after="") != Asked()

    def filter(self, limit: int) -> Filter:
        """The same for the store. Raises BadRequest for a time that is none."""
        return Filter(
            text=self.text.strip()[:MAX_TEXT],
            state=self.state[:MAX_TEXT],
            environment=self.environment[:MAX_TEXT],
            since=_moment("since", self.since),
            until=_moment("until", self.until, last=True),
            attention=self.attention,
            after=self.after[:MAX_TEXT],
            limit=limit,
        )

    def query(self, after: str) -> str:
        """The query of the page that begins after this cursor, "?" before it."""
        asked = {**dataclasses.asdict(self), "after": after, "attention": "1" if self.attention else ""}
        return "?" + urlencode({name: value for name, value in asked.items() if value})


def _moment(name: str, value: str, last: bool = False) -> int | None:
    """Unix seconds of a time without zone, read as UTC; with `last` the end of its minute, or of its day."""
    if not value:
        return None
    try:
        if len(value) > len("2026-01-31T14:05:00.000000+00:00"):
            raise ValueError(value)
        moment = datetime.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        if last:
            moment += datetime.timedelta(seconds=86_399 if len(value) <= len("2026-01-31") else 59)
        return int(moment.timestamp())
    except (ValueError, OverflowError):
        raise BadRequest(f"{name}: not a time", "write it as 2026-01-31 or 2026-01-31T14:05, in UTC") from None
