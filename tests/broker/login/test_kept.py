"""Kept logins: private, for one broker each, renewed once however many ask."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broker.errors import Unauthenticated, Unreachable
from broker.login import kept
from broker.login.kept import Kept
from broker.login.tokens import Tokens
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.broker.login.issuer import FakeIssuer, fake_issuer

HERE = "https://broker.example"


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with fake_issuer() as made:
        yield made


def save(issuer: FakeIssuer, seconds: float = 300, refresh: str | None = "r1", endpoint: str = HERE) -> None:
    tokens = Tokens(Secret("old"), int(time.time() + seconds), Secret(refresh) if refresh else None, "ada")
    kept.keep(Kept(endpoint, issuer.login(), tokens))


def shown(endpoint: str = HERE) -> str:
    found = kept.token(endpoint)
    return found.reveal() if found else ""


def file(own_home: Path) -> Path:
    (found,) = (own_home / "state" / "broker" / "logins").glob("*.json")
    return found


def test_a_login_is_for_one_broker(issuer: FakeIssuer) -> None:
    """Its token is shown to no other address, however alike."""
    assert shown() == ""
    save(issuer)
    assert shown() == "old"
    for other in (HERE + "/", HERE + ":443", "https://broker.example.evil", "unix:/x"):
        assert shown(other) == ""


def test_a_file_that_is_not_ours_alone_is_refused(issuer: FakeIssuer, own_home: Path) -> None:
    """Readable by others, damaged, or put in place of another broker's."""
    save(issuer)
    path = file(own_home)
    whole = path.read_text()
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="others may read"):
        kept.token(HERE)
    path.chmod(0o600)
    for text in ("", "{", "[]", "{}", whole.replace('"subject"', '"x"'), "x" * 200_000):
        path.write_text(text)
        with pytest.raises(ConfigError):
            kept.token(HERE)
    path.write_text(whole.replace(HERE, "https://evil.example"))
    assert kept.token(HERE) is None


def test_a_token_near_its_end_is_renewed_and_the_new_refresh_token_kept(issuer: FakeIssuer, own_home: Path) -> None:
    """Rotation is followed: the old refresh token is sent once and never again."""
    save(issuer, seconds=5)
    new = issuer.id_token()
    issuer.answers = [(200, {"id_token": new, "refresh_token": "r2"})]
    assert shown() == new
    assert shown() == new
    assert [form["refresh_token"] for form in issuer.forms] == ["r1"]
    stored = json.loads(file(own_home).read_text())
    assert (stored["refresh"], os.stat(file(own_home)).st_mode & 0o777) == ("r2", 0o600)


def test_of_many_commands_at_a_time_one_renews(issuer: FakeIssuer) -> None:
    """A refresh token that is used twice ends the login at many issuers."""
    save(issuer, seconds=5)
    issuer.answers = [(200, {"id_token": issuer.id_token(), "refresh_token": "r2"})]
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: shown(), range(8)))
    assert len(found) == 1
    assert len(issuer.forms) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, {"error": "invalid_grant"}), Unauthenticated),
        ((200, {}), Unauthenticated),
        ((503, {}), Unreachable),
        (None, Unreachable),
    ],
)
def test_a_login_that_cannot_be_renewed_is_an_error(
    issuer: FakeIssuer, answer: tuple[int, object] | None, error: type[Exception]
) -> None:
    """Never the old token, never nobody: the user of the socket must not stand in for the person."""
    save(issuer, seconds=5)
    issuer.answers = [answer]
    with pytest.raises(error):
        kept.token(HERE)
    save(issuer, seconds=5, refresh=None)
    with pytest.raises(Unauthenticated, match="has ended"):
        kept.token(HERE)


def test_another_person_does_not_slip_in(issuer: FakeIssuer) -> None:
    """A renewal for another subject changes nothing."""
    save(issuer, seconds=5)
    issuer.answers = [(200, {"id_token": issuer.id_token(sub="eve"), "refresh_token": "r2"})]
    with pytest.raises(Unauthenticated, match="another person"):
        kept.token(HERE)
    found = kept.load(HERE)
    assert found
    assert found.tokens.token.reveal() == "old"


def test_logging_out_revokes_and_removes(issuer: FakeIssuer, own_home: Path) -> None:
    """The refresh token is revoked at the issuer; where that cannot be asked the file goes all the same."""
    save(issuer)
    path = file(own_home)
    assert kept.forget(HERE)
    assert issuer.forms == [{"token": "r1", "token_type_hint": "refresh_token", "client_id": "broker-cli"}]
    assert not path.exists()
    assert not kept.forget(HERE)
    save(issuer)
    issuer.document = {"issuer": "https://gone.example"}
    assert kept.forget(HERE)
    assert not path.exists()


def test_a_lock_that_is_held_for_ever_is_not_waited_for(issuer: FakeIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that hangs in its renewal holds up the others for a while, then they say so."""
    monkeypatch.setattr(kept, "LOCK_SECONDS", 0.1)
    save(issuer, seconds=5)
    done = threading.Event()
    with kept._lock(HERE), pytest.raises(Unreachable, match="another command"):
        kept.token(HERE)
    done.set()


def test_a_link_in_place_of_the_file_is_not_followed_by_a_write(issuer: FakeIssuer, own_home: Path) -> None:
    """Writing replaces it."""
    save(issuer)
    path, target = file(own_home), own_home / "target"
    target.write_text("x")
    path.unlink()
    path.symlink_to(target)
    save(issuer)
    assert target.read_text() == "x"
    assert not path.is_symlink()
