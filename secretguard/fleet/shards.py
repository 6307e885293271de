"""The folder of results: one JSONL file a repository, whole or not there, and `errors.jsonl` for those that failed."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from typing import Any

from secretguard.errors import ConfigError, GuardError
from secretguard.fleet.task import Outcome
from secretguard.places import private_dir
from secretguard.whole_file import replace

ERRORS = "errors.jsonl"
KEY = "fingerprint.key"
_TAIL = 64 * 1024


class Shards:
    """The folder `folder`, held by one run at a time; a context manager.

    `key` makes the fingerprints of all its shards, so that one secret has one fingerprint in all of them, on whichever
    machine it was found; it stays in the folder, readable by this user alone.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __enter__(self) -> Shards:
        """Raises ConfigError where the folder cannot be used, or another run is writing to it."""
        try:
            private_dir(self.folder)
            self._lock = os.open(os.path.join(self.folder, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._clean()
            self.key = self._key()
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            self._errors = os.open(os.path.join(self.folder, ERRORS), flags, 0o600)
        except BlockingIOError:
            raise ConfigError(f"--output {self.folder}: another scan is writing to it") from None
        except OSError as error:
            raise ConfigError(f"--output {self.folder}: {error.strerror}") from None
        except GuardError as error:
            raise ConfigError(f"--output: {error.message}", error.fix) from None
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._errors)
        os.close(self._lock)

    def done(self, name: str, options: dict[str, Any], tool: dict[str, str]) -> dict[str, Any] | None:
        """The summary of a shard that is whole and was made with the same options by the same rules; None without."""
        try:
            with open(self._path(name), "rb") as file:
                head = json.loads(file.readline(_TAIL))
                file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
                last = json.loads(file.read().rstrip(b"\n").rpartition(b"\n")[2])
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(head, dict) or not isinstance(last, dict) or last.get("kind") != "summary":
            return None
        return last if (head.get("options"), last.get("tool")) == (options, tool) else None

    def write(self, outcome: Outcome) -> None:
        """Put a shard in its place, or its failure among the errors. Raises ConfigError where that fails."""
        try:
            if outcome.error:
                row = {"repository": outcome.target.text, "shard": outcome.target.name, "error": outcome.error}
                os.write(self._errors, json.dumps(row, ensure_ascii=True).encode("ascii") + b"\n")
            else:
                self._replace(f"{outcome.target.name}.jsonl", outcome.shard)
        except OSError as error:
            raise ConfigError(f"--output {self.folder}: {error.strerror}") from None

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, f"{name}.jsonl")

    def _replace(self, name: str, data: bytes) -> None:
        fresh = os.path.join(self.folder, f".{name}.new")
        replace(os.path.join(self.folder, name), data, durable=True, fresh=fresh)

    def _key(self) -> bytes:
        path = os.path.join(self.folder, KEY)
        try:
            with open(path, "rb") as file:
                key = file.read(33)
            if len(key) == 32:
                return key
        except FileNotFoundError:
            pass
        self._replace(KEY, secrets.token_bytes(32))
        return self._key()

    def _clean(self) -> None:
        """Take away what a run that was killed left half-written."""
        for name in os.listdir(self.folder):
            if name.startswith(".") and name.endswith(".new"):
                os.unlink(os.path.join(self.folder, name))
