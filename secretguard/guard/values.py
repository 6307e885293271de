"""A file's values and the placeholders that stand for them: told apart, and put back in their places. Pure. Hot path.

Works on bytes as the client shows a file: UTF-8 without a mark at its start, line ends as `\\n`. A placeholder is known
by its ten digits alone; digits that two different texts of the file share stand for neither: nothing is put back.
"""

from __future__ import annotations

from secretguard.placeholder import digits_of, located

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from secretguard.detect.finding import Finding
    from secretguard.placeholder import Placeholders

_HOST_KEYS = ("host=", "hostaddr=", "server=", "hostname=", "data source=", "addr=", "address=")
"""Settings of connection strings and DSNs that name a host."""
_WIDE = b"\xff\xfe"
_QUOTES = "\"'`<>"


class Value:
    """What one placeholder stands for in one file.

    `text` is the value as it is in the file; `lines` the line ends that its placeholder is followed by in its stead
    (`redact` keeps the number of lines), `follow` those that come after it anyway, at least; `times` how often it is
    there.
    """

    __slots__ = ("follow", "lines", "text", "times")

    def __init__(self, text: bytes, lines: int, follow: int, times: int = 1) -> None:
        self.text = text
        self.lines = lines
        self.follow = follow
        self.times = times

    def __repr__(self) -> str:  # never the value
        return f"Value({len(self.text)} bytes, {self.times} times)"

    def past(self, data: bytes, end: int) -> int:
        """Where what the placeholder that ends at `end` stands for ends: after the line ends in its stead."""
        if not self.lines:
            return end
        ends, at = [], end
        while data[at : at + 1] == b"\n" or data[at : at + 2] == b"\r\n":
            at += 1 if data[at : at + 1] == b"\n" else 2
            ends.append(at)
        own = min(self.lines, max(0, len(ends) - self.follow))
        return ends[own - 1] if own else end


def narrow(data: bytes) -> bytes:
    """A file's bytes in UTF-8 where a mark says UTF-16 (little-endian: what the client decodes); else as they are."""
    if not data.startswith(_WIDE):
        return data
    return data[: len(data) // 2 * 2].decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")


def widened(text: bytes, like: bytes) -> bytes:
    """`text` in the encoding of `like`: undoes `narrow`."""
    if not like.startswith(_WIDE):
        return text
    return text.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")


def shown(data: bytes) -> bytes:
    """A file's UTF-8 bytes as the client shows them."""
    return data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def values_of(text: bytes, found: Iterable[Finding], tags: Placeholders) -> tuple[dict[str, Value], set[str]]:
    """The values of `text` by their placeholders' digits, and the digits that stand for more than one text."""
    values: dict[str, Value] = {}
    doubtful: set[str] = set()
    for finding in found:
        digits = tags.digits(finding.value)
        own = text[finding.start : finding.end]
        if digits not in values:
            values[digits] = Value(own, own.count(b"\n"), _run(text, finding.end))
        elif values[digits].text == own:
            values[digits].times += 1
            values[digits].follow = min(values[digits].follow, _run(text, finding.end))
        else:
            doubtful.add(digits)
    for digits in doubtful:
        del values[digits]
    return values, doubtful


def _run(text: bytes, at: int) -> int:
    end = at
    while text[end : end + 1] == b"\n":
        end += 1
    return end - at


def places(data: bytes) -> list[tuple[int, int, str]]:
    """Each placeholder in `data`: where it starts and ends, and its digits."""
    text = data.decode("latin-1")
    return [(start, end, digits_of(text[start:end])) for start, end in located(text)]


def stand_in(data: bytes, values: Mapping[str, Value]) -> int:
    """How many placeholders of `values` are in `data`."""
    return sum(digits in values for _, _, digits in places(data))


def put_back(data: bytes, values: Mapping[str, Value]) -> bytes:
    """`data` with the values in the place of their placeholders; every other byte stays."""
    pieces: list[bytes] = []
    at = 0
    for start, end, digits in places(data):
        value = values.get(digits)
        if value is None or start < at:
            continue
        pieces += (data[at:start], value.text)
        at = value.past(data, end)
    pieces.append(data[at:])
    return b"".join(pieces)


def hosts_beside(text: bytes, value: bytes) -> set[str]:
    """The hosts that are named on the lines of `text` where `value` is: of URLs and of connection settings."""
    hosts: set[str] = set()
    at = text.find(value)
    while at >= 0:
        past = at + len(value)
        end = text.find(b"\n", past)
        line = text[text.rfind(b"\n", 0, at) + 1 : at] + b"x" + text[past : end if end >= 0 else len(text)]
        hosts |= _hosts(line.decode("utf-8", "replace").lower())
        at = text.find(value, past)
    return hosts


def _hosts(line: str) -> set[str]:
    for quote in _QUOTES:
        line = line.replace(quote, " ")
    hosts: set[str] = set()
    for rest in line.split("://")[1:]:
        authority = _until(rest, "/?# \t\r")
        hosts.update(_without_port(host) for host in authority.rsplit("@", 1)[-1].split(","))
    for key in _HOST_KEYS:
        hosts.update(_until(rest, ";&, \t\r") for rest in line.split(key)[1:])
    return hosts - {""}


def _until(text: str, ends: str) -> str:
    for end in ends:
        text = text.split(end, 1)[0]
    return text


def _without_port(host: str) -> str:
    return host if host.endswith("]") else host.rsplit(":", 1)[0]
