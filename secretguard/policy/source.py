"""One layer of the policy as it was read: its texts, its digest, and what is wrong with it. Hot path.

Reading never judges: a folder that cannot be read, or that others may write, is a Source with a fault, so that the
caller can let the last good one stand.
"""

from __future__ import annotations

import os

from secretguard.errors import ConfigError, GuardError
from secretguard.keyed import sha256_hex
from secretguard.policy.kept import FORMAT, bounded
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS

RULES, FACTS, EXAMPLES = "rules.cedar", "facts.toml", "examples.toml"
MAX_SOURCE = 256 * 1024

ORGANISATION, REPOSITORY, USER, PACKAGED = "organisation", "repository", "user", "packaged"
"""The layers, by authority. The first that has a whole policy is the base, those below it can only tighten; the
repository's is never the base."""


class Source:
    """One layer. `rules` and `facts` are the files' bytes, None where a layer that only tightens has none of them.

    `place` is its folder, or `REF@COMMIT:FOLDER` for a repository's, whose `examples` come with it. `fault` is why
    it cannot be used (file:line) and `fix` what to do, or "".
    """

    __slots__ = ("digest", "examples", "facts", "fault", "fix", "name", "place", "rules")

    def __init__(
        self, name: str, place: str, rules: bytes | None, facts: bytes | None, fault: str = "", fix: str = ""
    ) -> None:
        self.name = name
        self.place = place
        self.rules = rules
        self.facts = facts
        self.fault = fault
        self.fix = fix
        self.examples: bytes | None = None
        self.digest = _digest(name, rules, facts, fault)


def from_folder(name: str, directory: str, owners: tuple[int, ...], whole: bool) -> Source:
    """The layer `name` in `directory`; `whole`: as a base, which has both files. Raises nothing: see `fault`."""
    try:
        must_be_owned(directory, owners)
        rules, facts = (_optional(directory, file, whole) for file in (RULES, FACTS))
    except (ConfigError, GuardError) as error:
        return Source(name, directory, None, None, error.message, error.fix)
    return Source(name, directory, rules, facts)


def source_digest(rules: bytes, facts: bytes) -> str:
    """64 hex characters over both sources, the vocabulary and the format: the same policy has the same one anywhere."""
    vocabulary = "|".join(",".join(words) for words in (ACTIONS, EFFECTS, ENVIRONMENTS, DATA))
    return joined((FORMAT.encode(), vocabulary.encode(), rules, facts))


def joined(parts: tuple[bytes, ...]) -> str:
    """SHA-256 (hex) over `parts`, each with its length before it: moving a byte from one to the next changes it."""
    return sha256_hex(b"".join(len(part).to_bytes(8, "big") + part for part in parts))


def _digest(name: str, rules: bytes | None, facts: bytes | None, fault: str) -> str:
    if fault:
        return joined((b"fault", name.encode(), fault.encode("utf-8", "backslashreplace")))
    if rules is None or facts is None:  # a part of a policy is not one whose other file is empty
        return joined((b"part", source_digest(rules or b"", facts or b"").encode(), bytes((rules is None,))))
    return source_digest(rules, facts)


def _optional(directory: str, name: str, whole: bool) -> bytes | None:
    if not whole and not os.path.lexists(os.path.join(directory, name)):
        return None
    return file_of(directory, name)


def file_of(directory: str, name: str) -> bytes:
    """One file of a policy folder. Raises ConfigError `file:1:` where it cannot be read or is too large."""
    path = os.path.join(directory, name)
    try:
        return bounded(path, MAX_SOURCE)
    except OSError as error:
        raise ConfigError(
            f"{path}:1: cannot be read: {error.strerror}", f"a policy directory holds {RULES} and {FACTS}"
        ) from None
    except ValueError as error:
        raise ConfigError(f"{path}:1: {error}") from None


def text_of(data: bytes, path: str) -> str:
    """`data` as UTF-8. Raises ConfigError with the line that is not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8") from None


def must_be_owned(directory: str, owners: tuple[int, ...]) -> None:
    """Raises GuardError where another user could have written a policy folder or its files.

    A group may write a user's own policy (many systems give each user one), not root's.
    """
    for path in (directory, os.path.join(directory, RULES), os.path.join(directory, FACTS)):
        try:
            info = os.stat(path)
        except OSError:
            continue  # reading it names what is missing
        others = 0o022 if owners == (0,) and info.st_gid else 0o002
        if info.st_uid not in owners or info.st_mode & others:
            raise GuardError(
                f"{path}: a policy must belong to uid {owners[0]} and not be writable by others",
                f"chown and chmod go-w it after reading what it says (owner now: uid {info.st_uid})",
            )
