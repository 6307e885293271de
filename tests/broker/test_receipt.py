"""A receipt is complete only when nothing is left alive."""

from __future__ import annotations

import pytest

from broker.receipt import Line, Receipt, Revocation


def receipt(*kinds: Revocation) -> Receipt:
    """A receipt with a line for each kind."""
    return Receipt("task-1", tuple(Line(f"lease-{n}", "g", "s", kind, 100) for n, kind in enumerate(kinds)), 50)


@pytest.mark.parametrize(
    ("kinds", "complete"),
    [
        ((), True),
        ((Revocation.CONFIRMED, Revocation.NOTHING), True),
        ((Revocation.QUEUED,), False),
        ((Revocation.EXPIRES,), False),
        ((Revocation.CONFIRMED, Revocation.EXPIRES), False),
        ((Revocation.CONFIRMED, Revocation.QUEUED), False),
    ],
)
def test_complete(kinds: tuple[Revocation, ...], complete: bool) -> None:
    """Queued and expiring leases are alive; confirmed ones and those never issued are not."""
    assert receipt(*kinds).complete is complete


def test_every_kind_is_decided() -> None:
    """A new kind of revocation has to be decided here: none counts as complete by accident."""
    assert {kind for kind in Revocation if receipt(kind).complete} == {Revocation.CONFIRMED, Revocation.NOTHING}
