"""A stand-in for AWS STS: moto's server on a spare loopback port, in this process; and a file of the broker's keys."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from moto.server import ThreadedMotoServer

KEY_ID = "AKIA" + "QYZLIMFICTITIOUS"
KEY = "made-up/" + "Qz7Lm0" * 5


@contextlib.contextmanager
def running_sts() -> Iterator[str]:
    """Its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def credentials_file(folder: Path, key_id: str = KEY_ID, key: str = KEY, extra: str = "") -> Path:
    """A credentials file of mode 0600 with one profile, `default`."""
    path = folder / "aws-credentials"
    path.write_text(f"[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {key}\n{extra}")
    path.chmod(0o600)
    return path
