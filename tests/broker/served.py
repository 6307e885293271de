"""A real `broker serve` process from a configuration file, people with tokens, and the policy directory it reads."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from joserfc.jwk import OKPKey

from broker.authenticate import jose
from broker.client import BrokerClient
from secretguard.secret import Secret
from tests.servers.process import stop, wait_until

PACK = Path(__file__).parents[2] / "secretguard" / "policy" / "packs" / "laptop"
START_SECONDS = 60.0


class Served:
    """Files of one broker under a folder: configuration, policy, keys, people; and its process when it runs."""

    def __init__(
        self, folder: Path, store: str, tasks: dict[str, str], vault: str = "", *, checks: bool = True
    ) -> None:
        """`checks` runs the process with Python's development mode, whose warnings end up in its log."""
        self.python = [sys.executable, *(["-X", "dev"] if checks else [])]
        self.folder, self.socket = folder, folder / "run" / "launch.sock"
        self.config = folder / "broker.toml"
        self.people = OKPKey.generate_key("Ed25519", private=True)
        jwks = folder / "people.json"
        jwks.write_text(json.dumps({"keys": [{**self.people.as_dict(private=False), "kid": "p"}]}))
        policy = folder / "policy"
        shutil.copytree(PACK, policy)
        (policy / "tasks").mkdir()
        for name, text in tasks.items():
            (policy / "tasks" / f"{name}.toml").write_text(text)
        self.config.write_text(
            f'[server]\nsocket = "{self.socket}"\noperators = ["jwt:corp:olga"]\n'
            f'[store]\nurl = "{store}"\n[policy]\ndirectory = "{policy}"\n[keys]\ndirectory = "{folder}/keys"\n'
            f'[[issuers]]\nissuer = "corp"\naudience = "broker"\njwks = "{jwks}"\n{vault}'
        )

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The process, from the moment that it answers."""
        process = self.start()
        try:
            yield process
        finally:
            stop(process, signal.SIGTERM)

    def start(self) -> subprocess.Popen[bytes]:
        """Start it and wait until it answers."""
        log = (self.folder / "broker.log").open("ab")
        environment = {**os.environ, "SECRETGUARD_HOME": str(self.folder / "home")}
        argv = [*self.python, "-m", "broker", "serve", "--config", str(self.config)]
        process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
        log.close()
        try:
            wait_until(self._answers, process, START_SECONDS, f"broker serve ({self.folder}/broker.log)")
        except BaseException:
            stop(process, signal.SIGTERM)
            raise
        return process

    def client(self, name: str = "", *groups: str) -> BrokerClient:
        """A client: of the Unix peer, or of a person with a token."""
        return BrokerClient(f"unix:{self.socket}", self.token(name, *groups) if name else None)

    def token(self, name: str, *groups: str, issuer: str = "corp") -> Secret:
        """A person's OIDC token."""
        now = int(time.time())
        claims = {"iss": issuer, "aud": "broker", "sub": name, "groups": list(groups), "iat": now, "exp": now + 3600}
        return Secret(jose.sign({"typ": "JWT", "alg": "EdDSA", "kid": "p"}, claims, self.people))

    def log(self) -> str:
        """What the process said, for the assertion that it said no secret."""
        return (self.folder / "broker.log").read_text()

    def _answers(self) -> bool:
        with contextlib.suppress(Exception), self.client() as client:
            client.tasks()
            return True
        return False
