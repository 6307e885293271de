"""Build a running broker from its configuration: keys, store, policy, sources, callers."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from broker import task_policy
from broker.api.app import create_app
from broker.authenticate.bearer_jwt import BearerVerifier, TrustedIssuer
from broker.authenticate.dpop import UNIX_BASE_URL, Verifier
from broker.config import Config
from broker.issue import registry
from broker.issue.identity import IdentitySource
from broker.issue.signing_keys import SigningKeys
from broker.policy.in_force import Fixed
from broker.policy.policy_set import PolicySet
from broker.service import Broker
from broker.store.database import open_database
from broker.store.log import Signer
from broker.store.sealed import Sealer, key_file
from broker.task_journal import StoredReplays
from broker.task_policy import TaskPolicy
from broker.vault_config import Vaults, connect
from broker.web.activity import Activity, make
from broker.web.origin import origin_of
from secretguard.audit.checkpoint import verifier_key
from secretguard.errors import ConfigError
from secretguard.places import private_dir
from secretguard.policy.compiled import load as load_policy
from secretguard.policy.table import Policy

LOG_ORIGIN = "secretguard/broker"


@dataclasses.dataclass(frozen=True, slots=True)
class Assembled:
    """A broker that is ready to serve, and what has to be closed after it."""

    broker: Broker
    app: FastAPI
    vaults: Vaults | None
    activity: Activity | None = None

    def close(self) -> None:
        """Close connections; nothing is revoked by that."""
        if self.vaults is not None:
            self.vaults.close()
        if self.activity is not None:
            self.activity.watch.close()
        self.broker.database.close()


def assemble(config: Config, mode: str, clock: Callable[[], float] = time.time) -> Assembled:
    """Open everything that `config` names, check it together, and record the start.

    Raises ConfigError or GuardError with file and fix; nothing is served then.
    """
    policies = task_policy.load(config.policy.directory)
    if not policies:
        raise ConfigError(f"{config.policy.directory}/tasks: no task policy", "write one, or start from `broker dev`'s")
    policy = load_policy(config.policy.directory)
    return build(config, policy, policies, [one.trusted() for one in config.issuers], mode, clock)


def build(
    config: Config,
    policy: Policy,
    policies: Mapping[str, TaskPolicy],
    issuers: list[TrustedIssuer],
    mode: str,
    clock: Callable[[], float],
) -> Assembled:
    """As `assemble`, with policies and issuers given: `broker dev` brings its own."""
    keys = private_dir(config.keys.directory)
    identity = IdentitySource(config.issuer, SigningKeys(os.path.join(keys, "identity")), clock)
    vaults = connect(config.vault) if config.vault else None
    sources = registry.build(identity, config.vault, vaults)
    registry.require_known(policies, sources.by_name)
    broker = Broker(
        database=open_database(config.store.url),
        policies=Fixed(PolicySet("", policy, policies)),
        sources=sources.by_name,
        parents=sources.parents,
        sealer=Sealer(key_file(os.path.join(keys, "broker.key"))),
        signer=_signer(keys),
        clock=clock,
        operators=tuple(config.server.operators),
        approvers=tuple(config.server.approvers),
    )
    broker.tasks.server_started(
        {"mode": mode, "store": broker.database.kind, "policy_digest": policy.digest, "tasks": sorted(policies)}
    )
    bases = (UNIX_BASE_URL, *filter(None, (config.server.public_url, _listening(config))))
    proofs = Verifier(bases, StoredReplays(broker.database), clock)
    activity = _activity(config, broker)
    app = create_app(broker, BearerVerifier(tuple(issuers), clock), proofs, identity, activity)
    return Assembled(broker, app, vaults, activity)


def _activity(config: Config, broker: Broker) -> Activity | None:
    """The reviewer's pages; None where the broker has no address that a browser can reach."""
    origin = origin_of(config.server.public_url, config.server.listen)
    if origin is None or config.server.listen is None:
        return None
    key = broker.signer.key.public_key()
    return make(origin, broker.database, key, broker.signer.origin, broker.clock, config.activity.journals)


def _signer(keys: str) -> Signer:
    """The checkpoint key, and beside it the text by which others verify: `log.vkey`."""
    private = SigningKeys(os.path.join(keys, "log")).active.private_key
    if not isinstance(private, Ed25519PrivateKey):  # SigningKeys makes and accepts no other kind
        raise ConfigError(f"{keys}/log: not an Ed25519 key")
    public = os.path.join(keys, "log.vkey")
    with open(public, "w", encoding="utf-8") as file:
        file.write(verifier_key(LOG_ORIGIN, private.public_key()) + "\n")
    return Signer(LOG_ORIGIN, private)


def _listening(config: Config) -> str | None:
    return f"http://{config.server.listen}" if config.server.listen else None
