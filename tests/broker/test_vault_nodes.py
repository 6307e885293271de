"""Which node of a cluster is asked, and what may be asked twice, on nodes that fail in each way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator

import pytest

from broker.vault import Endpoint, Vault
from broker.vault_answer import Outcome, understood
from broker.vault_identity import FixedToken
from broker.vault_nodes import Nodes, sick, untouched
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.servers.loopback import Loopback, Request, loopback, reply
from tests.servers.process import spare_port

Answers = Callable[[Request], Iterable[bytes] | None]

GOOD = reply(200, {"data": {"keys": ["one"]}})
LEADERLESS = reply(500, {"errors": ["local node not active but active cluster node not found"]})
FAILING: dict[str, Answers] = {
    "sealed": lambda _: reply(503, {"errors": ["Vault is sealed"]}),
    "not initialised": lambda _: reply(501, {"errors": ["Vault is not initialized"]}),
    "redirects": lambda _: reply(307, None, [("Location", "http://192.0.2.1:8200/v1/x")]),
    "knows no leader": lambda _: LEADERLESS,
    "drops the request": lambda _: None,
    "lost the lead": lambda _: reply(400, {"errors": ["leadership lost while committing log"]}),
}
"""What a node says that is not at work; the first two say so for certain."""

CERTAIN = ("sealed", "not initialised")


@contextlib.contextmanager
def cluster(first: Answers, *, repeats: bool) -> Iterator[tuple[Vault, Loopback, Loopback]]:
    """A client of two nodes: `first`, and one that is well."""
    with loopback(first) as sick_node, loopback(lambda _: GOOD) as well:
        endpoint = Endpoint(sick_node.address, others=(well.address,), seconds=2.0)
        vault = Vault(endpoint, FixedToken(Secret("x")), repeats=repeats)
        yield vault, sick_node, well
        vault.close()


@pytest.mark.parametrize("failure", FAILING)
def test_what_may_be_repeated_is_asked_at_the_next_node(failure: str) -> None:
    """And from then on at that one first."""
    with cluster(FAILING[failure], repeats=True) as (vault, first, second):
        for _ in range(2):
            assert vault.ask("post", "auth", "token", "revoke-accessor", body={}).outcome is Outcome.DONE
        assert (len(first.requests), len(second.requests)) == (1, 2)


@pytest.mark.parametrize("failure", FAILING)
def test_a_mint_goes_to_a_second_node_only_where_the_first_surely_did_nothing(failure: str) -> None:
    """A doubt is told as one, since a second mint would be a second credential; the next mint asks the good node."""
    with cluster(FAILING[failure], repeats=False) as (vault, first, second):
        answer = vault.ask("post", "auth", "token", "create", body={})
        if failure in CERTAIN:
            assert (answer.outcome, len(second.requests)) == (Outcome.DONE, 1)
        else:
            assert (answer.outcome, len(second.requests)) == (Outcome.UNCLEAR, 0)
        assert vault.ask("post", "auth", "token", "create", body={}).outcome is Outcome.DONE
        assert len(first.requests) == 1


def test_a_node_that_is_gone_costs_nothing_but_a_try() -> None:
    """No connection: certainly not carried out, by whomever it is asked."""
    with loopback(lambda _: GOOD) as well:
        gone = f"http://127.0.0.1:{spare_port()}"
        vault = Vault(Endpoint(gone, others=(gone, well.address)), FixedToken(Secret("x")))
        assert vault.ask("post", "auth", "token", "create", body={}).outcome is Outcome.DONE
        vault.close()


def test_all_nodes_away_is_one_answer() -> None:
    """Each asked once, and the end is certain."""
    gone = [f"http://127.0.0.1:{spare_port()}" for _ in range(2)]
    vault = Vault(Endpoint(gone[0], others=(gone[1],)), FixedToken(Secret("x")), repeats=True)
    assert vault.ask("get", "sys", "health").outcome is Outcome.REFUSED
    vault.close()


@pytest.mark.parametrize(
    ("status", "errors"),
    [(403, ["permission denied"]), (400, ["invalid accessor"]), (404, []), (429, ["rate limit quota exceeded"]),
     (500, ["internal error"]), (200, [])],
)  # fmt: skip
def test_an_answer_of_the_cluster_is_an_answer(status: int, errors: list[str]) -> None:
    """Another node would say the same."""
    text = str({"errors": errors}).replace("'", '"') if errors else "{}"
    answer = understood(status, text.encode())
    assert not sick(answer)
    assert not untouched(answer)


def test_nodes_take_turns() -> None:
    """The one that was left is asked last; leaving one that is not first changes nothing."""
    nodes = Nodes(["a", "b", "c"])
    nodes.leave("b")
    assert nodes.in_turn() == ("a", "b", "c")
    nodes.leave("a")
    nodes.leave("a")
    assert nodes.in_turn() == ("b", "c", "a")
    nodes.leave("b")
    nodes.leave("c")
    assert nodes.in_turn() == ("a", "b", "c")


def test_a_second_address_is_held_to_the_same_rules() -> None:
    """Plain http off this machine would show the token."""
    with pytest.raises(ConfigError, match="other_addresses"):
        Endpoint("https://vault.example.org:8200", others=("http://vault2.example.org:8200",))
