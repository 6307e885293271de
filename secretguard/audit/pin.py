"""A pin: what a journal was at one moment, kept where the journal's writer cannot change it.

Against a pin, a verifier sees what no chain can show by itself: that the journal was rewritten from some record on
with fresh hashes, cut off together with its head file, or replaced by an older copy of itself.
"""

from __future__ import annotations

import dataclasses
import time

from secretguard.errors import ConfigError
from secretguard.rawjson import JsonError, dumps, loads

VERSION = 1
MAX_BYTES = 4096
_FIELDS = {"version": int, "journal": str, "seq": int, "hash": str, "time": str}


@dataclasses.dataclass(frozen=True)
class Pin:
    """Record `seq` of the journal whose first record has the hash `journal` had the hash `hash` at `time` (UTC)."""

    journal: str
    seq: int
    hash: str
    time: str


def make(journal: str, seq: int, hash: str) -> Pin:  # noqa: A002
    """A pin of now."""
    return Pin(journal, seq, hash, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))


def write(pin: Pin) -> str:
    """The pin as one line of JSON."""
    return dumps({"version": VERSION, **dataclasses.asdict(pin)}) + "\n"


def read(data: bytes, name: str) -> Pin:
    """The pin in `data`. Raises ConfigError `name:1:` for anything that is not exactly one."""
    try:
        document = loads(data[: MAX_BYTES + 1])
    except JsonError as error:
        raise ConfigError(f"{name}:1: not a pin: {error}", "`secretguard audit pin` writes one") from None
    if not isinstance(document, dict) or set(document) != set(_FIELDS):
        raise ConfigError(f"{name}:1: a pin has exactly {', '.join(_FIELDS)}", "`secretguard audit pin` writes one")
    for key, kind in _FIELDS.items():
        if type(document[key]) is not kind:
            raise ConfigError(f"{name}:1: {key} must be {kind.__name__}")
    if document["version"] != VERSION or document["seq"] < 1:
        raise ConfigError(f"{name}:1: version must be {VERSION} and seq at least 1")
    return Pin(document["journal"], document["seq"], document["hash"], document["time"])
