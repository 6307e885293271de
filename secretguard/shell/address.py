"""A place outside of this process, read out of one word: URL, `host:port`, `user@host:path`, an image's registry. Pure.

What a word does not say is not guessed: a variable, a substitution or a pattern where the host should stand is *not a
literal*, and a form that programs read in different ways (`https://a\\@b`, `%61.example`) *cannot be read*. Hot path.
"""

from __future__ import annotations

from secretguard.shell.words import UNKNOWN

OBSERVED, INFERRED = "observed", "inferred"
"""The tool itself calls what its input names · the analysis derives that a command would."""

UNSAID = "a host that is not a literal"
UNREAD = "a host that cannot be read"
LONGEST = 253
"""Characters of a host name (RFC 1035, 2.3.4)."""

_NOWHERE = ("file", "data", "s3", "s3a", "gs", "az", "abfss", "arn", "about", "unix", "npipe", "containers-storage")
"""Schemes behind which no host stands: a path, a bucket, a socket."""
_HEX = frozenset("0123456789abcdefABCDEF:.")
_PATTERN = frozenset("{}[]*?$`")
_SCHEME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")


class Call:
    """One call to another place. `host` is lower-cased and otherwise as given (international names too; an IPv6 address
    in brackets), or "" and `unknown` says why. `port` is 0 and `scheme` "" where the word has none. `how` is OBSERVED
    or INFERRED, `via` the program or tool that makes it."""

    __slots__ = ("host", "how", "port", "scheme", "unknown", "via")

    def __init__(
        self, via: str, host: str = "", port: int = 0, scheme: str = "", unknown: str = "", how: str = INFERRED
    ) -> None:
        self.via = via
        self.host = host
        self.port = port
        self.scheme = scheme
        self.unknown = unknown
        self.how = how

    @property
    def place(self) -> tuple[str, int, str]:
        """What makes two calls the same: host and port, or why there are none."""
        return self.host, self.port, self.unknown

    def __repr__(self) -> str:
        return f"Call({self.via!r}, {self.host or self.unknown!r}, {self.port})"


def of_url(text: str, via: str) -> Call | None:
    """The call to a URL with a scheme; None where there is none, or one behind which no host stands."""
    scheme, mark, rest = text.partition("://")
    scheme = scheme.rpartition(":")[2]  # jdbc:postgresql://
    if not mark or not scheme or scheme.lower() in _NOWHERE:
        return None
    if UNKNOWN in scheme:
        scheme = ""
    elif len(scheme) > 20 or not _SCHEME.issuperset(scheme):
        return None
    return of_authority(rest, via, scheme.lower())


def of_place(text: str, via: str) -> Call | None:
    """The call of a program that takes URLs with or without a scheme: `curl host:80/path`."""
    return of_url(text, via) if "://" in text else of_authority(text, via)


def of_authority(text: str, via: str, scheme: str = "") -> Call | None:
    """`[user@]host[:port]`, ended by the text's end or by `/`, `?` or `#`; None where nothing stands there."""
    for end in "/?#":
        text = text.partition(end)[0]
    if "\\" in text:  # a browser ends the host there, curl reads on to the `@`
        return Call(via, unknown=UNREAD)
    text = text.rpartition("@")[2]
    if text.startswith("["):
        host, closed, port = text[1:].partition("]")
        return Call(via, f"[{host.lower()}]", _port(port[1:]), scheme) if closed and _is_v6(host) else _dark(text, via)
    if text.count(":") > 1 and _is_v6(text):
        return Call(via, f"[{text.lower()}]", 0, scheme)
    host, _, port = text.partition(":")
    host = host.lower().removesuffix(".")
    if not host:
        return None
    return Call(via, host, _port(port), scheme) if is_name(host) else _dark(host, via)


def of_copy(text: str, via: str) -> Call | None:
    """`[user@]host:path` of scp, rsync and git, or a URL; None for a path of this machine."""
    if "://" in text:
        return of_url(text, via)
    before = text.partition("]:" if text.rpartition("@")[2].startswith("[") else ":")[0]
    if before == text or "/" in before:
        return None
    return of_authority(before + "]" if "[" in before else before, via)


def of_image(name: str, via: str) -> Call:
    """The registry of a container image: its first part where that has a dot or a port, else Docker Hub's."""
    if "://" in name:
        name = name.partition("://")[2]
    first, slash, _ = name.partition("/")
    if UNKNOWN in (first if slash else name.partition(":")[0]):
        return Call(via, unknown=UNSAID)
    named = slash and ("." in first or ":" in first or first == "localhost")
    return (of_authority(first, via) if named else None) or Call(via, "docker.io")


def is_name(host: str) -> bool:
    """Whether `host` can be a host's name or IPv4 address: letters, digits, `-`, `_`, dots; other scripts as given."""
    return 0 < len(host) <= LONGEST and all(
        c.isalnum() or c in "-._" if c.isascii() else c.isprintable() and not c.isspace() for c in host
    )


def _is_v6(text: str) -> bool:
    address, _, zone = text.partition("%")
    return 1 < address.count(":") < 9 and len(text) < 64 and _HEX.issuperset(address) and (not zone or zone.isalnum())


def _dark(text: str, via: str) -> Call:
    literal = UNKNOWN not in text and _PATTERN.isdisjoint(text)
    return Call(via, unknown=UNREAD if literal else UNSAID)


def _port(text: str) -> int:
    if not (0 < len(text) < 6 and text.isascii() and text.isdigit()):
        return 0
    return int(text) if int(text) < 65536 else 0
