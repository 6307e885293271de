"""The scan pipeline: streams in, located and judged findings out; what is not scanned is counted."""

from __future__ import annotations

import io
import json
import os
from hashlib import sha1
from pathlib import Path

import pytest

from secretguard import pipeline
from secretguard.baseline_head import fresh
from secretguard.detect import made_up
from secretguard.detect.detect_secrets import PREFIX, DetectSecrets
from secretguard.detect.finding import Finding
from secretguard.detect.rules.private_key import _PEM as PEM
from secretguard.pipeline import Scanner
from secretguard.report.located import Scan, Skipped
from secretguard.source import window
from tests.secretguard.detect import engines

TOKEN = made_up.github("ghp_")


def scan(data: bytes, path: str = "f.txt") -> Scan:
    return Scanner(engines.hyperscan(), b"k" * 32).stream(path, io.BytesIO(data).read, len(data))


def test_place_of_a_finding() -> None:
    """Lines and columns from 1, ends exclusive, everything in bytes."""
    data = f"one\nzwölf = '{TOKEN}'\n".encode()
    [found] = scan(data).findings
    assert (found.line, found.column, found.end_line, found.end_column) == (2, 11, 2, 11 + len(TOKEN))
    assert data[found.start_offset : found.end_offset] == TOKEN.encode()
    assert found.secret.reveal() == TOKEN
    assert TOKEN not in found.masked


def test_private_key_spans_its_lines() -> None:
    """A block's end is on its last line."""
    body = "\n".join(made_up.base64(64, str(n)) for n in range(4))
    block = f"-----BEGIN PRIVATE{''} KEY-----\n{body}\n-----END PRIVATE{''} KEY-----"
    [found] = scan(f"x\n{block}\ny".encode()).findings
    assert (found.line, found.column, found.end_line, found.end_column) == (2, 1, 7, 26)


@pytest.mark.parametrize(
    ("codec", "mark"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b"")]
)
def test_utf16_is_scanned(codec: str, mark: bytes) -> None:
    """UTF-16 with and without a mark: offsets are those of the file, lines those of the text."""
    data = mark + f"a = 1\r\nkey = '{TOKEN}'\r\n".encode(codec)
    [found] = scan(data).findings
    assert data[found.start_offset : found.end_offset] == TOKEN.encode(codec)
    assert found.line == 2


def test_binary_is_skipped_with_its_bytes() -> None:
    """A binary is named with reason and size."""
    result = scan(b"\x7fELF\0\0\0" + b"x" * 93)
    assert result.skipped == [Skipped("f.txt", "binary", 100)]
    assert (result.files, result.bytes) == (0, 0)


def test_all_bytes_are_counted() -> None:
    """The bytes of a text file are counted once, several windows or one."""
    assert scan(b"x" * 100).bytes == 100
    assert scan((b"x" * 99 + b"\n") * 90_000).bytes == 9_000_000


def test_secret_beyond_the_first_window() -> None:
    """Far into a large file the place is still right."""
    filler = b"y" * 99 + b"\n"
    data = filler * 100_000 + b"k = " + TOKEN.encode()
    [found] = scan(data).findings
    assert (found.line, found.column, found.start_offset) == (100_001, 5, len(data) - len(TOKEN))


def test_secret_in_one_very_long_line() -> None:
    """A file that is one line is scanned like any other; the column counts from its start."""
    data = b"z " * 5_000_000 + TOKEN.encode()
    [found] = scan(data).findings
    assert (found.line, found.column) == (1, len(data) - len(TOKEN) + 1)


def test_too_many_findings_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file full of tokens gives the first of them, and says how much was not looked at."""
    monkeypatch.setattr(pipeline, "CAP", 3)
    data = "\n".join(made_up.github("ghp_", str(n)) for n in range(9)).encode()
    result = scan(data)
    assert len(result.findings) == 3
    [skipped] = result.skipped
    assert "more than 3 findings of github-token" in skipped.reason


KEY = "Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6"


def peer_scan(data: bytes, own: bool, path: str = "a.py") -> Scan:
    scanner = Scanner(engines.hyperscan(), b"k", own=own, peer=DetectSecrets(fresh()))
    return scanner.stream(path, io.BytesIO(data).read)


def test_detect_secrets_in_our_place() -> None:
    """Its findings alone, with place, mask and digest as ours have them."""
    found = peer_scan(f"a = 1\npassword = '{KEY}'\n".encode(), own=False).findings
    assert [f.rule_id for f in found] == [PREFIX + "base64-high-entropy-string", "detect-secrets:secret-keyword"]
    assert {(f.line, f.column, f.start_offset, f.end_offset) for f in found} == {(2, 13, 18, 18 + len(KEY))}
    assert {f.masked for f in found} == {f"Zk3Q…({len(KEY)})"}
    assert {f.sha1 for f in found} == {(sha1(KEY.encode()).hexdigest(),)}
    assert len({f.fingerprint for f in found}) == 2


def test_detect_secrets_beside_ours() -> None:
    """What our rules know already is reported once, under our rule; the rest is added in order."""
    data = f"x = 'https://{KEY}'\nk = '{TOKEN}'\ny = '{KEY}'\n".encode()
    found = peer_scan(data, own=True).findings
    assert [(f.rule_id, f.line) for f in found] == [
        ("github-token", 2), (PREFIX + "base64-high-entropy-string", 3),
    ]  # fmt: skip


def test_detect_secrets_in_a_long_file() -> None:
    """In the second window of a file a finding of the plugins has its place in the file, and comes once."""
    data = b"".join(b"# %094d.\n" % n for n in range(90_000)) + f"password = '{KEY}'\n".encode()
    scanner = Scanner(engines.hyperscan(), b"k", own=False, peer=_Quick(fresh()))
    assert len(data) > window.SIZE + window.BACK + window.AHEAD
    [found] = scanner.stream("a.py", io.BytesIO(data).read).findings
    assert (found.line, found.column, found.start_offset) == (90_001, 13, len(data) - len(KEY) - 2)


class _Quick(DetectSecrets):
    """The plugins on the last line only: eight MiB take them a minute."""

    def scan(self, path: str, data: bytes) -> tuple[list[Finding], list[tuple[str, int]]]:
        start = data.rfind(b"\n", 0, -1) + 1
        found, missed = super().scan(path, data[start:])
        for finding in found:
            finding.start, finding.end = finding.start + start, finding.end + start
        return found[:1], missed


def test_what_the_plugins_missed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many findings of a kind are counted, and a file that detect-secrets leaves out is reported."""
    monkeypatch.setattr(pipeline, "CAP", 2)
    lines = "".join(f"password = 'n{n}{KEY[:8]}'\n" for n in range(5))
    result = peer_scan(lines.encode(), own=False)
    assert len(result.findings) == 2
    assert [item.reason for item in result.skipped] == [
        "more than 2 findings of detect-secrets:secret-keyword: 3 hits not looked at"
    ]
    assert "own filters" in peer_scan(lines.encode(), own=False, path="poetry.lock").skipped[0].reason


def test_pragmas_accept_what_the_plugins_find() -> None:
    """Its own pragma it honours itself; ours and gitleaks' hold for its findings too."""
    assert not peer_scan(f"password = '{KEY}'  # pragma: allowlist secret\n".encode(), own=False).findings
    found = peer_scan(f"password = '{KEY}'  # gitleaks:allow\n".encode(), own=False).findings
    assert {f.accepted for f in found} == {"pragma"}


def test_pragma_accepts() -> None:
    """A pragma on the line: found, and accepted."""
    assert [f.accepted for f in scan(f"k='{TOKEN}' # pragma: allowlist secret".encode()).findings] == ["pragma"]


def test_fingerprint_is_stable_and_keyed() -> None:
    """The same secret has the same fingerprint anywhere; another key, secret or rule has another one."""
    [one] = engines.hyperscan().scan(TOKEN.encode())
    [two] = engines.hyperscan().scan(b"elsewhere: " + TOKEN.encode())
    [other] = engines.hyperscan().scan(made_up.github("ghp_", "b").encode())
    assert pipeline.fingerprint(b"k", one) == pipeline.fingerprint(b"k", two)
    assert pipeline.fingerprint(b"k", one) != pipeline.fingerprint(b"l", one)
    assert pipeline.fingerprint(b"k", one) != pipeline.fingerprint(b"k", other)


def test_fingerprint_key_without_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the user's key cannot be kept a scan still works, with a key for this run alone."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path / "file"))
    assert pipeline.fingerprint_key() != pipeline.fingerprint_key()


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file and a pipe are skipped with the reason."""
    scanner = Scanner(engines.hyperscan(), b"k")
    os.mkfifo(tmp_path / "pipe")
    assert scanner.file(str(tmp_path / "none")).skipped[0].reason == "gone while scanning"
    assert scanner.file(str(tmp_path / "pipe")).skipped[0].reason == "special file"


def test_read_error_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An input error half way is no clean file."""
    (tmp_path / "f").write_text("x")

    def fail(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(pipeline.os, "read", fail)
    [skipped] = Scanner(engines.hyperscan(), b"k").file(str(tmp_path / "f")).skipped
    assert skipped.reason == "cannot be read: Input/output error"


def test_notebook() -> None:
    """A key of many lines in a notebook's cell is the key as it was typed, at its lines in the file, in any encoding;
    a pragma on a line of the cell accepts what stands on it."""
    source = [f"{line}\n" for line in PEM.split("\n")]
    allowed = f"k = '{TOKEN}'  # pragma: allowlist secret\n"
    text = json.dumps({"cells": [{"source": [allowed, *source]}], "nbformat": 4}, indent=1)
    for data in (text.encode(), text.encode("utf-16")):
        token, key = scan(data, "a/b.ipynb").findings
        assert (token.accepted, token.encoding) == ("pragma", ())
        assert (key.secret.reveal(), key.encoding, key.accepted) == (PEM, ("json",), "")
        assert (key.line, key.end_line) == (6, 6 + PEM.count("\n"))
        assert b"BEGIN" in data[key.start_offset : key.end_offset].replace(b"\0", b"")
    assert [one.encoding for one in scan(text.encode(), "b.json").findings] == [(), ()]


def test_notebook_that_is_too_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a notebook that is not held whole the text is scanned, and that its cells were not decoded is said."""
    monkeypatch.setattr(pipeline, "_LARGEST_NOTEBOOK", 1000)
    data = json.dumps({"cells": [f"k = '{TOKEN}'", *("x" * 5000 for _ in range(60))]}, indent=1).encode()
    result = scan(data, "a.ipynb")
    assert [one.secret.reveal() for one in result.findings] == [TOKEN]
    assert [gap.reason for gap in result.gaps] == ["its cells were not decoded: more than 1000 bytes"]
