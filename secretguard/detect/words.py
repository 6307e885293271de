"""Words and shapes that tell a placeholder, a template or a reference from a secret. Hot path: imports nothing."""

from __future__ import annotations

DIGITS = b"0123456789"

_PLACEHOLDERS = (
    b"example", b"placeholder", b"changeme", b"change_me", b"change-me", b"replaceme", b"replace_me", b"replace-me",
    b"replace_with", b"insert_", b"dummy", b"redacted", b"removed", b"hidden", b"your_", b"your-", b"yourtoken",
    b"yourkey", b"yoursecret", b"yourpassword", b"yourapi", b"my_token", b"mytoken", b"my_secret", b"my-secret",
    b"mysecret", b"my_password", b"mypassword", b"my-password", b"fixme", b"not_a_secret", b"notasecret",
    b"not-a-secret", b"not-real", b"not_set", b"not-set", b"sample", b"xxxx", b"****", b"....",
    b"-here", b"_here", b"[[secret:",
)  # fmt: skip

PUBLISHED = frozenset({
    b"QWxhZGRpbjpvcGVuIHNlc2FtZQ==", b"QWxhZGRpbjpvcGVuIHNlc2FtZQ", b"YWxhZGRpbjpvcGVuc2VzYW1l",  # RFC 7617, 2617
    b"czZCaGRSa3F0MzpnWDFmQmF0M2JW", b"czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3",  # RFC 6749, 2.3.1 and 4.1.3
    b"gX1fBat3bV", b"7Fjfp0ZBr1KtDRbnfVdmIw", b"2YotnFZFEjr1zCsicMWpAA", b"tGzv3JOkF0XG5Qx2TlKWIA", b"SlAV32hkKG",
    b"h480djs93hd8", b"mF_9.B5f-4.1JqM", b"ad180jjd733klru7", b"kd94hf93k423kf44",  # RFC 6750, 5849
    b"pfkkdhi9sl3r4s00",
    b"tiger", b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # Oracle's scott; AWS's documentation
})  # fmt: skip
"""What standards and vendors print as examples: nobody's secret, in thousands of texts."""

_COUNTED = (b"1234567890abcdef", b"0123456789abcdef", b"abcdefghij", b"123456789012345")
"""What is typed where something must stand: nobody draws it at random."""

_TEMPLATES = (b"${", b"{{", b"<%", b"%(", b"#{", b"$(", b"%{", b"<<", b"@{")

_REFERENCES = (
    b"$", b"<", b"{", b"%s", b"%(", b"process.env", b"os.environ", b"os.getenv", b"getenv", b"env.", b"env(", b"env[",
    b"config.", b"config[", b"settings.", b"secrets.", b"vars.", b"var.", b"vault:", b"vault(", b"op://", b"ref+",
    b"arn:aws:", b"projects/", b"self.", b"this.", b"data.", b"local.", b"module.", b"params.", b"args.", b"opts.",
    b"options.", b"request.", b"req.", b"ctx.", b"import.", b"file:", b"/run/secrets/", b"secretkeyref", b"!ref",
    b"lookup(", b"sha256:", b"sha256-", b"sha512-", b"sha1-", b"urn:", b"http://", b"https://", b"base64:", b"\\",
    b"localhost", b"original.",
)  # fmt: skip


def looks_made_up(value: bytes) -> bool:
    """Whether `value` says itself that it is none, or counts through the alphabet or the digits."""
    return placeholder(value) or counted(value)


def counted(value: bytes) -> bool:
    """Whether a long piece of `value` goes through the alphabet or the digits."""
    low = value.lower()
    return any(piece in low for piece in _COUNTED)


def placeholder(value: bytes) -> bool:
    """Whether `value` says itself that it is none: a placeholder word, a template, or one character many times."""
    low = value.lower()
    if value in PUBLISHED:
        return True
    if any(word in low for word in _PLACEHOLDERS) or any(mark in value for mark in _TEMPLATES):
        return True
    if value.startswith(b"<") and value.endswith(b">"):
        return True
    return _repeats(value)


def _repeats(value: bytes) -> bool:
    """A run of one character that makes up half of the value: `aaaaaaaa`, `0000-0000`."""
    if len(value) < 8:
        return len(set(value)) <= 1
    commonest = max(map(value.count, set(value)))
    return commonest * 2 > len(value)


def reference(value: bytes) -> bool:
    """Whether `value` names where a secret is kept, in a shell, a template, a program or a vault."""
    return value.lower().startswith(_REFERENCES)


def identifier(value: bytes) -> bool:
    """Whether `value` reads as a name in a program of more than one word: digits stand at the ends of words alone.

    `proc_macro2`, `file_v1_common`, `PKCS7PrivateKeyTypes`; not `hunter2`, not `kjfch2345sdf`.
    """
    text = value.decode("ascii", "replace")
    if not all(part.isidentifier() or not part for part in text.split(".")):
        return False
    words = [word.rstrip("0123456789") for word in _words(text)]
    if len(words) < 2 or not all(word.isalpha() or not word for word in words):
        return False
    named = [word for word in words if word]
    return sum(map(len, named)) >= _WORD * len(named) > 0


_WORD = 4
"""Letters of a name's words on average; pieces between the capitals and digits of a drawn value have two."""


def _words(text: str) -> list[str]:
    """The words of an identifier, parted by underscores, full stops and where capitals begin."""
    words, last = [""], ""
    for char in text:
        if char in "_.":
            words.append("")
        elif char.isupper() and not last.isupper():
            words.append(char)
        else:
            words[-1] += char
        last = char
    return [word for word in words if word]
