"""A gated bare repository, a developer's clone and a reviewer's, with real git and real SSH keys."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

AGENT = "agent@example.com"
REVIEWER = "reviewer@example.com"
SECOND = "second@example.com"

FACTS = """
version = 1

[environment]
default = "development"

[data]
default = "internal"

[production]
paths = ["deploy/prod/**"]
"""


def environment(home: Path, mail: str) -> dict[str, str]:
    """A fixed environment: nothing of the caller's git configuration, this checkout's programs first on PATH."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": mail.split("@")[0],
        "GIT_AUTHOR_EMAIL": mail,
        "GIT_COMMITTER_NAME": mail.split("@")[0],
        "GIT_COMMITTER_EMAIL": mail,
        "SECRETGUARD_HOME": str(home / "secretguard"),
    }


@dataclass(frozen=True)
class Person:
    """Someone with a clone, a mail address and an SSH key."""

    clone: Path
    mail: str
    home: Path

    @property
    def key(self) -> Path:
        return self.home / "id_ed25519"

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, cwd=self.clone, env=environment(self.home, self.mail), capture_output=True, text=True, timeout=90
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("git", *arguments, check=check)

    def commit(self, path: str, text: str, message: str = "change") -> str:
        file = self.clone / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.git("add", path)
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD").stdout.strip()

    def push(self, target: str = "HEAD:main") -> subprocess.CompletedProcess[str]:
        return self.git("push", "origin", target, check=False)

    def review(self, commit: str, ref: str = "main", key: Path | None = None) -> subprocess.CompletedProcess[str]:
        self.git("fetch", "-q", "origin")
        chosen = str(key or self.key)
        return self.run("secretguard", "gate", "review", commit, "--ref", ref, "--key", chosen, "--yes", check=False)


@dataclass(frozen=True)
class Gated:
    """The server's bare repository and the people around it."""

    server: Path
    agent: Person
    reviewer: Person
    second: Person

    @property
    def journal(self) -> Path:
        return self.server / "secretguard" / "audit"


def person(root: Path, server: Path, mail: str) -> Person:
    """A clone of `server` and a new key for `mail`."""
    home = root / mail.split("@")[0]
    home.mkdir()
    clone = home / "clone"
    who = Person(clone, mail, home)
    clone.mkdir()
    who.git("init", "-q", "-b", "main")
    who.git("remote", "add", "origin", str(server))
    who.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", mail, "-f", str(who.key))
    return who


def gated(root: Path, packs: Path, protect: tuple[str, ...] = ()) -> Gated:
    """Everything above below `root`: the gate installed by the real command, main seeded before that."""
    server = root / "server.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(server)], check=True, timeout=30)
    agent, reviewer, second = (person(root, server, mail) for mail in (AGENT, REVIEWER, SECOND))
    agent.commit("README", "seed\n")
    agent.commit("deploy/prod/app.yaml", "replicas: 1\n")
    agent.git("push", "-q", "origin", "HEAD:main")
    policy = root / "policy"
    policy.mkdir()
    (policy / "rules.cedar").write_bytes((packs / "rules.cedar").read_bytes())
    (policy / "facts.toml").write_text(FACTS)
    options = [word for name in protect for word in ("--protect", name)]
    agent.run("secretguard", "install", "git", "--server", str(server), *options)
    subprocess.run(
        ["git", "--git-dir", str(server), "config", "secretguard.policy", str(policy)], check=True, timeout=30
    )
    signers = "".join(
        f"{who.mail} {' '.join((who.home / 'id_ed25519.pub').read_text().split()[:2])}\n" for who in (reviewer, second)
    )
    (server / "secretguard" / "allowed_signers").write_text(signers)
    for who in (reviewer, second):
        who.git("fetch", "-q", "origin")
    return Gated(server, agent, reviewer, second)
