"""The `[vault]` table of the broker's configuration, and the two clients that it describes.

[vault]
address = "https://vault.example.org:8200"
ca_file = "/etc/secretguard/vault-ca.pem"      # optional: instead of the system's authorities
namespace = "team-a"                           # optional: refused at login by a server that has none

[vault.issuer]                                 # may make task tokens, nothing else
role_id_file = "/etc/secretguard/issuer.role_id"
secret_id_file = "/etc/secretguard/issuer.secret_id"

[vault.revoker]                                # may look up and revoke, nothing else
role_id_file = "/etc/secretguard/revoker.role_id"
secret_id_file = "/etc/secretguard/revoker.secret_id"
"""

from __future__ import annotations

import dataclasses
from typing import Annotated

from pydantic import Field, model_validator

from broker.toml_file import StrictModel
from broker.vault import Endpoint, Identity, Vault
from broker.vault_identity import AppRole, TokenFile
from secretguard.errors import ConfigError

Mount = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,4}$")]
PathName = Annotated[str, Field(min_length=1, max_length=4096)]


class IdentityTable(StrictModel):
    """`[vault.issuer]` or `[vault.revoker]`: an AppRole (both files, and `mount` where it is not `approle`), or
    `token_file` alone, such as a Vault Agent's sink. All files are private ones, mode 0600."""

    role_id_file: PathName | None = None
    secret_id_file: PathName | None = None
    token_file: PathName | None = None
    mount: Mount = "approle"

    @model_validator(mode="after")
    def _one_way(self) -> IdentityTable:
        approle = self.role_id_file is not None and self.secret_id_file is not None
        half = (self.role_id_file is None) != (self.secret_id_file is None)
        if half or approle == (self.token_file is not None):
            raise ValueError("give role_id_file and secret_id_file, or token_file alone")
        return self

    def identity(self) -> Identity:
        if self.token_file is not None:
            return TokenFile(self.token_file)
        return AppRole(self.role_id_file or "", self.secret_id_file or "", self.mount)


class Mounts(StrictModel):
    """Where the secrets engines lie that grants read from."""

    database_mount: Mount = "database"


class VaultTable(Mounts):
    """`[vault]`. `seconds` bounds each answer. `prefix` starts the name of everything that `broker vault setup`
    writes, so that several brokers can share a server."""

    address: Annotated[str, Field(min_length=8, max_length=300)]
    ca_file: str = ""
    namespace: str = ""
    seconds: Annotated[int, Field(ge=1, le=60)] = 10
    prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = "secretguard"
    issuer: IdentityTable
    revoker: IdentityTable

    @model_validator(mode="after")
    def _endpoint_is_good(self) -> VaultTable:
        try:
            self.endpoint()
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def task_role(self) -> str:
        """The token role of parents, and the policy that lets a parent make children."""
        return f"{self.prefix}-task"

    @property
    def issuer_role(self) -> str:
        """The issuer's login and policy."""
        return f"{self.prefix}-issuer"

    @property
    def revoker_role(self) -> str:
        """The revoker's login and policy."""
        return f"{self.prefix}-revoker"

    def endpoint(self) -> Endpoint:
        return Endpoint(self.address, self.ca_file, self.namespace, float(self.seconds))


@dataclasses.dataclass(frozen=True, slots=True)
class Vaults:
    """Two identities at one server: one can only make, the other only find and revoke."""

    issuer: Vault
    revoker: Vault

    def close(self) -> None:
        self.issuer.close()
        self.revoker.close()


def connect(table: VaultTable) -> Vaults:
    """Both clients. Nothing is sent yet: each logs in at its first call."""
    endpoint = table.endpoint()
    return Vaults(Vault(endpoint, table.issuer.identity()), Vault(endpoint, table.revoker.identity()))
