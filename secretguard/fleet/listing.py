"""The list of repositories: one path or git URL a line; empty lines and lines that begin with # count for nothing."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from secretguard.errors import ConfigError
from secretguard.fleet.task import Target
from secretguard.keyed import sha256_hex

LARGEST = 64 * 1024 * 1024
"""Bytes of a list."""

SCHEMES = ("https", "ssh", "file")
"""What may be cloned. git:// and http:// name nobody who vouches for what comes; `ext::` runs programs."""

_SSH = re.compile(r"(?:[A-Za-z0-9._-]{1,64}@)?[A-Za-z0-9][A-Za-z0-9.-]{0,250}:(?!//)[^\s-][^\s]{0,2000}")
"""`user@host:path`, as scp has it."""


def read(path: str, may_clone: bool) -> list[Target]:
    """The repositories that the file names, each once, in its order.

    Raises ConfigError, with file and line, for one that may not be scanned: a URL where `may_clone` is false, of
    another scheme, or with a password in it; and for a line with control characters.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"--repos {path}: {error.strerror}") from None
    if len(data) > LARGEST:
        raise ConfigError(f"--repos {path}: longer than {LARGEST} bytes")
    found: dict[str, Target] = {}
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            target = _target(f"{path}:{number}", text, may_clone)
            found.setdefault(target.url or target.place, target)
    return list(found.values())


def _target(where: str, text: str, may_clone: bool) -> Target:
    if not text.isprintable() and not all(c.isprintable() or 0xDC80 <= ord(c) <= 0xDCFF for c in text):
        raise ConfigError(f"{where}: control characters in the name of a repository")
    if text.startswith("-"):
        raise ConfigError(f"{where}: begins with a hyphen", f"write ./{text} if it is a folder")
    if "://" not in text and "::" not in text and (os.path.isdir(text) or not _SSH.fullmatch(text)):
        place = os.path.realpath(text)
        return Target(text, _name(place), place=place)
    _check(where, text)
    if not may_clone:
        raise ConfigError(f"{where}: a URL", "--clone lets repositories be fetched into a temporary folder")
    return Target(text, _name(text), url=text)


def _check(where: str, text: str) -> None:
    """Whether a URL may be cloned. What it says is not repeated: there may be a password in it."""
    try:
        parts = urlsplit(text) if "://" in text else None
        password = parts.password if parts else None
    except ValueError:
        raise ConfigError(f"{where}: not a URL") from None
    if (parts and parts.scheme.lower() not in SCHEMES) or "::" in text.split("://")[0]:
        raise ConfigError(f"{where}: only {', '.join(SCHEMES)} and user@host:path are fetched")
    if password is not None or (parts and parts.scheme.lower() == "https" and parts.username):
        raise ConfigError(f"{where}: a credential in a URL", "take it out; git asks its credential helper for it")


def _name(of: str) -> str:
    """The shard's name: what a person recognises, and a digest that tells apart what looks alike."""
    tail = "-".join(part for part in re.split(r"[/:\\]", of.removesuffix("/").removesuffix(".git")) if part)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", tail)[-60:].lstrip(".-_") or "repository"
    return f"{plain}-{sha256_hex(of.encode('utf-8', 'surrogateescape'))[:10]}"
