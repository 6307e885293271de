"""Files looked at by detect-secrets' plugins, in processes of their own, whose time and memory end.

What comes back is a type, a digest and a line: no secret crosses the pipe. A plugin or filter that somebody wrote is
run here and nowhere else. That bounds its accidents; it is no sandbox, and the code may do what its user may do.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from secretguard.detect.detect_secrets import FILTERED, READ_AS_LINES, DetectSecrets
from secretguard.errors import ConfigError, GuardError
from secretguard.parallel import workers
from secretguard.peer.chosen import Chosen
from secretguard.peer.load import load
from secretguard.platforms.here import mapped
from secretguard.source import text
from secretguard.source.files import Unreadable, open_file
from secretguard.workers import Say, fan_out

LARGEST = 64 * 1024 * 1024
"""Bytes of one file that are read."""

SECONDS, BYTES_A_SECOND = 120, 64 * 1024
"""What a process that runs somebody's code may take, in seconds of CPU time and again of time by the clock: so long,
and a second more for so many bytes of its files."""

MEMORY = 4 * 1024**3
"""Address space of such a process, beside what it has from its parent."""

BINARY, NO_FILE = "binary", "no such file"
_HARMLESS = {FILTERED, READ_AS_LINES, BINARY, NO_FILE}
"""Reasons why something is not looked at as it is, where detect-secrets does the same or where nothing is lost."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A secret in a file as detect-secrets identifies it; the line, from 1, is no part of its identity."""

    type: str
    digest: str
    line: int = field(compare=False)


@dataclass(slots=True)
class Looked:
    """What the plugins found, by file as it was named; what was not looked at, and why; the settings as written."""

    found: dict[str, list[Entry]] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    head: dict[str, Any] = field(default_factory=dict)

    @property
    def gaps(self) -> list[tuple[str, str]]:
        """What detect-secrets would have looked at and we did not."""
        return [(path, reason) for path, reason in self.skipped if reason not in _HARMLESS]


def look(chosen: Chosen, paths: Sequence[str], cores: int = 0) -> Looked:
    """Run the plugins over files. Raises ConfigError for code that cannot be loaded, GuardError where it did not end.

    `cores` is the number of processes; 0 is one a CPU where there is enough to do.
    """
    load()  # once, before the processes part
    looked = Looked()
    count = workers(cores, len(paths))
    seconds = SECONDS + sum(_size(path) for path in paths) // BYTES_A_SECOND
    try:
        with closing(fan_out(count, lambda number, say: _work(chosen, paths, number, count, seconds, say))) as frames:
            for frame in frames:
                _take(looked, paths, marshal.loads(frame))  # noqa: S302  # our own child, over our own pipe
    except GuardError:
        if not chosen.code:
            raise
        raise GuardError(
            f"a plugin or filter that is not detect-secrets' own ended its process, or took more than {seconds} s or "
            f"{MEMORY >> 30} GiB",
            "nothing is known of the files; try it on one of them",
        ) from None
    looked.found = {path: looked.found[path] for path in dict.fromkeys(paths) if path in looked.found}
    return looked


def _take(looked: Looked, paths: Sequence[str], told: Any) -> None:
    kind, *rest = told
    if kind == "error":
        raise ConfigError(*rest)
    if kind == "head":
        looked.head = json.loads(rest[0])
        return
    place, found, missed = rest
    looked.skipped += [(paths[place], reason) for reason in missed]
    if found:
        looked.found[paths[place]] = [Entry(*one) for one in found]


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _work(chosen: Chosen, paths: Sequence[str], first: int, stride: int, seconds: int, say: Say) -> None:
    def tell(*told: Any) -> None:
        say(marshal.dumps(told))

    if chosen.code:
        _bound(seconds)
    try:
        peer = _loaded(chosen)
        head = json.dumps(peer.json())
    except Exception as error:  # somebody's code, which may raise anything; its words may hold anything
        names = ", ".join(chosen.plugin_files) or "what the settings name"
        tell("error", f"plugins or filters cannot be loaded from {names}: {type(error).__name__}", "")
        return
    if not first:
        tell("head", head)
    for place in range(first, len(paths), stride):
        tell("file", place, *_file(peer, paths[place]))


def _bound(seconds: int) -> None:
    """Bound this process, and send what the code prints to standard error: standard output is for results."""
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds if hard < 0 else min(seconds, hard), hard))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = mapped() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends the process, also in the middle of foreign code
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _loaded(chosen: Chosen) -> DetectSecrets:
    from detect_secrets.core.plugins.util import get_plugins_from_file
    from detect_secrets.filters import wordlist

    from secretguard.peer.words import Words

    wordlist.get_automaton = lru_cache(maxsize=1)(Words)
    plugins = list(chosen.settings["plugins_used"])
    for path in chosen.plugin_files:
        loaded: list[Any] = list(get_plugins_from_file(path))
        if not loaded:
            raise LookupError(path)
        plugins += [{"name": plugin.__name__, "path": f"file://{path}"} for plugin in loaded]
    return DetectSecrets(chosen.settings | {"plugins_used": plugins})


def _file(peer: DetectSecrets, path: str) -> tuple[list[tuple[str, str, int]], list[str]]:
    """Type, SHA-1 and line of each secret in a file, each secret once, and why what was not looked at."""
    try:
        data = _read(path)
    except Unreadable as error:
        return [], [error.reason]
    found, missed = peer.secrets(path, data)
    first: dict[tuple[str, str], int] = {}
    for kind, value, line in found:
        first.setdefault((kind, hashlib.sha1(value, usedforsecurity=False).hexdigest()), line)
    return [(*key, line) for key, line in first.items()], sorted({reason for reason, _ in missed})


def _read(path: str) -> bytes:
    """A file's bytes; of a wide encoding, its text in UTF-8. Raises Unreadable."""
    if not os.path.isfile(path):
        raise Unreadable(NO_FILE)
    fd, size = open_file(path)
    with os.fdopen(fd, "rb") as file:
        try:
            data = file.read(LARGEST + 1)
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}", size) from None
    if len(data) > LARGEST:
        raise Unreadable(f"longer than {LARGEST} bytes", size)
    kind = text.kind(data)
    if kind == text.BYTES:
        return data
    if kind == text.BINARY:
        return _text_with_nul(data)
    return data.decode(kind, "replace").encode()


def _text_with_nul(data: bytes) -> bytes:
    """What looks binary and is UTF-8 all the same: to detect-secrets, only what it cannot decode is binary."""
    try:
        data.decode()
    except UnicodeDecodeError:
        raise Unreadable(BINARY, len(data)) from None
    return data
