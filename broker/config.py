"""The configuration of `broker serve`: one strict TOML file. Its JSON Schema is `broker/schema/config.schema.json`.

[server]
socket = "/run/secretguard/launch.sock"        # for launchers on this machine; never mounted into a sandbox
listen = "127.0.0.1:8420"                      # optional: HTTP on loopback, behind a TLS proxy of your own
public_url = "https://broker.example.org"      # what clients call that address
operators = ["jwt:https://id.example.org:group:security"]
metrics = ["unix:998"]                         # optional: who reads /metrics, beside operators
log = "json"                                   # optional: a line for each request on stderr; or "text"
traces = "https://otlp.example.org/v1/traces"  # optional: spans to a collector; needs the extra otel

[server.mtls]                                  # optional: mutual TLS for workloads with SPIFFE ids
listen = "0.0.0.0:8443"
certificate = "/run/svid/svid.pem"
key = "/run/svid/svid_key.pem"
trust_domains = { "example.org" = "/run/svid/bundle.pem" }
public_url = "https://broker.example.org:8443"

[store]
url = "postgresql://broker@db.example.org/broker"   # or sqlite:////var/lib/secretguard/broker.db

[policy]
directory = "/etc/secretguard/policy"          # rules.cedar, facts.toml and tasks/*.toml: taken at the first start,
                                               # from then on a source of proposals (`broker policy`)

[keys]
directory = "/var/lib/secretguard/keys"        # made with mode 0700; back it up apart from the store

[identity]
issuer = "https://broker.example.org"          # whose tokens the `identity` source signs

[[issuers]]                                    # who people and CI systems are, by OIDC
issuer = "https://id.example.org"
audience = "broker"
jwks = "https://id.example.org/jwks.json"      # left out: where its discovery document says

[activity.journals]                            # guard journals to show on /activity beside the record
ada = "/srv/journals/ada"

[vault]                                        # see broker/vault_config.py

[aws]                                          # see broker/aws_config.py

[github]                                       # see broker/github_config.py

[log]                                          # see broker/log/config.py
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from broker.authenticate.bearer_jwt import TrustedIssuer
from broker.authenticate.login import Login
from broker.aws_config import AwsTable
from broker.errors import BadRequest
from broker.github_config import GitHubTable
from broker.log.config import LogTable
from broker.task_policy import Party
from broker.toml_file import StrictModel
from broker.vault_config import VaultTable

PathName = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^/")]
Text = Annotated[str, Field(min_length=1, max_length=512)]
Url = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^https?://[^/?#\s]+(/[^?#\s]*[^/?#\s])?$")]
TracesUrl = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^https?://[^/?#\s@]+(/[^?#\s]*)?$")]


class Mtls(StrictModel):
    """Mutual TLS for workloads (`broker/authenticate/mutual_tls.py`): the only listener that may be reached from
    elsewhere without a proxy. `trust_domains` is SPIFFE trust domain → bundle of its authorities. Files that change
    are read again."""

    listen: str
    certificate: PathName
    key: PathName
    trust_domains: dict[Annotated[str, Field(pattern=r"^[a-z0-9._-]{1,255}$")], PathName] = Field(
        min_length=1, max_length=100
    )
    public_url: Url | None = None

    @field_validator("listen")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            raise ValueError("must be an ADDRESS:PORT") from None
        if not port.isdigit() or int(port) > 65535:
            raise ValueError("must be an ADDRESS:PORT")
        return value

    @model_validator(mode="after")
    def _proofs_can_name_it(self) -> Mtls:
        host = self.listen.rpartition(":")[0].strip("[]")
        if ipaddress.ip_address(host).is_unspecified and self.public_url is None:
            raise ValueError("public_url must say what clients call this address: their proofs are for that")
        if self.public_url is not None and not self.public_url.startswith("https:"):
            raise ValueError("public_url must begin with https:")
        return self


class Server(StrictModel):
    """Where the broker listens, who may see and end every task, and who decides on requests from outside of any task
    (those of a task are decided by its policy's approvers). `metrics` may read `/metrics`, as operators may; `log` has
    a line for each request on stderr; `traces` is a collector's OTLP/HTTP address (extra `otel`)."""

    socket: PathName
    listen: str | None = None
    public_url: Url | None = None
    mtls: Mtls | None = None
    operators: list[Party] = Field(default_factory=list)
    approvers: list[Party] = Field(default_factory=lambda: ["jwt:*"])
    metrics: list[Party] = Field(default_factory=list)
    log: Literal["json", "text"] | None = None
    traces: TracesUrl | None = None

    @field_validator("listen")
    @classmethod
    def _loopback(cls, value: str | None) -> str | None:
        if value is None:
            return None
        host, _, port = value.rpartition(":")
        try:
            loopback = ipaddress.ip_address(host.strip("[]")).is_loopback
        except ValueError:
            loopback = False
        if not loopback or not port.isdigit() or int(port) > 65535:
            raise ValueError("must be a loopback ADDRESS:PORT: the broker speaks no TLS itself; put a proxy before it")
        return value


class Store(StrictModel):
    """A database URL; the tables are made and brought up to date at start."""

    url: str = Field(min_length=1, max_length=1000)


class PolicyPart(StrictModel):
    """The policy directory: `rules.cedar`, `facts.toml` and `tasks/`."""

    directory: PathName


class Keys(StrictModel):
    """Folder of the broker's own keys: sealing, checkpoints, embedded issuer."""

    directory: PathName


class Identity(StrictModel):
    """The embedded issuer's name, the URL under which its documents are served."""

    issuer: Url


class LoginTable(StrictModel):
    """How people get a token of this issuer (`broker login`); see `broker/authenticate/login.py`."""

    client_id: Text
    scopes: list[Annotated[str, Field(pattern=r"^[!-~]{1,100}$")]] = Field(
        default_factory=lambda: ["openid"], max_length=30
    )
    token: Literal["id_token", "access_token"] = "id_token"  # noqa: S105  # the name of a kind
    resource: Annotated[str, Field(max_length=512)] = ""


PLACE_CLAIMS = ("repository_claim", "ref_claim", "branch_claim")


class Issuer(StrictModel):
    """One trusted OIDC issuer; see `broker/authenticate/bearer_jwt.py` for each field."""

    issuer: str = Field(min_length=1, max_length=300)
    audience: str = Field(min_length=1, max_length=300)
    jwks: str = Field(default="", max_length=4096)
    subject_claim: str = "sub"
    groups_claim: str = "groups"
    claims: dict[Text, Text | bool | Annotated[list[Text], Field(min_length=1, max_length=100)]] = Field(
        default_factory=dict, max_length=100
    )
    algorithms: list[str] = Field(default_factory=lambda: ["EdDSA", "Ed25519", "ES256", "RS256"])
    authorized_parties: list[Text] = Field(default_factory=list, max_length=100)
    people: bool = True
    repository_claim: Text | None = None
    ref_claim: Text | None = None
    branch_claim: Text | None = None
    ca_file: PathName | None = None
    token_file: PathName | None = None
    login: LoginTable | None = None
    acts_for_claim: Annotated[str, Field(max_length=512)] = ""
    acts_for_issuer: Annotated[str, Field(max_length=300)] = ""

    @model_validator(mode="after")
    def _usable(self) -> Issuer:
        try:
            self.trusted()
        except BadRequest as error:
            raise ValueError(error.message) from None
        if self.login and "openid" not in self.login.scopes:
            raise ValueError("login.scopes: openid must be among them")
        if self.login and self.login.token != "access_token" and self.login.client_id != self.audience:  # noqa: S105
            raise ValueError("login: an ID token is for its client, so audience must be login.client_id")
        return self

    def trusted(self) -> TrustedIssuer:
        """The same as the verifier takes it. Raises BadRequest."""
        lists = {name: tuple(getattr(self, name)) for name in ("algorithms", "authorized_parties")}
        files = {name: getattr(self, name) or "" for name in (*PLACE_CLAIMS, "ca_file", "token_file")}
        login = None
        if self.login:
            login = Login(self.issuer, **{**self.login.model_dump(), "scopes": tuple(self.login.scopes)})
        return TrustedIssuer(**{**self.model_dump(), **lists, **files, "login": login})


class ActivityPart(StrictModel):
    """The reviewer's pages: guard journals that are shown beside the record, name → folder."""

    journals: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$")], PathName] = Field(
        default_factory=dict, max_length=100
    )


class Config(StrictModel):
    """The whole file. `[identity]` defaults to the public URL, then to the listening address."""

    server: Server
    store: Store
    policy: PolicyPart
    keys: Keys
    identity: Identity | None = None
    issuers: list[Issuer] = Field(default_factory=list)
    vault: VaultTable | None = None
    aws: AwsTable | None = None
    github: GitHubTable | None = None
    log: LogTable = Field(default_factory=LogTable)
    activity: ActivityPart = Field(default_factory=ActivityPart)

    @model_validator(mode="after")
    def _own_tokens_open_nothing(self) -> Config:
        if any(one.issuer == self.issuer for one in self.issuers):
            raise ValueError(f"issuers: {self.issuer} is this broker's own issuer, whose tokens sandboxes hold")
        return self

    @property
    def tables(self) -> frozenset[str]:
        """Which of the optional tables that sources need are there."""
        return frozenset(name for name in ("vault", "aws", "github") if getattr(self, name) is not None)

    @property
    def issuer(self) -> str:
        """The embedded issuer's URL."""
        if self.identity is not None:
            return self.identity.issuer
        return self.server.public_url or f"http://{self.server.listen or 'localhost'}"
