"""The embedded broker: one process, SQLite, a local issuer, people who are files. For trying and for development."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from broker import ceiling, task_policy
from broker.assemble import Assembled, build
from broker.authenticate import jose
from broker.authenticate.bearer_jwt import TrustedIssuer
from broker.config import Config
from broker.issue.signing_keys import SigningKeys
from broker.policy.live import Live
from broker.policy.policy_set import PolicySet
from broker.task_policy import TaskPolicy
from secretguard.errors import ConfigError
from secretguard.places import private_dir, state_dir
from secretguard.policy.compiled import active_directory
from secretguard.policy.compiled import load as load_policy

PEOPLE = "dev-people"
AUDIENCE = "broker"
PERSON_SECONDS = 8 * 3600
PACKAGED = Path(__file__).parent / "dev_policy"


def dev_config(state: str, listen: str | None) -> Config:
    """The configuration of a development broker whose files are all under `state` (made with mode 0700)."""
    private_dir(state)
    server = {"socket": f"{state}/launch.sock", "operators": [f"unix:{os.geteuid()}"]}
    if listen:
        server["listen"] = listen
    return Config.model_validate(
        {
            "server": server,
            "store": {"url": f"sqlite:///{state}/broker.db"},
            "policy": {"directory": str(PACKAGED)},
            "keys": {"directory": f"{state}/keys"},
            "activity": {"journals": {"yours": os.path.join(state_dir(), "audit")}},
        }
    )


def assemble_dev(config: Config, policies: str | None) -> Assembled:
    """A development broker with the packaged task policies, or those of the directory `policies`, read live.

    Raises ConfigError for a task policy labelled production: nobody but this user watches over this broker.
    """
    directory = policies or str(PACKAGED)
    own_rules = policies if policies and os.path.exists(os.path.join(policies, "rules.cedar")) else None
    live = Live(lambda: _read(directory, own_rules), (directory, own_rules or active_directory()))
    issuer = TrustedIssuer(PEOPLE, AUDIENCE, jwks=_people_keys(config)[1])
    return build(config, lambda *_: live, [issuer], "dev", time.time)


def _read(directory: str, own_rules: str | None) -> PolicySet:
    found = task_policy.load(directory)
    if not found:
        raise ConfigError(f"{directory}/tasks: no task policy", "write one, or leave --policies out")
    refuse_production(found, directory)
    return PolicySet("", load_policy(own_rules), found, ceiling.load(directory))


def refuse_production(policies: dict[str, TaskPolicy], directory: str) -> None:
    """Raises ConfigError naming the first file that is labelled production."""
    for policy in policies.values():
        if policy.environment == "production":
            raise ConfigError(
                f"{directory}/tasks/{policy.name}.toml: environment: production is not for `broker dev`",
                "use `broker serve`, which runs as its own user",
            )


def write_person(config: Config, name: str) -> str:
    """A token file (0600) for a made-up person of the group `developers`, good for eight hours; its path."""
    keys, _ = _people_keys(config)
    now = int(time.time())
    claims = {
        "iss": PEOPLE,
        "aud": AUDIENCE,
        "sub": name,
        "groups": ["developers"],
        "iat": now,
        "exp": now + PERSON_SECONDS,
    }
    token = jose.sign({"typ": "JWT", "alg": "EdDSA", "kid": keys.active.thumbprint()}, claims, keys.active)
    path = os.path.join(private_dir(os.path.join(config.keys.directory, "people")), f"{name}.token")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
    return path


def _people_keys(config: Config) -> tuple[SigningKeys, str]:
    """Keys of the people's issuer, apart from the broker's own: a sandbox's identity token must open nothing here."""
    keys = SigningKeys(os.path.join(private_dir(config.keys.directory), "people-keys"))
    path = os.path.join(config.keys.directory, "people-jwks.json")
    with open(path, "w", encoding="ascii") as file:
        json.dump(keys.jwks(), file)
    return keys, path
