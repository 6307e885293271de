"""`secretguard redact`: text in, text with placeholders out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from secretguard.commands.redact import redact
from secretguard.errors import ConfigError
from tests.secretguard.guard.events import TOKEN


def test_standard_input_and_a_file_give_the_same(tmp_path: Path) -> None:
    """Both are redacted alike; what is no secret is kept byte for byte."""
    data = b"\xff first\nTOKEN=" + TOKEN.encode() + b"\nlast"
    (tmp_path / "a").write_bytes(data)
    by_file = CliRunner().invoke(redact, [str(tmp_path / "a")], catch_exceptions=False).stdout_bytes
    by_input = CliRunner().invoke(redact, [], input=data, catch_exceptions=False).stdout_bytes
    assert by_file == by_input
    assert by_file.startswith(b"\xff first\nTOKEN=[[secret:github-token:")
    assert by_file.endswith(b"]]\nlast")


def test_the_project_chooses_the_placeholder(tmp_path: Path) -> None:
    """Two projects show two tags for one secret."""
    said = {
        CliRunner().invoke(redact, ["--project", str(folder)], input=TOKEN, catch_exceptions=False).output
        for folder in (tmp_path, tmp_path.parent)
    }
    assert len(said) == 2


def test_a_missing_file_is_a_usage_error() -> None:
    """Exit code 2 and the name of the file."""
    result = CliRunner().invoke(redact, ["no-such-file"])
    assert result.exit_code == 2
    assert "no-such-file" in result.output


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_and_not_copied(codec: str) -> None:
    """A text in which nothing would be found does not come out as if it were clean."""
    result = CliRunner().invoke(redact, [], input=f"TOKEN={TOKEN}\n".encode(codec))
    assert isinstance(result.exception, ConfigError)
    assert result.stdout_bytes == b""
