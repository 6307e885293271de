"""One secret of a real Vault, and everything else that can answer instead of one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from secretguard.errors import ConfigError
from secretguard.known.synced import given
from secretguard.known.vault import read
from tests.secretguard.known.projects import PASSWORD
from tests.servers.vault import VaultServer


@pytest.fixture
def vault(vault_server: VaultServer, monkeypatch: pytest.MonkeyPatch) -> VaultServer:
    """The shared Vault, with the environment of somebody who is logged in to it."""
    for name in ("VAULT_NAMESPACE", "VAULT_CACERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAULT_ADDR", vault_server.address)
    monkeypatch.setenv("VAULT_TOKEN", vault_server.root_token)
    return vault_server


@pytest.mark.parametrize("version", ["1", "2"])
def test_of_both_versions_of_the_engine(vault: VaultServer, version: str) -> None:
    """Mount and name as `vault kv get` takes them, nested mounts too."""
    mount = f"team/kv-{secrets.token_hex(4)}"
    vault.do("POST", f"sys/mounts/{mount}", {"type": "kv", "options": {"version": version}})
    data = {"password": PASSWORD, "port": 5432}
    path = f"{mount}/data/app/db" if version == "2" else f"{mount}/app/db"
    vault.do("POST", path, {"data": data} if version == "2" else data)
    assert given(read(f"/{mount}/app/db/"), "x") == [("password", PASSWORD.encode())]


def test_with_a_token_that_may_only_read_it(vault: VaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No right beside reading that path is needed, and without it the fix is named."""
    name = f"kv-{secrets.token_hex(4)}"
    vault.do("POST", f"sys/mounts/{name}", {"type": "kv", "options": {"version": "2"}})
    vault.do("POST", f"{name}/data/app", {"data": {"password": PASSWORD}})
    vault.do("PUT", f"sys/policies/acl/{name}", {"policy": f'path "{name}/data/app" {{ capabilities = ["read"] }}'})
    token = vault.do("POST", "auth/token/create", {"policies": [name], "ttl": "1m"})["auth"]["client_token"]
    monkeypatch.setenv("VAULT_TOKEN", token)
    assert PASSWORD.encode() in read(f"{name}/app")
    with pytest.raises(ConfigError, match="403") as error:
        read(f"{name}/other")
    assert token not in str(error.value)


@pytest.mark.parametrize("path", ["secret/none", "no-such-mount/x", "sys/mounts", "", "../sys", "secret/a/../b"])
def test_what_is_no_secret_is_named(vault: VaultServer, path: str) -> None:
    """A path that is none, of another engine, or that leads out."""
    with pytest.raises(ConfigError):
        read(path)


def test_a_deleted_version(vault: VaultServer) -> None:
    """Its data is gone, and that is said."""
    vault.do("POST", "secret/data/gone", {"data": {"password": PASSWORD}})
    vault.do("DELETE", "secret/data/gone")
    with pytest.raises(ConfigError, match="secret/gone"):
        read("secret/gone")


@pytest.mark.parametrize("address", ["", "http://vault.example:8200", "vault:8200", "ftp://127.0.0.1", "https://"])
def test_the_token_goes_to_no_other_place(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """TLS or this machine, nothing else is asked."""
    monkeypatch.setenv("VAULT_ADDR", address)
    monkeypatch.setenv("VAULT_TOKEN", "t")
    with pytest.raises(ConfigError, match="VAULT_ADDR"):
        read("secret/app")


class _Strange(BaseHTTPRequestHandler):
    answer = b""
    status = 200
    asked: list[str] = []  # noqa: RUF012 - one server at a time

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Strange]]:
    """A server that is no Vault."""
    server = HTTPServer(("127.0.0.1", 0), _Strange)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("VAULT_ADDR", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("VAULT_TOKEN", "t")
    _Strange.status, _Strange.answer, _Strange.asked = 200, b"", []
    yield _Strange
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, b""), (200, b"hello"), (200, b"[1]"), (200, b'{"data": 1}'),
        (200, b'{"data": {"path": 5, "type": "kv"}}'),
        (200, b"[" * 100_000), (200, b" " * (1 << 21)), (200, b'{"data": {"path": "other/", "type": "kv"}}'),
        (302, b""), (307, b""), (404, b""), (500, b"x"), (503, b""),
    ],
)  # fmt: skip
def test_any_answer_is_one_message(strange: type[_Strange], status: int, answer: bytes) -> None:
    """No redirect is followed, and nothing of the answer is quoted."""
    strange.status, strange.answer = status, answer
    with pytest.raises(ConfigError) as error:
        read("secret/app")
    assert "hello" not in str(error.value)
    assert strange.asked == ["/v1/sys/internal/ui/mounts/secret/app"]
