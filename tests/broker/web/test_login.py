"""Signing in, and the call behind `broker activity`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from broker.cli import cli
from broker.errors import NotFound, Refused
from broker.testing import FaultyDatabase
from broker.web.session import LINK_SECONDS, SESSION_SECONDS
from tests.broker.api.running import Running
from tests.broker.scenario import recorded
from tests.broker.serving import serving
from tests.broker.web.site import ORIGIN, Site, served


def test_the_link_is_an_address_with_its_code_after_the_hash(site: Site) -> None:
    """What a server or proxy would log of it, path and query, holds no code."""
    parts = urlsplit(site.activity.link("olga").reveal())
    assert (parts.scheme, parts.netloc, parts.path) == (ORIGIN.scheme, ORIGIN.host, "/activity/login")
    assert (parts.query, len(parts.fragment)) == ("", 43)
    assert parts.fragment not in repr(site.activity.link("olga"))


def test_a_code_gives_a_strict_session_once_and_a_record(site: Site) -> None:
    """The cookie is for this origin alone, out of reach of scripts, an hour long; who came is recorded; the code is
    spent."""
    before = len(recorded(site.sample.broker, "broker:activity:opened"))
    code = site.activity.sessions.link("jwt:corp:otto").reveal()
    with site.stranger() as client:
        answer = client.post("/activity/login", data={"code": f" {code}\n"})
        again = client.post("/activity/login", data={"code": code})
    assert (answer.status_code, answer.headers["location"]) == (303, "/activity")
    name, _, rest = answer.headers["set-cookie"].partition("=")
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert name == "activity"
    assert attributes == {"httponly", "samesite=strict", "path=/", f"max-age={SESSION_SECONDS}"}
    assert again.status_code == 403
    assert "set-cookie" not in again.headers
    opened = recorded(site.sample.broker, "broker:activity:opened")[before:]
    assert [one["by"] for one in opened] == ["jwt:corp:otto"]
    assert code not in str(opened)


@pytest.mark.parametrize("body", [b"", b"code=", b"code=" + b"x" * 43, b"\xff\xfe", b"&".join([b"a=b"] * 20), b"{}"])
def test_anything_else_is_no_code(site: Site, body: bytes) -> None:
    """Empty, wrong, odd and crowded forms are refused with the form again."""
    with site.stranger() as client:
        answer = client.post("/activity/login", content=body)
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text


def test_another_site_signs_nobody_in(site: Site) -> None:
    """A form elsewhere that posts an attacker's own good code is refused, and the code is not spent by that."""
    code = site.activity.sessions.link("mallory").reveal()
    with site.stranger() as client:
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
            {"Origin": ORIGIN.text, "Sec-Fetch-Site": "same-site"},
        ):
            answer = client.post("/activity/login", data={"code": code}, headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
        good = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # what Chromium sends from the login page
        assert client.post("/activity/login", data={"code": code}, headers=good).status_code == 303


def test_who_cannot_be_recorded_does_not_get_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading is recorded first: with a full disk nobody is signed in."""
    with served(tmp_path) as site:
        database = site.sample.broker.database
        failing = FaultyDatabase(database.engine)
        failing.refuse_all = True
        monkeypatch.setattr(type(database), "write", lambda _self: failing.write())
        with site.stranger() as client:
            code = site.activity.sessions.link("olga").reveal()
            answer = client.post("/activity/login", data={"code": code})
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers


def test_only_an_operator_gets_a_link(tmp_path: Path) -> None:
    """`broker activity` prints a working link for an operator's token; a launcher and a plain user are refused."""
    with served(tmp_path / "pages") as site:
        running = Running(tmp_path, site.activity)
        with serving(running.app, running.socket):
            with running.client(running.token("olga", "operators")) as client:
                url, seconds = client.activity_link()
            assert seconds == LINK_SECONDS
            opened = site.activity.sessions.exchange(url.reveal().partition("#")[2])
            assert opened is not None
            assert opened[1] == "jwt:corp:olga"
            for token in (running.token("ada"), None):
                with running.client(token) as client, pytest.raises(Refused, match="not an operator"):
                    client.activity_link()
    running.broker.database.close()


def test_the_command_prints_one_link(tmp_path: Path) -> None:
    """The link is all of standard output, so that it can be passed on; how long it works goes beside it."""
    with served(tmp_path / "pages") as site:
        running = Running(tmp_path, site.activity)
        token = tmp_path / "token"
        token.write_text(running.token("olga", "operators").reveal())
        token.chmod(0o600)
        arguments = ["activity", "--broker", f"unix:{running.socket}", "--token-file", str(token)]
        with serving(running.app, running.socket):
            done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{ORIGIN.url}/login#")
    assert done.stdout.count("\n") == 1
    assert "within 5 minutes" in done.stderr
    running.broker.database.close()


def test_without_an_address_the_link_says_what_to_set(tmp_path: Path) -> None:
    """A broker that no browser can reach names the setting."""
    running = Running(tmp_path)
    olga = running.client(running.token("olga", "operators"))
    with serving(running.app, running.socket), olga as client, pytest.raises(NotFound) as refused:
        client.activity_link()
    assert "server.listen" in refused.value.fix
    running.broker.database.close()
