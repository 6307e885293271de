"""Logins from private files, and nothing from anywhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from broker.vault_identity import AppRole, FixedToken, TokenFile, private_text
from secretguard.errors import ConfigError
from secretguard.secret import Secret


def written(path: Path, text: str, mode: int = 0o600) -> str:
    """A file with `text` and `mode`; its path."""
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """The message names the file and the command that mends it, not the value."""
    path = written(tmp_path / "id", "the-value", mode)
    with pytest.raises(ConfigError) as caught:
        private_text(path)
    assert f"chmod 600 {path}" in str(caught.value)
    assert "the-value" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n", "two words", "two\nlines", "a\0b", "é", "a" * 5000, "x\r\nX-Token: y"])
def test_a_value_that_is_not_one_printable_word_is_refused(tmp_path: Path, text: str) -> None:
    """It goes into a header or a JSON body: no line break, no control character, no endless file."""
    with pytest.raises(ConfigError, match="one line of printable"):
        private_text(written(tmp_path / "id", text))


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe without a writer would hold the broker for ever; a folder and a missing file are named too."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for path in (pipe, tmp_path, tmp_path / "none"):
        with pytest.raises(ConfigError, match=path.name):
            private_text(str(path))


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns the file chooses which Vault identity the broker has."""
    path = tmp_path / "id"
    written(path, "value")
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:
        monkeypatch.setattr("os.geteuid", lambda: 12345)
    with pytest.raises(ConfigError, match="another user"):
        private_text(str(path))


def test_a_rotated_secret_id_is_used_at_the_next_login(tmp_path: Path) -> None:
    """The files are read at each login; a line break at their end does not count."""
    login = AppRole(written(tmp_path / "r", "role\n"), written(tmp_path / "s", "one\n"), "team/approle")
    assert login.login() == (("auth", "team", "approle", "login"), {"role_id": "role", "secret_id": "one"})
    written(tmp_path / "s", "two")
    assert login.login()[1]["secret_id"] == "two"


def test_a_token_is_taken_from_its_file_or_as_given(tmp_path: Path) -> None:
    """Neither logs in; a token file is read anew, as an agent replaces it."""
    held = TokenFile(written(tmp_path / "t", "one"))
    assert held.login() is None
    assert held.token().reveal() == "one"
    written(tmp_path / "t", "two")
    assert held.token().reveal() == "two"
    assert FixedToken(Secret("fixed")).token().reveal() == "fixed"
    assert "fixed" not in repr(FixedToken(Secret("fixed")))
