"""The index on disk: private, sealed, without a value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.detect.known import record
from secretguard.known.index import MOST, DamagedIndex, Index, index_key, load, of_rows, place, save, stamp

VALUE = b"Tr0ub4dor" + b"&3-horse"


def saved(project: str = "/srv/app") -> str:
    key = index_key()
    rows = [(record(key, VALUE, False, 0), [0, 3, "DB_PASSWORD", 7])]
    save(of_rows(project, [[f"{project}/.env", "env", [1, 2, 3, 4]]], rows, ["a gap"], 5), key)
    return place(project)


def test_what_is_kept() -> None:
    """Files, sources, gaps and the time are given back; the value is known."""
    saved()
    index = load("/srv/app", index_key())
    assert (index.files, index.missing, index.built) == ([["/srv/app/.env", "env", [1, 2, 3, 4]]], ["a gap"], 5)
    assert index.sources == [[0, 3, "DB_PASSWORD", 7]]
    assert index.name(0) == ("DB_PASSWORD", "DB_PASSWORD of .env")
    assert VALUE in index.known(index_key())


def test_it_is_private_and_holds_no_value() -> None:
    """0600 in a folder of 0700; no piece of the value, plain or in any simple encoding."""
    path = saved()
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(path)).st_mode & 0o077 == 0
    data = Path(path).read_bytes()
    assert not any(VALUE[at : at + 5] in data for at in range(len(VALUE) - 5))
    assert VALUE.hex().encode() not in data


@pytest.mark.parametrize("at", [0, 25, 90, 100, 130, 200, -1])
def test_a_changed_byte_is_damage(at: int) -> None:
    """Wherever it is."""
    path = saved()
    data = bytearray(Path(path).read_bytes())
    data[at] ^= 1
    Path(path).write_bytes(data)
    with pytest.raises(DamagedIndex):
        load("/srv/app", index_key())


@pytest.mark.parametrize("size", [0, 1, 80, 120])
def test_a_cut_file_is_damage(size: int) -> None:
    """A torn write, wherever it ended."""
    path = saved()
    Path(path).write_bytes(Path(path).read_bytes()[:size])
    with pytest.raises(DamagedIndex):
        load("/srv/app", index_key())


def test_another_projects_index_is_damage() -> None:
    """A sealed index does not count at another project's place."""
    data = Path(saved("/srv/app")).read_bytes()
    Path(saved("/srv/other")).write_bytes(data)
    with pytest.raises(DamagedIndex, match="another project's"):
        load("/srv/other", index_key())


def test_one_that_others_can_read_or_that_is_a_link_is_damage(tmp_path: Path) -> None:
    """Permissions and links are what an attacker of the same machine could set."""
    path = Path(saved())
    path.chmod(0o644)
    with pytest.raises(DamagedIndex):
        load("/srv/app", index_key())
    path.chmod(0o600)
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    with pytest.raises(DamagedIndex):
        load("/srv/app", index_key())


def test_none_is_told_apart() -> None:
    """No index is no damage."""
    with pytest.raises(FileNotFoundError):
        load("/srv/none", index_key())


def test_values_beyond_the_most_are_said() -> None:
    """The bound is a gap that is told, not a silence."""
    key = index_key()
    rows = [(record(key, b"value%d" % number, False, 0), [0, 1, "A", 1]) for number in range(MOST + 3)]
    index: Index = of_rows("/srv/app", [["/srv/app/.env", "env", []]], rows, [], 1)
    assert len(index.sources) == MOST
    assert index.missing == [f"3 values beyond the first {MOST}"]


def test_a_stamp_changes_with_the_file(tmp_path: Path) -> None:
    """Contents, or another file at the same place with the same times."""
    assert stamp(str(tmp_path / "none")) == []
    one = tmp_path / "one"
    one.write_text("a")
    first = stamp(str(one))
    os.utime(one, ns=(first[0], first[0]))
    assert stamp(str(one)) != first, "a time that was put back shows in the other one"
