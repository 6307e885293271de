"""Receipts in answers: what cannot be read is no receipt."""

from __future__ import annotations

import pytest

from broker.errors import Unreachable
from broker.receipt_answer import receipt


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"task_id": "t", "at": 1, "lines": {}},
        {"task_id": "t", "at": 1, "lines": [1]},
        {"task_id": "t", "at": 1, "lines": [{}]},
        {"task_id": "t", "at": "now", "lines": []},
        {
            "task_id": "t",
            "at": 1,
            "lines": [{"lease_id": "l", "grant": "g", "source": "s", "revocation": "maybe", "expires_at": 1}],
        },
    ],
)
def test_a_receipt_that_cannot_be_read_is_no_receipt(document: dict[str, object]) -> None:
    """An unknown outcome is never taken for a good one."""
    with pytest.raises(Unreachable):
        receipt(document)
