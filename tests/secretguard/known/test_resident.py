"""A process that stays finds values inside words and over line ends, and follows their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from secretguard.known import resident, standing
from secretguard.known.resident import Resident
from secretguard.known.standing import KnowingEngine
from secretguard.pack import open_engine
from tests.secretguard.known.projects import OTHER, PASSWORD, write


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one password."""
    write(tmp_path / ".env", f"DB_PASSWORD={PASSWORD}\n")
    return tmp_path.resolve()


@pytest.fixture
def active() -> Iterator[None]:
    """This process stays, for one test."""
    resident.activate()
    yield
    standing.in_memory = None


def test_inside_a_word_and_over_lines(project: Path) -> None:
    """What a hook cannot see."""
    here = Resident(str(project))
    assert here.scan(f"x{PASSWORD}y".encode())
    assert here.scan(f"{PASSWORD[:7]}\n{PASSWORD[7:]}".encode())
    assert not here.scan(b"nothing of it")


def test_it_follows_the_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that came since is known, one that left its file is the index's to remember."""
    monkeypatch.setattr(standing, "FRESH", 0.0)
    here = Resident(str(project))
    assert not here.scan(f"x{OTHER}y".encode())
    write(project / ".env", f"DB_PASSWORD={OTHER}\n")
    assert here.scan(f"x{OTHER}y".encode())


@pytest.mark.usefixtures("active")
def test_every_engine_of_the_process_knows(project: Path) -> None:
    """`activate` is all that such a process has to call."""
    (one,) = KnowingEngine(open_engine(), str(project)).scan(f"x{PASSWORD}y".encode())
    assert (one.rule_id, one.start, one.end) == ("known-value", 1, 1 + len(PASSWORD))


@pytest.mark.usefixtures("active")
def test_few_projects_at_once(tmp_path: Path) -> None:
    """The memory of a process that serves many projects is bounded."""
    engine = open_engine()
    for number in range(resident.MOST + 3):
        KnowingEngine(engine, str(tmp_path / str(number))).scan(b"x")
    assert len(resident._projects) == resident.MOST
