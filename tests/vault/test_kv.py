"""Values of a real Vault's key-value engine, both versions, read through and never kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from broker.errors import MaybeIssued, SourceFailed
from broker.issue.source import MintRequest
from broker.receipt import Revocation
from tests.servers.engines import Engines, engines
from tests.servers.loopback import Request, forward, loopback, reply
from tests.servers.vault import VaultServer
from tests.vault.tasks import lease, name, request

pytestmark = pytest.mark.vault


@pytest.fixture(scope="module")
def first_version(vault_server: VaultServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """As `ready_engines`, with version 1 of the engine."""
    ready = engines(vault_server, tmp_path_factory.mktemp("engines-1"), kv_version=1)
    yield ready
    ready.vaults.close()


def ordered(ready: Engines, grant: str) -> MintRequest:
    """An order of a new task."""
    task = name("task")
    parent, _ = ready.parents.open_parent(task, (ready.grants[grant],), 300)
    return request(task, ready.grants[grant], parent)


@pytest.mark.parametrize(("grant", "version"), [("kv", 4), ("kv_first", 1)])
def test_the_newest_value_or_the_pinned_one(ready_engines: Engines, grant: str, version: int) -> None:
    """One field; the token behind it is spent by the one reading."""
    order = ordered(ready_engines, grant)
    minted = ready_engines.kv().mint(order)
    assert {key: value.reveal() for key, value in minted.fields.items()} == {"value": ready_engines.value(version)}
    assert minted.source_lease == ""


def test_version_1_of_the_engine(first_version: Engines) -> None:
    """Another path and another form of the answer."""
    minted = first_version.kv().mint(ordered(first_version, "kv"))
    assert minted.fields["value"].reveal() == first_version.value(1)


def test_a_receipt_says_that_the_value_stands(ready_engines: Engines) -> None:
    """Nothing is taken back at the source, and that is said; the token behind it is dead."""
    order = ordered(ready_engines, "kv")
    minted = ready_engines.kv().mint(order)
    for _ in range(2):
        assert ready_engines.kv().revoke(lease(order, minted)).revocation is Revocation.STANDING
    assert ready_engines.server.call("POST", "auth/token/lookup-accessor", {"accessor": minted.accessor})[0] != 200


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        ("kv_deleted", "version 2 is deleted"), ("kv_destroyed", "version 3 is destroyed"),
        ("kv_nothing", "there is nothing"), ("kv_field", "the field other is not there"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_and_leaves_nothing(ready_engines: Engines, grant: str, words: str) -> None:
    """Each in its own words, with certainty: no token is left behind."""
    order = ordered(ready_engines, grant)
    with pytest.raises(SourceFailed, match=words):
        ready_engines.kv().mint(order)
    assert ready_engines.kv().recover(lease(order)).revocation is Revocation.NOTHING


def test_a_lost_answer_leaves_no_token(ready_engines: Engines) -> None:
    """The value was read and reached nobody: what is left of it is found or known to be nothing."""
    order = ordered(ready_engines, "kv")

    def swallow(asked: Request, status: int, body: bytes) -> Iterable[bytes] | None:
        return None if "/data/" in asked.path else reply(status, body)

    with loopback(forward(ready_engines.server.address, swallow)) as proxy, pytest.raises(MaybeIssued):
        ready_engines.kv(ready_engines.through(proxy.address)).mint(order)
    outcome = ready_engines.kv().recover(lease(order)).revocation
    assert outcome in (Revocation.CONFIRMED, Revocation.NOTHING)
    assert ready_engines.kv().recover(lease(order)).revocation is Revocation.NOTHING
