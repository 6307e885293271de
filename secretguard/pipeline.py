"""The scan, step by step, with the numbers of ARCHITECTURE.md. It releases nothing, so it has no step 4 (record).

1 source    files, a git index or standard input → a stream of bytes with its path
2 detect    windows of the stream → findings
3 verdict   is a finding accepted, by a pragma on its line or by the baseline?
5 act       the report (secretguard/report), and the exit code
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from secretguard import pragma
from secretguard.detect.engine import Engine
from secretguard.detect.finding import Finding
from secretguard.errors import GuardError
from secretguard.keyed import first_key, hmac_sha256
from secretguard.report.located import Located, Scan, Skipped
from secretguard.secret import Secret, mask
from secretguard.source import magic, text, window
from secretguard.source.files import Unreadable, open_file
from secretguard.source.window import Window

if TYPE_CHECKING:  # a scan of files with our own rules does without
    from secretguard.accepted import Baseline
    from secretguard.detect.detect_secrets import DetectSecrets
    from secretguard.source.git_index import Blob
    from secretguard.unpack import Inside

CAP = 1000
"""Findings of one rule in one window of a file; the rest is counted. A file with more is data, not a slip."""

_LONGEST_LINE = 16 * 1024
"""Bytes of a line in which characters are counted."""

NOTEBOOK = ".ipynb"
_LARGEST_NOTEBOOK = 32 * 1024 * 1024

_PREFIX = 64 * 1024
_READ = 1024 * 1024  # one read allocates what it asks for


class Scanner(NamedTuple):
    """Steps 1 to 3 for one stream after the other. `key` is for fingerprints, see `fingerprint_key`.

    `own` says whether our rules are run; `peer` runs the plugins of detect-secrets beside them or in their place;
    `archives`, whether archives and compressed files are opened; `honour`, whether what pragmas and the baseline
    accept is accepted, or only told.
    """

    engine: Engine
    key: bytes
    baseline: Baseline | None = None
    own: bool = True
    peer: DetectSecrets | None = None
    archives: bool = True
    honour: bool = True

    def file(self, path: str) -> Scan:
        """Scan one file of the disk; what cannot be read is in the result's `skipped`."""
        try:
            fd, size = open_file(path)
        except Unreadable as error:
            return Scan(skipped=[Skipped(path, error.reason, error.size)])
        try:
            return self.stream(path, lambda wanted: os.read(fd, min(wanted, _READ)), size, fd=fd)
        except OSError as error:
            return Scan(skipped=[Skipped(path, f"cannot be read: {error.strerror}", size)])
        finally:
            os.close(fd)

    def blobs(self, blobs: Iterable[Blob | Skipped]) -> Scan:
        """Scan the blobs of a git index."""
        from secretguard.source.git_index import BlobReader

        scan = Scan()
        with BlobReader() as reader:
            for blob in blobs:
                if isinstance(blob, Skipped):
                    scan.skipped.append(blob)
                    continue
                found = False
                for read, size in reader.reading(blob):
                    found = True
                    scan.add(self.stream(blob.path, read, size))
                if not found:
                    scan.skipped.append(Skipped(blob.path, "object is missing from the repository"))
        return scan

    def stream(
        self,
        path: str,
        read: Callable[[int], bytes],
        size: int = 0,
        inside: Inside | None = None,
        fd: int | None = None,
    ) -> Scan:
        """Scan one stream. `size` is what is known of its length, for the report of what was skipped.

        `inside` tells where in an archive it lies; `fd` is the stream's file, where it can be sought in.
        Raises TooMuch for a member of an archive that passes its bounds.
        """
        head = read(min(_PREFIX, size + 1) if size else _PREFIX)
        packed = magic.sniff(head) if self.archives else ""
        if packed:
            from secretguard.unpack import scan_archive  # loads the readers of all formats

            return scan_archive(self, path, packed, head, read, size, inside, fd)
        kind = text.kind(head)
        if kind == text.BINARY:
            return Scan(skipped=[Skipped(path, "binary", max(size, len(head)))])
        decoded = None if kind == text.BYTES else text.Decoded(head, read, kind)
        scan = Scan(files=1)
        reached, blocks, spans = 0, pragma.Blocks(path), []
        for part in _windows(path, decoded.read if decoded else read, b"" if decoded else head):
            places, known = _Places(part), reached
            for finding in self._detect(path, part, scan):
                if part.offset + finding.start >= known:  # one that started in the window before is told already
                    reached = max(reached, part.offset + finding.end)
                    scan.findings.append(self._located(path, finding, places, decoded))
                    spans.append((part.offset + finding.start, part.offset + finding.end))
            if scan.findings or part.end < len(part.data):  # a file without findings need not be read twice
                blocks.look(part)
            scan.bytes += part.end - part.begin
        if decoded:
            scan.bytes = decoded.raw
        self._close(scan, blocks, spans)
        return scan

    def _close(self, scan: Scan, blocks: pragma.Blocks, spans: list[tuple[int, int]]) -> None:
        """A stream has ended: only now it is known which blocks were closed, and what they accept."""
        blocks.finish()
        scan.notes += blocks.notes
        if blocks:
            for number, span in enumerate(spans):
                if blocks.hold(*span):
                    scan.findings[number] = self._marked(scan.findings[number], "pragma")

    def _detect(self, path: str, part: Window, scan: Scan) -> list[Finding]:
        """Step 2 for one window: what starts in its own part."""
        findings, unexamined = self._ours(path, part, scan) if self.own else ([], {})
        if self.peer is not None:
            theirs, more = self._peers(self.peer, path, part, scan)
            findings, unexamined = _joined(findings, theirs), unexamined | more
        for rule, count in unexamined.items():
            scan.skipped.append(Skipped(path, f"more than {CAP} findings of {rule}: {count} hits not looked at"))
        return [finding for finding in findings if part.begin <= finding.start < part.end]

    def _ours(self, path: str, part: Window, scan: Scan) -> tuple[list[Finding], dict[str, int]]:
        """What our rules find in a window, at most CAP of one, and how many more; of a notebook what its cells say."""
        if path.endswith(NOTEBOOK) and not part.offset and not part.begin:
            if part.end == len(part.data):
                from secretguard.detect.notebook import scan as scan_notebook

                return scan_notebook(self.engine, part.data, CAP)
            scan.skipped.append(Skipped(path, f"its cells were not decoded: more than {_LARGEST_NOTEBOOK} bytes"))
        return self.engine.scan_capped(part.data, CAP)

    def _peers(self, peer: DetectSecrets, path: str, part: Window, scan: Scan) -> tuple[list[Finding], dict[str, int]]:
        """What the plugins of detect-secrets find in a window's own part, at most CAP of a kind, and how many more."""
        from secretguard.accepted import normal

        found, missed = peer.scan(normal(path), part.data[part.begin : part.end])
        scan.skipped += [Skipped(path, reason, size) for reason, size in missed]
        counts: Counter[str] = Counter()
        kept = []
        for finding in found:
            counts[finding.rule_id] += 1
            finding.start, finding.end = finding.start + part.begin, finding.end + part.begin
            if counts[finding.rule_id] <= CAP:
                kept.append(finding)
        return kept, {rule: count - CAP for rule, count in counts.items() if count > CAP}

    def _located(self, path: str, finding: Finding, places: _Places, decoded: text.Decoded | None) -> Located:
        value = finding.value.decode("utf-8", "backslashreplace")
        start = places.at(finding.start)
        end = places.at(finding.end)
        located = Located(
            rule_id=finding.rule_id,
            description=finding.description,
            confidence=finding.confidence,
            severity=finding.severity,
            path=path,
            line=start[0],
            column=start[1],
            end_line=end[0],
            end_column=end[1],
            start_offset=decoded.offset(start[2]) if decoded else start[2],
            end_offset=decoded.offset(end[2]) if decoded else end[2],
            masked=mask(value),
            fingerprint=fingerprint(self.key, finding),
            secret=Secret(value),
            sha1=baseline_digests(finding),
            encoding=finding.encoding,
            char_column=places.character(finding.start),
            char_end_column=places.character(finding.end),
        )
        return self._accepted(located, places.data, finding)

    def _accepted(self, located: Located, data: bytes, finding: Finding) -> Located:
        if pragma.on_line(located.path, data, finding.start):
            return self._marked(located, "pragma")
        if self.baseline is None:
            return located
        if self.baseline.key is not None:
            from secretguard.baseline_key import keyed_digest

            located = located._replace(keyed=(keyed_digest(self.baseline.key, finding.value),))
        digests = located.sha1 + located.keyed
        located = located._replace(remark=self.baseline.remark(located.path, digests))
        return self._marked(located, "baseline") if self.baseline.accepts(located.path, digests) else located

    def _marked(self, located: Located, by: str) -> Located:
        return located._replace(accepted=by) if self.honour else located._replace(overruled=by)


def _windows(path: str, read: Callable[[int], bytes], head: bytes) -> Iterator[Window]:
    """The windows of a stream; a notebook in one, because its cells are read as a whole."""
    if path.endswith(NOTEBOOK):
        return window.windows(read, size=_LARGEST_NOTEBOOK, head=head)
    return window.windows(read, head=head)


class _Places:
    """Line, column and offset of positions asked for in rising order, in one pass over the window."""

    def __init__(self, part: Window) -> None:
        self._part = part
        self.data = part.data
        self._line, self._counted = part.line, 0

    def at(self, position: int) -> tuple[int, int, int]:
        part = self._part
        if position >= self._counted:
            self._line += part.data.count(b"\n", self._counted, position)
        else:
            self._line -= part.data.count(b"\n", position, self._counted)
        self._counted = position
        last = part.data.rfind(b"\n", 0, position)
        line_start = part.offset + last + 1 if last >= 0 else part.line_start
        return self._line, part.offset + position - line_start + 1, part.offset + position

    def character(self, position: int) -> int:
        """The column in code points, from 1; 0 where the line began too far back. A byte that is no UTF-8 counts 1."""
        start = max(0, position - _LONGEST_LINE)
        last = self._part.data.rfind(b"\n", start, position) + 1
        if not last and (start or self._part.line_start < self._part.offset):
            return 0
        return len(self._part.data[last:position].decode("utf-8", "surrogateescape")) + 1


def _joined(own: list[Finding], theirs: list[Finding]) -> list[Finding]:
    """Findings of both, in order: what lies within a finding of ours is known already, by a surer rule."""
    starts = [finding.start for finding in own]
    kept = list(own)
    for finding in theirs:
        place = bisect_right(starts, finding.start)
        if not place or own[place - 1].end < finding.end:
            kept.append(finding)
    return sorted(kept, key=lambda finding: finding.start)


def fingerprint_key() -> bytes:
    """The user's digest key; where it cannot be had (a read-only home) one for this run alone.

    A fingerprint is keyed so that a report may be shown around: the plain digest of a weak password is as good as the
    password. The price is that fingerprints of two users differ; the baseline file, which must not, has its own digest.
    """
    try:
        return first_key()
    except (OSError, GuardError):
        return os.urandom(32)


def fingerprint(key: bytes, finding: Finding) -> str:
    """16 hexadecimal digits that are the same for the same secret under the same rule and user, wherever it is."""
    return hmac_sha256(key, b"finding\0" + finding.rule_id.encode() + b"\0" + finding.value).hex()[:16]


def baseline_digests(finding: Finding) -> tuple[str, ...]:
    """SHA-1 of the secret, as detect-secrets writes it; of a private key also that of its header, all that it keeps."""
    try:
        from _sha1 import sha1  # type: ignore[import-not-found]  # without OpenSSL, which takes longer to load than a file to scan
    except ImportError:
        from hashlib import sha1
    values = [finding.value]
    if finding.value.startswith(b"-----BEGIN "):
        values.append(finding.value[5 : finding.value.find(b"-----", 5)])
    return tuple(sha1(value, usedforsecurity=False).hexdigest() for value in values)
