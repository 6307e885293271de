"""`secretguard rules`: what is looked for, what to do about it, and the compiled pack."""

from __future__ import annotations

import os

import click

from secretguard import pack, pack_build
from secretguard.detect.engine import Engine
from secretguard.detect.registry import BY_ID, RULES
from secretguard.detect.rule import Rule
from secretguard.errors import FINDINGS, ConfigError


@click.group()
def rules() -> None:
    """The detection rules and the pack that they are compiled into."""


@rules.command(name="list")
def list_rules() -> None:
    """One line a rule: id, severity, confidence, description."""
    width = max(len(rule.id) for rule in RULES)
    for rule in RULES:
        click.echo(f"{rule.id:<{width}}  {rule.severity:<6}  {rule.confidence:<6}  {rule.description}")


@rules.command()
@click.argument("rule_id")
def show(rule_id: str) -> None:
    """What RULE_ID looks for, where its shape is described, and how to revoke what it finds."""
    rule = BY_ID.get(rule_id)
    if rule is None:
        raise ConfigError(f"no rule is called {rule_id!r}", "`secretguard rules list` shows them all")
    click.echo(f"{rule.id}: {rule.description}")
    click.echo(f"  severity {rule.severity}, confidence {rule.confidence}, judge {rule.judge}")
    click.echo(f"  described at  {rule.url}")
    click.echo(f"  if it leaked  {rule.revoke}")
    for pattern in rule.patterns:
        click.echo(f"  pattern       {pattern.confirm}")


@rules.command()
@click.pass_context
def test(ctx: click.Context) -> None:
    """Check every rule's form, and run its examples and near misses through the real engine."""
    failures = pack_build.check()
    engine = pack.open_engine()
    for rule in RULES:
        failures += prove(rule, engine)
    for failure in failures:
        click.echo(failure)
    examples = sum(len(rule.examples) for rule in RULES)
    misses = sum(len(rule.near_misses) for rule in RULES)
    click.echo(f"{len(RULES)} rules, {examples} examples, {misses} near misses: {len(failures)} failures")
    ctx.exit(FINDINGS if failures else 0)


def prove(rule: Rule, engine: Engine) -> list[str]:
    """What is wrong with the examples of one rule, in words."""
    failures = []
    for number, (text, secret) in enumerate(rule.examples, 1):
        found = [(finding.rule_id, finding.value) for finding in engine.scan(text.encode())]
        if found != [(rule.id, secret.encode())]:
            names = ", ".join(name for name, _ in found) or "nothing"
            failures.append(f"{rule.id}: example {number} is not found exactly, but by {names}")
    for number, text in enumerate(rule.near_misses, 1):
        if any(finding.rule_id == rule.id for finding in engine.scan(text.encode())):
            failures.append(f"{rule.id}: near miss {number} is found")
    return failures


@rules.command()
@click.option("--force", is_flag=True, help="Build even if the pack is good.")
def build(force: bool) -> None:
    """Compile all rules into the pack that scans and hooks load."""
    problems = pack_build.check()
    if problems:
        raise ConfigError("rules that may not go into the pack:\n  " + "\n  ".join(problems))
    native = pack.native_module()
    if native is None:
        click.echo("hyperscan is not installed: rules are compiled by google-re2 in each process, there is no pack")
        return
    key = pack.pack_key(native)
    path = pack.pack_path(key)
    if force:
        pack_build.build(native, path, key)
    pack.open_engine()
    click.echo(f"{path}: {len(RULES)} rules, {os.path.getsize(path)} bytes")
