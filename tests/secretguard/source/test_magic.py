"""Archives are known by their first bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from secretguard.source import magic


def zipped(name: str = "a") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        if name:
            archive.writestr(zipfile.ZipInfo(name), "x")  # not of this moment: each process must name its tests alike
    return file.getvalue()


def tarred(form: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (magic.ZIP, zipped()),
        (magic.ZIP, zipped("")),
        (magic.TAR, tarred(tarfile.USTAR_FORMAT)),
        (magic.TAR, tarred(tarfile.GNU_FORMAT)),
        (magic.TAR, tarred(tarfile.PAX_FORMAT)),
        (magic.GZIP, gzip.compress(b"x", mtime=0)),
        (magic.BZIP2, bz2.compress(b"x")),
        (magic.XZ, lzma.compress(b"x")),
        (magic.ZSTD, zstd.compress(b"x")),
        ("", b""),
        ("", b"PK"),
        ("", b"plain text " * 40),
    ],
)
def test_kinds(kind: str, data: bytes) -> None:
    """What the usual programs write, an empty archive, and what is none."""
    assert magic.sniff(data) == kind


@given(st.binary(max_size=600))
def test_any_bytes(data: bytes) -> None:
    """Any bytes have an answer."""
    assert magic.sniff(data) in ("", magic.ZIP, magic.TAR, magic.GZIP, magic.BZIP2, magic.XZ, magic.ZSTD)
