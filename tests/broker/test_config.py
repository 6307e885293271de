"""The configuration of `broker serve`: strict, and closed against the mistakes that would matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker import config as config_module
from broker.config import Config
from broker.toml_file import parse, read
from secretguard.errors import ConfigError

GOOD = """[server]
socket = "/run/secretguard/launch.sock"
listen = "127.0.0.1:8420"
public_url = "https://broker.example.org"
[store]
url = "sqlite:////var/lib/secretguard/broker.db"
[policy]
directory = "/etc/secretguard/policy"
[keys]
directory = "/var/lib/secretguard/keys"
[[issuers]]
issuer = "https://id.example.org"
audience = "broker"
jwks = "https://id.example.org/jwks.json"
"""


def test_a_good_file(tmp_path: Path) -> None:
    """The issuer of task identities is the public URL unless said otherwise."""
    path = tmp_path / "broker.toml"
    path.write_text(GOOD)
    value, _ = read(path, Config)
    assert value.issuer == "https://broker.example.org"
    assert value.issuers[0].trusted().audience == "broker"
    assert value.vault is None


def test_the_example_in_the_documentation_is_good() -> None:
    """What the module's docstring shows can be read, but for the [vault] table that it leaves to another file."""
    text = (config_module.__doc__ or "").partition("[server]")[2]
    assert parse("x", f"[server]{text.partition('[vault]')[0]}".encode(), Config).server.operators


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("127.0.0.1:8420", "0.0.0.0:8420", "x:3: server.listen"),
        ("127.0.0.1:8420", "localhost:8420", "x:3: server.listen"),
        ("127.0.0.1:8420", "127.0.0.1:99999", "x:3: server.listen"),
        ('"/run/secretguard/launch.sock"', '"launch.sock"', "x:2: server.socket"),
        ("https://broker.example.org", "https://broker.example.org/", "x:4: server.public_url"),
        ("https://broker.example.org", "ftp://broker.example.org", "x:4: server.public_url"),
        ('issuer = "https://id.example.org"', 'issuer = "https://broker.example.org"', "this broker's own issuer"),
        ('audience = "broker"', 'audience = "broker"\nalgorithms = ["HS256"]', "issuers.0"),
        ('audience = "broker"', 'audience = "broker"\nalgorithms = ["none"]', "issuers.0"),
        ("[store]", "[store]\npool = 5", "x:6: store.pool"),
        ("[keys]", "[keyz]", "keys"),
    ],
)
def test_a_bad_file_is_refused(old: str, new: str, told: str) -> None:
    """Plain HTTP beyond loopback, trust in tokens that sandboxes hold, weak algorithms, typing errors."""
    with pytest.raises(ConfigError) as refused:
        parse("x", GOOD.replace(old, new).encode(), Config)
    assert told in str(refused.value)
