"""A baseline on disk: a line for each entry, JSON for detect-secrets, and what git makes of two of them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard import baseline_file
from secretguard.baseline_file import parse, read, save, sides, written
from secretguard.baseline_head import fresh
from secretguard.errors import ConfigError

Places = set[tuple[str, str]]
FILES, DIGESTS = ["a.py", "b.py", "ü/c.py"], [f"{n:x}" * 40 for n in range(1, 9)]


def document(places: Places) -> dict[str, Any]:
    results: dict[str, list[dict[str, Any]]] = {}
    for name, digest in sorted(places):
        results.setdefault(name, []).append({"type": "T", "filename": name, "hashed_secret": digest})
    return fresh() | {"results": results}


def places_in(text: str) -> Places:
    results = parse("b", text)["results"]
    return {(name, entry["hashed_secret"]) for name, listed in results.items() for entry in listed}


def test_a_line_an_entry() -> None:
    """Sorted by path, then digest, in whatever order they come; a new entry that is not first changes no other line."""
    two = document({("b.py", DIGESTS[0]), ("a.py", DIGESTS[1]), ("a.py", DIGESTS[2])})
    two["results"] = dict(reversed(two["results"].items()))
    lines = written(two).splitlines()
    tail = lines[lines.index('  "results": {"": [') + 1 :]
    assert [line.split("{")[0] for line in tail] == ['  ], "a.py": [', "    ,", '  ], "b.py": [', "  ]}", "}"]
    more = written(document({("b.py", DIGESTS[0]), ("a.py", DIGESTS[1]), ("a.py", DIGESTS[2]), ("a.py", DIGESTS[3])}))
    assert set(lines) < set(more.splitlines())


places = st.sets(st.tuples(st.sampled_from(FILES), st.sampled_from(DIGESTS)), max_size=12)


@given(places)
def test_what_is_written_is_read(found: Places) -> None:
    """Every set of entries comes back, by us and as plain JSON, and is written in the same way again."""
    whole = document(found)
    text = written(whole)
    assert parse("b", text) == whole
    assert json.loads(text)["results"] == {"": [], **whole["results"]}
    assert written(parse("b", text)) == text


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    name = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", *name, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False,
        env=clean | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
    )  # fmt: skip


def branched(folder: Path, base: Places, ours: Places, theirs: Places, attributes: str) -> Path:
    """A repository on its branch `main` with `ours`, beside a branch `other` with `theirs`."""
    file = folder / "base"
    assert git(folder, "init", "-q", "-b", "main").returncode == 0
    (folder / ".gitattributes").write_text(attributes)
    for branch, found in (("main", base), ("other", theirs), ("main", ours)):
        git(folder, "switch", "-q", *(["-c"] if branch == "other" else []), branch)
        save(str(file), document(found))
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", "accept")
    return file


D = DIGESTS
BASE = {("a.py", D[2]), ("a.py", D[4]), ("b.py", D[2]), ("m.py", D[1]), ("m.py", D[5])}
MERGES = {
    "different files": ({("a.py", D[3])}, {("m.py", D[3])}, True),
    "new files, apart": ({("aa.py", D[3])}, {("mm.py", D[3])}, True),
    "new files, side by side": ({("x.py", D[3])}, {("y.py", D[3])}, False),
    "one file, apart": ({("a.py", D[1])}, {("a.py", D[6])}, True),
    "one file, both last": ({("b.py", D[5])}, {("b.py", D[6])}, False),
    "one file, both first": ({("b.py", D[0])}, {("b.py", D[1])}, False),
    "one new file": ({("x.py", D[0])}, {("x.py", D[1])}, False),
    "both first of all": ({("A.py", D[0])}, {("B.py", D[1])}, False),
    "both last of all": ({("y.py", D[0]), ("y.py", D[1])}, {("z.py", D[1])}, False),
    "the same": ({("x.py", D[0])}, {("x.py", D[0])}, True),
}
"""What each branch accepts beside BASE, and whether git merges that without a word on how."""


@pytest.mark.parametrize("name", MERGES)
def test_two_branches_accept_something(name: str, tmp_path: Path) -> None:
    """With `merge=union` git itself merges them, to a file in which both count."""
    ours, theirs, _ = MERGES[name]
    file = branched(tmp_path, BASE, BASE | ours, BASE | theirs, "base merge=union\n")
    done = git(tmp_path, "merge", "-q", "other")
    assert done.returncode == 0, done.stdout
    assert places_in(file.read_text()) == BASE | ours | theirs


@pytest.mark.parametrize("name", MERGES)
def test_two_branches_without_attributes(name: str, tmp_path: Path) -> None:
    """Where lines are apart git merges them; where they touch, reading says where, and how to go on."""
    ours, theirs, clean = MERGES[name]
    file = branched(tmp_path, BASE, BASE | ours, BASE | theirs, "")
    assert (git(tmp_path, "merge", "-q", "other").returncode == 0) is clean
    if clean:
        assert places_in(file.read_text()) == BASE | ours | theirs
        return
    with pytest.raises(ConfigError, match="a merge that git could not finish") as raised:
        read(str(file))
    line = file.read_text().split("<<<<<<<")[0].count("\n") + 1
    assert raised.value.message.startswith(f"{file}:{line}:")
    assert f"secretguard baseline merge {file}" in raised.value.fix
    both = [places_in(side) for side in sides("b", file.read_text())]
    assert both == [BASE | ours, BASE | theirs]


def union(folder: Path, *texts: str) -> str:
    for name, text in zip(("ours", "base", "theirs"), texts, strict=True):
        (folder / name).write_text(text)
    done = git(folder, "merge-file", "--union", "-p", "ours", "base", "theirs")
    assert done.returncode == 0
    return done.stdout


@settings(max_examples=60, deadline=None)
@given(places, places, places)
def test_any_two_versions_merge(base: Places, ours: Places, theirs: Places) -> None:
    """Whatever two branches did, git's union is a baseline: it loses nothing that both hold or one added, and accepts
    nothing that neither did."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        text = union(Path(folder), *(written(document(one)) for one in (ours, base, theirs)))
    found = places_in(text)
    assert (ours & theirs) | (ours - base) | (theirs - base) <= found <= ours | theirs | base


@settings(max_examples=60, deadline=None)
@given(places, places, places)
def test_a_clean_merge_is_exact(base: Places, ours: Places, theirs: Places) -> None:
    """Where git merges lines without conflict, that is the merge of the entries."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, one in (("ours", ours), ("base", base), ("theirs", theirs)):
            (Path(folder) / name).write_text(written(document(one)))
        done = git(Path(folder), "merge-file", "-p", "ours", "base", "theirs")
    if done.returncode == 0:
        assert places_in(done.stdout) == (ours & theirs) | (ours - base) | (theirs - base)
    else:
        assert [places_in(side) for side in sides("b", done.stdout)] != []


def test_detect_secrets_reads_it(tmp_path: Path) -> None:
    """The real detect-secrets loads the file, also with what we add to an entry, and finds the same entries."""
    from detect_secrets.core import baseline as peer
    from detect_secrets.settings import transient_settings

    whole = document(BASE)
    whole["results"]["a.py"][0] |= {
        "by": "ann@example.com",
        "why": "made up",
        "until": "2999-01-01",
        "is_secret": False,
    }
    save(str(tmp_path / "b"), whole)
    with transient_settings({}):
        loaded = peer.load(peer.load_from_file(str(tmp_path / "b")), str(tmp_path / "b"))
    assert {(name, secret.secret_hash) for name, secret in loaded} == BASE
    labels = {secret.secret_hash: secret.is_secret for name, secret in loaded if name == "a.py"}
    assert labels == {D[2]: False, D[4]: None}


def test_what_detect_secrets_keeps_when_it_writes(tmp_path: Path) -> None:
    """Read and written by the real detect-secrets, as its `audit` does: labels stay; who, why and until are lost."""
    from detect_secrets.core import baseline as peer
    from detect_secrets.settings import transient_settings

    whole = document({("a.py", D[0])})
    words = {"by": "ann", "why": "made up", "until": "2999-01-01"}
    whole["results"]["a.py"][0] |= {"is_verified": False, "is_secret": False, **words}
    save(str(tmp_path / "b"), whole)
    with transient_settings({}):
        loaded = peer.load(peer.load_from_file(str(tmp_path / "b")), str(tmp_path / "b"))
        peer.save_to_file(loaded, str(tmp_path / "b"))
    [entry] = read(str(tmp_path / "b"))["results"]["a.py"]
    assert entry["is_secret"] is False
    assert not words.keys() & entry.keys()


def test_one_name_twice_is_one_list() -> None:
    """What a union of lines leaves behind: both lists count."""
    assert parse("b", '{"results": {"a": [1], "b": [], "a": [2]}}')["results"] == {"a": [1, 2], "b": []}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<<<<<<< a\nx\n", "b: the last conflict has no end"),
        ("x\n>>>>>>> a\n", "b:2: a mark of a conflict"),
        ("<<<<<<< a\n<<<<<<< a\n", "b:2: a mark of a conflict"),
        ("<<<<<<< a\n=======\n=======\n", "b:3: a mark of a conflict"),
        ("<<<<<<< a\n=======\n||||||| z\n", "b:3: a mark of a conflict"),
    ],
)
def test_marks_that_do_not_belong_together(text: str, message: str) -> None:
    """They are an error with its line, never a guess."""
    with pytest.raises(ConfigError, match="conflict") as raised:
        sides("b", text)
    assert raised.value.message.startswith(message)


def test_marks_of_every_style() -> None:
    """With the common version between, of more than seven characters, with line ends of Windows."""
    text = "1\r\n<<<<<<<<< ours\r\n2\r\n||||||||| base\r\n3\r\n=========\r\n4\r\n>>>>>>>>> x\r\n5\r\n"
    assert [side.split() for side in sides("b", text)] == [["1", "2", "5"], ["1", "4", "5"]]


def test_save_follows_a_link_and_keeps_the_mode(tmp_path: Path) -> None:
    """The file that a link names is written, with the permissions that it has."""
    (tmp_path / "real").write_text("x")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    save(str(tmp_path / "link"), document(BASE))
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o640
    assert places_in((tmp_path / "real").read_text()) == BASE


def test_save_to_what_is_no_file(tmp_path: Path) -> None:
    """A pipe, a folder or a device, also behind a link, is refused and left as it is."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link", "."):
        with pytest.raises(ConfigError, match="not a regular file"):
            save(str(tmp_path / name), document(BASE))
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe"]


def test_save_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is an error; the old file stands, and nothing lies beside it."""
    save(str(tmp_path / "b"), document(BASE))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(baseline_file.os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        save(str(tmp_path / "b"), document(set()))
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert places_in((tmp_path / "b").read_text()) == BASE


@given(st.text(max_size=200))
def test_any_text_is_a_baseline_or_an_error(text: str) -> None:
    """No text makes the reader fail in another way than with its name."""
    try:
        parse("some-name", text)
    except ConfigError as error:
        assert "some-name" in error.message  # noqa: PT017  # most texts are errors, a few may be none


def test_entry_under_another_name() -> None:
    """In a file of ours an entry belongs to the file that it names; in one of detect-secrets, to its list."""
    entry = {"type": "T", "filename": "a.py", "hashed_secret": DIGESTS[0]}
    ours = json.dumps({"results": {"": [], "a.py": [], "b.py": [entry]}})
    assert parse("b", ours)["results"] == {"a.py": [entry]}
    theirs = json.dumps({"results": {"a.py": [], "b.py": [entry]}})
    assert parse("b", theirs)["results"] == {"a.py": [], "b.py": [entry]}
