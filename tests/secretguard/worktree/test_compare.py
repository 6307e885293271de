"""Two looks compared: what is claimed, and what is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secretguard.worktree.compare import SLACK, Compared, compare, is_digest, kind, until
from secretguard.worktree.snapshot import UNKNOWN, Row, Snapshot

THEN = 1_000_000_000_000
OLD, NEW = THEN - 10 * SLACK, THEN + 10 * SLACK
FILE = 0o100644


def row(
    digest: str = UNKNOWN, *, inode: int = 1, size: int = 3, modified: int = OLD, changed: int = OLD, mode: int = FILE
) -> Row:
    return Row(mode, size, modified, changed, inode, digest)


def look(
    before: dict[str, Row],
    now: dict[str, Row],
    digests: dict[str, str] | None = None,
    unlisted: tuple[str, ...] = (),
    complete: bool = True,
) -> tuple[list[tuple[str, str]], Compared]:
    """(how, path) of each change, and all that came out; only files in `digests` may be read."""
    compared = compare(
        Snapshot(THEN, 0, {}, [], before), now, lambda path, _: (digests or {})[path], unlisted.__contains__, complete
    )
    return [(change.how, change.path) for change in compared.changes], compared


def test_what_did_not_move_is_not_read() -> None:
    """And keeps the digest that is known of it."""
    told, compared = look({"a": row("d1")}, {"a": row()})
    assert told == []
    assert compared.files == {"a": row("d1")}


def test_created_modified_deleted() -> None:
    """The plain three, in the order of their paths."""
    told, compared = look(
        {"b": row("d1"), "c": row("d2", inode=2)},
        {"a": row(inode=3, changed=NEW), "b": row(size=4, changed=NEW)},
        {"a": "d3", "b": "d4"},
    )
    assert told == [("created", "a"), ("modified", "b"), ("deleted", "c")]
    assert (compared.changes[1].before, compared.changes[1].after) == (row("d1"), row("d4", size=4, changed=NEW))
    assert compared.changes[2].after is None


def test_touched_is_not_modified() -> None:
    """Other times and the same content: no change, and the new times are remembered."""
    told, compared = look({"a": row("d1")}, {"a": row(modified=NEW, changed=NEW)}, {"a": "d1"})
    assert told == []
    assert compared.files["a"] == row("d1", modified=NEW, changed=NEW)


def test_a_time_that_was_put_back_hides_nothing() -> None:
    """Size and modification time as before, content another: the change time, which nobody can set, tells."""
    assert look({"a": row("d1")}, {"a": row(changed=NEW)}, {"a": "d2"})[0] == [("modified", "a")]


def test_a_file_too_young_to_be_compared_by_times_is_read() -> None:
    """Its change time was kept as 0; the same content is no change, also where it was not known before."""
    young = row("d1", changed=0)
    assert look({"a": young}, {"a": row()}, {"a": "d1"})[0] == []
    assert look({"a": young}, {"a": row()}, {"a": "d2"})[0] == [("modified", "a")]
    assert look({"a": row(UNKNOWN, changed=0)}, {"a": row()}, {"a": "d2"})[0] == []


def test_what_was_not_known_before_is_judged_by_its_times() -> None:
    """A file that was never read and has moved counts as modified."""
    assert look({"a": row()}, {"a": row(changed=NEW)}, {"a": "d2"})[0] == [("modified", "a")]
    assert look({"a": row("not read: larger")}, {"a": row(changed=NEW)}, {"a": "d"})[0] == [("modified", "a")]


def test_a_rotated_key_is_no_change() -> None:
    """Digests under two keys are not compared: times decide, and a file that was only touched counts as modified."""
    assert look({"a": row("k1:d1")}, {"a": row()})[0] == []
    assert look({"a": row("k1:d1", changed=0)}, {"a": row()}, {"a": "k2:d9"})[0] == []
    assert look({"a": row("k1:d1")}, {"a": row(changed=NEW)}, {"a": "k2:d9"})[0] == [("modified", "a")]
    assert look({"a": row("k1:d1")}, {"a": row(changed=NEW)}, {"a": "k1:d1"})[0] == []


def test_permissions_are_a_change() -> None:
    """Content the same, mode another: an executable bit matters."""
    assert look({"a": row("d1")}, {"a": row(changed=NEW, mode=0o100755)}, {"a": "d1"})[0] == [("modified", "a")]


def test_a_rename_is_one_change() -> None:
    """The same inode, size and modification time under another name; it is not read again."""
    told, compared = look({"a": row("d1", inode=7)}, {"b": row(inode=7, changed=NEW)})
    assert told == [("renamed", "b")]
    assert compared.changes[0].source == "a"
    assert compared.files == {"b": row("d1", inode=7, changed=NEW)}


def test_a_folder_that_was_renamed() -> None:
    """Its files keep their change times: renamed all the same."""
    assert look({"x/a": row("d1", inode=7)}, {"y/a": row(inode=7)})[0] == [("renamed", "y/a")]


def test_an_inode_used_again_is_no_rename() -> None:
    """The system gives the number of a deleted file to the next one: other times, so deleted and created."""
    told, _ = look({"a": row("d1", inode=7)}, {"b": row(inode=7, modified=NEW, changed=NEW)}, {"b": "d2"})
    assert told == [("deleted", "a"), ("created", "b")]


def test_no_longer_ignored_is_not_created() -> None:
    """A file that is older than the look before was not made since: it appeared."""
    assert look({}, {"a": row()}, {"a": "d"})[0] == [("appeared", "a")]


def test_newly_ignored_is_not_deleted() -> None:
    """A file that is there and not listed any more has not changed."""
    assert look({"a": row("d")}, {}, unlisted=("a",))[0] == []


def test_an_incomplete_list_claims_no_appearance() -> None:
    """Which files are beyond the bound differs from look to look."""
    assert look({}, {"a": row()}, complete=False)[0] == []
    assert look({}, {"a": row(changed=NEW)}, {"a": "d"}, complete=False)[0] == [("created", "a")]


def test_what_a_row_is() -> None:
    """Words are no digests; links and special files are named."""
    assert [is_digest(text) for text in ("0a", UNKNOWN, "none", "not read: x")] == [True, False, False, False]
    assert [kind(row(mode=mode)) for mode in (FILE, 0o120777, 0o010644)] == ["", "link", "special"]


def test_what_changed_after_the_moment_is_left_to_the_next_look() -> None:
    """The rows are those of before: modified, created, deleted and renamed files come once more."""
    late = NEW + 1
    before = {"a": row("d1"), "b": row("d2", inode=2), "c": row("d3", inode=3), "e": row("d4", inode=4)}
    now = {
        "a": row(size=9, changed=late), "d": row(inode=5, changed=late), "f": row(inode=4, changed=late),
        "g": row(inode=6, changed=NEW),
    }  # fmt: skip
    _, compared = look(before, now, dict.fromkeys("adg", "d9"))
    assert len(compared.changes) == 6
    last = Snapshot(THEN, 0, {}, [], before)
    early = until(compared, last, NEW, {"b": NEW, "c": late}.__getitem__)
    assert [(change.how, change.path) for change in early.changes] == [("deleted", "b"), ("created", "g")]
    assert early.files == {**{name: before[name] for name in "ace"}, "g": row("d9", inode=6, changed=NEW)}
    told, _ = look(early.files, now, dict.fromkeys("ad", "d9"))
    assert told == [("modified", "a"), ("deleted", "c"), ("created", "d"), ("renamed", "f")]


ROWS = st.builds(
    row,
    st.sampled_from(["d1", "d2", UNKNOWN, "not read: x"]),
    inode=st.integers(1, 3),
    size=st.integers(0, 1),
    changed=st.sampled_from([0, OLD, NEW]),
)
FILES = st.dictionaries(st.sampled_from("abcd"), ROWS, max_size=4)


@given(FILES, FILES, st.booleans())
def test_whatever_was_seen(before: dict[str, Row], now: dict[str, Row], complete: bool) -> None:
    """Each path comes once, each listed file is remembered, and a file that did not move is never a change."""
    bare = {path: one._replace(digest=UNKNOWN) for path, one in now.items()}
    told, compared = look(before, bare, dict.fromkeys("abcd", "d9"), complete=complete)
    paths = [path for _, path in told]
    assert len(paths) == len(set(paths))
    assert compared.files.keys() == now.keys()
    still = {path for path in now if path in before and before[path].same_file(bare[path])}
    assert not still.intersection(paths)
    sources = {change.source for change in compared.changes if change.source}
    gone = before.keys() - now.keys()
    assert gone == {path for how, path in told if how == "deleted"} | sources
