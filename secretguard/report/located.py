"""What a scan hands to a report: findings with their place in a file, and what was not scanned.

On the way of a scan of one file, which `dataclasses` would make a fifth longer: it loads half of the standard library.
"""

from __future__ import annotations

from typing import NamedTuple

from secretguard.secret import Secret


class Commit(NamedTuple):
    """Where a finding of a history came in: id, author (name and address), time (ISO 8601 with zone). `at_head` says
    whether the value is still in that file at HEAD; None where that could not be told."""

    id: str
    author: str
    date: str
    at_head: bool | None = None


class Located(NamedTuple):
    """One finding in one file.

    Lines and columns count from 1, ends are exclusive; columns and offsets count bytes, offsets from 0 in the file as
    it is on disk. In a UTF-16 file lines and columns are those of its text in UTF-8. `char_column` and
    `char_end_column` count Unicode code points where editors and SARIF want them; 0 where the line is too long to tell.
    `fingerprint` is a keyed digest
    (see `pipeline.fingerprint`). `sha1` holds the digests by which a detect-secrets baseline may know the secret,
    `keyed` those by which a baseline with keyed digests may.
    `accepted` says what accepted the finding: "" (nothing), "pragma" or "baseline"; `overruled`, what would have, had
    the scan honoured it. `remark` is what a person wrote in the baseline about it.
    """

    rule_id: str
    description: str
    confidence: str
    severity: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    start_offset: int
    end_offset: int
    masked: str
    fingerprint: str
    secret: Secret
    sha1: tuple[str, ...]
    encoding: tuple[str, ...] = ()
    accepted: str = ""
    char_column: int = 0
    char_end_column: int = 0
    commit: Commit | None = None
    keyed: tuple[str, ...] = ()
    remark: str = ""
    overruled: str = ""


class Skipped(NamedTuple):
    """Something that was not scanned: its path, why, and how many bytes it has (0 where that is unknown).

    `chosen`: somebody asked for that (an ignore file, git's own folder); it is no gap, and `--strict` passes it.
    """

    path: str
    reason: str
    bytes: int = 0
    chosen: bool = False


class Scan:
    """The result of one scan, in the order of the files. `notes` are lines for a person, said before the totals."""

    __slots__ = ("bytes", "commits", "files", "findings", "notes", "skipped")

    def __init__(
        self,
        findings: list[Located] | None = None,
        skipped: list[Skipped] | None = None,
        files: int = 0,
        bytes: int = 0,  # noqa: A002 - as the report calls it
        commits: int = 0,
        notes: list[str] | None = None,
    ) -> None:
        self.findings = findings if findings is not None else []
        self.skipped = skipped if skipped is not None else []
        self.files = files
        self.bytes = bytes
        self.commits = commits
        self.notes = notes if notes is not None else []

    def add(self, other: Scan) -> None:
        """Take in the result of another part of the same scan."""
        self.findings += other.findings
        self.skipped += other.skipped
        self.files += other.files
        self.bytes += other.bytes
        self.commits += other.commits
        self.notes += other.notes

    @property
    def gaps(self) -> list[Skipped]:
        """What was not scanned although nobody asked for that."""
        return [item for item in self.skipped if not item.chosen]

    @property
    def open_findings(self) -> list[Located]:
        """Findings that nobody has accepted."""
        return [finding for finding in self.findings if not finding.accepted]
