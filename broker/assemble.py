"""Build a running broker from its configuration: keys, store, policy, sources, callers."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from broker.api.app import create_app
from broker.authenticate.bearer_jwt import BearerVerifier, TrustedIssuer
from broker.authenticate.dpop import UNIX_BASE_URL, Verifier
from broker.authenticate.nonces import Nonces
from broker.config import Config
from broker.issue import outside, registry
from broker.issue.identity import IdentitySource
from broker.issue.outside import Outside
from broker.issue.signing_keys import SigningKeys
from broker.issue.source import Source
from broker.kill_file import KILLS
from broker.log.signer import LogSigner, Signer
from broker.log.transit import TransitKey, TransitSigner, pinned_key
from broker.policy.directory import Directory
from broker.policy.in_force import Fixed, InForce
from broker.policy.stored import Stored, has_policy, take_at_first_start
from broker.service import Broker
from broker.store.database import Database, open_database
from broker.store.roles import rights
from broker.store.sealed import Sealer, key_file
from broker.task_journal import StoredReplays
from broker.telemetry.observer import Observer
from broker.vault_config import Vaults, connect
from broker.web.activity import Activity, make
from broker.web.origin import origin_of
from secretguard.audit.checkpoint import verifier_key
from secretguard.errors import ConfigError
from secretguard.places import private_dir

CHECK = "check"
"""The mode that opens everything and serves nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class Assembled:
    """A broker that is ready to serve, and what has to be closed after it."""

    broker: Broker
    app: FastAPI
    vaults: Vaults | None
    outside: Outside
    activity: Activity | None = None

    def close(self) -> None:
        """Close connections; nothing is revoked by that."""
        if self.vaults is not None:
            self.vaults.close()
        self.outside.close()
        if self.activity is not None:
            self.activity.watch.close()
        for witness in self.broker.witnesses:
            witness.close()
        self.broker.observer.close()
        self.broker.database.close()


def assemble(config: Config, mode: str, clock: Callable[[], float] = time.time) -> Assembled:
    """Open everything that `config` names, check it together, and record the start.

    Raises ConfigError or GuardError with file and fix; nothing is served then.
    """

    def policies(database: Database, sources: Mapping[str, Source]) -> InForce:
        directory = Directory(config.policy.directory, database, clock)
        if mode == CHECK and not has_policy(database):  # only to look takes nothing
            return Fixed(directory.usable(sources)[1])
        take_at_first_start(database, lambda: directory.usable(sources)[0], int(clock()))
        return Stored(database, directory)

    return build(config, policies, [one.trusted() for one in config.issuers], mode, clock)


def build(
    config: Config,
    policies: Callable[[Database, Mapping[str, Source]], InForce],
    issuers: list[TrustedIssuer],
    mode: str,
    clock: Callable[[], float],
) -> Assembled:
    """As `assemble`, with the issuers given, and what makes the policy of store and sources."""
    keys = private_dir(config.keys.directory)
    identity = IdentitySource(config.issuer, SigningKeys(os.path.join(keys, "identity")), clock)
    vaults = connect(config.vault) if config.vault else None
    if vaults is not None and mode != CHECK:
        vaults.start()
    database = open_database(config.store.url)
    sealer = Sealer(key_file(os.path.join(keys, "broker.key")))
    others = outside.connect(config.aws, config.github, database, sealer, clock)
    sources = registry.build(identity, config.vault, vaults, others.by_name)
    broker = Broker(
        database=database,
        policies=policies(database, sources.by_name),
        sources=sources.by_name,
        parents=sources.parents,
        sealer=sealer,
        signer=log_signer(config, keys, vaults),
        witnesses=tuple(one.client() for one in config.log.witness),
        vaults=vaults,
        kills=os.path.join(keys, KILLS),
        clock=clock,
        operators=tuple(config.server.operators),
        metrics=tuple(config.server.metrics),
        observer=observer(config),
        approvers=tuple(config.server.approvers),
    )
    held = broker.policies.current()
    registry.require_known(held.tasks, sources.by_name)
    told: dict[str, object] = {"policy": held.digest, "policy_digest": held.rules.digest, "tasks": sorted(held.tasks)}
    told |= {"mode": mode, "store": database.kind, "signer": config.log.signer, "role": rights(database)}
    broker.tasks.server_started(told)
    bases = (UNIX_BASE_URL, *filter(None, (config.server.public_url, _listening(config), *_secure(config))))
    proofs = Verifier(bases, StoredReplays(broker.database), Nonces(broker.sealer.nonce_key, clock))
    activity = _activity(config, broker)
    app = create_app(broker, BearerVerifier(tuple(issuers), clock), proofs, identity, activity)
    return Assembled(broker, app, vaults, others, activity)


def observer(config: Config) -> Observer:
    """Metrics, and spans where they are configured. Raises ConfigError where their extra is not installed."""
    if config.server.traces is None:
        return Observer()
    try:
        from broker.telemetry.traces import otlp  # an extra
    except ModuleNotFoundError:
        raise ConfigError("[server] traces needs OpenTelemetry", "pip install 'secretguard[broker,otel]'") from None
    return Observer(spans=otlp(config.server.traces))


def _activity(config: Config, broker: Broker) -> Activity | None:
    """The reviewer's pages; None where the broker has no address that a browser can reach."""
    origin = origin_of(config.server.public_url, config.server.listen)
    if origin is None or config.server.listen is None:
        return None
    key = broker.signer.key.public_key()
    return make(origin, broker.database, key, broker.signer.origin, broker.clock, config.activity.journals)


def log_signer(config: Config, keys: str, vaults: Vaults | None) -> LogSigner:
    """Who signs checkpoints. The text by which others verify, `log.vkey`, lies beside the keys: written here for a key
    of the broker's own, and by `broker vault setup` for one that Vault keeps. Raises ConfigError."""
    public = os.path.join(keys, "log.vkey")
    if config.log.signer == "transit":
        if vaults is None:
            raise ConfigError('[log] signer = "transit" needs a [vault] table')
        key = TransitKey(vaults.issuer, config.log.mount, config.log.key, pinned_key(public, config.log.origin))
        return TransitSigner(config.log.origin, key)
    private = SigningKeys(os.path.join(keys, "log")).active.private_key
    if not isinstance(private, Ed25519PrivateKey):  # SigningKeys makes and accepts no other kind
        raise ConfigError(f"{keys}/log: not an Ed25519 key")
    with open(public, "w", encoding="utf-8") as file:
        file.write(verifier_key(config.log.origin, private.public_key()) + "\n")
    return Signer(config.log.origin, private)


def _secure(config: Config) -> tuple[str | None, ...]:
    """What clients call the listener with mutual TLS."""
    mtls = config.server.mtls
    return (mtls.public_url, f"https://{mtls.listen}") if mtls else ()


def _listening(config: Config) -> str | None:
    return f"http://{config.server.listen}" if config.server.listen else None
