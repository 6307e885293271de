"""Versions of files: what is scanned of them gives what a scan of all of each would."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect.lint import width
from secretguard.detect.registry import RULES
from secretguard.detect.rules.private_key import _PEM as PEM
from secretguard.history import versions as module
from secretguard.history.versions import Versions, _scanned, _Seen, seen
from secretguard.pipeline import fingerprint
from secretguard.source.git import Git
from tests.secretguard.history.repository import SCANNER, Repository, nothing, token

EXAMPLES = [line for rule in RULES for text, _ in rule.examples for line in text.encode().splitlines()]
NAMES = [line for line in EXAMPLES if len(line) < 20]
LINES = st.lists(
    st.sampled_from(EXAMPLES)
    | st.sampled_from([*NAMES, *PEM.encode().split(b"\n"), b"", b"x = 1", b"# " + b"long " * 100, b"# short"]),
    max_size=5,
)
EDITS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4), LINES), min_size=1, max_size=8)


def _whole(data: bytes) -> list[tuple[int, int, tuple[str, str]]]:
    found = SCANNER.engine.scan(data)
    return [(one.start, one.end, (one.rule_id, fingerprint(SCANNER.key, one))) for one in found]


@given(edits=EDITS, end=st.sampled_from([b"\n", b"\r\n", b""]))
def test_same_as_each_version_whole(edits: list[tuple[int, int, list[bytes]]], end: bytes) -> None:
    """However lines of all rules' examples come and go, each version has the findings of a scan of all of it."""
    last, lines = _Seen(b"", [], False), [b"line %d of a file" % number for number in range(20)]
    for at, gone, come in edits:
        lines[at : at + gone] = come
        data = (end or b"\n").join(lines) + end
        new = _scanned(SCANNER, data, last)
        assert new is not None
        assert new.found == _whole(data)
        last = new


def test_what_decides_is_within_reach() -> None:
    """No pattern looks further for a name than the bytes that are scanned round a change."""
    reaches = [p.near + width(p.stage1) for rule in RULES for p in rule.patterns if p.near]
    assert max(reaches, default=0) < module.AROUND


def test_only_what_changed_is_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line more in a long file costs the lines round it."""
    sizes: list[int] = []
    scan_capped = SCANNER.engine.scan_capped
    monkeypatch.setattr(
        SCANNER.engine, "scan_capped", lambda data, cap: (sizes.append(len(data)), scan_capped(data, cap))[1]
    )
    old = b"".join(b"line %d\n" % number for number in range(5_000))
    new = old.replace(b"line 2500\n", b"line 2500\nk = " + token(1).encode() + b"\n")
    found = _scanned(SCANNER, new, _Seen(old, [], False))
    assert found is not None
    assert len(found.found) == 1
    assert sizes[0] < 10 * module.AROUND


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def _ids(repo: Repository) -> dict[str, str]:
    lines = [line.split(maxsplit=3) for line in repo.git("ls-tree", "-r", "HEAD").splitlines()]
    return {path: blob for _, _, blob, path in lines}


def test_kinds_of_blobs(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain text is scanned, what is none is odd, what is too large or missing is not read, and each is told."""
    monkeypatch.setattr(module, "LARGEST", 5_000)
    repo.write("plain", f"{token(1)}\n{token(1)}\n")
    repo.write("clean", "nothing\n")
    repo.write("wide", f"{token(2)}\n".encode("utf-16"))
    repo.commit("large", f"{token(3)}\n" + "x" * 5_000)
    ids = _ids(repo)
    sizes = {name: (repo.path / name).stat().st_size for name in ids}
    told = seen(SCANNER, Git(str(repo.path)), [*ids.values(), "0" * 39 + "1"], set(), 1, nothing)
    assert list(told.values) == [ids["plain"]]
    assert len(told.values[ids["plain"]]) == 1
    assert told.odd == [ids["wide"]]
    assert told.unread == [ids["large"], "0" * 39 + "1"]
    assert (told.files, told.bytes) == (3, sizes["plain"] + sizes["clean"] + sizes["wide"])


def test_too_many_findings_are_not_read(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A blob with more findings than are looked at is left to the scan of diffs, which says so."""
    monkeypatch.setattr(module, "CAP", 2)
    repo.commit("many", "".join(f"{token(number)}\n" for number in range(5)))
    [blob] = _ids(repo).values()
    assert seen(SCANNER, Git(str(repo.path)), [blob], set(), 1, nothing) == Versions(unread=[blob])


def test_no_blobs() -> None:
    """Nothing asked, nothing read: git is not even started."""
    assert seen(SCANNER, Git("/nonexistent"), [], set(), 2, nothing) == Versions()


def test_several_processes(repo: Repository) -> None:
    """Each blob is read once, whoever reads it."""
    for number in range(20):
        repo.commit("a", "".join(f"{token(one)}\n" for one in range(number)) or "start\n")
    blobs = repo.git("log", "--format=", "--raw", "--no-abbrev").split()[3::6]
    git = Git(str(repo.path))
    one, many = seen(SCANNER, git, blobs, set(), 1, nothing), seen(SCANNER, git, blobs, set(), 3, nothing)
    assert len(one.values) == 19
    assert {blob: set(values) for blob, values in one.values.items()} == {
        blob: set(values) for blob, values in many.values.items()
    }
    assert (one.files, one.bytes) == (many.files, many.bytes) == (20, one.bytes)
