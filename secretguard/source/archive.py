"""What is inside an archive or a compressed file, one level at a time, as streams. Nothing is ever written by its name.

zip (jar, whl, docx ...), tar (container images as `docker save` and OCI write them), gzip, bzip2, xz, zstd. An archive
may be hostile: what it unpacks to, how many members it has and what its headers claim are all bounded.
"""

from __future__ import annotations

import bz2
import contextlib
import lzma
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, Protocol

from secretguard.source.magic import BZIP2, GZIP, TAR, XZ, ZIP, ZSTD

DEPTH = 6
"""Levels that are opened: an image holds layers, a layer a jar, a jar a properties file."""
MEMBERS = 200_000
"""Members of one outermost archive."""
FREE = 256 * 1024 * 1024
"""Bytes that any archive may unpack to; beyond that at most RATIO times its own size."""
RATIO = 200
TOTAL = 32 * 1024 * 1024 * 1024
"""Bytes that one outermost archive may unpack to whatever its size."""
SPOOL = 1024 * 1024 * 1024
"""Bytes of a zip inside something else, which has to be laid down to be read; in memory up to IN_MEMORY."""
IN_MEMORY = 16 * 1024 * 1024
DIRECTORY = 256 * 1024 * 1024
"""Bytes of a zip's directory, which is held in memory."""
HEADER = 1024 * 1024
"""Bytes of one extended header of a tar, which is held in memory."""
DECOMPRESSOR = 128 * 1024 * 1024
"""Bytes of memory that an xz or zstd stream may ask for."""

_READ = 256 * 1024
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"

Read = Callable[[int], bytes]


class Damaged(Exception):
    """An archive or member that cannot be read; the message says why."""


class TooMuch(Exception):
    """A bound was passed; the message says which."""


class Budget:
    """What an outermost archive of `size` bytes may still unpack to, over all its levels."""

    def __init__(self, size: int) -> None:
        self.left = min(TOTAL, max(FREE, RATIO * size))
        self.members = MEMBERS

    def take(self, size: int) -> None:
        """`size` more bytes were unpacked. Raises TooMuch."""
        self.left -= size
        if self.left < 0:
            raise TooMuch("it unpacks to too much for its size")

    def member(self) -> None:
        """One more member. Raises TooMuch."""
        self.members -= 1
        if self.members < 0:
            raise TooMuch(f"it has more than {MEMBERS} members")


class Member:
    """One member: its name as the archive has it ("" for the content of a compressed file), its size as claimed (0:
    unknown), a `read(n)`. `problem` says why it could not be read, or not to its end; ask after reading."""

    def __init__(self, name: str, size: int, read: Read, budget: Budget, problem: str = "") -> None:
        self.name, self.size, self.problem = name, size, problem
        self._read, self._budget = read, budget

    def read(self, wanted: int) -> bytes:
        """At most `wanted` bytes; nothing at the end, and where the rest cannot be had. Raises TooMuch."""
        if self.problem:
            return b""
        try:
            part = self._read(min(wanted, _READ))
        except (Damaged, TooMuch):
            raise
        except Exception as error:  # the readers of broken archives raise whatever they stumble over
            self.problem = _why(error)
            return b""
        self._budget.take(len(part))
        return part


def members(kind: str, head: bytes, read: Read, budget: Budget, fd: int | None = None) -> Iterator[Member]:
    """The members of the archive that starts with `head` and goes on with `read(n)`; `fd` is the whole of it, where it
    is a file that can be sought in. A member must be read before the next one is asked for.

    Raises Damaged where the archive cannot be read (on), TooMuch where a bound is passed.
    """
    stream = _Stream(head, read)
    try:
        if kind == ZIP:
            with _spooled(stream) if fd is None else open(fd, "rb", closefd=False) as file:
                yield from _zip(file, budget)
        elif kind == TAR:
            yield from _tar(stream, budget)
        else:
            yield Member("", 0, _decompressed(kind, stream), budget)
    except (Damaged, TooMuch):
        raise
    except Exception as error:  # as above
        raise Damaged(_why(error)) from None


def _why(error: BaseException) -> str:
    return f"damaged ({str(error)[:100] or type(error).__name__})"


class _Stream:
    """A file that can only be read on: some bytes that were read already, and the rest."""

    def __init__(self, head: bytes, read: Read) -> None:
        self._head, self._read = head, read

    def read(self, size: int = -1) -> bytes:
        wanted = _READ if size < 0 else size
        parts = []
        while wanted > 0:
            part = self._head[:wanted] if self._head else self._read(min(wanted, _READ))
            self._head = self._head[len(part) :] if self._head else b""
            if not part:
                break
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)


# ---- zip ----


@contextlib.contextmanager
def _spooled(stream: _Stream) -> Iterator[IO[bytes]]:
    """The rest of a stream as a file without a name."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        size = 0
        while part := stream.read(_READ):
            size += len(part)
            if size > SPOOL:
                raise TooMuch(f"a zip of more than {SPOOL} bytes within another file")
            spool.write(part)
        yield spool


def _zip(file: IO[bytes], budget: Budget) -> Iterator[Member]:
    if _directory_size(file) > DIRECTORY:
        raise TooMuch(f"its directory is longer than {DIRECTORY} bytes")
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            budget.member()
            yield from _zip_member(archive, info, budget)


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> Iterator[Member]:
    if info.flag_bits & 1:
        yield Member(info.filename, info.file_size, _nothing, budget, "encrypted")
        return
    try:
        opened = archive.open(info)
    except Exception as error:  # as above
        yield Member(info.filename, info.file_size, _nothing, budget, _why(error))
        return
    with opened:
        yield Member(info.filename, info.file_size, opened.read, budget)


def _directory_size(file: IO[bytes]) -> int:
    """What the end record claims of the directory (APPNOTE 4.3.16, 4.3.14); the reader holds all of that in memory."""
    file.seek(0, 2)
    start = max(0, file.tell() - 65_557 - 76)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    size = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    wide = tail.rfind(_END_64, 0, max(at, 0))
    wide_size = int.from_bytes(tail[wide + 40 : wide + 48], "little") if wide >= 0 else 0
    return wide_size if size == 0xFFFFFFFF else max(size, wide_size)


def _nothing(_: int) -> bytes:
    return b""


# ---- tar ----

_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class _Header(tarfile.TarInfo):
    """A header whose extension is read only where it has a sane length: the library takes it into memory whole."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.type in _EXTENDED and self.size > HEADER:
            raise TooMuch(f"a header of more than {HEADER} bytes")
        return super()._proc_member(archive)  # type: ignore[misc]


def _tar(stream: _Stream, budget: Budget) -> Iterator[Member]:
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header, errorlevel=2) as archive:  # type: ignore[call-overload]
        for info in archive:
            archive.members = []  # else every header of a stream is kept
            if not info.isreg():
                continue
            budget.member()
            opened = archive.extractfile(info)
            if opened is not None:
                yield Member(info.name, info.size, opened.read, budget)


# ---- compressed ----


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def _decompressed(kind: str, stream: _Stream) -> Read:
    return _Joined(stream, _DECOMPRESSORS[kind]).read


class _Gzip:
    """zlib's decompressor with the manners of the others."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        part = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self._full = len(part) == max_length
        return part


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(memlimit=DECOMPRESSOR)


def _zstd() -> _Decompressor:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    window = DECOMPRESSOR.bit_length() - 1
    made: _Decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: window})
    return made


_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {
    GZIP: _Gzip,
    BZIP2: bz2.BZ2Decompressor,
    XZ: _xz,
    ZSTD: _zstd,
}


class _Joined:
    """One stream after the other, as these formats allow; what follows the last one and is none is an error."""

    def __init__(self, stream: _Stream, new: Callable[[], _Decompressor]) -> None:
        self._stream, self._new = stream, new
        self._current = new()
        self._data = b""

    def read(self, wanted: int) -> bytes:
        """At most `wanted` bytes; nothing at the end. Raises EOFError for a stream that is cut off."""
        while True:
            if self._current.eof:
                self._data = self._current.unused_data or self._stream.read(_READ)
                if not self._data.strip(b"\0"):  # xz pads with NUL bytes
                    return b""
                self._current = self._new()
            elif self._current.needs_input and not self._data:
                self._data = self._stream.read(_READ)
                if not self._data:
                    raise EOFError("cut off")
            part = self._current.decompress(self._data, wanted)
            self._data = b""
            if part:
                return part
