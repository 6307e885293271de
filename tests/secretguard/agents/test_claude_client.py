"""Running the client: what it is given, and what happens when it does not answer. A stand-in program is the client."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.agents import claude_client
from secretguard.agents.claude_client import environment, every, find, run, version, versions
from secretguard.errors import SecretguardError


def stand_in(folder: Path, script: str) -> Path:
    """A program called `claude`."""
    path = folder / "claude"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("said", "numbers"),
    [("2.1.330 (Claude Code)", (2, 1, 330)), ("", None), ("two", None), ("2.1", None), ("2.1.x", None)],
)
def test_the_version_that_it_says(tmp_path: Path, said: str, numbers: tuple[int, int, int] | None) -> None:
    """Three numbers, or unknown."""
    assert version(stand_in(tmp_path, f"echo '{said}'\n")) == numbers


def test_a_program_that_is_not_there_has_no_version(tmp_path: Path) -> None:
    """Missing is unknown, not an error."""
    assert version(tmp_path / "none") is None


def test_it_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PATH first, then where its installer puts it, else nowhere."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find() is None
    (tmp_path / "bin").mkdir()
    assert find() is None
    program = stand_in(tmp_path / "bin", "")
    assert find() == program


def test_nothing_of_the_callers_environment_gets_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sees a fixed environment, its own home, and no address but the one it is given."""
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "of-the-person")
    given = environment(tmp_path, "http://127.0.0.1:1", {"EXTRA": "1"})
    assert "ANTHROPIC_AUTH_TOKEN" not in given
    done = run(stand_in(tmp_path, 'env; pwd; echo "$@"\n'), "go", tmp_path, given)
    assert "of-the-person" not in done.stdout
    assert f"HOME={tmp_path}" in done.stdout
    assert "ANTHROPIC_BASE_URL=http://127.0.0.1:1" in done.stdout
    assert "-p go" in done.stdout


def test_a_client_that_hangs_is_ended(tmp_path: Path) -> None:
    """The deadline becomes an error with words."""
    with pytest.raises(SecretguardError, match="did not end"):
        run(stand_in(tmp_path, "exec sleep 30\n"), "go", tmp_path, environment(tmp_path, "", {}), timeout=0.2)


def test_every_client_is_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PATH first, then in the home folder, an editor's own among them; a link to a known one is not another."""
    monkeypatch.setattr(claude_client, "_SHARED", ())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{tmp_path}/empty")
    assert (every(), versions()) == ([], [])
    places = [
        tmp_path / "bin",
        tmp_path / ".vscode/extensions/anthropic.claude-code-2.1.200-linux/resources/native-binary",
    ]
    for place, said in zip(places, ("2.1.330", "2.1.200"), strict=True):
        place.mkdir(parents=True)
        stand_in(place, f"echo '{said} (Claude Code)'\n")
    (tmp_path / ".local/bin").mkdir(parents=True)
    (tmp_path / ".local/bin/claude").symlink_to(places[0] / "claude")
    assert every() == [place / "claude" for place in places]
    assert versions() == [(2, 1, 200), (2, 1, 330)]
