"""Everything that the reviewer's pages need of one broker, made once at its start."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import jinja2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.store.database import Database
from broker.web.origin import Origin
from broker.web.render import environment
from broker.web.session import Sessions
from broker.web.watch import Watch
from secretguard.secret import Secret


@dataclasses.dataclass(frozen=True, slots=True)
class Activity:
    """`origin` is where the pages are; `journals` are folders of guard journals to show beside the log (name →
    folder); `clock` gives Unix seconds."""

    origin: Origin
    sessions: Sessions
    watch: Watch
    database: Database
    log_origin: str
    journals: dict[str, str]
    clock: Callable[[], float]
    templates: jinja2.Environment

    def link(self, who: str) -> Secret:
        """A URL that opens the pages for the operator `who`, once. It carries its code: for that person alone."""
        return Secret(f"{self.origin.url}/login#{self.sessions.link(who).reveal()}")

    def page(self, template: str, **values: Any) -> str:
        """A rendered template; each knows where the pages are, the log's state and the time."""
        shared = {
            "base": f"{self.origin.base}/activity",
            "state": self.watch.state(),
            "now": self.clock(),
            "log_origin": self.log_origin,
            "journals": self.journals,
        }
        return self.templates.get_template(template).render(**shared, **values)


def make(
    origin: Origin,
    database: Database,
    key: Ed25519PublicKey,
    log_origin: str,
    clock: Callable[[], float],
    journals: dict[str, str],
) -> Activity:
    """The pages of one broker process, with no session open. `key` is the one that its checkpoints are signed with."""
    watch = Watch(database, key, clock)
    sessions = Sessions(time.monotonic)  # a clock that is set back must not make a session longer
    return Activity(origin, sessions, watch, database, log_origin, journals, clock, environment())
