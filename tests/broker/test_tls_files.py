"""TLS contexts that follow their files."""

from __future__ import annotations

import logging
import os
import ssl
from pathlib import Path

import pytest

from broker.tls_files import Reloading
from secretguard.errors import ConfigError


class Making:
    """Makes contexts, or fails, and counts."""

    def __init__(self) -> None:
        self.made = 0
        self.broken = False

    def __call__(self) -> ssl.SSLContext:
        if self.broken:
            raise ConfigError("does not fit")
        self.made += 1
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def test_a_context_is_made_anew_when_a_file_changes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not before; also where a file is replaced by one of the same size; what does not fit together changes nothing
    until it does."""
    file, making = tmp_path / "a", Making()
    file.write_text("one")
    reloading = Reloading(ssl.PROTOCOL_TLS_CLIENT, making, [str(file)])
    first = reloading.current()
    assert reloading.current() is first
    (tmp_path / "b").write_text("two")
    os.replace(tmp_path / "b", file)
    second = reloading.current()
    assert second is not first
    making.broken = True
    file.write_text("half of it")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert reloading.current() is second
    assert caplog.text.count("still in use") == 1, "a broken file is told of once, not at each connection"
    file.unlink()
    assert reloading.current() is second
    making.broken = False
    file.write_text("whole")
    assert reloading.current() is not second
    assert making.made == 3


def test_it_does_not_begin_with_what_is_missing(tmp_path: Path) -> None:
    """The first context is made at once, and failing is an error with the file's name."""
    with pytest.raises(ConfigError, match="missing"):
        Reloading(ssl.PROTOCOL_TLS_CLIENT, Making(), [str(tmp_path / "missing")])
    making = Making()
    making.broken = True
    with pytest.raises(ConfigError, match="fit"):
        Reloading(ssl.PROTOCOL_TLS_CLIENT, making, [])
