"""Which records a person asks for: by session, task, event, file, host, or a secret that has leaked. Pure."""

from __future__ import annotations

import dataclasses
import posixpath
from collections.abc import Iterable, Sequence

from secretguard.audit import calls
from secretguard.audit.digest import FIELD, LEFT_OUT, bare_digest, secret_digest
from secretguard.audit.fields import ERASED
from secretguard.audit.record import Record

YES, NO, UNKNOWN = "yes", "no", "cannot tell"
MAX_VALUE = 1 << 20
"""Bytes of a value that is looked for."""


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What to find; an empty member asks for nothing. `digests` are those of the wanted secret: any one will do."""

    session: str = ""
    task: str = ""
    event: str = ""
    file: str = ""
    digests: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    """Ids of the keys that `digests` were made with; under another one nothing can be told."""

    host: str = ""
    """A host that was called, or a domain with all below it."""

    def matches(self, record: Record) -> str:
        """YES, NO, or UNKNOWN: a secret was found then, and the record does not list the digests of all of them; or a
        place was called that it does not name. So it is with a record that was erased, where it may have been one."""
        if self.session and self.session not in (record.get("session"), record.get("session_id")):
            return NO
        if self.task and self.task not in (record.get("task"), record.get("task_id"), record.get("claimed_task")):
            return NO
        if self.event and not f"{record.get('event')}:".startswith(f"{self.event.removesuffix(':')}:"):
            return NO
        if self.file and not any(same_file(record.get(name), self.file) for name in ("path", "source")):
            return NO
        if record.get(ERASED) and (self.digests or self.host):
            return UNKNOWN if self._may_have_been(str(record.get("event"))) else NO
        if self.host and (answer := calls.reaches(record, self.host)) != YES:
            return answer
        return self._holds(record) if self.digests else YES

    def _may_have_been(self, event: str) -> bool:
        """Whether records of `event` name what was found, or called; what was merely allowed held no secret."""
        found = event.startswith("guard:") and not event.endswith(":allowed")
        return (not self.digests or found) and (not self.host or event.startswith("guard:command:"))

    def _holds(self, record: Record) -> str:
        listed = record.get(FIELD)
        if isinstance(listed, list) and self.digests.intersection(str(one) for one in listed):
            return YES
        complete = isinstance(listed, list) and not record.get(LEFT_OUT) and not self._foreign(listed)
        return UNKNOWN if record.get("rules") and not complete else NO

    def _foreign(self, listed: list[object]) -> bool:
        """Whether a digest was made with a key that is not at hand: of another user or machine, or lost."""
        ids = {str(one).partition(":")[0] for one in listed if ":" in str(one)}
        return bool(self.keys) and not ids <= self.keys


def same_file(recorded: object, wanted: str) -> bool:
    """Whether a recorded path can be the wanted file: equal, or one is the other's end by whole names, as the tool may
    have named it from its working folder."""
    if not isinstance(recorded, str) or not recorded:
        return False
    one, other = posixpath.normpath(recorded), posixpath.normpath(wanted)
    return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")


def digests_of(keys: Sequence[bytes], given: bytes, found: Iterable[bytes]) -> frozenset[str]:
    """Digests of a value as it was typed or piped: as it is, without the white space around it, as it stands inside a
    JSON text; and of the secrets that a scan `found` in it. Under every key that the user ever had, the first first:
    with its id, and under the first also without, as old records have it."""
    values = {given, given.strip(), *found}
    values |= {value.replace(b"\n", b"\\n") for value in values}
    digests = {secret_digest(key, value) for key in keys for value in values if value}
    return frozenset(digests | {bare_digest(keys[0], value) for value in values if value})
