"""What of one setting is secret."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect.made_up import alnum
from secretguard.known.pieces import pieces

WORD = "xK9!mQ2" + "vB7"


def known(name: str, value: str) -> dict[str, str]:
    return {piece.decode(): variable for variable, piece, _ in pieces(name, value.encode())}


def test_of_a_connection_string_the_password() -> None:
    """Host, user and database are public; the password is known as it stands and without percent escapes."""
    assert known("DATABASE_URL", f"postgres://app:{WORD}@db.internal:5432/app") == {WORD: "DATABASE_URL_PASSWORD"}
    assert set(known("U", "amqp://a:p%40ss%2Fw0rd9@h")) == {"p%40ss%2Fw0rd9", "p@ss/w0rd9"}  # pragma: allowlist secret
    assert known("DATABASE_URL", "postgres://app@db.internal/app") == {}
    assert known("DATABASE_URL", "postgres://root:secret@localhost/app") == {}


def test_of_a_url_the_token_in_its_query() -> None:
    """A query's own names say what is secret in it."""
    token = alnum(24, "q")
    assert known("HOOK", f"https://h.example/x?page=2&token={token}")[token] == "token"


def test_of_several_lines_each_long_one() -> None:
    """A part of a key is found, too; its first and last line say nothing."""
    lines = [alnum(64, seed) for seed in "abc"]
    value = "-----BEGIN X-----\n" + "\n".join(lines) + "\n-----END X-----"
    assert set(known("PRIVATE_KEY", value)) == set(lines)


def test_of_json_each_field() -> None:
    """A service account's key is known, its addresses are not."""
    document = {"type": "service_account", "token_uri": "https://h/t", "inner": {"client_secret": WORD, "id": "abc"}}
    assert known("CREDENTIALS", json.dumps(document)) == {WORD: "client_secret"}


def test_of_a_list_each_piece() -> None:
    """Several keys in one setting are several secrets."""
    keys = [alnum(20, seed) for seed in "xy"]
    assert set(keys) < set(known("API_KEYS", ", ".join(keys)))


def test_without_what_stands_before_it() -> None:
    """Laravel's `base64:`, and the scheme of a header."""
    assert list(known("APP_KEY", f"base64:{alnum(43, 'l')}=")) == [f"{alnum(43, 'l')}="]
    assert WORD in known("AUTH_TOKEN", f"Bearer {WORD}")


@pytest.mark.parametrize("value", ["[" * 3000, '{"a":' * 500 + "1", "{", "[1, 2", "null", "\x00\x01"])
def test_what_only_looks_like_json(value: str) -> None:
    """Depth and broken JSON end in nothing, not in a fault."""
    assert known("A", value) == {}


@given(st.text(max_size=20), st.binary(max_size=200))
def test_any_value(name: str, value: bytes) -> None:
    """No input breaks it; what is known holds a letter or digit."""
    for _, piece, _ in pieces(name, value):
        assert any(char >= 128 or chr(char).isalnum() for char in piece)
