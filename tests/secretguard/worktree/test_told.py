"""A look's changes as events."""

from __future__ import annotations

from secretguard.worktree.authors import UNSEEN, Calls
from secretguard.worktree.compare import Change
from secretguard.worktree.snapshot import UNKNOWN, Row
from secretguard.worktree.told import MOST_LISTED, Told, changes

D1, D2 = "0a" * 16, "0b" * 16
CALLS = Calls([("w1", "a", D2)], {"b1": [0, 100]})


def row(digest: str = UNKNOWN, mode: int = 0o100644, changed: int = 50) -> Row:
    return Row(mode, 3, 50, changed, 1, digest)


def told(*found: Change, ignored: tuple[str, ...] = ()) -> list[Told]:
    return list(changes(found, set(ignored), CALLS, UNSEEN, lambda name: f"/p/{name}", lambda text: f"<{text}>"))


def test_each_change_with_both_digests_and_who() -> None:
    """Names go through the redaction; what was not known is said."""
    (one,) = told(Change("modified", "a", row(D1), row(D2, mode=0o100755)))
    assert one == (
        "guard:file:changed",
        {
            "how": "modified", "path": "</p/a>", "digest_before": D1, "bytes_before": 3, "digest_after": D2,
            "bytes_after": 3, "mode": "-rw-r--r-- to -rwxr-xr-x", "by": ["w1"], "during": ["b1"],
        },
    )  # fmt: skip
    (one,) = told(Change("created", "b", None, row("not read: x", 0o120777, changed=10**12)), ignored=("b",))
    assert one[1] == {
        "how": "created", "path": "</p/b>", "digest_before": "none", "digest_after": "not read: x", "bytes_after": 3,
        "kind": "link", "ignored": True, "by": UNSEEN,
    }  # fmt: skip
    (one,) = told(Change("deleted", "c", row(), None))
    assert (one[1]["digest_before"], one[1]["digest_after"]) == ("not known", "none")
    (one,) = told(Change("renamed", "e", row(D1), row(D1), "d"))
    assert one[1]["source"] == "</p/d>"


def test_too_many_are_counted() -> None:
    """The first ones are listed, ignored files only when there is room, the rest is a number with its reason."""
    found = [Change("created", f"{number:04}", None, row(D1)) for number in range(MOST_LISTED + 50)]
    events = told(*found, ignored=tuple(f"{number:04}" for number in range(100)))
    assert [event for event, _ in events] == ["guard:file:changed"] * MOST_LISTED + ["guard:files:unlisted"]
    assert events[0][1]["path"] == "</p/0100>"
    assert events[-1][1] == {
        "count": 50, "hows": {"created": 50},
        "reason": f"too many to list: {MOST_LISTED + 50} files changed, {MOST_LISTED} are listed",
    }  # fmt: skip
