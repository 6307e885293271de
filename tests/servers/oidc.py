"""A real OpenID provider, oidc-provider, on a spare loopback port; and a person who logs in there as with a browser."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from scripts.part_recipes import RECIPES, node
from tests.servers.process import spare_port, stop, wait_until

CLIENT = "broker-cli"
READY_SECONDS = 30.0
GROUPS = {"ada": ["developers"], "grace": ["approvers"], "olga": ["operators"]}


@dataclasses.dataclass(frozen=True)
class OidcServer:
    """A running provider: its issuer URL."""

    issuer: str

    def person(self, name: str) -> Person:
        """Somebody with a browser of their own, not logged in yet."""
        return Person(self, name)


class Person:
    """Fills in the provider's own pages: login, consent, the code of a device."""

    def __init__(self, server: OidcServer, name: str) -> None:
        self._server, self._name = server, name
        self._web = httpx.Client(follow_redirects=False, timeout=20)

    def log_in(self, address: str, deny: bool = False) -> httpx.Response:
        """Follow `address` through all pages to the first answer of another server, or the last page."""
        with self._web:
            return self._through(self._web.get(address), deny)

    def type_code(self, address: str, code: str, deny: bool = False) -> httpx.Response:
        """Enter the code of a device, confirm it, log in."""
        with self._web:
            form = {"xsrf": _field(self._web.get(address).text, "xsrf"), "user_code": code}
            confirm = self._web.post(address, data=form).text
            answer = {**form, "confirm": "yes", **({"abort": "yes"} if deny else {})}
            return self._through(self._web.post(address, data={**answer, "xsrf": _field(confirm, "xsrf")}), deny=False)

    def _through(self, page: httpx.Response, deny: bool) -> httpx.Response:
        for _ in range(20):
            if page.is_redirect:
                page = self._web.get(httpx.URL(page.url).join(page.headers["location"]))
            elif not str(page.url).startswith(f"{self._server.issuer}/interaction/"):
                return page
            elif deny:
                page = self._web.get(f"{page.url}/abort")
            else:
                prompt = _field(page.text, "prompt")
                known = {"login": self._name, "password": "any"} if prompt == "login" else {}
                page = self._web.post(page.url, data={"prompt": prompt, **known})
        raise AssertionError("the provider's pages do not end")


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name} in {page}"
    return found[1]


@contextlib.contextmanager
def running_oidc(
    module: Path, groups: Mapping[str, list[str]] = GROUPS, token_seconds: int = 600
) -> Iterator[OidcServer]:
    """Start the provider whose module is `module`; everybody may log in, `groups` says who is in which."""
    port = spare_port()
    settings = json.dumps({"groups": groups, "idToken": token_seconds})
    command = [node(), RECIPES / "oidc" / "server.mjs", module.parents[2], str(port), settings]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **quiet)  # type: ignore[call-overload]
    try:
        server = OidcServer(f"http://127.0.0.1:{port}")
        wait_until(lambda: _answers(server), process, READY_SECONDS, "oidc-provider")
        yield server
    finally:
        stop(process, signal.SIGTERM)


def _answers(server: OidcServer) -> bool:
    try:
        return httpx.get(f"{server.issuer}/.well-known/openid-configuration", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
