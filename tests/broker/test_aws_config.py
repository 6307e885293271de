"""The `[aws]` table and the broker's own keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from broker.aws_config import AwsTable, read_keys
from secretguard.errors import ConfigError
from tests.servers.aws import KEY, KEY_ID, credentials_file

GOOD = {"region": "eu-central-1", "credentials_file": "/etc/keys"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"region": "eu-central-1.evil.example"},
        {"region": "https://evil"},
        {"credentials_file": "relative"},
        {"endpoint": "http://sts.example.org"},
        {"endpoint": "https://user@sts.example.org"},
        {"endpoint": "https://sts.example.org/path"},
        {"endpoint": "https://sts.example.org?x"},
        {"profile": "two words"},
        {"credentials_file": ""},
        {"web_identity_token_file": "/run/token", "web_identity_role": "arn:aws:iam::123456789012:role/r"},
        {"credentials_file": "", "web_identity_token_file": "/run/token"},
        {"credentials_file": "", "web_identity_role": "arn:aws:iam::123456789012:role/r"},
        {"seconds": 0},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_wrong_table_is_refused(wrong: dict[str, object]) -> None:
    """Each field has one form, and http is for loopback alone."""
    AwsTable.model_validate(GOOD | {"endpoint": "http://127.0.0.1:5000"})
    with pytest.raises(ValidationError):
        AwsTable.model_validate(GOOD | wrong)


def test_the_keys_of_the_profile_are_read(tmp_path: Path) -> None:
    """As the AWS tools write them; with a session token where they are temporary."""
    path = credentials_file(
        tmp_path, extra="[other]\naws_access_key_id=x\n[role]\n# comment\naws_access_key_id=" + KEY_ID
    )
    path.write_text(path.read_text() + f"\naws_secret_access_key = {KEY}\naws_session_token = made-up%token\n")
    keys = read_keys(AwsTable(region="eu-central-1", credentials_file=str(path), profile="role"))
    assert (keys.key_id, keys.secret.reveal(), keys.session_token.reveal()) == (KEY_ID, KEY, "made-up%token")
    again = read_keys(AwsTable(region="eu-central-1", credentials_file=str(path)))
    assert not again.session_token.reveal()
    assert again.same(again)
    assert not again.same(keys)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no section"),
        ("[other]\n", "no section"),
        ("[default]\n", "needs aws_access_key_id"),
        (f"[default]\naws_access_key_id={KEY_ID}\n", "needs aws_access_key_id"),
        (f"[default]\naws_access_key_id={KEY_ID}\naws_secret_access_key=two words\n", "needs aws_access_key_id"),
        (f"[default]\naws_access_key_id=lower\naws_secret_access_key={KEY}\n", "needs aws_access_key_id"),
        (f"{KEY}\n", "not in the form"),
        (f"[default]\n{KEY}\n", "not in the form"),
        (f"[default]\naws_access_key_id={KEY_ID}\naws_access_key_id={KEY_ID}\n", "not in the form"),
        ("[default]\n\xff", "not in the form"),
    ],
    ids=range(10),
)
def test_a_damaged_file_is_named_and_not_quoted(tmp_path: Path, text: str, words: str) -> None:
    """The parser's own message would quote the line, and with it the key."""
    path = tmp_path / "aws-credentials"
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=words) as refused:
        read_keys(AwsTable(region="eu-central-1", credentials_file=str(path)))
    assert str(path) in str(refused.value)
    assert KEY not in str(refused.value)
    assert refused.value.__cause__ is None
