"""The `broker` command: one table of subcommands, each loaded only when it is called."""

from __future__ import annotations

import click

from secretguard.program import LazyGroup, run

COMMANDS = {
    "activity": "broker.commands.activity:activity",
    "approvals": "broker.commands.approve:approvals",
    "approve": "broker.commands.approve:approve",
    "credential": "broker.commands.credential:credential",
    "dev": "broker.commands.dev:dev",
    "exposed": "broker.commands.exposed:exposed",
    "explain": "broker.commands.explain:explain",
    "kill": "broker.commands.kill:kill",
    "leases": "broker.commands.revoke:leases",
    "log": "broker.commands.log:log",
    "login": "broker.commands.login:login",
    "logout": "broker.commands.login:logout",
    "policy": "broker.commands.policy:policy",
    "revoke": "broker.commands.revoke:revoke",
    "run": "broker.commands.run:run",
    "serve": "broker.commands.serve:serve",
    "static": "broker.commands.static:static",
    "store": "broker.commands.store:store",
    "task": "broker.commands.task:task",
    "vault": "broker.commands.vault:vault",
    "whoami": "broker.commands.login:whoami",
}
"""Subcommand → `module:attribute` of its click command."""


@click.command(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="secretguard")
def cli() -> None:
    """Short-lived credentials for one task at a time, recorded before they exist and taken back when it ends.

    Exit codes: 0 done, 1 waiting for a person or not everything revoked, 2 usage, configuration or refusal, 3 internal
    error. `log verify` has its own.
    """


def main() -> None:
    """Console entry point."""
    run(cli, "broker", extra="secretguard[broker]")


if __name__ == "__main__":
    main()
