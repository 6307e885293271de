"""Taking the guard out: of a settings file as text, and of all of them by the copy that needs no package."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from secretguard.agents import claude_removal
from secretguard.agents.claude_install import install, plan_install
from secretguard.agents.claude_removal import given_back, main, ours, without_us
from secretguard.guard import settings as in_the_hook
from secretguard.keyed import sha256_hex

OURS = {"type": "command", "command": "/x/secretguard-claude-code", "args": ["claude-code"]}
OTHER = {"type": "command", "command": "lint"}


def test_the_launcher_has_one_name() -> None:
    """The copy cannot import the hook's own constant; it must not drift from it."""
    assert claude_removal.LAUNCHER == in_the_hook.LAUNCHER


@pytest.mark.parametrize(
    ("item", "is_ours"),
    [
        (OURS, True),
        ({"command": "'/a b/secretguard-claude-code' claude-code observe"}, True),
        ({"command": "/a b/secretguard-claude-code", "args": []}, True),
        ({"command": "echo secretguard-claude-code"}, False),
        ({"command": "'open"}, False),
        ({"command": ""}, False),
        ({"url": "http://127.0.0.1"}, False),
        ("text", False),
    ],
)
def test_an_entry_is_ours_by_its_program(item: object, is_ours: bool) -> None:
    """In both forms, and never by a word elsewhere."""
    assert ours(item) == is_ours


def test_others_in_one_group_stay() -> None:
    """A person moved our hook into a group of theirs: theirs stays, as it was written."""
    text = '{"hooks": {"Stop": [{"hooks": [' + json.dumps(OTHER) + ",  " + json.dumps(OURS) + ']}]}, "n": 1e2}'
    assert without_us(text, []) == '{"hooks": {"Stop": [{"hooks": [' + json.dumps(OTHER) + ']}]}, "n": 1e2}'


def test_what_was_added_goes_if_it_is_still_ours() -> None:
    """A value that a person changed since stays, and so does everything beside it."""
    settings = {
        "env": {"A": "ours", "B": "changed"},
        "permissions": {"deny": ["x", "ours"]},
        "list": {"only": ["ours"]},
        "hooks": {"Stop": [{"hooks": [OURS]}]},
    }
    added: list[tuple[list[str | None], object]] = [
        (["env", "A"], "ours"), (["env", "B"], "ours"), (["permissions", "deny", None], "ours"),
        (["list", "only", None], "ours"), (["gone", "by", "now"], 1),
    ]  # fmt: skip
    assert json.loads(without_us(json.dumps(settings, indent=1), added)) == {
        "env": {"B": "changed"},
        "permissions": {"deny": ["x"]},
    }


def test_an_untouched_file_is_given_back_whole() -> None:
    """By the digest of what was written; anything else loses our entries alone."""
    record = {"after_sha256": sha256_hex(b'{"a": 1}')}
    assert given_back(b'{"a": 1}', record, b"before") == (b"before", True)
    assert given_back(b'{"a": 1}', record, None) == (None, True)
    assert given_back(b'\xef\xbb\xbf{"a": 2}', record, b"before") == (b'\xef\xbb\xbf{"a": 2}', False)


def test_all_installations_are_removed_and_a_broken_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings that cannot be read are left as they are, with their record; the others are done."""
    monkeypatch.delenv("CLAUDECODE", raising=False)
    monkeypatch.delenv("AI_AGENT", raising=False)
    projects = [tmp_path / name for name in ("whole", "broken", "deleted")]
    for project in projects:
        install(plan_install("project", project), "project")
    (projects[1] / ".claude" / "settings.json").write_text("{")
    (projects[2] / ".claude" / "settings.json").unlink()
    records = own_home / "state" / "clients"
    assert main(str(records)) == 1
    said = capsys.readouterr()
    assert "is what it was before" in said.out
    assert "is gone by itself" in said.out
    assert ".json: " in said.err
    assert not (projects[0] / ".claude" / "settings.json").exists()
    assert (projects[1] / ".claude" / "settings.json").read_text() == "{"
    assert len(list(records.glob("*.json"))) == 1


def test_an_agent_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its client starts says so in the environment."""
    monkeypatch.setenv("AI_AGENT", "claude-code_2-1-330_harness")
    assert main(str(tmp_path)) == 2


def test_the_copies_run_alone(tmp_path: Path) -> None:
    """The two files import nothing of this package, and nothing that a Python of years ago lacks."""
    for name in ("claude_removal.py", "json_text.py"):
        (tmp_path / name).write_bytes(Path(claude_removal.__file__).with_name(name).read_bytes())
    done = subprocess.run(
        ["/usr/bin/python3", "-S", str(tmp_path / "claude_removal.py"), str(tmp_path / "none")],
        env={}, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
