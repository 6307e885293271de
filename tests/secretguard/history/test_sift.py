"""From commits to hits: caps are said, and git that stops in the middle is gone on after."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from secretguard.detect.registry import RULES
from secretguard.history import sift as module
from secretguard.history.hit import Sifted
from secretguard.source.git import Git
from secretguard.source.git_history import Incomplete, Piece
from tests.secretguard.history.repository import SCANNER, Repository, nothing, token


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def test_cap_is_said(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """More hits of one rule than are looked at are counted."""
    monkeypatch.setattr(module, "CAP", 2)
    commit = repo.commit("a", "".join(f"{token(number)}\n" for number in range(5)))
    part = module.sifted(SCANNER, Git(str(repo.path)), [commit], 1, nothing)
    assert len(part.hits) == 2
    assert part.gaps == [(f"commit {commit}", "more than 2 hits of github-token: 3 not looked at", 0)]


def test_no_value_in_a_hit(repo: Repository) -> None:
    """What passes between processes and is kept on disk holds digests, not secrets."""
    commit = repo.commit("a", f"{token(1)}\n")
    assert token(1) not in repr(module.sifted(SCANNER, Git(str(repo.path)), [commit], 1, nothing))


def test_keys_at_the_start_of_a_line(repo: Repository) -> None:
    """The mark of an added line is no part of it: what a file has at the start of lines is found in its diff."""
    apart = "\n" + "# nothing\n" * 60  # no name is in reach of another's key
    examples = [(rule.id.partition("-")[0], secret) for rule in RULES for _, secret in rule.examples[:1]]
    text = apart.join(f"{name}\n{secret}" for name, secret in examples if "\n" not in secret)
    commit = repo.commit("a", text)
    whole = {(one.rule_id, one.fingerprint) for one in SCANNER.stream("a", io.BytesIO(text.encode()).read).findings}
    part = module.sifted(SCANNER, Git(str(repo.path)), [commit], 1, nothing)
    assert {(hit.rule, hit.value) for hit in part.hits if hit.rule} == whole


@pytest.mark.parametrize("stops", [["c1"], ["c0", "c3"], ["c4"], ["elsewhere"]])
def test_goes_on_after_a_commit_that_git_cannot_show(stops: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each stop is one gap; every other commit is counted, none twice."""
    seen: list[str] = []

    def diffs(_: Git, ids: Sequence[str]) -> Iterator[Piece]:
        for commit in ids:
            if commit in stops or (stops == ["elsewhere"] and len(seen) == 0):
                seen.append(commit)
                raise Incomplete("elsewhere" if stops == ["elsewhere"] else commit, "missing object")
            seen.append(commit)
        yield Piece(b"\n")

    monkeypatch.setattr(module, "diffs", diffs)
    ids = [f"c{number}" for number in range(5)]
    whole = Sifted()
    for part in module.sift(SCANNER, Git(), ids):
        whole.add(part)
    assert seen == ids
    assert whole.commits == 5
    assert len(whole.gaps) == len(stops)
    assert all("missing object" in reason for _, reason, _ in whole.gaps)


def test_gives_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository in which git stops all the time is a gap with a number, and not an endless loop."""

    def diffs(_: Git, ids: Sequence[str]) -> Iterator[Piece]:
        raise Incomplete(ids[0], "no")
        yield Piece(b"")

    monkeypatch.setattr(module, "diffs", diffs)
    parts = list(module.sift(SCANNER, Git(), [str(number) for number in range(module.RESTARTS + 7)]))
    assert parts[-1].gaps[0][1] == "git stopped too often: 7 commits not scanned"
