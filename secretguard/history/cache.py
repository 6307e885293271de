"""What the scan of a whole history found, kept so that the next one reads new commits only.

Kept are the tips that were scanned and the hits (commit, path, blob, line, rule, keyed digest): no secret; the values
are read again from the repository. The file is sealed with the user's key; one that is damaged, foreign or of other
rules is not used, and losing it costs time.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass

from secretguard.errors import GuardError
from secretguard.history.hit import Hit
from secretguard.keyed import hmac_sha256, sha256_hex
from secretguard.places import cache_dir, private_dir
from secretguard.source.git import Git
from secretguard.whole_file import replace

FORMAT = "secretguard-history 1"
LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read or written; a history with more hits is scanned anew each time."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """Everything that `tips` reach was scanned, and this is what was seen."""

    tips: list[str]
    hits: list[Hit]


class Cache:
    """The kept result for one repository, under one set of rules and one user's key."""

    def __init__(self, git: Git, rules: str, key: bytes) -> None:
        place = git.ask("rev-parse", "--path-format=absolute", "--git-common-dir").strip()
        name = sha256_hex(b"\0".join((FORMAT.encode(), rules.encode(), place, hmac_sha256(key, b"history"))))
        self._folder = os.path.join(cache_dir(), "history")
        self._path = os.path.join(self._folder, f"{name[:32]}.json")
        self._key = key

    def load(self) -> Scanned | None:
        """What was kept, or None where there is nothing that can be trusted."""
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(fd, "rb") as file:
                info = os.fstat(fd)
                if info.st_uid != os.geteuid() or info.st_mode & 0o022 or info.st_size > LARGEST:
                    return None
                head, _, body = file.read(LARGEST).partition(b"\n")
            if head != self._seal(body):
                return None
            document = json.loads(body)
            return Scanned(list(document["tips"]), [Hit(*hit) for hit in document["hits"]])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def save(self, scanned: Scanned) -> None:
        """Keep it for the next scan, whole or not at all. A full disk is no reason to fail: nothing is lost."""
        body = json.dumps({"tips": scanned.tips, "hits": scanned.hits}).encode("ascii")
        if len(body) > LARGEST:
            return
        with contextlib.suppress(OSError, GuardError):
            private_dir(cache_dir())
            private_dir(self._folder)
            replace(self._path, self._seal(body) + b"\n" + body)

    def _seal(self, body: bytes) -> bytes:
        return f"{FORMAT} {hmac_sha256(self._key, body).hex()}".encode("ascii")
