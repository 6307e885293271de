"""Which files are archives or compressed, by their first bytes. What is in them is for `archive.py`."""

from __future__ import annotations

ZIP, TAR, GZIP, BZIP2, XZ, ZSTD = "zip", "tar", "gzip", "bzip2", "xz", "zstd"

_MAGIC = (
    (ZIP, b"PK\x03\x04"),
    (ZIP, b"PK\x05\x06"),
    (GZIP, b"\x1f\x8b\x08"),
    (BZIP2, b"BZh"),
    (XZ, b"\xfd7zXZ\x00"),
    (ZSTD, b"\x28\xb5\x2f\xfd"),
)
_FIRST = frozenset(mark[0] for _, mark in _MAGIC)


def sniff(head: bytes) -> str:
    """The kind of archive that starts with `head`, or nothing."""
    if head and head[0] in _FIRST:
        for kind, mark in _MAGIC:
            if head.startswith(mark):
                return kind
    return TAR if head[257:262] == b"ustar" else ""
