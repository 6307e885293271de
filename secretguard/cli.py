"""The `secretguard` command: one table of subcommands, each loaded only when it is called, as is what parses them."""

from __future__ import annotations

import sys

from secretguard import plain

COMMANDS = {
    "accept": "secretguard.commands.accept:accept",
    "audit": "secretguard.commands.audit:audit",
    "baseline": "secretguard.commands.baseline:baseline",
    "detect-secrets-hook": "secretguard.commands.detect_secrets_hook:detect_secrets_hook",
    "doctor": "secretguard.commands.doctor:doctor",
    "gate": "secretguard.commands.gate:gate",
    "git-hook": "secretguard.commands.git_hook:git_hook",
    "hook": "secretguard.commands.hook:hook",
    "install": "secretguard.commands.install:install",
    "known": "secretguard.commands.known:known",
    "migrate": "secretguard.commands.migrate:migrate",
    "pause": "secretguard.commands.pause:pause",
    "policy": "secretguard.commands.policy:policy",
    "redact": "secretguard.commands.redact:redact",
    "rules": "secretguard.commands.rules:rules",
    "run": "secretguard.commands.run:run",
    "scan": "secretguard.commands.scan:scan",
    "serve": "secretguard.commands.serve:serve",
    "status": "secretguard.commands.status:status",
    "uninstall": "secretguard.commands.uninstall:uninstall",
}
"""Subcommand → `module:attribute` of its click command."""


def main() -> None:
    """Console entry point."""
    status = plain.scan(sys.argv[1:])
    if status is not None:
        sys.exit(status)
    from secretguard.command_line import cli
    from secretguard.program import run

    run(cli, "secretguard")


if __name__ == "__main__":
    main()
