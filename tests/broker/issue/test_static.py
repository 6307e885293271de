"""The source of long-lived values."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.errors import RecordFailed, SourceFailed
from broker.grant import Grant
from broker.issue.source import MintRequest
from broker.issue.static import StaticSource
from broker.lease import Lease, LeaseState
from broker.receipt import Revocation
from broker.store.database import open_database
from broker.store.sealed import Sealer
from broker.store.static import StaticValues
from broker.testing import ManualClock
from secretguard.secret import Secret

REQUEST = MintRequest("task-1", "lease-1", Grant("up", "static", {"name": "crates-io"}, 300), 300, "ada", None)


@pytest.fixture
def values(tmp_path: Path) -> StaticValues:
    return StaticValues(open_database(f"sqlite:///{tmp_path}/broker.db"), Sealer(b"k" * 32), ManualClock(1000))


def test_a_value_is_opened_for_one_lease(values: StaticValues) -> None:
    """With the version in the accessor, and nothing else about it."""
    values.set("crates-io", Secret("the-value"), "unix:7")
    values.rotate("crates-io", Secret("the-other"), "unix:7")
    minted = StaticSource(values, ManualClock(1000)).mint(REQUEST)
    assert {name: field.reveal() for name, field in minted.fields.items()} == {"value": "the-other"}
    assert (minted.accessor, minted.source_lease, minted.expires_at) == ("crates-io@2", "", 1300)
    assert minted.sealed == b""


def test_it_is_for_injection_alone() -> None:
    """The policy loader and the broker's front door read this."""
    assert StaticSource.hands_out is False


def test_what_is_not_there_issues_nothing(values: StaticValues, monkeypatch: pytest.MonkeyPatch) -> None:
    """No value, a value that does not open, a store that is down: certainly nothing."""
    source = StaticSource(values, ManualClock())
    with pytest.raises(SourceFailed, match="no static value"):
        source.mint(REQUEST)
    values.set("crates-io", Secret("the-value"), "unix:7")
    other = StaticValues(values._database, Sealer(b"z" * 32), ManualClock())
    with pytest.raises(SourceFailed, match="cannot be opened"):
        StaticSource(other).mint(REQUEST)

    def down(_name: str) -> None:
        raise RecordFailed("the store is down")

    monkeypatch.setattr(values, "value", down)
    with pytest.raises(SourceFailed, match="down"):
        source.mint(REQUEST)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (LeaseState.INTENDED, Revocation.NOTHING),
        (LeaseState.MINTED, Revocation.NOTHING),
        (LeaseState.UNCERTAIN, Revocation.STANDING),
        (LeaseState.ISSUED, Revocation.STANDING),
    ],
)
def test_a_receipt_says_that_the_value_lives_on(values: StaticValues, state: LeaseState, outcome: Revocation) -> None:
    """Nothing ends it but its owner; what was never released needs no word."""
    lease = Lease("lease-1", "task-1", "up", "static", state, accessor="crates-io@2")
    source = StaticSource(values)
    assert source.recover(lease).revocation is outcome
    line = source.revoke(lease)
    assert line.revocation is Revocation.STANDING
    assert "broker static rotate crates-io" in line.detail
