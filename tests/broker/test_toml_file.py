"""Strict TOML: unknown keys, wrong types and broken files are named by file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from broker.toml_file import MAX_BYTES, StrictModel, line_of, parse, read
from secretguard.errors import ConfigError


class Inner(StrictModel):
    """A table."""

    ttl: int


class Outer(StrictModel):
    """A file."""

    name: str
    grants: dict[str, Inner] = Field(default_factory=dict)
    people: list[Inner] = Field(default_factory=list)


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ('name = "x"\nnope = 1\n', 2, "nope"),
        ("name = 5\n", 1, "name"),
        ("\n\n", 1, "name"),
        ('name = "x"\n\n[grants.db]\n# a comment\nttl = "60"\n', 5, "grants.db.ttl"),
        ('name = "x"\n[grants.db]\nttl = 60\n[grants.ssh]\nttl = 60\nuse = 1\n', 6, "grants.ssh.use"),
        ('name = "x"\n[grants.db]\n', 2, "grants.db.ttl"),
        ('name = "x"\n[[people]]\nttl = 1\n[[people]]\nttl = true\n', 5, "people.1.ttl"),
        ('name = "x"\n[grants]\ndb = { ttl = 1.5 }\n', 3, "grants.db.ttl"),
        ('name = """\n[grants.db]\nttl = 1\n"""\n[grants.db]\nttl = ""\n', 6, "grants.db.ttl"),
        ("name = '''\nnope = 1 \"\"\"\n'''\nnope = 1\n", 4, "nope"),
        ('name = "x"\nname = "y"\n', 2, "not TOML"),
        ('name = "x"\n[grants\n', 2, "not TOML"),
        ('name = "x"\nbad = \n', 2, "not TOML"),
    ],
)
def test_faults_are_named_with_line_and_field(text: str, line: int, field: str) -> None:
    """The message begins with file and line, then the field."""
    with pytest.raises(ConfigError) as refused:
        parse("x.toml", text.encode(), Outer)
    assert str(refused.value).startswith(f"x.toml:{line}: {field}")


def test_a_value_is_not_repeated_in_the_message() -> None:
    """It may be a password in a database URL."""
    with pytest.raises(ConfigError) as refused:
        parse("x.toml", b'name = ["canary-value"]\n', Outer)
    assert "canary" not in str(refused.value)


def test_bytes_that_are_no_text_are_named_by_line() -> None:
    """Not UTF-8."""
    with pytest.raises(ConfigError, match=r"x\.toml:2: not UTF-8"):
        parse("x.toml", b'name = "x"\n\xff\n', Outer)


def test_an_oversized_or_missing_file_is_refused(tmp_path: Path) -> None:
    """A cap on what is read; a missing file is named."""
    big = tmp_path / "big.toml"
    big.write_bytes(b"#" * (MAX_BYTES + 1))
    for path in (big, tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match=str(path)):
            read(path, Outer)


def test_deep_nesting_is_refused() -> None:
    """Neither a crash nor a hang."""
    with pytest.raises(ConfigError):
        parse("x.toml", b"name = " + b"[" * 100_000, Outer)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_value_or_a_configuration_error(raw: bytes) -> None:
    """Nothing else escapes."""
    try:
        parse("x.toml", raw, Outer)
    except ConfigError as error:
        if not error.message.startswith("x.toml:"):
            raise


@given(st.text(max_size=300), st.lists(st.text(max_size=5) | st.integers(0, 3), max_size=4))
def test_a_line_is_always_found(text: str, location: list[str | int]) -> None:
    """From 1, within the file, for any text and field."""
    assert 1 <= line_of(text, tuple(location)) <= max(1, len(text.splitlines()))
