"""Words and shapes that tell a placeholder, a template or a reference from a secret. Hot path: imports nothing."""

from __future__ import annotations

DIGITS = b"0123456789"

_PLACEHOLDERS = (
    b"example", b"placeholder", b"changeme", b"change_me", b"change-me", b"replaceme", b"replace_me", b"replace-me",
    b"replace_with", b"insert_", b"dummy", b"redacted", b"removed", b"hidden", b"your_", b"your-", b"yourtoken",
    b"yourkey", b"yoursecret", b"yourpassword", b"yourapi", b"my_token", b"mytoken", b"my_secret", b"my-secret",
    b"mysecret", b"my_password", b"mypassword", b"my-password", b"fixme", b"not_a_secret", b"notasecret",
    b"not-a-secret", b"not-real", b"sample", b"xxxx", b"****", b"....", b"-here", b"_here", b"[[secret:",
)  # fmt: skip

_COUNTED = (b"1234567890abcdef", b"0123456789abcdef", b"abcdefghij", b"123456789012345")
"""What is typed where something must stand: nobody draws it at random."""

_TEMPLATES = (b"${", b"{{", b"<%", b"%(", b"#{", b"$(", b"%{", b"<<", b"@{")

_REFERENCES = (
    b"$", b"<", b"{", b"%s", b"%(", b"process.env", b"os.environ", b"os.getenv", b"getenv", b"env.", b"env(", b"env[",
    b"config.", b"config[", b"settings.", b"secrets.", b"vars.", b"var.", b"vault:", b"vault(", b"op://", b"ref+",
    b"arn:aws:", b"projects/", b"self.", b"this.", b"data.", b"local.", b"module.", b"params.", b"args.", b"opts.",
    b"options.", b"request.", b"req.", b"ctx.", b"import.", b"file:", b"/run/secrets/", b"secretkeyref", b"!ref",
    b"lookup(", b"sha256:", b"sha256-", b"sha512-", b"sha1-", b"urn:", b"http://", b"https://", b"base64:", b"\\",
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
