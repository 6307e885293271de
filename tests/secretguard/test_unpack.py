"""Secrets within archives, at any depth, by exact paths; and what an archive cannot do to a scan."""

from __future__ import annotations

import gzip
import io
import lzma
import os
from pathlib import Path

import pytest
from backports import zstd

from secretguard.detect import made_up
from secretguard.pipeline import Scanner
from secretguard.report.located import Scan
from secretguard.source import archive
from tests.secretguard.detect import engines
from tests.secretguard.source.test_archive import tarred, zipped

SCANNER = Scanner(engines.hyperscan(), b"k" * 32)
TOKEN = made_up.github("ghp_")
TEXT = f"line\nkey = '{TOKEN}'\n".encode()


def scan(path: Path, data: bytes) -> Scan:
    path.write_bytes(data)
    return SCANNER.file(str(path))


@pytest.mark.parametrize(
    ("name", "data", "member"),
    [
        ("a.zip", zipped({"in/conf.ini": TEXT}), "!in/conf.ini"),
        ("a.tar", tarred({"in/conf.ini": TEXT}), "!in/conf.ini"),
        ("a.tar.gz", gzip.compress(tarred({"x": TEXT})), "!x"),
        ("a.tar.zst", zstd.compress(tarred({"x": TEXT})), "!x"),
        ("a.log.xz", lzma.compress(TEXT), ""),
        ("deep.zip", zipped({"b.tar": tarred({"c.zip": zipped({"d.gz": gzip.compress(TEXT)})})}), "!b.tar!c.zip!d.gz"),
        ("slip.zip", zipped({"../../etc/x": TEXT}), "!../../etc/x"),
        ("wide.zip", zipped({"w.txt": TEXT.decode().encode("utf-16")}), "!w.txt"),
    ],
)
def test_found_by_its_path(tmp_path: Path, name: str, data: bytes, member: str) -> None:
    """The path is the archive's, `!` and the member's; line and offset are the member's own."""
    result = scan(tmp_path / name, data)
    [one] = result.findings
    assert one.path == f"{tmp_path}/{name}{member}"
    assert (one.secret.reveal(), one.line) == (TOKEN, 2)
    assert one.start_offset == (26 if name == "wide.zip" else 12)
    assert result.skipped == []
    assert not (tmp_path.parent / "etc").exists()


def test_container_image(tmp_path: Path) -> None:
    """Layers of an image are archives within an archive."""
    layer = gzip.compress(tarred({"app/.env": TEXT}))
    image = tarred({"oci-layout": b"{}", "blobs/sha256/ab12": layer, "manifest.json": b"[]"})
    [one] = scan(tmp_path / "image.tar", image).findings
    assert one.path.endswith("image.tar!blobs/sha256/ab12!app/.env")


def test_depth_is_bounded(tmp_path: Path) -> None:
    """An archive nested too deep is a gap that names its path."""
    data = TEXT
    for _ in range(archive.DEPTH + 1):
        data = zipped({"a.zip": data})
    result = scan(tmp_path / "deep.zip", data)
    assert result.findings == []
    assert [item.reason for item in result.gaps] == [f"nested more than {archive.DEPTH} levels deep"]


def test_an_archive_that_contains_itself_ends(tmp_path: Path) -> None:
    """Whatever an archive holds, its budget and depth end it: a gzip of gzips of zeros."""
    data = gzip.compress(gzip.compress(gzip.compress(bytes(50_000_000))))
    result = scan(tmp_path / "x.gz", data)
    assert result.findings == []


def test_bomb_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came before the bound is scanned, the rest is said once, whichever level it was in."""
    monkeypatch.setattr(archive, "FREE", 100_000)
    inner = zipped({"zeros": b"0\n" * 5_000_000})
    result = scan(tmp_path / "x.zip", zipped({"first": TEXT, "bomb.zip": inner, "last": TEXT}))
    assert [one.path.rpartition("!")[2] for one in result.findings] == ["first"]
    assert [item.reason for item in result.gaps] == [
        "zip archive: it unpacks to too much for its size; the rest is not scanned"
    ]


def test_damaged_member_does_not_hide_the_others(tmp_path: Path) -> None:
    """A member with a wrong checksum is a gap; its neighbours are scanned."""
    data = bytearray(zipped({"bad": os.urandom(2000), "good": TEXT}))
    data[200] ^= 255
    result = scan(tmp_path / "x.zip", bytes(data))
    assert [one.path.rpartition("!")[2] for one in result.findings] == ["good"]
    assert [item.path.rpartition("!")[2] for item in result.gaps] == ["bad"]


def test_cut_off_archive(tmp_path: Path) -> None:
    """What an archive that is cut off still gives is scanned, and the archive is a gap."""
    data = gzip.compress(tarred({"a": TEXT, "b": os.urandom(100_000)}))
    result = scan(tmp_path / "x.tgz", data[: len(data) // 2])
    assert [one.path.rpartition("!")[2] for one in result.findings] == ["a"]
    assert result.gaps


def test_from_a_stream() -> None:
    """Standard input and git objects can be archives too; without archives they are binary."""
    data = zipped({"a": TEXT})
    assert len(SCANNER.stream("-", io.BytesIO(data).read).findings) == 1
    plain = Scanner(SCANNER.engine, SCANNER.key, archives=False)
    assert [item.reason for item in plain.stream("-", io.BytesIO(data).read).skipped] == ["binary"]
