"""The sources that work without Vault: AWS STS, a GitHub App, and values of the broker's own store."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from broker.aws_client import Sts
from broker.aws_config import AwsTable
from broker.github_client import GitHub
from broker.github_config import GitHubTable
from broker.issue.aws_sts import AwsStsSource
from broker.issue.github_app import GitHubAppSource
from broker.issue.source import Source
from broker.issue.static import StaticSource
from broker.store.database import Database
from broker.store.sealed import Sealer
from broker.store.static import StaticValues


@dataclasses.dataclass(frozen=True, slots=True)
class Outside:
    """The sources by name, and the clients to be closed after them."""

    by_name: Mapping[str, Source]
    clients: tuple[Sts | GitHub, ...] = ()

    def close(self) -> None:
        """Close their connections; nothing is revoked by that."""
        for client in self.clients:
            client.close()


def connect(
    aws: AwsTable | None, github: GitHubTable | None, database: Database, sealer: Sealer, clock: Callable[[], float]
) -> Outside:
    """Those that are configured; nothing is sent yet. Raises ConfigError."""
    found: dict[str, Source] = {"static": StaticSource(StaticValues(database, sealer, clock), clock)}
    clients: list[Sts | GitHub] = []
    if aws is not None:
        sts = Sts(aws)
        clients.append(sts)
        found["aws_sts"] = AwsStsSource(sts, clock)
    if github is not None:
        app = GitHub(github, clock)
        clients.append(app)
        found["github_app"] = GitHubAppSource(app, sealer, clock)
    return Outside(found, tuple(clients))
