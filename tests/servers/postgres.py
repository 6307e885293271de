"""A real PostgreSQL on a spare loopback port with scram passwords, gone afterwards.

`with running_postgres(program) as server:`. PostgreSQL refuses to run as root, so as root it is started as `postgres`
or `nobody`, in a folder that user owns. fsync is off: nothing here must survive a power cut.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

from tests.servers.process import as_user, give, spare_port, stop, unprivileged, wait_until

SUPERUSER = "postgres"
READY_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "password_encryption": "scram-sha-256",
}


@dataclasses.dataclass(frozen=True)
class PostgresServer:
    """A running server on 127.0.0.1: port, superuser's password, process, and the folder of its data and socket."""

    port: int
    password: str
    process: subprocess.Popen[bytes]
    folder: Path

    def connect(self, user: str = SUPERUSER, password: str = "", database: str = "postgres") -> psycopg.Connection[Any]:
        """Log in over TCP with a password; autocommit. Raises psycopg.OperationalError when refused."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=password or self.password,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def has_role(self, name: str) -> bool:
        """Whether a database user of that name exists."""
        with self.connect() as link:
            return link.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone() is not None

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy's address of a database here, as the superuser."""
        return f"postgresql+psycopg://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"


@contextlib.contextmanager
def running_postgres(program: Path, settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """Start `program` (the `postgres` binary; `initdb` lies beside it) on a new, empty data folder; `settings` come on
    top of SETTINGS."""
    user = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="sg-pg-"))
    try:
        give(folder, user)
        server = _started(program, folder, user, {**SETTINGS, **(settings or {})})
        try:
            yield server
        finally:
            stop(server.process, signal.SIGINT)  # "fast": sessions are ended, the data folder is left consistent
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(program: Path, folder: Path, user: str | None, wanted: Mapping[str, str]) -> PostgresServer:
    password = secrets.token_hex(12)
    data, environment = folder / "data", {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(folder)}
    pwfile = folder / "pw"
    pwfile.write_text(password)
    if user:
        os.chown(pwfile, pwd.getpwnam(user).pw_uid, -1)
    initdb = [program.with_name("initdb"), "-D", data, "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={pwfile}"]
    subprocess.run(
        [*initdb, "--no-sync", "--locale=C", "--encoding=UTF8"],
        check=True, capture_output=True, timeout=READY_SECONDS, env=environment, cwd=folder, **as_user(user),
    )  # fmt: skip
    pwfile.unlink()
    problem: RuntimeError | None = None
    for _ in range(3):  # the spare port may be taken between looking and binding
        port = spare_port()
        settings = [part for key, value in wanted.items() for part in ("-c", f"{key}={value}")]
        process = subprocess.Popen(
            [program, "-D", data, "-p", str(port), "-k", folder, *settings],
            env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **as_user(user),
        )  # fmt: skip
        server = PostgresServer(port, password, process, folder)
        try:
            wait_until(lambda server=server: _answers(server), process, READY_SECONDS, "postgres")
        except RuntimeError as reason:
            stop(process, signal.SIGINT)
            problem = reason
        else:
            return server
    raise problem or RuntimeError("postgres did not start")


def _answers(server: PostgresServer) -> bool:
    try:
        server.connect().close()
    except psycopg.OperationalError:
        return False
    return True
