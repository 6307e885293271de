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


MTLS = """[server.mtls]
listen = "127.0.0.1:8443"
certificate = "/run/svid.pem"
key = "/run/svid.key"
trust_domains = { "example.org" = "/run/bundle.pem" }
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("127.0.0.1:8443", "0.0.0.0:8443", "public_url must say"),
        ("127.0.0.1:8443", "[::]:8443", "public_url must say"),
        ("127.0.0.1:8443", "broker.example:8443", "ADDRESS:PORT"),
        ("127.0.0.1:8443", "127.0.0.1:x", "ADDRESS:PORT"),
        ('"example.org"', '"Example.org"', "trust_domains"),
        ('{ "example.org" = "/run/bundle.pem" }', "{}", "trust_domains"),
        ('"/run/bundle.pem"', '"bundle.pem"', "trust_domains"),
        ('"/run/svid.pem"', '"/run/svid.pem"\npublic_url = "http://broker.example"', "https"),
    ],
)
def test_a_bad_table_for_mutual_tls_is_refused(old: str, new: str, told: str) -> None:
    """Without it there is no such listener; with it each part is looked at."""
    assert parse("x", GOOD.encode(), Config).server.mtls is None
    assert parse("x", (GOOD + MTLS).encode(), Config).server.mtls
    with pytest.raises(ConfigError, match=told):
        parse("x", (GOOD + MTLS.replace(old, new)).encode(), Config)


def test_an_issuer_may_be_left_to_its_discovery() -> None:
    """No jwks; what it is bound to, and how people log in there, arrive at the verifier."""
    text = GOOD.replace('jwks = "https://id.example.org/jwks.json"', 'people = false\nclaims = { ref = ["a", "b/*"] }')
    found = parse("x", text.encode(), Config).issuers[0].trusted()
    assert (found.jwks, found.people, found.claims, found.login) == ("", False, {"ref": ["a", "b/*"]}, None)
    text = GOOD + 'login = { client_id = "cli", scopes = ["openid", "groups"], token = "access_token", resource = "r" }'
    login = parse("x", text.encode(), Config).issuers[0].trusted().login
    assert login
    assert (login.issuer, login.scopes, login.token) == (found.issuer, ("openid", "groups"), "access_token")


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
        ('jwks = "https://', 'jwks = "http://', "issuers.0"),
        ('audience = "broker"', 'audience = "broker"\ntoken_file = "/run/token"', "ca_file"),
        ('audience = "broker"', 'audience = "broker"\nclaims = { ref = [] }', "issuers.0.claims"),
        ('audience = "broker"', 'audience = "broker"\nclaims = { ref = 7 }', "issuers.0.claims"),
        (
            'audience = "broker"',
            'audience = "broker"\nlogin = { client_id = "cli" }',
            "audience must be login.client_id",
        ),
        ('audience = "broker"', 'audience = "broker"\nlogin = { client_id = "broker", scopes = ["x"] }', "openid"),
        ('audience = "broker"', 'audience = "broker"\nlogin = { client_id = "broker", secret = "x" }', "login.secret"),
        ("[keys]", "[keyz]", "keys"),
    ],
)
def test_a_bad_file_is_refused(old: str, new: str, told: str) -> None:
    """Plain HTTP beyond loopback, trust in tokens that sandboxes hold, weak algorithms, typing errors."""
    with pytest.raises(ConfigError) as refused:
        parse("x", GOOD.replace(old, new).encode(), Config)
    assert told in str(refused.value)
