from __future__ import annotations

from pathlib import Path

from secretguard.commands.audit_options import journal_of, styled


def test_the_users_own_journal_unless_another_is_named(own_home: Path) -> None:
    """Every subcommand reads the same one."""
    assert journal_of(None) == str(own_home / "state" / "audit")
    assert journal_of("/elsewhere") == "/elsewhere"


def test_a_style_is_a_colour_bold_or_none() -> None:
    """Text without a colour is left as it is."""
    assert styled("text", "") == "text"
    assert styled("text", "bold").startswith("\x1b[1m")
    assert styled("text", "red") != styled("text", "green")
