"""Whole processes side by side: what is measured, and what is refused as no measurement."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import peers
from bench.needs import Needs
from bench.peers import Run, Versus, command, in_turn, run


def test_a_run_counts_children_too() -> None:
    """Processor time and peak memory are those of a process with the children it waited for."""
    burn = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'x = bytearray(90 << 20); sum(range(10**6))'])"
    )
    found = run([sys.executable, "-c", burn])
    assert found.peak >= 90
    assert found.cpu > 0
    assert found.wall > 0


def test_the_peak_is_not_that_of_the_benchmark() -> None:
    """What the measuring process holds is not counted as the memory of what it measures."""
    held = bytearray(200 << 20)
    held[::4096] = b"x" * len(held[::4096])
    assert run([sys.executable, "-I", "-S", "-c", ""]).peak < 100


def test_a_command_that_is_not_there_is_no_measurement() -> None:
    """A program that cannot be started is named."""
    with pytest.raises(Needs, match="no-such-program to start"):
        run(["no-such-program"])


def test_a_failed_run_is_no_measurement(tmp_path: Path) -> None:
    """A command that ends badly is named with what it said, never counted as fast."""
    with pytest.raises(Needs, match="ended with 3: no such rule"):
        run([sys.executable, "-c", "import sys; sys.stderr.write('no such rule'); sys.exit(3)"], tmp_path)


def test_the_two_take_turns() -> None:
    """After one of each to warm up, each round is ours and then the peer's."""
    order: list[str] = []

    def one(name: str, wall: float) -> Run:
        order.append(name)
        return Run(wall, 0.0, 0.0)

    pair = in_turn(lambda: one("ours", 2.0), lambda: one("peer", 5.0), 3)
    assert order == ["ours", "peer"] * 4
    assert (pair.ratio, pair.median) == (2.5, 2.5)


def test_the_ratio_is_of_the_fastest_and_of_equal_work() -> None:
    """The fastest run of each counts; `scale` makes a share of the work comparable; the median is of the rounds."""
    pair = Versus([2.0, 1.0, 4.0], [3.0, 6.0, 4.0], scale=10)
    assert pair.ratio == 30
    assert pair.median == 15


def test_a_missing_peer_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the program there is no command, and how to get it is said."""
    monkeypatch.setattr(peers, "program", lambda name: None)
    with pytest.raises(Needs, match="ripsecrets: make parts-bench"):
        command("ripsecrets", "tree", tmp_path, tmp_path / "report")


@pytest.mark.parametrize("name", sorted(peers.ARGUMENTS))
def test_a_peer_is_run_as_it_comes_without_the_network(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every peer has a version that is named, a command on the target, and validates nothing where it could."""
    monkeypatch.setattr(peers, "program", lambda _: "/bin/peer")
    words = command(name, "tree", tmp_path / "target", tmp_path / "report")
    assert peers.version(name).startswith(f"{name} ")
    assert str(tmp_path / "target") in words or words[-1] == "."
    assert name not in ("kingfisher", "detect-secrets") or {"--no-validate", "--no-verify"} & set(words)
