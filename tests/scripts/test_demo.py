"""The demo itself: every step does what it says, and one that does not fails the whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import demo, sample_project
from scripts.stage import Failed, Stage, check

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_every_step_succeeds_and_prints_no_secret() -> None:
    """`make demo` ends with status 0 without a terminal, and prints no colour there."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.demo"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=170
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert f"All {len(demo.GUARD) + len(demo.BROKER)} steps" in done.stdout
    assert "\x1b[" not in done.stdout


def test_a_failing_step_fails_the_demo(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The status is 1 and the reason is printed when a step does not do what it should."""

    def broken(_: Stage) -> None:
        check(False, "the sun is cold")

    monkeypatch.setattr(demo, "GUARD", (("A step", broken),))
    assert demo.main() == 1
    assert "FAILED: not so: the sun is cold" in capsys.readouterr().out


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A stage with one planted value and nothing else."""
    return Stage(tmp_path, {"token": "made-up-value"}, {"PATH": "/usr/bin:/bin"})


def test_another_exit_status_is_a_failure(stage: Stage) -> None:
    """A command that ends otherwise than expected fails its step."""
    stage.run("true", quiet=True)
    with pytest.raises(Failed, match="exit status 1, expected 0"):
        stage.run("false", quiet=True)


def test_a_planted_value_in_the_output_is_a_failure(stage: Stage) -> None:
    """A command that prints what was planted fails its step, whatever its status."""
    with pytest.raises(Failed, match="the output holds the planted token"):
        stage.run("echo", "made-up-value", quiet=True)


def test_output_is_trimmed(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the first lines are shown, and how many more there were."""
    stage.run("seq", "20", lines=3)
    assert capsys.readouterr().out.splitlines() == ["$ seq 20", "  1", "  2", "  3", "  ... 17 more lines"]


def test_every_recorded_event_has_its_check() -> None:
    """No recorded event goes through the demo unchecked."""
    names = {path.stem for path in (sample_project.EXAMPLES / "events").glob("*.json")}
    assert set(demo.demo_guard.CHECKS) == names
