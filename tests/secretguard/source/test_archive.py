"""One level of an archive as streams, and what hostile ones may cost: bounded bytes, members and headers."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.source import archive as module
from secretguard.source.archive import Budget, Damaged, Member, TooMuch, members
from secretguard.source.magic import BZIP2, GZIP, TAR, XZ, ZIP, ZSTD, sniff

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    GZIP: gzip.compress,
    BZIP2: bz2.compress,
    XZ: lzma.compress,
    ZSTD: zstd.compress,
}


def opened(data: bytes, kind: str = "", head: int = 10, budget: Budget | None = None) -> list[tuple[str, bytes, str]]:
    """Name, content and reason of each member."""
    file = io.BytesIO(data)
    begun = file.read(head)
    spent = budget or Budget(len(data))
    return [(one.name, whole(one), one.problem) for one in members(kind or sniff(data), begun, file.read, spent)]


def whole(member: Member) -> bytes:
    parts = []
    while part := member.read(1000):
        parts.append(part)
    return b"".join(parts)


def zipped(content: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder")
        for name, data in content.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(content: dict[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return file.getvalue()


@given(st.dictionaries(st.sampled_from(["a", "b/c", "../../up", "/abs", "é" * 120]), st.binary(max_size=5000)))
@settings(max_examples=30, deadline=None)
def test_members(content: dict[str, bytes]) -> None:
    """Names as they are, also those that would leave a folder; content whole; folders and links left out."""
    expected = [(name, data, "") for name, data in content.items()]
    assert opened(zipped(content)) == expected
    assert opened(tarred(content)) == expected


@pytest.mark.parametrize("kind", list(COMPRESSORS))
@given(data=st.binary(max_size=100_000), head=st.integers(6, 300))
@settings(max_examples=10, deadline=None)
def test_compressed(kind: str, data: bytes, head: int) -> None:
    """One stream and two in a row, wherever the part that was read for the kind ends."""
    packed = COMPRESSORS[kind](data)
    assert opened(packed, kind, head) == [("", data, "")]
    assert opened(packed + packed, kind, head) == [("", data + data, "")]


@pytest.mark.parametrize("kind", list(COMPRESSORS))
def test_cut_off(kind: str) -> None:
    """A stream that ends early is damaged, and never taken for a short one."""
    packed = COMPRESSORS[kind](b"some text " * 500)
    for end in range(7, len(packed)):
        [(_, content, problem)] = opened(packed[:end], kind)
        assert problem == "damaged (cut off)", end
        assert (b"some text " * 500).startswith(content)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_anywhere(data: st.DataObject) -> None:
    """Bytes that are changed or cut off give members, a reason or Damaged: no other exception."""
    compressed = [compress(b"z" * 500) for compress in COMPRESSORS.values()]
    kinds = [zipped({"a": b"x" * 300, "b": b"y"}), tarred({"a": b"x" * 300}), *compressed]
    good = data.draw(st.sampled_from(kinds))
    bad = bytearray(good)
    for at in data.draw(st.lists(st.integers(10, len(good) - 1), max_size=4)):
        bad[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(10, len(good)))
    with contextlib.suppress(Damaged, TooMuch):
        opened(bytes(bad[:cut]), sniff(good))


@pytest.mark.parametrize("kind", [*COMPRESSORS, ZIP, TAR])
def test_bomb(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than the budget stops there."""
    monkeypatch.setattr(module, "FREE", 1_000_000)
    zeros = bytes(30_000_000) if kind != TAR else bytes(2_000_000)
    packed = {ZIP: lambda: zipped({"a": zeros}), TAR: lambda: tarred({"a": zeros})}
    data = packed[kind]() if kind in packed else COMPRESSORS[kind](zeros)
    budget = Budget(0)
    with pytest.raises(TooMuch, match="unpacks to too much"):
        opened(data, kind, budget=budget)
    assert budget.left > -1_000_000


def test_budget_grows_with_the_archive() -> None:
    """A large archive may unpack to more than a small one, and none to more than the total."""
    assert Budget(0).left == module.FREE
    assert Budget(module.FREE // 10).left == module.FREE // 10 * module.RATIO
    assert Budget(1 << 50).left == module.TOTAL


def test_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """More members than the cap are refused, in zip and tar."""
    monkeypatch.setattr(module, "MEMBERS", 3)
    content = {str(number): b"" for number in range(5)}
    for data in (zipped(content), tarred(content)):
        with pytest.raises(TooMuch, match="more than 3 members"):
            opened(data)


def test_encrypted_member() -> None:
    """A member under a password is said; the others are read."""
    data = bytearray(zipped({"a": b"x", "b": b"y"}))
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)  # the folder's record comes first
    data[at + 8] |= 1
    assert opened(bytes(data)) == [("a", b"", "encrypted"), ("b", b"y", "")]


def test_a_zip_directory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the end record claims is looked at before the directory is read, in both forms of the record."""
    monkeypatch.setattr(module, "DIRECTORY", 10)
    with pytest.raises(TooMuch, match="directory"):
        opened(zipped({"a": b"x"}))
    monkeypatch.undo()
    wide = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1, 1, 1 << 40, 0)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, 0xFFFFFFFF, 0, 0)
    with pytest.raises(TooMuch, match="directory"):
        opened(b"PK\x03\x04" + bytes(100) + wide + end)


def test_a_tar_header_is_bounded() -> None:
    """An extended header that claims to be long is refused before it is read."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, module.HEADER + 1
    with pytest.raises(TooMuch, match="header"):
        opened(info.tobuf(tarfile.USTAR_FORMAT) + bytes(10_000), TAR)


def test_a_zip_within_is_laid_down_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip that is no file of its own is spooled, and a longer one refused."""
    data = zipped({"a": b"content"})
    assert opened(data) == [("a", b"content", "")]
    monkeypatch.setattr(module, "SPOOL", 10)
    with pytest.raises(TooMuch, match="within another file"):
        opened(data)


def test_memory_of_a_decompressor_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that asks for more memory than is given is damaged to us."""
    monkeypatch.setattr(module, "DECOMPRESSOR", 1 << 20)
    for kind, data in ((XZ, lzma.compress(b"x" * 10_000_000, preset=9)), (ZSTD, big_window())):
        [(_, content, problem)] = opened(data, kind)
        assert content == b""
        assert "memory" in problem.lower()


def big_window() -> bytes:
    options = {int(zstd.CompressionParameter.window_log): 27, int(zstd.CompressionParameter.content_size_flag): 0}
    compressor = zstd.ZstdCompressor(options=options)
    return compressor.compress(b"x" * 10_000_000) + compressor.flush()
