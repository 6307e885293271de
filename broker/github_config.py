"""The `[github]` table of the broker's configuration: the GitHub App by whose installations tokens are made.

[github]
app = "Iv23liABCDEFGHIJKLMN"                            # the App's client id, or its number
private_key_file = "/etc/secretguard/github-app.pem"    # mode 0600, as downloaded from GitHub
api = "https://api.github.com"                          # or https://HOST/api/v3 of GitHub Enterprise Server
ca_file = "/etc/secretguard/ghes-ca.pem"                # optional: instead of the system's authorities
"""

from __future__ import annotations

from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc.jwk import RSAKey
from pydantic import AfterValidator, Field

from broker.authenticate.jose import MIN_RSA_BITS
from broker.exchange import encrypted
from broker.private_file import private_bytes
from broker.toml_file import StrictModel
from secretguard.errors import ConfigError

FILE_CAP = 16 * 1024


class GitHubTable(StrictModel):
    """`[github]`. `seconds` bounds each answer."""

    app: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    private_key_file: Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^/")]
    api: Annotated[
        str,
        Field(max_length=300, pattern=r"^https?://[^/?#\s@]+(/[A-Za-z0-9/_-]*[A-Za-z0-9_-])?$"),
        AfterValidator(encrypted),
    ] = "https://api.github.com"
    ca_file: Annotated[str, Field(max_length=4096)] = ""
    seconds: Annotated[int, Field(ge=1, le=60)] = 10


def read_key(table: GitHubTable) -> RSAKey:
    """The App's private key as the file has it now. Raises ConfigError, naming the file and what to change."""
    path = table.private_key_file
    fix = "download a new one at the App's settings (PEM, RSA)"
    try:
        key = serialization.load_pem_private_key(private_bytes(path, FILE_CAP), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(f"{path}: is no private key in PEM", fix) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < MIN_RSA_BITS:
        raise ConfigError(f"{path}: is no RSA key of {MIN_RSA_BITS} bits or more", fix)
    return RSAKey.import_key(key)
