from __future__ import annotations

from secretguard.audit.story import record_line, story
from secretguard.audit.timeline import run_of
from secretguard.terminal import printable
from tests.secretguard.audit import runs

HOSTILE = "\x1b[2J\r\n\u202egnp.exe\u200b\x9b"


def told(run: runs.Run) -> str:
    found = run_of(run.records, "s1")
    assert found is not None
    return story(found, "self-consistent, unanchored", "on vm as uid 1000")


def test_a_run_reads_like_this() -> None:
    """Who and when, the count, what needs attention first, then every step; one line each."""
    assert told(runs.example()).splitlines() == [
        "session s1  claude-code 2.1.330",
        "began 2026-11-25T01:00:00.200Z, 1 s, on vm as uid 1000",
        "record: self-consistent, unanchored",
        "2 prompts, 1 read, 4 commands, 1 write, 1 call; 2 asked, 2 denied, 1 refused; "
        "3 secrets kept back (github-token, private-key)",
        "",
        "LOOK HERE: 4",
        "      +0:00  EXPOSED   ran make deploy [1 secret: github-token; left to the provider]",
        "      +0:01  withheld  called mcp__x__y [whether something left: cannot tell]",
        "      +0:01  RECORD     journal:record:missing",
        "      +0:01  refused    the event is not JSON [whether something left: cannot tell]",
        "",
        "in order",
        "      +0:00            sent a prompt",
        "      +0:00  redacted  read .env [2 secrets: github-token]",
        "      +0:00  asked     ran git reset --hard [rule a-rule; it ran]",
        "      +0:00  asked     run git clean -fdx [rule a-rule; no result recorded]",
        "      +0:00  denied    run env [rule a-rule]",
        "      +0:00  EXPOSED   ran make deploy [1 secret: github-token; left to the provider]",
        "      +0:00            wrote a.py [by subagent sub]",
        "      +0:01  withheld  called mcp__x__y [whether something left: cannot tell]",
        "      +0:01  RECORD     journal:record:missing",
        "      +0:01  refused    the event is not JSON [whether something left: cannot tell]",
        "      +0:01  denied    prompt key.pem [1 secret: private-key; rule secret-in-mentioned-file]",
    ]


def test_routine_of_the_journal_is_told_quietly() -> None:
    """A new file of the journal in the middle of a run is a line, and no gap in the record."""
    run = runs.Run()
    run.add("guard:prompt:allowed")
    run.add("journal:segment:started", ids=False)
    run.add("guard:prompt:allowed")
    said = told(run)
    assert "no gap in the record" in said
    assert said.splitlines()[-2].split() == ["+0:00", "journal:segment:started"]


def test_a_quiet_run_says_so() -> None:
    """Nothing to look at is said, not left out; a long run has hours."""
    run = runs.Run()
    run.add("guard:prompt:allowed")
    run.add("guard:prompt:allowed")
    run.records[-1]["time"] = "2026-11-25T03:04:05Z"
    text = told(run)
    assert "no exposure is known, no gap in the record" in text
    assert "2 h 4 min 4 s" in text
    assert "+2:04:04" in text


def test_hostile_records_cannot_drive_the_terminal() -> None:
    """Every text of a record is shown escaped, in a story and by itself."""
    run = runs.Run()
    run.add("guard:command:denied", tool=HOSTILE, tool_use_id="c", command=HOSTILE, rule=HOSTILE, rules=[HOSTILE])
    run.add("guard:read:exposed", tool=HOSTILE, path=HOSTILE, count=1, rules=[HOSTILE], agent_id=HOSTILE)
    run.records[1]["client"] = run.records[1]["time"] = run.records[1]["client_version"] = HOSTILE
    for text in (told(run), record_line({**run.records[1], HOSTILE: [HOSTILE], "event": HOSTILE, "seq": HOSTILE})):
        assert all(character.isprintable() for line in text.split("\n") for character in line)
        assert printable(HOSTILE) in text


def test_colours_only_where_the_caller_wants_them() -> None:
    """The style is given from outside: names of colours, by what a mark means."""
    found = run_of(runs.example().records, "s1")
    assert found is not None
    used: set[str] = set()

    def style(text: str, colour: str) -> str:
        used.add(colour)
        return text

    story(found, "intact", "here", style)
    assert used == {"", "bold", "red", "yellow", "cyan", "green"}
    assert "\x1b" not in story(found, "intact", "here")


def test_a_record_is_one_line_with_its_fields() -> None:
    """Number, time, event, then what it says; refusals are marked."""
    record = {"v": 1, "seq": 3, "time": "T", "event": "guard:read:denied", "path": "a b", "count": 2}
    assert record_line(record) == "     3  T  guard:read:denied  path=a b  count=2"
    assert "<yellow guard:read:denied>" in record_line(record, lambda text, colour: f"<{colour} {text}>")


def test_calls_are_told_by_what_became_of_them() -> None:
    """Called, would have, or nobody knows; and that it failed."""
    run = runs.Run()
    hosts = [{"via": "git push", "how": "inferred", "unknown": "the repository's remote"}]
    run.call("c1", "Bash", "guard:command:allowed", "guard:read:allowed", command="git push", outcome="left")
    run.records[-2]["hosts"] = hosts
    run.records[-1]["happened"] = "failed"
    run.add("guard:command:denied", tool="WebFetch", tool_use_id="c2", hosts=[{"host": "x.example", "how": "observed"}])
    run.add("guard:command:allowed", tool="Bash", tool_use_id="c3", command="git push", hosts=hosts)
    ran, denied, unknown = told(run).splitlines()[-3:]
    assert ran.endswith("ran git push [it failed; called out: the repository's remote (inferred from git push)]")
    assert denied.endswith("[would have called out: x.example (observed)]")
    assert "would call out: the repository's remote" in unknown
