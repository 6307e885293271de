from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.head import SIZE, Head, parse, read, write


def test_written_head_reads_back(tmp_path: Path) -> None:
    """A head is the same after it was written, and always the same size on disk."""
    path = str(tmp_path / "head")
    for head in (Head(), Head(7, "ab" * 32, 10**15)):
        write(path, head)
        assert Path(path).stat().st_size == SIZE
        assert read(path).fields() == head.fields()  # type: ignore[union-attr]


def test_missing_and_damaged_heads_are_none(tmp_path: Path) -> None:
    """A head that cannot be trusted is no head."""
    path = tmp_path / "head"
    assert read(str(path)) is None
    write(str(path), Head(7, "ab" * 32, 10))
    for damage in (b"", path.read_bytes()[:-1], path.read_bytes() + b" ", b"x" * SIZE):
        path.write_bytes(damage)
        assert read(str(path)) is None


def test_link_in_place_of_the_head_is_refused(tmp_path: Path) -> None:
    """A symbolic link is not followed: the head would be written where somebody else wants it."""
    (tmp_path / "head").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        write(str(tmp_path / "head"), Head())


@pytest.mark.parametrize(
    "text",
    [b"[]", b'{"seq":true,"hash":"%s","size":1}', b'{"seq":-1,"hash":"%s","size":1}', b'{"seq":1,"hash":"x","size":1}'],
)
def test_heads_of_wrong_types_are_none(text: bytes) -> None:
    """Numbers are whole and not negative, the hash has its length."""
    assert parse(text.replace(b"%s", b"a" * 64)) is None


@given(st.binary(max_size=SIZE))
def test_any_bytes_are_a_head_or_none(data: bytes) -> None:
    """A damaged head file never ends in an exception."""
    assert parse(data) is None or parse(data).seq >= 0  # type: ignore[union-attr]
