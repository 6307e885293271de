"""Read one secret of Vault's or OpenBao's key-value engine, version 1 or 2, with the person's token. Off the hot path.

Two GETs, as `vault kv get` makes them: which engine the path belongs to, then the secret. The token comes from
VAULT_TOKEN or `~/.vault-token` and goes to VAULT_ADDR alone: TLS, or this machine; no redirect is followed, no proxy
used. Source: https://developer.hashicorp.com/vault/api-docs/secret/kv
"""

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from secretguard.errors import ConfigError
from secretguard.known.synced import LARGEST
from secretguard.secret import Secret

SECONDS = 10.0
_HERE = ("127.0.0.1", "::1", "localhost")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None  # the answer itself becomes the error: a token is not carried to another host


def read(path: str) -> bytes:
    """The data of the secret at `path` (mount and name, as `vault kv get` takes them), as one JSON object.

    Raises ConfigError, naming what to put right.
    """
    address, token = _address(), _token()
    name = path.strip("/")
    if not name or any(part in ("", ".", "..") for part in name.split("/")):
        raise ConfigError(f"{path!r} is no path of a secret", "give mount and name: secret/app")
    mount = _get(address, f"sys/internal/ui/mounts/{name}", token, path)
    at = str(mount.get("path") or "").rstrip("/")
    if mount.get("type") not in ("kv", "generic") or not at or not f"{name}/".startswith(f"{at}/"):
        raise ConfigError(f"{path}: not in a key-value engine, but in {mount.get('type')!r}")
    rest = name[len(at) + 1 :]
    if str((mount.get("options") or {}).get("version", "1")) != "2":
        data: Any = _get(address, name, token, path)
    else:
        data = _get(address, f"{at}/data/{rest}", token, path).get("data")
    if not isinstance(data, dict) or not data:
        raise ConfigError(f"{path}: it is empty, or its last version was deleted")
    return json.dumps(data).encode()


def _address() -> str:
    given = os.environ.get("VAULT_ADDR", "")
    url = urllib.parse.urlsplit(given)
    if not url.hostname or url.username or url.query:
        raise ConfigError("VAULT_ADDR is not set, or is no address", "export VAULT_ADDR=https://HOST:8200")
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _HERE):
        raise ConfigError("VAULT_ADDR is not https: the token would be readable on the way", "use its https address")
    return given.rstrip("/")


def _token() -> Secret:
    token = os.environ.get("VAULT_TOKEN", "")
    if not token:
        try:
            token = Path("~/.vault-token").expanduser().read_text().strip()
        except (OSError, UnicodeDecodeError):
            token = ""
    if not token or not token.isascii() or not token.isprintable():
        raise ConfigError("there is no token for Vault", "log in with `vault login`, or set VAULT_TOKEN")
    return Secret(token)


def _get(address: str, path: str, token: Secret, asked: str) -> dict[str, Any]:
    headers = {"X-Vault-Token": token.reveal(), "X-Vault-Request": "true"}
    if namespace := os.environ.get("VAULT_NAMESPACE"):
        headers["X-Vault-Namespace"] = namespace
    url = f"{address}/v1/{urllib.parse.quote(path)}"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - `_address` takes http and https alone
    context = ssl.create_default_context(cafile=os.environ.get("VAULT_CACERT") or None)
    handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirects())
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=SECONDS) as answer:
            body = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise ConfigError(f"{asked}: Vault answered {error.code}", _FIXES.get(error.code, "")) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", "") or type(error).__name__
        raise ConfigError(f"{address} does not answer: {reason}", "is VAULT_ADDR right, and VAULT_CACERT?") from None
    return _data(body, asked)


def _data(body: bytes, asked: str) -> dict[str, Any]:
    try:
        answer = json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        answer = None
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict):
        raise ConfigError(f"{asked}: the answer is none of Vault's, or larger than {LARGEST} bytes")
    return data


_FIXES = {
    403: "the token may not read it, or is no longer good: `vault login`",
    404: "there is no secret at that path: `vault kv list`",
    503: "Vault is sealed, or not ready",
}
