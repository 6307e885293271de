"""The last word on a candidate: does this span hold a secret, and how sure are we?

Each judge gets (data, start, end, confidence) and answers None (no secret here) or (confidence, start, end): it may
lower or raise the confidence and move the span. Judges read bytes only. Hot path: imports nothing until a candidate
needs it.
"""

from __future__ import annotations

from secretguard.detect.finding import HIGH, LOW, MEDIUM
from secretguard.detect.words import DIGITS, counted, identifier, looks_made_up, placeholder, reference

Answer = tuple[str, int, int]

PEM_LIMIT = 32 * 1024
"""Longest private key block; a 16,384-bit RSA key is 13 kB."""


def entropy(value: bytes) -> float:
    """Shannon entropy of `value` in bits a byte; 0.0 for the empty value."""
    from math import log2

    size = len(value)
    return sum(-count / size * log2(count / size) for count in map(value.count, set(value)))


def token(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """A token with a mark of its own: anything but an obvious placeholder.

    One that goes through the alphabet has the vendor's full form and may still be somebody's: less sure.
    """
    value = data[start:end]
    if placeholder(value):
        return None
    return (_LESS[confidence] if counted(value) else confidence), start, end


_LESS = {HIGH: MEDIUM, MEDIUM: LOW, LOW: LOW}


def github(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """GitHub ends its 40-character tokens with a base62 CRC-32 of the 30 characters before it: wrong = less sure.

    Source: https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
    """
    value = data[start:end]
    if placeholder(value) or len(value) != 40:
        return token(data, start, end, confidence)
    from binascii import crc32

    number = 0
    for char in value[34:]:
        number = number * 62 + _BASE62.index(char)
    return (HIGH if number == crc32(value[4:34]) else MEDIUM), start, end


_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def random(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """A key without a mark of its own: its characters must look drawn at random."""
    value = data[start:end]
    if value.isalpha() or not value.translate(None, DIGITS) or entropy(value) < 3.0:
        return None
    return token(data, start, end, confidence)


def legacy(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """As `random`, for `s.` and 24 characters: in a program the same is a field of a variable `s`."""
    body = data[start + 2 : end]
    if not any(char in DIGITS for char in body) or identifier(body) or _lower_runs(body) * 2 > len(body):
        return None
    return random(data, start, end, confidence)


def _lower_runs(value: bytes) -> int:
    """Characters in long runs of small letters: nearly all of a name's, few of a drawn token's. Where it has no
    capitals, four in a row are no word yet."""
    long = 4 if value != value.lower() else 7
    words = "".join(char if "a" <= char <= "z" else " " for char in value.decode("ascii", "replace")).split()
    return sum(len(word) for word in words if len(word) >= long)


def alone(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """As `random`, and not a piece of a longer run of characters (base64 data is full of short shapes)."""
    inside = _alnum(data[start - 1 : start]) or _alnum(data[end : end + 1])
    return None if inside else random(data, start, end, confidence)


def beside(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """As `alone`, for a key that only a vendor's name nearby tells: what it is called must not be a digest or an id.

    Where its line does not call it a key either, it is less sure.
    """
    name = _name(data, start)
    called = _last_word(name)
    if any(word in called for word in _KEYS):
        return alone(data, start, end, confidence)
    if called.endswith(b"id") or any(word in called for word in _NO_KEYS):
        return None
    return alone(data, start, end, confidence if any(word in name for word in _KEYS) else _LESS[confidence])


def _last_word(name: bytes) -> bytes:
    """The identifier that stands last, whatever quotes and signs follow it: `"sha256": "` gives `sha256`."""
    rest = name.rstrip(b"\"'`:=>, \t([{")
    return rest[max(map(rest.rfind, (b" ", b'"', b"'", b"`", b">", b"$", b"\t", b"("))) + 1 :]


_KEYS = (b"key", b"token", b"secret", b"pass", b"auth", b"cred", b"bearer")
_NO_KEYS = (
    b"sha1", b"sha256", b"sha384", b"sha512", b"sha-", b"md5", b"digest", b"checksum", b"integrity", b"commit", b"etag",
    b"revision", b"fingerprint", b"hash", b"version", b"@", b"blob", b"tree", b"build", b"trace", b"span", b"request",
    b"resolved",
)  # fmt: skip


def _alnum(char: bytes) -> bool:
    return char.isalnum() or char in (b"/", b"+") or char == b"_"


def jwt(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """A JWT's first part is base64url of a JSON object with an `alg` (RFC 7515, 4.1.1); `none` signs nothing."""
    from binascii import Error, a2b_base64

    head = data[start:end].split(b".", 1)[0].replace(b"-", b"+").replace(b"_", b"/")
    try:
        header = a2b_base64(head + b"=" * (-len(head) % 4))
    except Error:
        return None
    if not header.startswith(b"{") or b'"alg"' not in header:
        return None
    return (LOW if b'"none"' in header.lower() else confidence), start, end


def pem(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """A private key is its whole block: from its BEGIN line to the matching END line, else as far as base64 goes."""
    limit = min(len(data), end + PEM_LIMIT)
    again = data.find(b"-----BEGIN ", end, limit)  # first: a file of nothing but headers must stay cheap
    if again >= 0:
        limit = again
    close = data.find(b"-----END ", end, limit)
    if close >= 0:
        last = data.find(b"-----", close + 9, close + 120)
        stop = last + 5 if last >= 0 else close + 9
        body = data[end:close]
    else:
        stop = end + _base64_run(data[end:limit])
        body = data[end:stop]
    if len(_base64_only(body)) < 40 or b"..." in body:
        return None  # a header alone, as in documentation and in scanners: nothing is given away
    return confidence, start, stop


def _base64_only(text: bytes) -> bytes:
    for escape in (b"\\n", b"\\r", b"\\t"):
        text = text.replace(escape, b"")
    return text.translate(None, b" \t\r\n\"'+,#>|-")


_KEY_CHARS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n\\ "


def _base64_run(text: bytes) -> int:
    rest = text.lstrip(_KEY_CHARS)
    return len(text[: len(text) - len(rest)].rstrip(b"\r\n\\ "))


_TRIVIAL = {
    b"password", b"passwd", b"pass", b"pwd", b"secret", b"user", b"username", b"root", b"postgres", b"admin", b"guest",
    b"mysql", b"test", b"redis", b"mongo", b"rabbitmq", b"changeme", b"default", b"pw", b"token", b"apikey", b"key",
    b"p", b"x", b"foo", b"bar", b"baz", b"git", b"none", b"null", b"true", b"false", b"empty", b"string", b"hidden",
}  # fmt: skip


_SIGNS = b"\"'#!\\?."


def url_password(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """The password part of a URL; a trivial one, or one for this machine or a documentation host, is less sure."""
    value = data[start:end]
    if looks_made_up(value) or reference(value) or not value.strip(b"*.x-") or value.isspace():
        return None
    if value[:1] in b"<[" or value[-1:] in b">]":
        return None  # `-u <user:password>`, `-u name:[PASSWORD]`
    host = data[end + 1 : end + 64].lower()
    if value.lower() in _TRIVIAL:
        return None
    if value.lower().strip(_SIGNS).rstrip(DIGITS) in _TRIVIAL:
        return LOW, start, end  # `pass1`, `#pass`
    if host.startswith((b"localhost", b"127.", b"[::1]", b"0.0.0.0")):
        return LOW, start, end
    if b"example.com" in host or b"example.org" in host or b"example.net" in host:
        return LOW, start, end
    return confidence, start, end


def basic(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """The value of an HTTP Basic header: base64 of `user:password` (RFC 7617)."""
    from binascii import Error, a2b_base64

    value = data[start:end]
    try:
        plain = a2b_base64(value + b"=" * (-len(value) % 4))
    except Error:
        return None
    user, colon, password = plain.partition(b":")
    if not colon or not plain.isascii() or not plain.decode("ascii").isprintable() or looks_made_up(password):
        return None
    return (confidence, start, end) if user or password else None


def bearer(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """The token of an Authorization header."""
    value = data[start:end]
    if reference(value) or looks_made_up(value) or not any(char in DIGITS for char in value):
        return None
    if all(word.isidentifier() for word in value.decode("ascii", "replace").split(".")) and b"." in value:
        return None  # `base64.b64decode`
    return (confidence if entropy(value) >= 3.0 else LOW), start, end


def assigned(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """A quoted literal assigned to a name that says secret: not a reference, a template, a word or a sentence."""
    value = data[start:end]
    if len(value) < 6 or reference(value) or looks_made_up(value) or value.lower().rstrip(DIGITS) in _TRIVIAL:
        return None
    if b"0-9" in value or b"a-z" in value or b"a-f" in value:
        return None  # a regular expression
    name = _name(data, start)
    called = _last_word(name)
    if not value.isascii() or (value[:1] == b"#" and len(value) in (4, 7, 9)):
        return None  # the colours of a theme for "token"
    if not (_mixed(value) or (called.endswith(_PASSWORDS) and _typed(value))):
        return None  # words and numbers
    if value[:1] in b")],;}" or value[-1:] in b"([{" or _interpolated(value):
        return None  # the code between two strings, and a string that is filled in
    if any(harmless in name for harmless in _HARMLESS) or (called.endswith(b"id") and _uuid(value)):
        return None
    bits = entropy(value)
    if bits < 2.5 or (len(value) > 12 and bits < 3.0):
        return None
    return (confidence if bits >= 3.5 else LOW), start, end


_PASSWORDS = (b"password", b"passwd", b"passphrase", b"pwd", b"passcode")


def _typed(value: bytes) -> bool:
    """Whether it is what a person types for a password: a sign between letters that no identifier or sentence has."""
    inner = value[1:-1]
    return any(char in b"!@#$%^&*?~+=`" for char in inner) and not any(char in b"()[]<>{}:" for char in value)


def _uuid(value: bytes) -> bool:
    return len(value) == 36 and [at for at, char in enumerate(value) if char == 45] == [8, 13, 18, 23]


def _name(data: bytes, start: int) -> bytes:
    """What stands before a value on its line, in small letters, without another assignment before it."""
    before = data[max(0, start - 64) : start].lower()
    begin = max(before.rfind(mark) for mark in (b"\n", b"\r", b"\\n", b",", b";", b"&", b"{", b"(")) + 1
    return before[begin:]


_HARMLESS = (
    b"[[secret:", b"hashed_secret", b"nexttoken", b"next_token", b"next-token", b"pagetoken", b"page_token",
    b"requesttoken", b"request_token", b"request-token", b"clienttoken", b"client_token", b"client-token",
    b"continuationtoken", b"continuation_token", b"public_key", b"publickey", b"public-key", b"password_hash",
    b"password_encryption", b"token_url", b"token_uri", b"secret_name", b"secret_arn", b"secretarn", b"secret_id",
    b"csrf", b"xsrf", b"secret_length", b"key_length", b"token_length", b"usersecretsid",
    b"goog-credential", b"amz-credential",
)  # fmt: skip
"""Names of what is no secret though the name says so: cursors of paged answers, digests, public halves, addresses."""


def bare(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """An unquoted value after a name that says secret: as `assigned`, and it must not read as code or a path."""
    value = data[start:end]
    after = data[end : end + 2]
    if (
        after[:1] in (b"(", b"[", b"{", b".", b"=")
        or (after[:1] == b"<" and after != b"</")
        or value[:1] in b"-/.@:#"
        or b"::" in value
    ):
        return None
    if not any(char in DIGITS for char in value) or value.count(b".") > 1 or value.count(b"/") > 2:
        return None
    if identifier(value) or (value[:2] == b"0x" and len(value) <= _NUMBER):
        return None  # `hashlib.sha256`, `_bindgen_ty_3`, a number
    words = value.decode("ascii", "replace").replace("*", ".").split(".")
    if len(words) > 1 and all(word.isidentifier() or word.isdecimal() for word in words):
        return None  # `settings.Token2`, `2*limit`
    if all(word.isidentifier() for word in words) and value.lower().rstrip(DIGITS).endswith(_NAMES):
        return None  # `key: Ed25519PrivateKey`, `token = session_token2`
    return assigned(data, start, end, confidence)


_NUMBER = 18
"""Characters of a 64-bit number in hexadecimal, with its `0x`."""


def keyish(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """A value under a name that only ends in `key` or the like: drawn at random, and no key of a table or a cache."""
    value = data[start:end]
    called = _last_word(_name(data, start))
    if any(word in called for word in _OTHER_KEYS) or _uuid(value) or identifier(value) or value.count(b"/") > 1:
        return None
    if sum(char in DIGITS for char in value) < 3 or value.count(b"-") > 4 or value.count(b"_") > 4:
        return None
    parts = value.split(b"+")
    if len(parts) > 2 and len(parts[1]) == _KEY_HASH and not parts[1].strip(_HEX):
        return None  # `name+hash+key`: the public half of a log's key (C2SP signed-note)
    if entropy(value) < 3.3 or _lower_runs(value) * 2 > len(value) or looks_made_up(value):
        return None
    return assigned(data, start, end, confidence)


_KEY_HASH, _HEX = 8, b"0123456789abcdef"

_OTHER_KEYS = (
    b"public", b"pub", b"primary", b"foreign", b"sort", b"partition", b"cache", b"hash", b"idempot", b"index", b"shard",
    b"routing", b"dedup", b"object", b"file", b"path", b"image", b"fingerprint", b"ssh", b"host", b"lock", b"etag",
    b"integrity", b"verif", b"sha", b"md5", b"certificate", b"signature", b"site", b"map", b"lookup", b"group", b"row",
    b"node", b"translation", b"i18n", b"message", b"monkey", b"turkey", b"hotkey", b"keyboard",
)  # fmt: skip
"""Names of keys that open nothing."""


def element(data: bytes, start: int, end: int, confidence: str) -> Answer | None:
    """The text of an XML element whose name says secret, alone between its tags."""
    before = data[max(0, start - _INDENT) : start].rstrip()
    return assigned(data, start, end, confidence) if before.endswith(b">") else None


_INDENT = 100


def _interpolated(value: bytes) -> bool:
    """Whether a name in braces stands in the value: `vault_{number}`."""
    opening = value.find(b"{")
    closing = value.find(b"}", opening)
    inner = value[opening + 1 : closing] if 0 <= opening < closing else b""
    return inner[:1].isalpha() or inner[:1] == b"_"


def _mixed(value: bytes) -> bool:
    """Digits and letters, or punctuation beside letters: words, identifiers and plain numbers are none of it."""
    digits = sum(char in DIGITS for char in value)
    if digits == len(value):
        return False
    symbols = any(char in b"!@#$%^&*?~+=/|" for char in value)
    case = value != value.lower() and value != value.upper()
    return digits > 0 or (symbols and case)


_NAMES = (b"key", b"keys", b"token", b"secret", b"password", b"passwd", b"credential", b"credentials", b"pwd")

JUDGES = {
    "token": token,
    "github": github,
    "random": random,
    "alone": alone,
    "legacy": legacy,
    "beside": beside,
    "jwt": jwt,
    "pem": pem,
    "url_password": url_password,
    "basic": basic,
    "bearer": bearer,
    "assigned": assigned,
    "bare": bare,
    "element": element,
    "keyish": keyish,
}
"""Every judge by the name that a rule gives it."""
