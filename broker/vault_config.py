"""The `[vault]` table of the broker's configuration, and the two clients that it describes.

[vault]
address = "https://vault.example.org:8200"
other_addresses = ["https://vault2.example.org:8200"]   # optional: more nodes of the same cluster
ca_file = "/etc/secretguard/vault-ca.pem"      # optional: instead of the system's authorities
namespace = "team-a"                           # optional: refused at login by a server that has none

[vault.issuer]                                 # may make task tokens, nothing else
role_id_file = "/etc/secretguard/issuer.role_id"
secret_id_file = "/etc/secretguard/issuer.secret_id"

[vault.revoker]                                # may look up and revoke, nothing else
method = "kubernetes"                          # or "approle" (the default), "jwt" or "token", see below
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from broker.errors import SourceFailed
from broker.toml_file import StrictModel
from broker.vault import Endpoint, Vault
from broker.vault_identity import KUBERNETES_FILE, AppRole, PlatformToken, TokenFile, WrappedAppRole
from broker.vault_login import Identity, LoginUnfit
from secretguard.errors import ConfigError

Mount = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,4}$")]
LoginRole = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
TenantName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,15}$")]
PathName = Annotated[str, Field(min_length=1, max_length=4096)]


class IdentityTable(StrictModel):
    """`[vault.issuer]` or `[vault.revoker]`: how it logs in, by `method`.

    approle: `role_id_file`, and `secret_id_file` or `wrapped_secret_id_file` (a response-wrapping token, unwrapped
    once). jwt: `jwt_file`. kubernetes: `jwt_file` where the pod's own token is not meant. token: `token_file`, such as
    a Vault Agent's sink. `mount` is where the login method lies, its own name unless given; `role` the login role, as
    `broker vault setup` names it unless given. Files with a secret have mode 0600."""

    method: Literal["approle", "jwt", "kubernetes", "token"] = "approle"
    role_id_file: PathName | None = None
    secret_id_file: PathName | None = None
    wrapped_secret_id_file: PathName | None = None
    jwt_file: PathName | None = None
    token_file: PathName | None = None
    role: LoginRole | None = None
    mount: Mount | None = None

    @model_validator(mode="before")
    @classmethod
    def _token_file_alone(cls, value: object) -> object:
        if isinstance(value, dict) and "method" not in value and "token_file" in value:
            return {**value, "method": "token"}
        return value

    @model_validator(mode="after")
    def _one_way(self) -> IdentityTable:
        given = {name for name in FILES if getattr(self, name) is not None}
        if given not in WAYS[self.method]:
            ways = ", or ".join(" and ".join(sorted(way)) or "no file" for way in WAYS[self.method])
            raise ValueError(f"method {self.method} takes {ways}")
        if self.method == "token" and (self.role or self.mount):
            raise ValueError("a token has no login role and no mount")
        return self

    @property
    def renews(self) -> bool:
        """Whether the token is renewed, because what it is got with may be spent."""
        return self.method == "token" or self.wrapped_secret_id_file is not None

    @property
    def where(self) -> str:
        """The mount of the login method."""
        return self.mount or self.method

    def identity(self, role: str = "") -> Identity:
        """What logs in so; `role` where the table names none."""
        if self.method == "token":
            return TokenFile(self.token_file or "")
        if self.method != "approle":
            return PlatformToken(self.role or role, self.jwt_file or KUBERNETES_FILE, self.where)
        if self.wrapped_secret_id_file is not None:
            return WrappedAppRole(self.role_id_file or "", self.wrapped_secret_id_file, self.role or role, self.where)
        return AppRole(self.role_id_file or "", self.secret_id_file or "", self.where)


FILES = ("role_id_file", "secret_id_file", "wrapped_secret_id_file", "jwt_file", "token_file")
WAYS: Mapping[str, tuple[set[str], ...]] = {
    "approle": ({"role_id_file", "secret_id_file"}, {"role_id_file", "wrapped_secret_id_file"}),
    "jwt": ({"jwt_file"},),
    "kubernetes": (set(), {"jwt_file"}),
    "token": ({"token_file"},),
}
"""Method → the sets of files of which it takes one."""


class Mounts(StrictModel):
    """Where the secrets engines lie that grants read from. `kv_version` is the key-value engine's."""

    database_mount: Mount = "database"
    ssh_mount: Mount = "ssh"
    pki_mount: Mount = "pki"
    kv_mount: Mount = "secret"
    kv_version: Literal[1, 2] = 2


class TenantTable(StrictModel):
    """`[vault.tenants.NAME]`: that tenant's own mounts; one that is not given is NAME-database, NAME-ssh and so on."""

    database_mount: Mount | None = None
    ssh_mount: Mount | None = None
    pki_mount: Mount | None = None
    kv_mount: Mount | None = None
    kv_version: Literal[1, 2] = 2


class VaultTable(Mounts):
    """`[vault]`. `seconds` bounds each answer. `prefix` starts the name of everything that `broker vault setup`
    writes, so that several brokers can share a server."""

    address: Annotated[str, Field(min_length=8, max_length=300)]
    other_addresses: Annotated[list[Annotated[str, Field(min_length=8, max_length=300)]], Field(max_length=15)] = Field(
        default_factory=list
    )
    ca_file: str = ""
    namespace: str = ""
    seconds: Annotated[int, Field(ge=1, le=60)] = 10
    prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = "secretguard"
    issuer: IdentityTable
    revoker: IdentityTable
    tenants: Annotated[dict[TenantName, TenantTable], Field(max_length=1000)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _tenants_share_nothing(self) -> VaultTable:
        owner: dict[str, str] = {}
        for tenant in ("", *self.tenants):
            of = self.of(tenant)
            for mount in (of.database_mount, of.ssh_mount, of.pki_mount, of.kv_mount):
                if owner.setdefault(mount, tenant) != tenant:
                    raise ValueError(f"tenants.{tenant}: the mount {mount} is also {owner[mount] or 'nobody'}'s")
        return self

    @model_validator(mode="after")
    def _endpoint_is_good(self) -> VaultTable:
        try:
            self.endpoint()
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return self

    def of(self, tenant: str) -> VaultTable:
        """The same with the mounts of `tenant`, or itself for none. Raises KeyError for an unknown one."""
        if not tenant:
            return self
        own = self.tenants[tenant]
        kinds = {"database_mount": "database", "ssh_mount": "ssh", "pki_mount": "pki", "kv_mount": "secret"}
        mounts = {field: getattr(own, field) or f"{tenant}-{kind}" for field, kind in kinds.items()}
        return self.model_copy(update={**mounts, "kv_version": own.kv_version})

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
        others = tuple(self.other_addresses)
        return Endpoint(self.address, self.ca_file, self.namespace, float(self.seconds), others)


@dataclasses.dataclass(frozen=True, slots=True)
class Vaults:
    """Two identities at one server: one can only make, the other only find and revoke."""

    issuer: Vault
    revoker: Vault

    def close(self) -> None:
        self.issuer.close()
        self.revoker.close()

    def start(self) -> None:
        """Log in both, and replace their tokens in the background from then on.

        Raises ConfigError when Vault lets one in with a token that cannot be worked with, and when the configured
        namespace is not proved to be real. Any other failure may pass: `problems` tells it, and each call tries again.
        """
        try:
            _started("issuer", self.issuer)
            _started("revoker", self.revoker)
        except ConfigError:
            self.close()
            raise

    def problems(self) -> dict[str, str]:
        """Identity → why its last login failed, in our own words."""
        both = {"issuer": self.issuer.login.problem, "revoker": self.revoker.login.problem}
        return {name: problem for name, problem in both.items() if problem}


def _started(name: str, vault: Vault) -> None:
    vault.login.keep()
    try:
        vault.login.current()
    except LoginUnfit as error:
        raise ConfigError(f"vault.{name}: {error.message}", error.fix) from None
    except SourceFailed as error:
        if vault.endpoint.namespace:
            told = f"vault.namespace cannot be proved to be real ({error.message})"
            raise ConfigError(told, "start the broker when Vault answers, or remove the namespace") from None


def connect(table: VaultTable) -> Vaults:
    """Both clients. Nothing is sent yet: each logs in at its first call."""
    endpoint = table.endpoint()
    issuer = Vault(endpoint, table.issuer.identity(table.issuer_role))
    return Vaults(issuer, Vault(endpoint, table.revoker.identity(table.revoker_role), repeats=True))
