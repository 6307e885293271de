"""TLS from files that others replace: a certificate that lives for an hour, the authorities of today.

Each new connection looks whether a file has changed and then uses a context made anew, so that a withdrawn authority
is withdrawn at once. Files that do not fit together (one is replaced before the other) leave the last good context in
use, until they do.
"""

from __future__ import annotations

import logging
import os
import ssl
import threading
from collections.abc import Callable, Sequence
from typing import Any

from secretguard.errors import ConfigError

log = logging.getLogger("broker.tls")

Stamp = tuple[tuple[int, int, int], ...]


class Reloading(ssl.SSLContext):
    """Stands for the context that `make` makes out of `files`. Safe to share between threads.

    Raises ConfigError, as `make` does, when the first one cannot be made.
    """

    def __new__(cls, protocol: int, make: Callable[[], ssl.SSLContext], files: Sequence[str]) -> Reloading:  # noqa: ARG004
        return super().__new__(cls, protocol)

    def __init__(self, protocol: int, make: Callable[[], ssl.SSLContext], files: Sequence[str]) -> None:  # noqa: ARG002
        self._make = make
        self._files = tuple(files)
        self._turn = threading.Lock()
        self._looked_at: Stamp = self._now()
        self._problem = ""
        self._held = make()

    def current(self) -> ssl.SSLContext:
        """The context of the files as they are now, or as they last fitted together."""
        with self._turn:
            try:
                stamp = self._now()
                if stamp != self._looked_at:
                    self._looked_at = stamp
                    self._held = self._make()
            except (ConfigError, OSError) as problem:
                if str(problem) != self._problem:
                    log.warning("the TLS files of before are still in use: %s", problem)
                self._problem = str(problem)
            return self._held

    def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:
        """What asyncio calls for a connection."""
        return self.current().wrap_bio(*arguments, **named)

    def wrap_socket(self, *arguments: Any, **named: Any) -> ssl.SSLSocket:
        """What blocking clients call for a connection."""
        return self.current().wrap_socket(*arguments, **named)

    def _now(self) -> Stamp:
        try:
            found = [os.stat(path) for path in self._files]
        except OSError as error:
            raise ConfigError(f"{error.filename}: cannot be read ({error.strerror})", "check the TLS files") from None
        return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in found)
