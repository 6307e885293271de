from __future__ import annotations

from secretguard.audit.joined import join
from secretguard.audit.joined_story import MOST, joined_story
from secretguard.terminal import printable
from tests.secretguard.audit.test_joined import TASK, broker, example, guard, joined, reported

HOSTILE = "\x1b[2J\r\n\u202egnp.exe\u200b\x9b"


def test_a_task_reads_like_this() -> None:
    """The head answers the questions, then every line with its time and its side."""
    text = joined_story(joined(example()))
    head, _, steps = text.partition("\n\nin order\n")
    assert head.splitlines()[:5] == [
        f"task {TASK}",
        "began 2026-11-25T01:00:00.001Z, 9 s",
        "asked for:    unix:1000 asked for a run of hello (rule r): mend it; grants -, until -",
        f"ended:        ended by session of {TASK}: asked for",
        "credentials:  db (lease-1): revoked, confirmed",
    ]
    assert "; jwt:grace approved apr-1" in head
    assert "ran:          curl https://api.example" in head
    assert "sent to:      api.example (inferred from curl), and failed" in head
    assert "8 of the broker's own, 6 that the sandbox claims, 0 of the journal at hand" in head
    assert "claude-code 2.1.330" in head
    assert "      +0:00  broker    unix:1000 asked for a run of hello" in steps
    assert "      +0:01  claimed   sent a prompt" in steps


def test_what_is_not_recorded_is_said() -> None:
    """No word of the broker, no guard: the reader is told, not left to notice."""
    text = joined_story(joined([], [guard(1, 1, "guard:prompt:allowed")]))
    assert "the broker has no record of it here" in text
    assert "not yet, as far as is recorded here" in text
    assert "no guard reported from the sandbox" in joined_story(joined([broker(1, "broker:task:created")]))


def test_long_lists_are_cut_and_alarms_come_first() -> None:
    """A head that is a page long is not read."""
    many = [
        reported(guard(n, 1, "guard:read:allowed", tool="Bash", tool_use_id=f"c{n}", command=f"c{n}"))
        for n in range(1, MOST + 4)
    ]
    text = joined_story(joined([*many, broker(2, "broker:lease:refused", grant="db", reason="no", rule="r")]))
    assert "; and 3 more" in text
    assert text.index("LOOK HERE: 1") < text.index("in order")


def test_hostile_records_cannot_drive_the_terminal() -> None:
    """Whoever is inside writes what it likes; it is shown escaped."""
    call = {"tool": HOSTILE, "tool_use_id": "c", "command": HOSTILE, "hosts": [{"host": HOSTILE, "via": HOSTILE}]}
    records = [
        broker(0, "broker:task:created", launcher=HOSTILE, purpose=HOSTILE),
        broker(1, "broker:lease:issued", lease=HOSTILE, grant=HOSTILE),
        reported({**guard(1, 1, "guard:read:allowed", **call), "client": HOSTILE}),
    ]
    found = join(TASK, records, [])
    assert found is not None
    text = joined_story(found)
    assert all(character.isprintable() for line in text.split("\n") for character in line)
    assert printable(HOSTILE) in text
