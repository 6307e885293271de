"""Looking through Vault's tokens when its answers are incomplete; a real Vault is tried in `tests/vault`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from broker.errors import SourceFailed
from broker.issue.vault_accessors import Found, kill, look_up, sweep
from broker.vault import Endpoint, Vault
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Loopback, Request, loopback, reply

OURS = reply(200, {"data": {"meta": {"maker": "secretguard", "task": "t"}, "creation_time": 5}})
DEAD = reply(403, {"errors": ["1 error occurred:\n\t* invalid accessor\n\n"]})


def client(server: Loopback) -> Vault:
    """The revoker at `server`."""
    return Vault(Endpoint(server.address), FixedToken(Secret("revoker")))


def vault(keys: object, *looks: list[bytes]) -> Callable[[Request], list[bytes]]:
    """A Vault with the list `keys`, whose look-ups are answered one after the other."""
    answers = iter(looks)
    return lambda request: reply(200, {"data": {"keys": keys}}) if "accessors" in request.path else next(answers, DEAD)


def test_tokens_that_die_during_the_sweep_are_passed_over() -> None:
    """Between the list and the look-up a token may end; that one is dead, and the others are still seen."""
    with loopback(vault(["a", "b", "c"], DEAD, OURS, DEAD)) as server:
        assert sweep(client(server), lambda meta: True) == [Found("b", {"maker": "secretguard", "task": "t"}, 5.0)]


def test_tokens_without_metadata_are_not_ours() -> None:
    """Vault tells null for a token that has none."""
    bare = reply(200, {"data": {"meta": None, "creation_time": 5}})
    with loopback(vault(["a"], bare)) as server:
        assert sweep(client(server), lambda meta: True) == []


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503, 307])
def test_one_look_up_that_fails_fails_the_sweep(status: int) -> None:
    """A sweep that skipped what it could not see would call a live token dead."""
    with loopback(vault(["a", "b"], OURS, reply(status, {"errors": ["no"]}))) as server, pytest.raises(SourceFailed):
        sweep(client(server), lambda meta: True)


@pytest.mark.parametrize("keys", [None, [], {}, "abc"])
def test_a_list_that_is_empty_or_none_is_no_answer(keys: object) -> None:
    """The revoker's own token is always in it."""
    with loopback(vault(keys)) as server, pytest.raises(SourceFailed, match="empty or no list"):
        sweep(client(server), lambda meta: True)


def test_a_sweep_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Vault with too many tokens, or too slow, is given up and asked again later."""
    monkeypatch.setattr("broker.issue.vault_accessors.SWEEP_SECONDS", -1.0)
    with loopback(vault(["a"], OURS)) as server, pytest.raises(SourceFailed, match="too long"):
        sweep(client(server), lambda meta: True)


def test_a_dead_token_is_dead_in_either_dialect() -> None:
    """Vault says it with 400, OpenBao and older ones with 403 or 404; the words count."""
    for status in (400, 403, 404):
        with loopback(lambda _, status=status: reply(status, {"errors": ["invalid accessor"]})) as server:
            assert look_up(client(server), "a") is None
            kill(client(server), "a")


def test_a_token_that_survives_its_revocation_is_an_error() -> None:
    """204 to the revocation is not believed before the token has been looked up."""
    survivor = lambda request: reply(204) if "revoke" in request.path else OURS  # noqa: E731
    with loopback(survivor) as server, pytest.raises(SourceFailed, match="still alive"):
        kill(client(server), "a")
