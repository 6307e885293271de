"""Receipts as a broker's client reads them in an answer; one that cannot be read says nothing of what is revoked."""

from __future__ import annotations

from collections.abc import Mapping

from broker.errors import Unreachable
from broker.receipt import Line, Receipt, Revocation
from broker.wire import VERSIONS, integer, text


def receipt(answer: Mapping[str, object]) -> Receipt:
    """The receipt in an answer. Raises Unreachable when it cannot be read: then nothing is known to be revoked."""
    lines = answer.get("lines")
    if not isinstance(lines, list):
        raise Unreachable("the broker's answer holds no receipt", VERSIONS)
    return Receipt(text(answer, "task_id"), tuple(_line(item) for item in lines), integer(answer, "at"))


def _line(item: object) -> Line:
    if not isinstance(item, dict):
        raise Unreachable("a line of the broker's receipt cannot be read", VERSIONS)
    names = [text(item, name) for name in ("lease_id", "grant", "source")]
    try:
        outcome = Revocation(text(item, "revocation"))
    except ValueError:
        raise Unreachable("a line of the broker's receipt cannot be read", VERSIONS) from None
    return Line(names[0], names[1], names[2], outcome, integer(item, "expires_at"), str(item.get("detail", "")))


def exposed_lines(answer: Mapping[str, object]) -> tuple[Line, ...]:
    """What became of the reporter's leases, in an answer to `expose`. Raises Unreachable when it cannot be read."""
    lines = answer.get("leases")
    if not isinstance(lines, list):
        raise Unreachable("the broker's answer does not say what was revoked", VERSIONS)
    return tuple(map(_line, lines))
