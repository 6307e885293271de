"""Old files of the journal removed, on the record: which records, the hashes of their files. Record, then act.

Only closed files go, the oldest first, and only when their last record is older than asked. A prune that is stopped
leaves files that its record names as pruned; the next one removes them. What a pin of a pruned record confirmed, it
confirms no more: take a new pin before.
"""

from __future__ import annotations

import dataclasses
import datetime
import os
from hashlib import file_digest

from secretguard.audit import segments
from secretguard.audit.journal import Journal
from secretguard.audit.line import columns
from secretguard.audit.reader import parse
from secretguard.audit.record import stamp
from secretguard.errors import GuardError

MOST = 100
"""Files that one record names."""


@dataclasses.dataclass(frozen=True)
class Old:
    """A closed file that is to go: it ends with record `last` of the hash `hash` and time `time`; its bytes."""

    path: str
    last: int
    hash: str
    time: str
    bytes: int
    sha256: str

    def fields(self) -> dict[str, object]:
        """As the record names it."""
        return {
            "file": os.path.basename(self.path),
            "last": self.last,
            "hash": self.hash,
            "bytes": self.bytes,
            "sha256": self.sha256,
        }


def old_files(directory: str, before: datetime.datetime) -> list[Old]:
    """The closed files whose last record is from before `before`, up to the first that is not. Raises GuardError when
    one cannot be read or has no such end: what is not understood is not removed."""
    moment = stamp(before.timestamp())
    found = []
    try:
        for last, path in segments.closed(directory):
            try:
                line, size = segments.last_line(path)
            except FileNotFoundError:
                continue  # another prune is at work, which has recorded that it goes
            record, parts = parse(line), columns(line)
            if record is None or parts is None or record.get("seq") != last:
                fix = "see `secretguard audit verify`; what is not understood is not removed"
                raise GuardError(f"{path} does not end with record {last}", fix)
            if str(record.get("time")) >= moment:
                break
            with open(path, "rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            found.append(Old(path, last, parts[2], str(record.get("time")), size, digest))
    except OSError as error:
        raise GuardError(f"{directory}: {error.strerror}", "name the journal's folder with --journal") from None
    return found


def prune(directory: str, before: datetime.datetime, incomplete: bool = False) -> list[Old]:
    """Record that the files of `old_files` go, then remove them; which they were. Raises GuardError, RecordError.

    `incomplete`: a verifier found so just now. It is recorded, because what it was that lacked may go with the files.
    """
    files = old_files(directory, before)
    journal = Journal(directory)
    for at in range(0, len(files), MOST):
        group = files[at : at + MOST]
        said: dict[str, object] = {
            "last": group[-1].last,
            "before": before.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uid": os.getuid(),
            "files": [file.fields() for file in group],
            **({"incomplete": True} if incomplete else {}),
        }
        journal.append("journal:segment:pruned", said)
        for file in group:
            _remove(file.path)
    return files


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return  # another prune of the same files is at work
    except OSError as error:
        raise GuardError(f"{path}: {error.strerror}", "mend it and prune again") from None
