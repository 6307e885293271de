"""The sample project of `examples/shop` with made-up credentials, assembled at run time in their vendors' formats."""

from __future__ import annotations

import json
import re
import secrets
import string
import subprocess
import zlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def credentials() -> dict[str, str]:
    """Name → a fresh made-up credential; nobody has ever been given one of them."""
    return {
        "stripe_key": "sk_live_" + _random(24),
        "github_token": _github_token(),
        "database_password": _random(20),
        "private_key": _private_key(),
    }


def plant(folder: Path) -> dict[str, str]:
    """Write the sample project to `folder`, as a git repository with a clean tree, and return what was planted."""
    planted = credentials()
    for source in sorted((EXAMPLES / "shop").rglob("*")):
        target = folder / source.relative_to(EXAMPLES / "shop")
        if source.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_filled(source.read_text(), planted))
    git = ["git", "-C", str(folder), "-c", "user.name=shop", "-c", "user.email=shop@example.com"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Shop"]):
        subprocess.run([*git, *command], check=True, timeout=30, capture_output=True)
    return planted


def events(folder: Path, planted: dict[str, str]) -> list[tuple[str, str]]:
    """The recorded session as (name, JSON text) pairs, filled in with the project at `folder`."""
    filled = []
    for path in sorted((EXAMPLES / "events").glob("*.json")):
        event = json.loads(path.read_text())
        filled.append((path.stem, json.dumps(_walk(event, folder, planted))))
    return filled


def _walk(value: object, folder: Path, planted: dict[str, str]) -> object:
    if isinstance(value, dict):
        return {key: _walk(inner, folder, planted) for key, inner in value.items()}
    if isinstance(value, str):
        whole = re.fullmatch(r"\{\{content:([\w./-]+)\}\}", value)
        return (folder / whole[1]).read_text() if whole else _filled(value, {**planted, "project": str(folder)})
    return value


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], text)


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))


def _github_token() -> str:
    """30 random characters and their CRC-32 in base 62, as GitHub's token format has it since 2021."""
    body = _random(30)
    number, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        check = BASE62[digit] + check
    return "ghp_" + body + check


def _private_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode().strip()
