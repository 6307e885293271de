"""A session without a terminal: what is to be decided, and what a decision writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from secretguard.acceptance import Acceptance
from secretguard.accepted import Baseline, load, save
from secretguard.baseline_entries import accepted, real
from secretguard.baseline_head import fresh
from secretguard.detect import made_up
from secretguard.pipeline import Scanner
from secretguard.triage.session import ACCEPTED, ENTERED, EXPIRED, OPEN, REAL, Session, items
from tests.secretguard.detect import engines

ONE, TWO = made_up.github("ghp_"), made_up.github("ghp_", "b")
SAID = Acceptance("ann", "made up")


class Typist:
    """Stands in for the terminal: presses `keys`, one by one, and keeps what was drawn last."""

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)
        self.size = (100, 30)
        self.shown: list[str] = []

    def key(self) -> str:
        return self.keys.pop(0) if self.keys else "q"

    def draw(self, lines: list[str]) -> None:
        self.shown = lines


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text(f"x = '{ONE}'\ny = '{TWO}'\nz = '{ONE}'\n")
    save("base", fresh())


def scanner() -> Scanner:
    return Scanner(engines.hyperscan(), b"k", load("base"))


def waiting(everything: bool = False) -> list[tuple[int, str, int]]:
    return [
        (item.finding.line, item.label, item.places)
        for item in items(load("base"), scanner().file("a.py").findings, everything)
    ]


def test_what_is_to_be_decided() -> None:
    """A value once, however often it is there; not what is decided, unless all is wanted; what expired, again."""
    first, second, _ = scanner().file("a.py").findings
    assert waiting() == [(1, OPEN, 2), (2, OPEN, 1)]
    save("base", accepted(load("base"), first, SAID))
    assert waiting() == [(2, OPEN, 1)]
    save("base", real(load("base"), second, None))
    assert waiting() == []
    assert waiting(everything=True) == [(1, ACCEPTED, 2), (2, REAL, 1)]
    save("base", accepted(load("base"), first, Acceptance("ann", "x", "2020-01-01")))
    assert waiting() == [(1, EXPIRED, 2)]


def test_entry_that_nobody_looked_at() -> None:
    """What `baseline create` wrote is to be looked at."""
    from secretguard.accepted import merged

    save("base", merged(None, scanner().file("a.py").findings, {}))
    assert waiting() == [(1, ENTERED, 2), (2, ENTERED, 1)]


def test_pragma() -> None:
    """What a pragma accepts is not asked about."""
    Path("a.py").write_text(f"x = '{ONE}'  # pragma: allowlist secret\n")
    assert waiting() == []


def session(*keys: str, before: Any = None) -> tuple[Session, Typist]:
    typist = Typist(*keys)
    found = items(load("base"), scanner().file("a.py").findings, everything=True)

    def reload() -> Baseline:
        if before:
            before()
        return load("base")

    one = Session(reload, scanner(), found, "ann", typist, False)  # type: ignore[arg-type]
    return one, typist


def test_decisions() -> None:
    """Accepted with a reason, then real; what was typed is in the file with who decided."""
    one, _ = session("a", *"why", "enter", "enter", "r")
    one.run()
    assert one.counts == (1, 1)
    entries = {entry["hashed_secret"]: entry for entry in load("base").document["results"]["a.py"]}
    said = {(entry["is_secret"], entry["by"], entry.get("why")) for entry in entries.values()}
    assert said == {(False, "ann", "why"), (True, "ann", None)}


def test_file_that_another_program_changed() -> None:
    """A decision goes into the file as it is now: nothing that came in between is lost."""

    def other() -> None:
        document = load("base").document
        document["results"]["z.py"] = [{"type": "T", "filename": "z.py", "hashed_secret": "1" * 40}]
        save("base", document)

    session("r", before=other)[0].run()
    assert sorted(load("base").document["results"]) == ["a.py", "z.py"]


def test_gone() -> None:
    """What is no longer in the file can be passed, and not decided."""
    one, typist = session("a", "r")
    Path("a.py").write_text("x = 1\n")
    one.run()
    assert one.at == 0
    assert "it is gone" in typist.shown[-1]
    assert load("base").document["results"] == {}


def test_unknown_key_and_long_reason() -> None:
    """Keys without a meaning say so; a reason has an end."""
    one, typist = session("x")
    one.run()
    assert "one of the keys above" in typist.shown[-1]
    one, typist = session("a", *("y" * 600), "enter", "enter")
    one.run()
    assert {len(entry["why"]) for entry in load("base").document["results"]["a.py"]} == {500}
