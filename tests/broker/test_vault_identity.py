"""Logins from private files, and nothing from anywhere else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from broker.errors import SourceFailed
from broker.vault import Endpoint, Vault
from broker.vault_answer import Answer, understood
from broker.vault_identity import AppRole, FixedToken, PlatformToken, TokenFile, WrappedAppRole, private_text
from broker.vault_login import LoginUnfit
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.servers.loopback import loopback, reply


def written(path: Path, text: str, mode: int = 0o600) -> str:
    """A file with `text` and `mode`; its path."""
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """The message names the file and the command that mends it, not the value."""
    path = written(tmp_path / "id", "the-value", mode)
    with pytest.raises(ConfigError) as caught:
        private_text(path)
    assert f"chmod 600 {path}" in str(caught.value)
    assert "the-value" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n", "two words", "two\nlines", "a\0b", "é", "a" * 5000, "x\r\nX-Token: y"])
def test_a_value_that_is_not_one_printable_word_is_refused(tmp_path: Path, text: str) -> None:
    """It goes into a header or a JSON body: no line break, no control character, no endless file."""
    with pytest.raises(ConfigError, match="one line of printable"):
        private_text(written(tmp_path / "id", text))


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe without a writer would hold the broker for ever; a folder and a missing file are named too."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for path in (pipe, tmp_path, tmp_path / "none"):
        with pytest.raises(ConfigError, match=path.name):
            private_text(str(path))


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns the file chooses which Vault identity the broker has."""
    path = tmp_path / "id"
    written(path, "value")
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:
        monkeypatch.setattr("os.geteuid", lambda: 12345)
    with pytest.raises(ConfigError, match="another user"):
        private_text(str(path))


class Server:
    """Stands for Vault's login calls: remembers what it was asked, answers from `answers` by the path's end."""

    def __init__(self, **answers: tuple[int, object]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, object] | None, str]] = []

    def __call__(
        self, method: str, *path: str, body: dict[str, object] | None = None, token: Secret | None = None
    ) -> Answer:
        self.asked.append(("/".join((method, *path)), body, token.reveal() if token else ""))
        status, document = self.answers.get(path[-1].replace("-", "_"), (200, GIVEN))
        return understood(status, json.dumps(document).encode())


GIVEN = {"auth": {"client_token": "made-up", "lease_duration": 60, "num_uses": 0, "renewable": True}}
MADE_AT = "auth/approle/role/me/secret-id"


def test_a_rotated_secret_id_is_used_at_the_next_login(tmp_path: Path) -> None:
    """The files are read at each login; a line break at their end does not count."""
    server = Server()
    login = AppRole(written(tmp_path / "r", "role\n"), written(tmp_path / "s", "one\n"), "team/approle")
    assert login.log_in(server).token.reveal() == "made-up"
    assert server.asked == [("post/auth/team/approle/login", {"role_id": "role", "secret_id": "one"}, "")]
    written(tmp_path / "s", "two")
    login.log_in(server)
    assert server.asked[-1][1] == {"role_id": "role", "secret_id": "two"}


@pytest.mark.parametrize(
    "auth",
    [{"num_uses": 1}, {"num_uses": True}, {"num_uses": None}, {"num_uses": -1}, {"token_type": "batch"}],
    ids=str,
)
def test_a_login_that_would_end_in_the_middle_of_the_work_is_refused(tmp_path: Path, auth: dict[str, object]) -> None:
    """A use-limited token can have no children, and a batch token none either: a broker does not start with one."""
    path = written(tmp_path / "f", "value")
    answer = {"auth": {**GIVEN["auth"], **auth}}
    for identity in (AppRole(path, path), PlatformToken("me", path, "jwt")):
        with pytest.raises(LoginUnfit, match="token") as caught:
            identity.log_in(Server(login=(200, answer)))
        assert "role" in caught.value.fix


def test_a_platforms_token_is_read_at_each_login(tmp_path: Path) -> None:
    """A kubelet replaces it about hourly, and shows it to others where it does not know the user."""
    server, path = Server(), written(tmp_path / "jwt", "a.b.c\n", 0o644)
    identity = PlatformToken("me", path, "team/kubernetes")
    identity.log_in(server)
    assert server.asked == [("post/auth/team/kubernetes/login", {"role": "me", "jwt": "a.b.c"}, "")]
    written(tmp_path / "jwt", "d.e." + "f" * 9000, 0o644)
    identity.log_in(server)
    assert str(server.asked[-1][1]).count("f") == 9000


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_platforms_token_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    """Whoever writes it chooses which identity the broker has."""
    path = written(tmp_path / "jwt", "a.b.c", mode)
    with pytest.raises(ConfigError, match="others may write it"):
        PlatformToken("me", path, "jwt").log_in(Server())


def wrapped(tmp_path: Path, **answers: tuple[int, object]) -> tuple[WrappedAppRole, Server]:
    """An identity with a wrapping token in its file, and a server where the wrapping is good."""
    good: dict[str, tuple[int, object]] = {
        "lookup": (200, {"data": {"creation_path": MADE_AT}}),
        "unwrap": (200, {"data": {"secret_id": "inner"}}),
    }
    identity = WrappedAppRole(written(tmp_path / "r", "role"), written(tmp_path / "w", "wrapping"), "me")
    return identity, Server(**{**good, **answers})


def test_a_wrapped_secret_id_is_unwrapped_once_and_kept_in_memory(tmp_path: Path) -> None:
    """Later logins use it; a new wrapping token in the file is taken."""
    identity, server = wrapped(tmp_path)
    identity.log_in(server)
    assert server.asked == [
        ("post/sys/wrapping/lookup", {"token": "wrapping"}, ""),
        ("post/sys/wrapping/unwrap", None, "wrapping"),
        ("post/auth/approle/login", {"role_id": "role", "secret_id": "inner"}, ""),
    ]
    identity.log_in(server)
    assert [path for path, *_ in server.asked].count("post/sys/wrapping/unwrap") == 1
    written(tmp_path / "w", "another")
    identity.log_in(server)
    assert ("post/sys/wrapping/unwrap", None, "another") in server.asked
    assert "inner" not in repr(identity)


@pytest.mark.parametrize(
    ("lookup", "words"),
    [
        ((400, {"errors": ["wrapping token is not valid or does not exist"]}), "was used before, or has expired"),
        ((200, {"data": {"creation_path": "sys/wrapping/wrap"}}), "somebody may have read it"),
        ((200, {"data": {"creation_path": f"{MADE_AT}/"}}), "somebody may have read it"),
        ((200, {"data": {"creation_path": "auth/approle/role/other/secret-id"}}), "somebody may have read it"),
        ((200, {"data": {}}), "somebody may have read it"),
        ((200, {}), "somebody may have read it"),
        ((503, {"errors": ["Vault is sealed"]}), "sealed"),
    ],
)
def test_a_wrapping_that_may_have_been_opened_is_never_unwrapped(
    tmp_path: Path, lookup: tuple[int, object], words: str
) -> None:
    """Used before, expired, wrapped again by a thief, of another role, or nothing that can be told."""
    identity, server = wrapped(tmp_path, lookup=lookup)
    with pytest.raises(SourceFailed, match=words):
        identity.log_in(server)
    assert len(server.asked) == 1


@pytest.mark.parametrize("inner", [{}, {"secret_id": ""}, {"secret_id": 7}, {"token": "x"}])
def test_a_wrapping_without_a_secret_id_is_refused(tmp_path: Path, inner: object) -> None:
    """Something else was wrapped."""
    identity, server = wrapped(tmp_path, unwrap=(200, {"data": inner}))
    with pytest.raises(SourceFailed, match="no secret id"):
        identity.log_in(server)


def test_a_token_file_is_looked_at_before_it_is_used(tmp_path: Path) -> None:
    """Its life is Vault's word; a use-limited one, a batch token and one that Vault refuses are not taken."""
    held = TokenFile(written(tmp_path / "t", "one"))
    login = held.log_in(Server(lookup_self=(200, {"data": {"ttl": 90, "num_uses": 0, "renewable": True}})))
    assert (login.token.reveal(), login.seconds, login.renewable) == ("one", 90, True)
    written(tmp_path / "t", "two")
    root = held.log_in(Server(lookup_self=(200, {"data": {"ttl": 0, "num_uses": 0, "type": "service"}})))
    assert (root.token.reveal(), root.seconds) == ("two", 3600)
    for data in ({"num_uses": 3}, {"type": "batch"}):
        with pytest.raises(LoginUnfit):
            held.log_in(Server(lookup_self=(200, {"data": data})))
    for status in (403, 500, 307):
        with pytest.raises(SourceFailed):
            held.log_in(Server(lookup_self=(status, {})))


def test_a_fixed_token_is_taken_as_it_is() -> None:
    """Nothing is asked, nothing is shown."""
    server = Server()
    assert FixedToken(Secret("fixed")).log_in(server).token.reveal() == "fixed"
    assert server.asked == []
    assert "fixed" not in repr(FixedToken(Secret("fixed")))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_a_login_sends_never_follows_a_redirect(tmp_path: Path, status: int) -> None:
    """Secret id, JWT and wrapping token are in the body: another host must not see them either."""
    path = written(tmp_path / "f", "value")
    identities = (
        AppRole(path, path),
        WrappedAppRole(path, path, "me"),
        PlatformToken("me", path, "jwt"),
        TokenFile(path),
    )
    with loopback(lambda _: reply(200, GIVEN)) as thief:
        target = [("Location", f"{thief.address}/v1/auth/approle/login")]
        with loopback(lambda _: reply(status, None, target)) as server:
            for identity in identities:
                with pytest.raises(SourceFailed, match="redirect"):
                    Vault(Endpoint(server.address), identity).login.current()
    assert len(server.requests) == len(identities)
    assert thief.requests == []


@pytest.mark.parametrize("seconds", [0, -1, True, "60", 1.5, None, 10**30])
def test_an_odd_life_in_a_login_is_no_life_for_ever(tmp_path: Path, seconds: object) -> None:
    """What is no positive whole number is an hour, what is too large a month."""
    path = written(tmp_path / "f", "value")
    answer = {"auth": {**GIVEN["auth"], "lease_duration": seconds}}
    with loopback(lambda _: reply(200, answer)) as server:
        login = Vault(Endpoint(server.address), AppRole(path, path)).login
        login.current()
    assert 0 < (login.left() or 0) <= 30 * 86400
