"""Which files hold secret settings, by their names, and how each kind is read. Hot path, when a file changed."""

from __future__ import annotations

from secretguard.detect.judge import entropy
from secretguard.known import dotenv
from secretguard.known.lines import settings as line_settings
from secretguard.known.pieces import in_json, pieces
from secretguard.rawjson import JsonError, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Value = tuple[str, bytes, bool, int]
    """(variable, value, whether it is weak, line from 1; 0 where it has none)."""

ENV, LINES, JSON, NETRC, PGPASS, URLS = "env", "lines", "json", "netrc", "pgpass", "urls"
LARGEST = 256 * 1024
"""Bytes of a file that is read for its values."""
MOST = 1000
"""Values of one file."""
_EXAMPLES = ("example", "sample", "template", "dist", "defaults", "default", "schema", "tpl", "j2", "md", "swp", "d")
_NAMED = {
    ".envrc": ENV, ".npmrc": LINES, ".pypirc": LINES, ".my.cnf": LINES, ".s3cfg": LINES, ".boto": LINES,
    ".netrc": NETRC, "_netrc": NETRC, ".pgpass": PGPASS, "pgpass.conf": PGPASS, ".git-credentials": URLS,
    ".dockercfg": JSON, ".dockerconfigjson": JSON,
}  # fmt: skip
_ENDINGS = {
    "yaml": LINES, "yml": LINES, "toml": LINES, "ini": LINES, "cfg": LINES, "conf": LINES, "properties": LINES,
    "txt": LINES, "tfvars": LINES, "env": ENV, "json": JSON,
}  # fmt: skip
_STEMS = ("secrets", "secret", "credentials", "credential", ".secrets", ".credentials", ".secret")


def family(name: str) -> str | None:
    """How the file called `name` (without its folder) is read; None where it is no file of secrets."""
    low = name.lower()
    if low in _NAMED:
        return _NAMED[low]
    stem, _, ending = low.rpartition(".")
    if low.startswith((".env", "env.")) or ending == "env":
        parts = low.replace("-", ".").replace("_", ".").split(".")
        return None if any(part in _EXAMPLES for part in parts) else ENV if _is_env(low, ending) else None
    if low.endswith((".tfvars", ".tfvars.json")):
        return _ENDINGS[ending]
    first = low.split(".")[0] if not low.startswith(".") else "." + low[1:].split(".")[0]
    if first in _STEMS:
        return LINES if "." not in low.lstrip(".") else _ENDINGS.get(ending)
    return _ENDINGS.get(ending) if stem.startswith(("credentials-", "credentials_", "secrets-", "secrets_")) else None


def _is_env(low: str, ending: str) -> bool:
    """`.env`, `.env.local`, `.env-ci`, `app.env`; not `.environment.py`."""
    if low.startswith(".env"):
        return low[4:5] in ("", ".", "-", "_")
    return ending == "env"


def values(kind: str, data: bytes) -> Iterator[Value]:
    """The secrets in a file of that kind, at most MOST. Raises nothing: what cannot be read has none."""
    seen: set[bytes] = set()
    for name, value, line in _settings(kind, data):
        for variable, piece, weak in value if isinstance(value, list) else _pieces(name, value):
            if piece in seen:
                continue
            seen.add(piece)
            yield variable, piece, weak, line
            if len(seen) >= MOST:
                return


def _pieces(name: str, value: bytes) -> Iterator[tuple[str, bytes, bool]]:
    yield from pieces(name, value)
    plain = _base64(value)
    if plain:
        yield from pieces(name, plain)


def _base64(value: bytes) -> bytes:
    """What a value of a Kubernetes secret says, which is base64 of the real one; empty where it is none."""
    if len(value) < 8 or len(value) % 4 or b" " in value or not value.rstrip(b"=").isalnum() or entropy(value) < 2:
        return b""
    from binascii import Error, a2b_base64

    try:
        plain = a2b_base64(value)
    except Error:
        return b""
    return plain if plain.isascii() and all(32 <= char < 127 for char in plain) else b""


def _settings(kind: str, data: bytes) -> Iterator[tuple[str, bytes | list[tuple[str, bytes, bool]], int]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    if kind == ENV:
        yield from dotenv.settings(data)
    elif kind == LINES:
        yield from line_settings(data)
    elif kind == JSON:
        try:
            yield "", list(in_json("", loads(data.removeprefix(b"\xef\xbb\xbf")))), 0
        except JsonError:
            yield from line_settings(data)  # with comments, as editors allow them
    elif kind == NETRC:
        yield from _netrc(data)
    else:
        for number, line in enumerate(data.split(b"\n"), 1):
            if kind == PGPASS and line.count(b":") >= 4:
                password = line.strip().replace(b"\\:", b"\0").split(b":", 4)[4].replace(b"\0", b":")
                yield "password", password.replace(b"\\\\", b"\\"), number
            elif kind == URLS:
                yield "credential", line.strip(), number


def _netrc(data: bytes) -> Iterator[tuple[str, bytes, int]]:
    """Lines of `machine`, `login` and `password` with what each names, in any arrangement."""
    expected = False
    for number, line in enumerate(data.split(b"\n"), 1):
        for word in line.split():
            if expected:
                yield "password", word.strip(b'"'), number
            expected = not expected and word in (b"password", b"account")
