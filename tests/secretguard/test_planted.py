"""More than 2,000 planted secrets over every source, encoding and window border: all are found, each at its place."""

from __future__ import annotations

import bz2
import codecs
import functools
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from secretguard.commands.scan_sources import Wanted, read
from secretguard.detect import made_up
from secretguard.detect.registry import RULES
from secretguard.report.located import Scan
from secretguard.source import window
from tests.secretguard.history.repository import SCANNER, Repository, scanned, scanned_blobs, token
from tests.secretguard.source.test_archive import tarred, zipped

EXAMPLES = [(text, value) for rule in RULES for text, value in rule.examples]

ENCODINGS: dict[str, tuple[bytes, str]] = {
    "utf-8": (b"", "utf-8"),
    "utf-8 with a mark": (codecs.BOM_UTF8, "utf-8"),
    "latin-1": ("Grüße, señor\n".encode("latin-1"), "latin-1"),
    "mixed and broken": ("Grüße\n".encode() + "Grüße\n".encode("latin-1") + b"\xff\xfe\xc3(\n", "latin-1"),
    "utf-16-le": (b"", "utf-16-le"),
    "utf-16-be": (b"", "utf-16-be"),
    "utf-16-le with a mark": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "utf-16-be with a mark": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "utf-32-le": (b"", "utf-32-le"),
    "utf-32-be": (b"", "utf-32-be"),
    "utf-32-le with a mark": (codecs.BOM_UTF32_LE, "utf-32-le"),
    "utf-32-be with a mark": (codecs.BOM_UTF32_BE, "utf-32-be"),
}
"""Name → what the file begins with, and how its text is written after that."""

PLANTED = len(EXAMPLES) * len(ENCODINGS)


def test_it_is_as_many_as_promised() -> None:
    """The examples of all rules in all encodings alone are more than 2,000."""
    assert PLANTED >= 2000


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_rule_in_every_encoding(encoding: str) -> None:
    """Each example of each rule is found in each encoding, and the bytes at its offsets in the file are the secret."""
    start, codec = ENCODINGS[encoding]
    for text, value in EXAMPLES:
        data = start + ("an ordinary line\n" * 9 + text + "\nthe last line\n").encode(codec)
        scan = SCANNER.stream("planted", io.BytesIO(data).read, len(data))
        places = {data[one.start_offset : one.end_offset].decode(codec): one.secret.reveal() for one in scan.findings}
        assert places == {value: value}, text
        assert scan.skipped == []


@pytest.mark.parametrize("line_end", [b"\n", b" "])
@pytest.mark.parametrize("shift", range(0, 41, 4))
def test_window_borders(shift: int, line_end: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a border cuts into tokens, of lines or of one long line, each token comes once, in its place."""
    monkeypatch.setattr(window, "windows", functools.partial(window.windows, size=24 * 1024))
    tokens = [token(number) for number in range(500)]
    between = b" some text of two hundred bytes that is no secret at all" * 4 + line_end
    data = b"x" * shift + line_end + between.join(one.encode() for one in tokens) + line_end
    scan = SCANNER.stream("planted", io.BytesIO(data).read, len(data))
    assert [one.secret.reveal() for one in scan.findings] == tokens
    assert all(data[one.start_offset : one.end_offset] == one.secret.reveal().encode() for one in scan.findings)
    assert (scan.bytes, scan.skipped) == (len(data), [])


def test_real_borders_in_wide_text() -> None:
    """Over the real borders of a large file in UTF-16, tokens before, on and after them are found in their place."""
    tokens = [token(number) for number in range(800)]
    between = "\n" + "an ordinary line of text, no secret\n" * 550
    data = between.join(tokens).encode("utf-16")
    assert len(data) > 3 * window.SIZE
    scan = SCANNER.stream("planted", io.BytesIO(data).read, len(data))
    found = [data[one.start_offset : one.end_offset].decode("utf-16-le") for one in scan.findings]
    assert found == tokens


# ---- every source ----


class Planter:
    """Hands out tokens and knows them all."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def line(self) -> str:
        """A line with another secret."""
        self.tokens.append(token(f"planted {len(self.tokens)}"))
        return f"key = '{self.tokens[-1]}'\n"

    def text(self, lines: int = 5) -> bytes:
        """A file with a secret on each line."""
        return "".join(self.line() for _ in range(lines)).encode()


def in_folder(planter: Planter, folder: Path) -> Scan:
    """Files and folders with every sort of name, by several processes."""
    for number in range(70):
        place = folder / "tree" / f"d{number % 7}" / ("ünï", "a b", ".hidden", "x")[number % 4]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.txt").write_bytes(planter.text(2))
    return read(SCANNER, Wanted((str(folder / "tree"),), jobs=3))


def in_index(planter: Planter, folder: Path) -> Scan:
    """What is staged, though the work tree says otherwise."""
    repo = Repository(folder / "repo")
    for number in range(20):
        repo.write(f"s{number}.ini", planter.text(2))
    repo.git("add", "-A")
    for number in range(20):
        repo.write(f"s{number}.ini", "nothing\n")
    os.chdir(repo.path)
    return read(SCANNER, Wanted(staged=True))


def in_history(planter: Planter, folder: Path) -> Scan:
    """Commits whose lines are gone again, branches that were merged, several processes."""
    repo = Repository(folder / "repo")
    for number in range(10):
        repo.commit(f"h{number % 3}.ini", planter.text(3))
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("side.ini", planter.text(3))
    repo.git("checkout", "-q", "main")
    repo.commit("main.ini", planter.text(3))
    repo.git("merge", "-q", "--no-edit", "side")
    return scanned(repo.path, workers=2)


def in_blobs(planter: Planter, folder: Path) -> Scan:
    """Objects that no ref reaches, beside those of commits."""
    repo = Repository(folder / "repo")
    for number in range(10):
        repo.commit(f"b{number}.ini", planter.text(2))
        repo.write("dangling", planter.text(2))
        repo.git("hash-object", "-w", "dangling")
        (repo.path / "dangling").unlink()
    return scanned_blobs(repo.path, workers=2)


def in_archives(planter: Planter, folder: Path) -> Scan:
    """Every kind of archive and compression, nested."""
    inner = tarred({"c.zip": zipped({"d.gz": gzip.compress(planter.text()), "e": planter.text()})})
    (folder / "deep.zip").write_bytes(zipped({"b.tar": inner, "plain": planter.text()}))
    (folder / "a.tar.gz").write_bytes(gzip.compress(tarred({"x": planter.text(), "y": planter.text()})))
    (folder / "a.log.xz").write_bytes(lzma.compress(planter.text()))
    (folder / "a.tar").write_bytes(tarred({"b.jar": zipped({"in.properties": planter.text()})}))
    (folder / "wide.whl").write_bytes(zipped({"w.txt": planter.text().decode().encode("utf-16")}))
    return read(SCANNER, Wanted((str(folder),)))


def in_images(planter: Planter, folder: Path) -> Scan:
    """A container image: layers within an archive, compressed or not."""
    layers = {f"blobs/sha256/{number}": tarred({"app/.env": planter.text()}) for number in range(3)}
    packed = {f"blobs/sha256/z{number}": gzip.compress(tarred({"etc/conf": planter.text()})) for number in range(3)}
    (folder / "image.tar").write_bytes(tarred({"oci-layout": b"{}", **layers, **packed, "manifest.json": b"[]"}))
    return read(SCANNER, Wanted((str(folder / "image.tar"),)))


def in_patches(planter: Planter, folder: Path) -> Scan:
    """What patches add; what they take away is not asked for."""
    for number in range(10):
        added = [planter.line() for _ in range(2)]
        gone = token("was there before")
        hunk = f"@@ -1,2 +1,{len(added) + 1} @@\n same\n-{gone}\n" + "".join("+" + line for line in added)
        (folder / f"{number}.patch").write_text(f"diff --git a/f b/f\n--- a/f\n+++ b/f\n{hunk}")
    return read(SCANNER, Wanted(tuple(sorted(map(str, folder.glob("*.patch")))), patch=True))


def in_notebooks(planter: Planter, folder: Path) -> Scan:
    """Cells and outputs of notebooks, with escapes as JSON writes them."""
    for number in range(10):
        cells = [{"cell_type": "code", "source": [planter.line()], "outputs": [{"text": [planter.line()]}]}]
        (folder / f"{number}.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    return read(SCANNER, Wanted((str(folder),)))


SOURCES: list[Callable[[Planter, Path], Scan]] = [
    in_folder, in_index, in_history, in_blobs, in_archives, in_images, in_patches, in_notebooks,
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_every_source(source: Callable[[Planter, Path], Scan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is read, all that was planted is found, nothing else, and nothing is left out."""
    monkeypatch.chdir(tmp_path)
    planter = Planter()
    scan = source(planter, tmp_path)
    assert sorted(one.secret.reveal() for one in scan.findings) == sorted(planter.tokens)
    assert len(planter.tokens) >= 20
    assert scan.gaps == []


def test_standard_input_and_environment(tmp_path: Path) -> None:
    """The program itself: a stream on standard input, and its own environment."""
    planter = Planter()
    program = [sys.executable, "-m", "secretguard", "scan", "--format", "json", "--show-secrets"]
    environment = {**os.environ, "SECRETGUARD_HOME": str(tmp_path / "home")}

    def found(*options: str, given: bytes = b"", more: dict[str, str] | None = None) -> list[str]:
        done = subprocess.run(
            [*program, *options], input=given, capture_output=True, env=environment | (more or {}), check=False
        )
        assert done.returncode == 1, done.stderr
        return [one["secret"] for one in json.loads(done.stdout)["findings"]]

    assert found("--stdin", given=planter.text(300)) == planter.tokens
    held = {f"PLANTED_{number}": token(f"held {number}") for number in range(20)}
    assert set(held.values()) <= set(found("--environment", more=held))


def test_bzip2_is_found_too(tmp_path: Path) -> None:
    """A tar archive that bzip2 packed."""
    planter = Planter()
    (tmp_path / "a.tar.bz2").write_bytes(bz2.compress(tarred({"x": planter.text(20)})))
    scan = read(SCANNER, Wanted((str(tmp_path / "a.tar.bz2"),)))
    assert [one.secret.reveal() for one in scan.findings] == planter.tokens


def test_made_up_tokens_differ() -> None:
    """Two planted secrets are never the same, or one would be counted for the other."""
    assert len({made_up.github("ghp_", str(number)) for number in range(3000)}) == 3000
