"""The `secretguard` command: one table of subcommands, each loaded only when it is called."""

from __future__ import annotations

import click

from secretguard.program import LazyGroup, run

COMMANDS = {
    "audit": "secretguard.commands.audit:audit",
    "baseline": "secretguard.commands.baseline:baseline",
    "detect-secrets-hook": "secretguard.commands.detect_secrets_hook:detect_secrets_hook",
    "doctor": "secretguard.commands.doctor:doctor",
    "gate": "secretguard.commands.gate:gate",
    "git-hook": "secretguard.commands.git_hook:git_hook",
    "hook": "secretguard.commands.hook:hook",
    "install": "secretguard.commands.install:install",
    "migrate": "secretguard.commands.migrate:migrate",
    "policy": "secretguard.commands.policy:policy",
    "redact": "secretguard.commands.redact:redact",
    "rules": "secretguard.commands.rules:rules",
    "scan": "secretguard.commands.scan:scan",
    "status": "secretguard.commands.status:status",
    "uninstall": "secretguard.commands.uninstall:uninstall",
}
"""Subcommand → `module:attribute` of its click command."""


@click.command(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="secretguard")
def cli() -> None:
    """Keep secrets out of a coding agent's context, logs, commits and providers.

    Exit codes: 0 clean, 1 findings, 2 usage, configuration or guarded failure, 3 internal error.
    """


def main() -> None:
    """Console entry point."""
    run(cli, "secretguard")


if __name__ == "__main__":
    main()
