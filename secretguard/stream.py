"""Redaction of text that is still being printed: bounded memory, any chunks, and pauses. Hot path.

What a pause cuts is the hard part. Three calls: `feed` what was read (lets go what no later byte can change),
`pause` when nothing came for a while (lets go what does not look like the beginning of a secret), `close` at the end.
Without a pause the answer does not depend on the chunks, and is that of the whole text. With pauses it may differ where
a pause fell into a secret: then the secret's rest is hidden, and what was let go before is at most a short word.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from secretguard.detect.engine import Engine
    from secretguard.detect.finding import Finding
    from secretguard.placeholder import Placeholders

    Scan = Callable[[bytes], list[Finding]]

CHUNK = 1 << 20
"""Bytes read at once from a file."""
WINDOW = 1 << 20
"""Bytes not yet let go that are looked at together; the memory that a stream takes is a few times this."""
_AHEAD = 1 << 16  # a secret that starts before this much of unread text is seen whole: longer ones do not exist
_BEHIND = 1 << 14  # text already let go that is scanned again, for rules that look at what stands before a secret
_SHORT_WORD = 5  # characters that may be let go, after long waiting, though they may begin a secret
_LONGEST_WORD = 20  # as long as a word of a prompt gets
_BEGIN, _END, _KEY, _DASHES = b"-----BEGIN", b"-----END ", b"PRIVATE KEY", b"-----"
_HEADERS = frozenset((b"Proc-Type", b"DEK-Info", b"Version", b"Comment", b"Hash", b"Charset", b"MessageID"))
_SMALL = b"abcdefghijklmnopqrstuvwxyz"
_INSIDE = _SMALL + b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=_-.~%"
_BLANK = b" \t\r\n\v\f"


class Stream:
    """One text on its way. `scan` finds the secrets in a piece of it; `found` are those that were replaced so far."""

    __slots__ = ("_done", "_held", "_scan", "_tags", "found")

    def __init__(self, scan: Scan, tags: Placeholders) -> None:
        self._scan = scan
        self._tags = tags
        self._held = b""
        self._done = 0  # _held[:_done] was let go and is kept as context only
        self.found: list[Finding] = []

    @property
    def held(self) -> int:
        """How many bytes are held back."""
        return len(self._held) - self._done

    def feed(self, data: bytes) -> bytes:
        """Take what was read; what can be let go whatever follows."""
        self._held += data
        ready = []
        while self.held >= WINDOW:
            window = self._held[: self._done + WINDOW]
            findings = self._scan(window)
            ready.append(self._let_go(window, findings, _line_end(window, self._done, len(window) - _AHEAD)))
        return b"".join(ready)

    def pause(self, patient: bool = False) -> bytes:
        """What can be let go while nothing more comes. `patient`: so long that a person should see what there is."""
        if not self.held:
            return b""
        findings = self._scan(self._held)
        cut = min(
            _open_key(self._held, self._done),
            _open_value(self._held, patient),
            len(self._held),
        )
        if not patient and findings and findings[-1].end == len(self._held):
            cut = min(cut, findings[-1].start)  # it may go on
        return self._let_go(self._held, findings, cut)

    def close(self) -> bytes:
        """The rest."""
        return self._let_go(self._held, self._scan(self._held), len(self._held)) if self.held else b""

    def _let_go(self, held: bytes, findings: list[Finding], cut: int) -> bytes:
        """What stands between what was let go and `cut`, which is moved to the start of a secret that it falls into."""
        start = self._done
        for finding in findings:
            if finding.start < cut < finding.end:
                cut = finding.start if finding.start > start else finding.end
        cut = max(cut, start)
        pieces, at = [], start
        for finding in findings:
            if finding.end <= start or finding.start >= cut:
                continue
            begin = max(finding.start, start)  # before: found only now, its beginning is out
            tag = self._tags.tag(finding.rule_id, finding.value).encode()
            pieces += [held[at:begin], tag, b"\n" * held.count(b"\n", begin, finding.end)]
            at = finding.end
            self.found.append(finding)
        pieces.append(held[at:cut])
        keep = max(0, cut - _BEHIND)
        self._held, self._done = self._held[keep:], cut - keep  # `held` may be the first part of it alone
        return b"".join(pieces)


def redact_stream(chunks: Iterable[bytes], engine: Engine, tags: Placeholders) -> Iterator[bytes]:
    """The redacted form of the text that `chunks` make up, piece by piece, in bounded memory."""
    stream = Stream(engine.scan, tags)
    for chunk in chunks:
        if ready := stream.feed(chunk):
            yield ready
    yield stream.close()


def _line_end(text: bytes, start: int, limit: int) -> int:
    """The last end of a line before `limit`; in a line longer than that, the last whole character."""
    end = text.rfind(b"\n", start, limit) + 1
    if end > start:
        return end
    inside = next((n for n in range(4) if not 0x80 <= text[limit - n] < 0xC0), 0)  # of a UTF-8 sequence
    return limit - inside


def _open_key(text: bytes, start: int) -> int:
    """Where a private key begins that has no end yet; the text's length where there is none."""
    begin = text.rfind(_BEGIN, max(0, start - _AHEAD))
    if begin < 0 or _KEY not in text[begin : begin + 100]:
        return len(text)
    close = text.find(_END, begin)
    if close >= 0 and text.find(_DASHES, close + len(_END)) >= 0:
        return len(text)
    first, *lines = text[begin:].split(b"\n")
    if not all(map(_of_key, lines)) or not _of_key(first.rpartition(_DASHES)[2]):
        return len(text)  # something else was printed since: this key will not go on
    return begin


def _of_key(line: bytes) -> bool:
    """Whether a line may stand inside of a PEM block: base64, quoted or indented, or a header (RFC 1421)."""
    line = line.strip(b" \t\r\"'`#>|+,*;\\")
    name, colon, _ = line.partition(b": ")
    return b" " not in line or bool(colon and name in _HEADERS)


def _open_value(text: bytes, patient: bool) -> int:
    """Where the last line's unfinished word, or quoted value, begins; the text's length where there is none.

    The word is looked at from its beginning, also where that was let go: else a word would leave letter by letter.
    """
    begin = text.rfind(b"\n") + 1
    line = text[begin:]
    quote = max(line.rfind(mark) for mark in (b'="', b"='", b': "', b": '", b'= "', b"= '", b':"', b":'"))
    if quote >= 0:
        inside = line[quote:].lstrip(b"=: ")
        if line.count(inside[:1], len(line) - len(inside)) == 1:
            return begin + len(line) - len(inside)
    word = line[max(line.rfind(bytes((blank,))) for blank in _BLANK) + 1 :]
    return len(text) if patient and _harmless(word) else len(text) - len(word)


def _harmless(word: bytes) -> bool:
    """Whether an unfinished word can be shown to a person who waits.

    It has ended, is no longer than a secret's mark, or is made of letters as the words of a prompt are.
    """
    if any(mark in word[:-1] for mark in (b"=", b":", b"@")):
        return False
    last = word[len(word.rstrip(_INSIDE)) :]
    return len(last) <= _SHORT_WORD or (len(last) <= _LONGEST_WORD and not last[1:].strip(_SMALL))
