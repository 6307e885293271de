"""Which sources a broker has without Vault."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from broker.aws_config import AwsTable
from broker.github_config import GitHubTable
from broker.issue import outside, registry
from broker.store.database import open_database
from broker.store.sealed import Sealer
from secretguard.errors import ConfigError
from tests.broker.test_github_config import pem
from tests.servers.aws import credentials_file


def test_the_tables_say_which_there_are(tmp_path: Path) -> None:
    """`static` needs the store alone; the names are those that policies may use."""
    database, sealer = open_database(f"sqlite:///{tmp_path}/broker.db"), Sealer(b"k" * 32)
    (tmp_path / "app.pem").write_bytes(pem(rsa.generate_private_key(65537, 2048)))
    (tmp_path / "app.pem").chmod(0o600)
    aws = AwsTable(region="eu-central-1", credentials_file=str(credentials_file(tmp_path)))
    github = GitHubTable(app="1", private_key_file=str(tmp_path / "app.pem"))
    for tables, configured in ((set(), (None, None)), ({"aws"}, (aws, None)), ({"aws", "github"}, (aws, github))):
        made = outside.connect(*configured, database, sealer, lambda: 0.0)
        assert {"identity", *made.by_name} == set(registry.usable(tables))
        made.close()


def test_a_key_that_cannot_be_read_is_found_at_the_start(tmp_path: Path) -> None:
    """Not when the first task waits for its credential."""
    database, sealer = open_database(f"sqlite:///{tmp_path}/broker.db"), Sealer(b"k" * 32)
    aws = AwsTable(region="eu-central-1", credentials_file=str(tmp_path / "none"))
    github = GitHubTable(app="1", private_key_file=str(tmp_path / "none"))
    for configured in ((aws, None), (None, github)):
        with pytest.raises(ConfigError, match="none: cannot be read"):
            outside.connect(*configured, database, sealer, lambda: 0.0)
