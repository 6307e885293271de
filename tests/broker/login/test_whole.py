"""`broker login` whole: the real command, a real broker, a real OpenID provider, and a person at its pages."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from broker.authenticate.bearer_jwt import TrustedIssuer
from broker.authenticate.login import Login
from broker.cli import cli
from broker.client import BrokerClient
from broker.login import kept
from tests.broker.serving import serving
from tests.broker.whole_broker import whole_broker
from tests.servers.oidc import CLIENT, OidcServer, running_oidc
from tests.servers.process import wait_until

SCOPES = ("openid", "groups", "offline_access")


@pytest.fixture(scope="module")
def issuer(part: Callable[[str], Path]) -> Iterator[OidcServer]:
    with running_oidc(part("oidc")) as server:
        yield server


@pytest.fixture(scope="module")
def endpoint(issuer: OidcServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker that trusts the provider, found by discovery."""
    home = tmp_path_factory.mktemp("b")
    trusted = TrustedIssuer(issuer.issuer, CLIENT, login=Login(issuer.issuer, CLIENT, SCOPES))
    with whole_broker(home, trusted) as made, serving(made.app, str(home / "launch.sock")) as path:
        yield f"unix:{path}"


def run(endpoint: str, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--broker", endpoint])


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch, issuer: OidcServer) -> Callable[[str], list[httpx.Response]]:
    """`browser("ada")`: from then on, whatever is to be opened is opened by Ada, who logs in."""

    def of(name: str, deny: bool = False) -> list[httpx.Response]:
        seen: list[httpx.Response] = []

        def use(address: str) -> None:
            seen.append(issuer.person(name).log_in(address, deny))

        def opened(address: str) -> bool:
            threading.Thread(target=use, args=(address,), daemon=True).start()
            return True

        monkeypatch.setattr("webbrowser.open", opened)
        return seen

    return of


def test_a_person_logs_in_and_is_that_person(
    endpoint: str, issuer: OidcServer, browser: Callable[[str], list[httpx.Response]], own_home: Path
) -> None:
    """Login, whoami with groups, a task that runs on the person's behalf, logout; the file is the user's alone."""
    seen = browser("grace")
    done = run(endpoint, "login")
    assert done.exit_code == 0, done.output
    assert f"you are jwt:{issuer.issuer}:grace" in done.output
    (file,) = (own_home / "state" / "broker" / "logins").glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = json.loads(run(endpoint, "whoami", "--format", "json").output)
    assert (found["id"], found["person"], found["groups"]) == (f"jwt:{issuer.issuer}:grace", True, ["approvers"])
    started = json.loads(run(endpoint, "task", "start", "people", "--purpose", "a test", "--format", "json").output)
    shown = json.loads(run(endpoint, "task", "show", started["task_id"], "--format", "json").output)
    assert shown["on_behalf_of"] == shown["launcher"] == f"jwt:{issuer.issuer}:grace"
    assert run(endpoint, "logout").output == "logged out\n"
    assert not file.exists()
    assert json.loads(run(endpoint, "whoami", "--format", "json").output)["id"] == f"unix:{os.geteuid()}"
    page = seen[0]
    assert "You may close this window" in page.text
    assert page.url.path == "/done"
    assert page.headers["cache-control"] == "no-store"


def test_nothing_of_a_login_is_printed(
    endpoint: str, browser: Callable[[str], list[httpx.Response]], own_home: Path
) -> None:
    """Neither token nor refresh token is in the output of any command."""
    browser("ada")
    outputs = [run(endpoint, "login").output, run(endpoint, "whoami").output, run(endpoint, "task", "list").output]
    login = kept.load(endpoint)
    assert login
    assert login.tokens.refresh
    for output in [*outputs, repr(login)]:
        assert login.tokens.token.reveal() not in output
        assert login.tokens.refresh.reveal() not in output


def test_a_person_who_says_no_is_not_logged_in(
    endpoint: str, browser: Callable[..., list[httpx.Response]], own_home: Path
) -> None:
    """The issuer's refusal is told, and nothing is kept."""
    browser("ada", deny=True)
    done = run(endpoint, "login")
    assert done.exit_code != 0
    assert "access_denied" in str(done.exception)
    assert kept.load(endpoint) is None


def test_a_login_is_renewed_and_ends_with_its_refresh_token(
    endpoint: str, issuer: OidcServer, browser: Callable[[str], list[httpx.Response]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Near its end the token is replaced, and the refresh token with it; after logout the old one is dead."""
    browser("ada")
    assert run(endpoint, "login").exit_code == 0
    first = kept.load(endpoint)
    assert first
    time.sleep(1)  # the next token is of another second, so that it differs
    monkeypatch.setattr(kept, "SPARE_SECONDS", 10_000)
    kept.token(endpoint)
    second = kept.load(endpoint)
    assert second
    assert second.tokens.subject == "ada"
    assert second.tokens.token.reveal() != first.tokens.token.reveal()
    assert second.tokens.refresh
    assert first.tokens.refresh
    assert second.tokens.refresh.reveal() != first.tokens.refresh.reveal()
    with BrokerClient(endpoint, second.tokens.token) as broker:
        assert broker.whoami()["id"] == f"jwt:{issuer.issuer}:ada"
    kept.forget(endpoint)
    kept.keep(second)
    done = run(endpoint, "whoami")
    assert done.exit_code != 0
    assert "your login has ended (invalid_grant)" in str(done.exception)


@pytest.mark.parametrize("deny", [False, True])
def test_logging_in_from_a_machine_without_a_browser(
    endpoint: str, issuer: OidcServer, monkeypatch: pytest.MonkeyPatch, deny: bool, own_home: Path
) -> None:
    """The device flow: the code is typed elsewhere while the command asks; a no ends it."""
    monkeypatch.setattr("broker.login.device.INTERVAL", 1.0)
    typed: list[threading.Thread] = []

    def show(address: str, code: str) -> None:
        person = threading.Thread(target=issuer.person("grace").type_code, args=(address, code, deny), daemon=True)
        person.start()
        typed.append(person)

    monkeypatch.setattr("broker.commands.login._show_code", show)
    done = run(endpoint, "login", "--device")
    typed[0].join(20)
    assert (done.exit_code == 0) is not deny, done.output
    if deny:
        assert "access_denied" in str(done.exception)
    else:
        assert f"you are jwt:{issuer.issuer}:grace" in done.output


def test_what_a_browser_is_started_with_is_no_secret(
    endpoint: str, issuer: OidcServer, own_home: Path, tmp_path: Path
) -> None:
    """The command as a process of its own: neither its output nor its browser's arguments and environment hold a token;
    the address shows the challenge, never the verifier."""
    script, seen = tmp_path / "browser", tmp_path / "seen"
    script.write_text(f'#!/bin/sh\n(printf "%s\\n" "$1"; env) > {seen}.new && mv {seen}.new {seen}\n')
    script.chmod(0o700)
    environment = {**os.environ, "SECRETGUARD_HOME": str(own_home), "BROWSER": f"{script} %s"}
    command = [sys.executable, "-m", "broker", "login", "--broker", endpoint]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:  # type: ignore[call-overload]
        wait_until(seen.exists, process, 30, "broker login")
        address, _, inherited = seen.read_text().partition("\n")
        issuer.person("ada").log_in(address)
        output = "".join(process.communicate(timeout=30))
    assert process.returncode == 0, output
    assert f"you are jwt:{issuer.issuer}:ada" in output
    login = kept.load(endpoint)
    assert login
    assert login.tokens.refresh
    for text in (address, inherited, output):
        assert login.tokens.token.reveal() not in text
        assert login.tokens.refresh.reveal() not in text
    assert "code_challenge=" in address
    assert "verifier" not in address
