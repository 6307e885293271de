"""Settings in YAML, TOML, INI, properties, tfvars and npmrc, line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.known.lines import settings


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("password: x9", "password", "x9"),
        ("  - password: x9  # said", "password", "x9"),
        ('"password": "x9",', "password", "x9"),
        ("password = 'x#9'", "password", "x#9"),
        ('db_password = "x\\"9"', "db_password", 'x"9'),
        ("spring.datasource.password=x9", "spring.datasource.password", "x9"),
        ("//registry.example.com/:_authToken=x9", "_authToken", "x9"),
        ("url: postgres://a:b@h/d", "url", "postgres://a:b@h/d"),
        ("a => x9", "a", "x9"),
    ],
)
def test_a_line(line: str, name: str, value: str) -> None:
    """Name and value of one line, quotes, commas and comments off."""
    assert [(n, v.decode(), at) for n, v, at in settings(line.encode())] == [(name, value, 1)]


def test_comments_and_sections_are_none() -> None:
    """Nothing is read out of a comment or a section's head."""
    assert list(settings(b"# a: b\n; a=b\n// a: b\n[a=b]\n---\n")) == []


def test_a_block_of_yaml() -> None:
    """What is further in than `name: |` is its value."""
    found = {name: value for name, value, _ in settings(b"a:\n  key: |\n    one\n    two\n  b: c\n")}
    assert found == {"key": b"one\ntwo", "b": b"c"}


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """No input breaks it."""
    assert all(name for name, _, _ in settings(data))
