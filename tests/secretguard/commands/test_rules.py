"""`secretguard rules`: what is looked for, proved and built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from secretguard.commands.rules import prove
from secretguard.detect.registry import RULES
from tests.secretguard.commands.test_scan import run
from tests.secretguard.detect import engines


def test_list_names_every_rule(tmp_path: Path) -> None:
    """One line a rule."""
    text = run("rules", "list", cwd=tmp_path).stdout.decode()
    assert [line.split()[0] for line in text.splitlines()] == [rule.id for rule in RULES]


def test_show_says_how_to_revoke(tmp_path: Path) -> None:
    """A rule's page has its reference and the way out of a leak; an unknown rule is an error."""
    text = run("rules", "show", "vault-token", cwd=tmp_path).stdout.decode()
    assert "vault token revoke" in text
    assert "https://developer.hashicorp.com" in text
    assert run("rules", "show", "nothing", cwd=tmp_path).returncode == 2


def test_rules_prove_themselves(tmp_path: Path) -> None:
    """The shipped rules pass their own examples."""
    done = run("rules", "test", cwd=tmp_path)
    assert done.returncode == 0
    assert b" 0 failures" in done.stdout


def test_wrong_example_is_named() -> None:
    """An example that is not found, and a near miss that is, are failures; the text itself is not printed."""
    rule = RULES[0]
    text, secret = rule.examples[0]
    wrong = replace(rule, examples=((text, secret[1:]), ("nothing", "x")), near_misses=(text,))
    assert prove(wrong, engines.hyperscan()) == [
        f"{rule.id}: example 1 is not found exactly, but by {rule.id}",
        f"{rule.id}: example 2 is not found exactly, but by nothing",
        f"{rule.id}: near miss 1 is found",
    ]


def test_build_writes_the_pack(tmp_path: Path, own_home: Path) -> None:
    """The pack is where the hook looks for it."""
    done = run("rules", "build", cwd=tmp_path)
    assert done.returncode == 0
    [pack] = (own_home / "cache" / "pack").glob("*.pack")
    assert str(pack) in done.stdout.decode()
    before = pack.stat().st_mtime_ns
    run("rules", "build", "--force", cwd=tmp_path)
    assert pack.stat().st_mtime_ns > before
