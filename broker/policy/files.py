"""The files of one policy as a value: from a directory, from a request or from the store, and the digest over them."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from secretguard.errors import ConfigError
from secretguard.policy.source import text_of

RULES, FACTS, EXAMPLES, CEILINGS = "rules.cedar", "facts.toml", "examples.toml", "ceilings.toml"
OPTIONAL = (EXAMPLES, CEILINGS)
FORMAT = b"secretguard-policy-set 1"
MAX_FILES = 204
"""Two hundred task policies beside rules, facts, examples and ceilings."""

MAX_BYTES = 256 * 1024
"""All files together."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TASK = re.compile(r"tasks/[a-z0-9][a-z0-9_-]{0,63}\.toml")


@dataclasses.dataclass(frozen=True, slots=True)
class PolicyFiles:
    """Name → text: `rules.cedar`, `facts.toml`, `tasks/NAME.toml` (at least one) and, where there are any,
    `examples.toml` and `ceilings.toml`. Raises ConfigError for any other name, a missing one, and more than MAX_FILES
    or MAX_BYTES."""

    texts: Mapping[str, str]

    def __post_init__(self) -> None:
        for name, text in self.texts.items():
            if name not in (RULES, FACTS, *OPTIONAL) and not _TASK.fullmatch(name):
                fix = f"a policy is {RULES}, {FACTS}, {EXAMPLES}, {CEILINGS} and tasks/NAME.toml"
                raise ConfigError(f"{name[:100]!r}: no file of a policy", fix)
            _require_text(name, text)
        for name in (RULES, FACTS):
            if name not in self.texts:
                raise ConfigError(f"{name}: missing", f"a policy directory holds {RULES} and {FACTS}")
        if not any(_TASK.fullmatch(name) for name in self.texts):
            raise ConfigError("tasks: no task policy", "write one, or start from `broker dev`'s")
        size = sum(len(text.encode()) for text in self.texts.values())
        if len(self.texts) > MAX_FILES or size > MAX_BYTES:
            raise ConfigError(f"{len(self.texts)} files of {size} bytes: more than {MAX_FILES} or {MAX_BYTES}")

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over names and bytes, in order: the same policy has the same one on every machine."""
        whole = hashlib.sha256(FORMAT)
        for name in sorted(self.texts):
            for part in (name.encode(), self.texts[name].encode()):
                whole.update(len(part).to_bytes(8, "big") + part)
        return whole.hexdigest()

    def write(self, directory: Path) -> None:
        """Write them below `directory`, which must be private and empty."""
        (directory / "tasks").mkdir()
        for name, text in self.texts.items():
            (directory / name).write_bytes(text.encode())


def read_files(directory: str) -> PolicyFiles:
    """The policy of a directory; files of other names are none of it. Raises ConfigError (file and line)."""
    texts = {}
    for name in (RULES, FACTS, *OPTIONAL, *_task_names(directory)):
        path = os.path.join(directory, name)
        if name in OPTIONAL and not os.path.lexists(path):
            continue
        texts[name] = _text(path)
    try:
        return PolicyFiles(texts)
    except ConfigError as error:
        raise ConfigError(f"{directory}/{error.message}", error.fix) from None


def _task_names(directory: str) -> list[str]:
    folder = os.path.join(directory, "tasks")
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be read: {error.strerror}") from None
    return [f"tasks/{name}" for name in names if name.endswith(".toml")]


def _text(path: str) -> str:
    """One file's text, at most MAX_BYTES; a FIFO or device in its place is an error and no endless wait."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ConfigError(f"{path}:1: not a regular file")
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        fix = f"a policy directory holds {RULES} and {FACTS}"
        raise ConfigError(f"{path}:1: cannot be read: {error.strerror}", fix) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{path}:1: larger than {MAX_BYTES} bytes")
    return text_of(raw, path)


def _require_text(name: str, text: str) -> None:
    """PostgreSQL stores no NUL, a lone surrogate has no bytes, and other control characters hide what is written."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise ConfigError(f"{name}:{line}: not UTF-8") from None
    hidden = _CONTROL.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        raise ConfigError(f"{name}:{line}: the control character {hidden.group()!r}", "write plain text")
