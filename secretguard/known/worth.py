"""Is a setting's value a secret that must never leave? By its variable's name and its own look. Hot path, when a file
changed: imports no standard library.

STRONG: nobody writes it by accident, it counts wherever it stands. WEAK: short, or like a word: it counts only beside a
name that says secret (`detect/known.py`). None: it is no secret, or as good as none: `true`, `localhost`, a port, a
path, a public address, a version. A value without a secret's name must look drawn at random.
"""

from __future__ import annotations

from secretguard.detect.judge import entropy
from secretguard.detect.words import DIGITS, looks_made_up, reference

STRONG, WEAK = "strong", "weak"
SHORTEST = 6
"""Bytes of the shortest value that is ever known: a four-digit number is everywhere."""

_SECRET = frozenset(
    [
        "password",
        "passwd",
        "pass",
        "pwd",
        "passphrase",
        "passcode",
        "secret",
        "secrets",
        "token",
        "tokens",
        "key",
        "keys",
        "apikey",
        "credential",
        "credentials",
        "auth",
        "authtoken",
        "private",
        "salt",
        "pepper",
        "pat",
        "signing",
        "webhook",
        "bearer",
        "jwt",
        "hmac",
        "seed",
        "mnemonic",
        "dsn",
        "pw",
        "secretkey",
        "accesskey",
        "authorization",
        "encryption",
    ]
)
_ENDINGS = ("password", "passwd", "secret", "token", "apikey", "passphrase", "secretkey", "accesskey", "privatekey")
_PUBLIC = frozenset(
    [
        "id",
        "ids",
        "name",
        "host",
        "hostname",
        "port",
        "user",
        "username",
        "email",
        "region",
        "zone",
        "bucket",
        "path",
        "file",
        "dir",
        "directory",
        "ttl",
        "expires",
        "expiry",
        "expiration",
        "lifetime",
        "length",
        "size",
        "limit",
        "algorithm",
        "alg",
        "type",
        "level",
        "version",
        "sha",
        "commit",
        "revision",
        "rev",
        "header",
        "prefix",
        "suffix",
        "enabled",
        "disabled",
        "issuer",
        "audience",
        "endpoint",
        "domain",
        "origin",
        "origins",
        "locale",
        "lang",
        "language",
        "timezone",
        "tz",
        "mode",
        "env",
        "environment",
        "driver",
        "connection",
        "engine",
        "method",
        "scope",
        "scopes",
        "count",
        "max",
        "min",
        "timeout",
        "interval",
        "public",
        "publishable",
        "fingerprint",
        "checksum",
        "digest",
        "thumbprint",
        "url",
        "uri",
        "image",
        "tag",
        "branch",
        "model",
        "format",
        "charset",
        "collation",
        "schema",
    ]
)
_SHIPPED = ("NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_", "PUBLIC_", "GATSBY_", "STORYBOOK_")
"""Names of what a web bundler puts into the page: public by what they are."""
_COMMON = frozenset(
    b"password passwd pass secret root admin administrator postgres postgresql mysql mariadb mongo mongodb redis guest "
    b"rabbitmq rabbit test testing tester user username default changeme letmein welcome qwerty demo example token "
    b"apikey key development production staging local localhost database minio minioadmin elastic docker vagrant "
    b"django laravel rails symfony wordpress homestead sail none null true false undefined enabled disabled required "
    b"optional empty string value secretkey private public hidden sqlite memory server client master service system "
    b"session cookie bearer basic oauth".split()
)
_WORD_MARKS = b"-_./: ,"


def strength(name: str, value: bytes, told: bool = False) -> str | None:
    """STRONG, WEAK or None for `value` of the variable `name`; `told` that it was kept where secrets are."""
    if len(value) < SHORTEST or looks_made_up(value) or reference(value) or name.upper().startswith(_SHIPPED):
        return None
    if any(char < 32 or char == 127 for char in value):
        return None
    words = words_of(name)
    if words and words[-1] in _PUBLIC:
        return None
    named = told or _secret_name(words)
    bare = value.lower().strip(b"!#$%&*+-._@?" + DIGITS)
    if not bare and not named:
        return None  # a number, a date, a version
    if value.lower() in _COMMON or _path(value):
        return None
    return _named(value, bare) if named else _unnamed(value)


def words_of(name: str) -> list[str]:
    """The words of a variable's name in small letters: `dbPassword` and `DB_PASSWORD` are db, password."""
    spaced = ""
    for at, char in enumerate(name):
        if char.isupper() and at and (name[at - 1].islower() or name[at - 1].isdigit()):
            spaced += " "
        spaced += char if char.isalnum() else " "
    return spaced.lower().split()


def _secret_name(words: list[str]) -> bool:
    return any(word.rstrip("0123456789") in _SECRET or word.endswith(_ENDINGS) for word in words)


def _named(value: bytes, bare: bytes) -> str | None:
    """Under a secret's name: strong when it is no word, no number, and not one of the passwords of every example."""
    if value.isdigit() or bare in _COMMON or len(value) < 8 or _phrase(value):
        return STRONG if len(value) >= 20 and entropy(value) >= 3.3 else WEAK
    return STRONG if entropy(value) >= 2.5 else WEAK


def _unnamed(value: bytes) -> str | None:
    """Without one: letters and digits mixed as nobody would write them."""
    if len(value) < 16 or not value.isascii() or _phrase(value) or _address(value) or _uuid(value):
        return None
    has_digit, has_letter = any(char in DIGITS for char in value), any(chr(char).isalpha() for char in value)
    return STRONG if has_digit and has_letter and b" " not in value and entropy(value) >= 3.5 else None


def _phrase(value: bytes) -> bool:
    """Whether it is made of words and short numbers: `my-app-session`, `us-east-1`, `gpt-4o-mini`, `CamelCaseName`."""
    for mark in _WORD_MARKS[1:]:
        value = value.replace(bytes((mark,)), b"-")
    return all(_word(part) for part in value.split(b"-") if part)


def _word(part: bytes) -> bool:
    if part.isdigit():
        return len(part) <= 4
    letters = part.rstrip(DIGITS)
    if len(part) - len(letters) > 2 and len(part) > 3:
        return False
    if len(part) <= 3:
        return part.isalnum() and (part.islower() or part.isupper() or part.isalpha())
    return letters.isalpha() and _spoken(letters)


def _spoken(letters: bytes) -> bool:
    """Whether it could be said: vowels in it, and letters of one case but for the first of each part."""
    vowels = sum(char in b"aeiouyAEIOUY" for char in letters)
    upper = sum(chr(char).isupper() for char in letters)
    return vowels * 6 >= len(letters) and (upper == len(letters) or upper * 3 <= len(letters))


def _path(value: bytes) -> bool:
    """A file or folder: its parts are names."""
    if value.startswith((b"/", b"./", b"../", b"~/")):
        return _phrase(value.lstrip(b"~"))
    return value[1:3] == b":\\"


def _address(value: bytes) -> bool:
    """A URL, a host, an e-mail address: what is secret in a URL is filed by itself (`pieces.py`)."""
    if b"://" in value or value.count(b"@") == 1:
        return True
    parts = value.split(b":")[0].split(b".")
    return len(parts) > 1 and all(part.replace(b"-", b"").isalnum() for part in parts) and value == value.lower()


def _uuid(value: bytes) -> bool:
    """8-4-4-4-12 hexadecimal digits: an id as a rule, unless its name says otherwise."""
    parts = value.split(b"-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12] and not value.strip(b"-0123456789abcdefABCDEF")
