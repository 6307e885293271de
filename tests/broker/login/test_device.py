"""The device flow against an issuer that hesitates, lies or is silent (against a real one: `test_whole.py`)."""

from __future__ import annotations

import pytest

from broker.errors import Unauthenticated, Unreachable
from broker.login import provider
from broker.login.device import GRANT, log_in
from broker.login.provider import find
from broker.login.tokens import Tokens
from tests.broker.login.issuer import FakeIssuer, fake_issuer

PENDING = (400, {"error": "authorization_pending"})
SLOWER = (400, {"error": "slow_down"})


class Time:
    """Passes when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def run(issuer: FakeIssuer, time: Time | None = None, shown: list[tuple[str, str]] | None = None) -> Tokens:
    time = time or Time()
    told = shown if shown is not None else []
    return log_in(find(issuer.login()), lambda *what: told.append(what), time.wait, lambda: time.now)


def test_it_asks_as_often_as_the_issuer_wants() -> None:
    """Five seconds unless told otherwise, five more after each `slow_down`, twice as long after a lost answer."""
    with fake_issuer() as issuer:
        issuer.begun = {"expires_in": 600}
        time, shown = Time(), []
        issuer.answers = [PENDING, SLOWER, PENDING, None, PENDING, (200, {"id_token": issuer.id_token()})]
        assert run(issuer, time, shown).subject == "ada"
        assert time.waits == [5, 5, 10, 10, 20, 20]
        assert shown == [(f"{issuer.url}/device", "ABCD-EFGH")]
        assert issuer.forms[0] == {"grant_type": GRANT, "device_code": "d" * 32, "client_id": "broker-cli"}


def test_it_ends_with_the_code() -> None:
    """No question after `expires_in`, which has a cap of its own."""
    with fake_issuer() as issuer:
        issuer.answers = [PENDING]
        for expires, most in ((60, 1), (10**9, 30), (-1, 10), ("soon", 10)):
            issuer.begun, issuer.forms, time = {"expires_in": expires, "interval": 59}, [], Time()
            with pytest.raises(Unauthenticated, match="in time"):
                run(issuer, time)
            assert 0 < len(issuer.forms) <= most


def test_an_interval_of_none_does_not_hammer() -> None:
    """A second at least."""
    with fake_issuer() as issuer:
        issuer.begun, issuer.answers, time = {"interval": 0.001, "expires_in": 5}, [PENDING], Time()
        with pytest.raises(Unauthenticated):
            run(issuer, time)
        assert min(time.waits) >= 1


@pytest.mark.parametrize("error", ["access_denied", "expired_token", "invalid_grant", None, ["x"], "\x1b[2J"])
def test_a_no_is_a_no(error: object) -> None:
    """At once, and fit for a terminal."""
    with fake_issuer() as issuer:
        issuer.answers = [(400, {"error": error})]
        with pytest.raises(Unauthenticated) as caught:
            run(issuer)
        assert len(issuer.forms) == 1
        assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "begun",
    [
        {"verification_uri": "http://elsewhere.example/"},
        {"verification_uri": "https://good.example/\n\x1b[1A"},
        {"verification_uri": None},
        {"user_code": "\x1b[2J"},
        {"user_code": "x" * 33},
        {"user_code": ""},
        {"user_code": "\u202e1234"},
        {"device_code": None},
    ],
)
def test_nothing_that_could_mislead_is_shown(begun: dict[str, object]) -> None:
    """An address that is not safe, a code that is no code."""
    with fake_issuer() as issuer:
        issuer.begun, shown = begun, []
        with pytest.raises(Unauthenticated):
            run(issuer, None, shown)
        assert not shown
        assert not issuer.forms


def test_an_issuer_without_the_flow_says_so() -> None:
    """No endpoint, or a refusal to begin."""
    with fake_issuer() as issuer:
        known = find(issuer.login())
        without = provider.Provider(known.login, known.authorization, known.token, "", "", names_itself=False)
        with pytest.raises(Unauthenticated, match="no device flow"):
            log_in(without, lambda *_: None)
        refusing = provider.Provider(known.login, known.authorization, known.token, known.token, "", names_itself=False)
        issuer.answers = [(401, {"error": "invalid_client"})]
        with pytest.raises(Unauthenticated, match="invalid_client"):
            log_in(refusing, lambda *_: None)


def test_an_issuer_that_vanishes_is_given_up_in_time() -> None:
    """Lost answers lengthen the pauses, not the wait."""
    with fake_issuer() as issuer:
        issuer.answers, time = [None], Time()
        with pytest.raises((Unauthenticated, Unreachable)):
            run(issuer, time)
        assert time.now <= 60
