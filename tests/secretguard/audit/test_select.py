from __future__ import annotations

import pytest

from secretguard.audit.digest import bare_digest, key_id, secret_digest
from secretguard.audit.record import Record
from secretguard.audit.select import NO, UNKNOWN, YES, Wanted, digests_of, same_file

KEY = b"k" * 32
RECORD: dict[str, object] = {
    "event": "guard:read:redacted",
    "session_id": "s1",
    "task": "t1",
    "path": "src/app.py",
    "rules": ["github-token"],
    "secrets": [secret_digest(KEY, b"one"), secret_digest(KEY, b"two")],
}


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        (Wanted(), YES),
        (Wanted(session="s1"), YES),
        (Wanted(session="s"), NO),
        (Wanted(task="t1"), YES),
        (Wanted(task="t2"), NO),
        (Wanted(event="guard:read"), YES),
        (Wanted(event="guard:read:"), YES),
        (Wanted(event="guard:re"), NO),
        (Wanted(file="app.py"), YES),
        (Wanted(session="s1", file="other.py"), NO),
        (Wanted(digests=frozenset({secret_digest(KEY, b"two")})), YES),
        (Wanted(digests=frozenset({secret_digest(KEY, b"three")})), NO),
        (Wanted(session="s2", digests=frozenset({secret_digest(KEY, b"two")})), NO),
    ],
)
def test_everything_that_is_asked_for_must_match(wanted: Wanted, answer: str) -> None:
    """Whole ids, whole words of an event, whole names of a path, any one digest."""
    assert wanted.matches(RECORD) == answer


def test_a_record_that_does_not_list_all_its_secrets_cannot_tell() -> None:
    """Written before digests were, cut by their number, or too large for the record: no is not the answer."""
    wanted = Wanted(digests=frozenset({secret_digest(KEY, b"three")}))
    assert wanted.matches({**RECORD, "secrets_left_out": 3}) == UNKNOWN
    assert wanted.matches({**RECORD, "secrets": {"omitted_bytes": 9, "sha256": "0"}}) == UNKNOWN
    assert wanted.matches({key: value for key, value in RECORD.items() if key != "secrets"}) == UNKNOWN
    assert wanted.matches({"event": "guard:command:allowed"}) == NO


@pytest.mark.parametrize(
    ("recorded", "wanted", "same"),
    [
        ("/srv/app/.env", "/srv/app/.env", True),
        (".env", "/srv/app/.env", True),
        ("/srv/app/.env", "app/.env", True),
        ("./src/../.env", ".env", True),
        ("/srv/app/x.env", ".env", False),
        ("/srv/app/.env", "pp/.env", False),
        ("", ".env", False),
        (None, ".env", False),
        ({"omitted_bytes": 1}, ".env", False),
    ],
)
def test_a_file_is_found_however_the_tool_named_it(recorded: object, wanted: str, same: bool) -> None:
    """Relative and absolute names meet at whole components."""
    assert same_file(recorded, wanted) is same


def test_a_secret_is_found_however_it_was_piped_in() -> None:
    """With a newline at its end, inside a line of settings that a scan finds it in, or of several lines inside JSON."""
    digest = secret_digest(KEY, b"value")
    assert digest in digests_of([KEY], b"value\n", [])
    assert digest in digests_of([KEY], b"  value \r\n", [])
    assert digest in digests_of([KEY], b"TOKEN=value", [b"value"])
    assert secret_digest(KEY, b"a\\nb") in digests_of([KEY], b"a\nb\n", [])
    assert secret_digest(KEY, b"") not in digests_of([KEY], b"\n", [b""])


def test_a_secret_is_found_under_every_key_that_the_user_ever_had() -> None:
    """Before and after a rotation, and in records from before digests said which key made them."""
    newest = b"n" * 32
    digests = digests_of([KEY, newest], b"value", [])
    assert {secret_digest(KEY, b"value"), secret_digest(newest, b"value"), bare_digest(KEY, b"value")} <= digests
    assert bare_digest(newest, b"value") not in digests


def test_a_digest_under_a_key_that_is_not_at_hand_cannot_be_told() -> None:
    """Of another user, or made with a key that was lost: not found is no answer there."""
    own, foreign = secret_digest(KEY, b"one"), secret_digest(b"f" * 32, b"one")
    wanted = Wanted(digests=frozenset({own}), keys=frozenset({key_id(KEY)}))
    assert wanted.matches({"rules": ["x"], "secrets": [foreign]}) == UNKNOWN
    assert wanted.matches({"rules": ["x"], "secrets": [foreign, own]}) == YES
    assert wanted.matches({"rules": ["x"], "secrets": [secret_digest(KEY, b"two")]}) == NO


def test_a_host_is_found_or_may_be_one_that_is_not_named() -> None:
    """Together with the other questions; a record without calls is none of it."""
    called: Record = {"event": "guard:command:allowed", "session_id": "s", "hosts": [{"host": "api.example"}]}
    dark: Record = {"event": "guard:command:allowed", "session_id": "s", "hosts": [{"unknown": "a remote"}]}
    wanted = Wanted(session="s", host="example")
    assert [wanted.matches(record) for record in (called, dark, {"session_id": "s"})] == [YES, UNKNOWN, NO]
    assert Wanted(session="other", host="example").matches(dark) == NO


def test_a_task_is_found_where_it_is_only_claimed() -> None:
    """The guard inside a sandbox knows its task from the environment alone."""
    assert Wanted(task="task-1").matches({"claimed_task": "task-1"}) == YES
    assert Wanted(task="task-1").matches({"claimed_task": "task-12"}) == NO


@pytest.mark.parametrize(
    ("event", "wanted", "answer"),
    [
        ("guard:read:redacted", Wanted(digests=frozenset({"d"})), UNKNOWN),
        ("guard:command:denied", Wanted(digests=frozenset({"d"})), UNKNOWN),
        ("guard:read:allowed", Wanted(digests=frozenset({"d"})), NO),
        ("guard:command:allowed", Wanted(host="api.example"), UNKNOWN),
        ("guard:read:redacted", Wanted(host="api.example"), NO),
        ("guard:command:allowed", Wanted(host="api.example", digests=frozenset({"d"})), NO),
        ("guard:command:allowed", Wanted(session="s1"), NO),
        ("guard:read:redacted", Wanted(event="guard:read"), YES),
    ],
)
def test_an_erased_record_may_have_been_the_one(event: str, wanted: Wanted, answer: str) -> None:
    """That a secret was nowhere is not said of what nobody can read any more; whose session it was is gone for good."""
    assert wanted.matches({"v": 2, "seq": 5, "time": "", "event": event, "erased": True}) == answer
