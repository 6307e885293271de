"""A baseline through any life: created, updated, accepted into, merged by git and by us. Against a model of what a
person accepted: nothing that is still there is lost, nothing is accepted that nobody accepted."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.acceptance import Acceptance
from secretguard.accepted import Baseline, digests, judged, merged
from secretguard.baseline_entries import accepted, real
from secretguard.baseline_file import parse, written
from secretguard.baseline_key import keyed_digest
from secretguard.baseline_merge import merge
from secretguard.report.located import Located
from secretguard.secret import Secret

KEY = b"k" * 32
TODAY = "2026-12-01"
FILES = ["a.py", "b/c.py", "ü.py"]
VALUES = ["one", "two", "three"]
Found = frozenset[tuple[str, str]]
every = st.frozensets(st.tuples(st.sampled_from(FILES), st.sampled_from(VALUES)))


def located(place: tuple[str, str]) -> Located:
    from hashlib import sha1

    path, value = place
    digest = sha1(value.encode(), usedforsecurity=False).hexdigest()
    keyed = (keyed_digest(KEY, value.encode()),)
    return Located(
        "rule", "Rule", "high", "high", path, 1, 1, 1, 2, 0, 1, "…", "f" * 16, Secret(value), (digest,), keyed=keyed
    )


@dataclass(frozen=True)
class Version:
    """A baseline's text; what somebody accepted in it, at most; what it must accept, at least."""

    text: str
    may: Found
    must: Found

    @property
    def baseline(self) -> Baseline:
        return judged(Baseline("b", parse("b", self.text), key=KEY), TODAY)


@dataclass(frozen=True)
class Step:
    """One thing that is done, to which versions (numbers among those there are), with what."""

    what: str
    versions: tuple[int, int, int]
    found: Found
    place: tuple[str, str]
    flag: bool


steps = st.builds(
    Step,
    st.sampled_from(["create", "update", "accept", "refuse", "take_both", "git_union", "git_union", "tidy"]),
    st.tuples(*[st.integers(0, 20)] * 3),
    every,
    st.tuples(st.sampled_from(FILES), st.sampled_from(VALUES)),
    st.booleans(),
)


def create(step: Step, *_: Version) -> Version:
    """Everything that is found is accepted."""
    document = merged(None, map(located, sorted(step.found)), {}, keyed=step.flag)
    return Version(written(document), step.found, step.found)


def update(step: Step, one: Version, *_: Version) -> Version:
    """What is found is accepted, except what a person called real or what has expired; the rest goes."""
    refused = step.found & refusals(one.text)
    document = merged(one.baseline, map(located, sorted(step.found)), {}, keyed=step.flag or one.baseline.keyed)
    return Version(written(document), step.found - refused, step.found - refused)


def accept(step: Step, one: Version, *_: Version) -> Version:
    """One more, whatever was said of it before."""
    document = accepted(one.baseline, located(step.place), Acceptance("a", "w"))
    return Version(written(document), one.may | {step.place}, one.must | {step.place})


def refuse(step: Step, one: Version, *_: Version) -> Version:
    """Called real, or accepted until a day that is over."""
    said = Acceptance("a", "w", "2020-01-01" if step.flag else "")
    document = (accepted if step.flag else real)(one.baseline, located(step.place), said)
    return Version(written(document), one.may - {step.place}, one.must - {step.place})


def take_both(_: Step, ours: Version, theirs: Version, __: Version) -> Version:
    """Without a common version all of both is there, and a refusal of either side counts."""
    both, _contested = merge("b", None, parse("b", ours.text), parse("b", theirs.text))
    refused = refusals(ours.text) | refusals(theirs.text)
    return Version(written(both), (ours.may | theirs.may) - refused, (ours.must | theirs.must) - refused)


def git_union(_: Step, base: Version, ours: Version, theirs: Version) -> Version:
    """git's own union of lines: what both sides accept stays; what it keeps beside that, somebody accepted."""
    text = union(ours.text, base.text, theirs.text)
    refused = refusals(text)
    assert refusals(ours.text) & refusals(theirs.text) <= refused
    added = ours.must - base.may | theirs.must - base.may
    return Version(text, (ours.may | theirs.may | base.may) - refused, (ours.must & theirs.must | added) - refused)


def tidy(_: Step, one: Version, *__: Version) -> Version:
    """Written anew, it means the same."""
    document = parse("b", one.text)
    return Version(written(merge("b", None, document, document)[0]), one.may, one.must)


DO = {one.__name__: one for one in (create, update, accept, refuse, take_both, git_union, tidy)}


@settings(max_examples=150, deadline=None)
@given(every, st.lists(steps, min_size=1, max_size=12))
def test_any_life(first: Found, done: list[Step]) -> None:
    """After every step the newest version accepts at least what it must, and at most what somebody accepted."""
    versions = [create(Step("create", (0, 0, 0), first, ("", ""), flag=False))]
    for step in done:
        chosen = [versions[-1 - number % len(versions)] for number in step.versions]
        versions.append(DO[step.what](step, *chosen))
        baseline = versions[-1].baseline
        now = {(path, value) for path in FILES for value in VALUES if accepts(baseline, (path, value))}
        assert versions[-1].must <= now <= versions[-1].may, step


def known(place: tuple[str, str]) -> tuple[str, ...]:
    return digests(located(place))


def accepts(baseline: Baseline, place: tuple[str, str]) -> bool:
    return baseline.accepts(place[0], known(place))


def refusals(text: str) -> Found:
    baseline = judged(Baseline("b", parse("b", text), key=KEY), TODAY)
    refused = baseline.real | baseline.expired
    places = [(path, value) for path in FILES for value in VALUES]
    return frozenset(place for place in places if any((place[0], digest) in refused for digest in known(place)))


def union(*texts: str) -> str:
    with TemporaryDirectory() as folder:
        for name, text in zip(("ours", "base", "theirs"), texts, strict=True):
            (Path(folder) / name).write_text(text)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        command = ["git", "merge-file", "--union", "-p", "ours", "base", "theirs"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True, env=clean)
    return done.stdout
