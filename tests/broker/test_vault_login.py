"""A login that is kept alive: before its end, in the background, one at a time, and while Vault is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from broker.errors import SourceFailed
from broker.vault_answer import Answer, understood
from broker.vault_login import Ask, KeptLogin, Login, LoginUnfit, taken
from secretguard.secret import Secret


class Counting:
    """An identity whose n-th login gives the token `tokenN` for `seconds`; fails with `failure` when that is set."""

    def __init__(self, seconds: int = 90, renews: bool = False) -> None:
        self.seconds, self.renews, self.count = seconds, renews, 0
        self.failure: SourceFailed | None = None
        self.gate: Callable[[], object] = lambda: None

    def log_in(self, ask: Ask) -> Login:
        self.count += 1
        self.gate()
        if self.failure is not None:
            raise self.failure
        return Login(Secret(f"token{self.count}"), self.seconds, renewable=True)


def no_vault(*_: object, **__: object) -> Answer:
    """A server that refuses everything."""
    return understood(403, b"{}")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of the module under test, moved by hand."""
    told = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("broker.vault_login.time", SimpleNamespace(monotonic=lambda: told.now))
    return told


def kept(identity: Counting, ask: Ask = no_vault) -> KeptLogin:
    """A login that is not kept in the background."""
    return KeptLogin(identity, ask, 5.0, lambda _: None)


def token(login: KeptLogin, stale: Secret | None = None) -> str:
    """The token as text."""
    return login.current(stale)[0].reveal()


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until `holds`, for ten seconds at most."""
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_the_background_replaces_a_token_before_its_end_and_stops_when_closed() -> None:
    """Nobody has to ask for it, and nothing runs on afterwards."""
    identity = Counting(seconds=1)
    login = kept(identity)
    login.keep()
    assert login.left() is None
    assert token(login) == "token1"
    eventually(lambda: identity.count >= 3)
    left = login.left()
    assert left is not None
    assert left > 0
    thread = login._thread
    assert thread is not None
    login.close()
    eventually(lambda: not thread.is_alive())


def test_a_caller_never_waits_for_the_background() -> None:
    """While a replacement hangs, the token that still lives is handed out at once."""
    identity, hung, release = Counting(seconds=4), threading.Event(), threading.Event()
    login = kept(identity)
    login.keep()
    assert token(login) == "token1"

    def hang() -> None:
        hung.set()
        release.wait(10)

    identity.gate = hang
    assert hung.wait(10)
    assert token(login) == "token1"
    release.set()
    eventually(lambda: token(login) != "token1")
    login.close()


def test_a_failed_replacement_is_told_tried_again_and_forgotten() -> None:
    """`problem` is what readyz shows; the old token serves until its end, and the first success clears it."""
    identity = Counting(seconds=2)
    login = kept(identity)
    login.keep()
    assert token(login) == "token1"
    identity.failure = SourceFailed("login: Vault answered 503, it is sealed")
    eventually(lambda: "sealed" in login.problem)
    assert token(login) == "token1"
    tried = identity.count
    eventually(lambda: identity.count > tried)
    identity.failure = None
    eventually(lambda: not login.problem)
    assert token(login) != "token1"
    login.close()


def test_attempts_come_closer_towards_the_end_and_never_in_a_flood(clock: SimpleNamespace) -> None:
    """Each pause is at most a third of what is left, and grows to half a minute at most."""
    identity = Counting(seconds=9000)
    login = kept(identity)
    token(login)
    identity.failure = SourceFailed("no")
    held = login._held
    assert held is not None
    clock.now = held.replace_at
    pauses: list[float] = []
    while clock.now < held.dies_at - 1 and len(pauses) < 10_000:
        assert token(login) == "token1"
        now = login._held
        assert now is not None
        pauses.append(now.replace_at - clock.now)
        assert 0 < pauses[-1] <= (held.dies_at - clock.now) / 3 + 1e-6
        clock.now = now.replace_at
    assert max(pauses) == 30
    assert len(pauses) < 200
    clock.now = held.dies_at
    with pytest.raises(SourceFailed):
        token(login)


def test_threads_that_waited_for_a_failed_login_do_not_repeat_it_one_by_one() -> None:
    """Sixteen callers at once cost one attempt, and the next one tries again."""
    identity, gate = Counting(), threading.Barrier(16)
    login = kept(identity)
    identity.failure = SourceFailed("login: no", "do this", rule="vault-login")
    identity.gate = lambda: time.sleep(0.5)  # long enough for all of them to wait

    def call(_: int) -> tuple[str, str, str]:
        gate.wait(10)
        with pytest.raises(SourceFailed) as caught:
            login.current()
        return caught.value.message, caught.value.fix, caught.value.rule

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(call, range(16))) == {("login: no", "do this", "vault-login")}
    assert identity.count == 1
    identity.failure = None
    assert token(login) == "token2"


def renewing(seconds: int) -> Ask:
    """A server that renews for `seconds`."""
    return lambda *_, **__: understood(200, b'{"auth": {"client_token": "x", "lease_duration": %d}}' % seconds)


def test_what_may_be_spent_is_renewed_and_not_used_again(clock: SimpleNamespace) -> None:
    """The token stays the same, with a new life."""
    identity = Counting(renews=True)
    login = kept(identity, renewing(90))
    for _ in range(5):
        assert token(login) == "token1"
        clock.now += 61
    assert identity.count == 1


def test_a_renewal_that_gives_little_is_followed_by_a_login(clock: SimpleNamespace) -> None:
    """The token nears its last end: another login is needed, and without one the rest of its life is used and told."""
    identity = Counting(renews=True)
    login = kept(identity, renewing(40))
    token(login)
    clock.now += 61
    assert token(login) == "token2"
    identity.failure = SourceFailed("login: the secret id is spent")
    clock.now += 61
    assert token(login) == "token2"
    assert login.problem == "login: the secret id is spent"
    assert login.left() == 40


def test_a_renewal_that_is_refused_is_followed_by_a_login(clock: SimpleNamespace) -> None:
    """Renewing is a convenience, not a need."""
    identity = Counting(renews=True)
    login = kept(identity)
    token(login)
    clock.now += 61
    assert token(login) == "token2"


def test_a_refused_token_is_never_renewed(clock: SimpleNamespace) -> None:
    """Vault says that it is dead: only another login helps, and where that fails the caller hears of it."""
    identity = Counting(renews=True)
    login = kept(identity, renewing(90))
    first, _ = login.current()
    assert token(login, stale=first) == "token2"
    second, _ = login.current()
    assert token(login, stale=second) == "token2", "the second one was fetched a moment ago: a right is missing"
    clock.now += 20
    identity.failure = SourceFailed("login: no")
    with pytest.raises(SourceFailed):
        login.current(second)


def test_a_token_that_is_not_proved_is_not_used() -> None:
    """Whatever the proof says goes to the caller, and the next call tries again."""
    identity = Counting()

    def sham(_: Secret) -> None:
        raise LoginUnfit("login: this Vault ignores namespaces")

    login = KeptLogin(identity, no_vault, 5.0, sham)
    for _ in range(2):
        with pytest.raises(LoginUnfit, match="namespaces"):
            login.current()
    assert login.left() is None
    assert identity.count == 2


def test_the_life_of_a_token_is_counted_from_before_it_was_asked_for(clock: SimpleNamespace) -> None:
    """Vault counts from when it made it, which was earlier than when its answer came."""
    identity = Counting(seconds=90)

    def slow() -> None:
        clock.now += 30

    identity.gate = slow
    login = kept(identity)
    token(login)
    assert login.left() == 60


@pytest.mark.parametrize("document", [b"{}", b'{"auth": {}}', b'{"auth": {"client_token": ""}}', b"[]", b"nonsense"])
def test_an_answer_without_a_token_is_no_login(document: bytes) -> None:
    """Whatever its status."""
    for status in (200, 204, 500, 503):
        with pytest.raises(SourceFailed):
            taken(understood(status, document))


def test_a_life_without_end_does_not_end_the_background() -> None:
    """No lock of Python waits for a thousand years; a token that lives so long is looked at within the month."""
    login = kept(Counting(seconds=10**18))
    login.keep()
    token(login)
    thread = login._thread
    assert thread is not None
    assert 0 < (login.left() or 0) <= 30 * 86400
    time.sleep(0.05)
    assert thread.is_alive()
    login.close()


def test_the_background_outlives_a_fault_of_its_own() -> None:
    """Told like any other failure, without its text, and forgotten by the next login."""
    identity = Counting(seconds=2)
    login = kept(identity)
    login.keep()
    token(login)

    def broken() -> None:
        raise ZeroDivisionError("the secret id is x")

    identity.gate = broken
    eventually(lambda: login.problem == "login: failed with ZeroDivisionError")
    identity.gate = lambda: None
    eventually(lambda: not login.problem)
    login.close()
