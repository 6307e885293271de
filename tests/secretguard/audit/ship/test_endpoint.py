"""Destinations: what may be written, from the command line and from `ship.toml`; everything else is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.audit.ship.endpoint import Endpoint, endpoint
from secretguard.errors import ConfigError


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's ship.toml; it does not exist yet."""
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / "ship.toml"


def test_urls_say_where() -> None:
    """Host, port (the protocol's own where there is none) and path."""
    found = endpoint("syslog+tls://siem.example.org")
    assert (found.scheme, found.host, found.port, found.url_path) == ("syslog+tls", "siem.example.org", 6514, "")
    found = endpoint("otlp+https://[::1]:443/tenant/v1/logs/")
    assert (found.host, found.port, found.url_path) == ("::1", 443, "/tenant/v1/logs")
    assert endpoint("file:/var/log/x.jsonl").path == endpoint("file:///var/log/x.jsonl").path == "/var/log/x.jsonl"
    assert endpoint("file:x").path == "x"
    assert endpoint("otlp:").scheme == "otlp"


@pytest.mark.parametrize(
    "url",
    [
        "http://x", "syslog://x", ":", "syslog+tls:", "syslog+tls://", "syslog+tls://:6514", "syslog+tls://x:y",
        "syslog+tls://x:0", "syslog+tls://x:70000", "syslog+tls://x/path", "otlp+https://user:" + "made-up@x",
        "otlp+https://x?token=made-up", "otlp+https://x#y", "otlp+https://[::1", "ftp:x", "SYSLOG+UDP://x",
    ],
)  # fmt: skip
def test_what_is_no_destination_is_refused(url: str) -> None:
    """With what may be written instead, and without what may be a password."""
    with pytest.raises(ConfigError, match="syslog") as caught:
        endpoint(url)
    assert "made-up" not in str(caught.value)


def test_a_name_is_a_section_of_the_file(settings: Path) -> None:
    """What is given beside it counts first."""
    settings.write_text('[siem]\nto = "syslog+tls://siem:6514"\nca = "/etc/ca.pem"\nserver_name = "log.example.org"\n')
    assert endpoint("siem") == Endpoint("syslog+tls://siem:6514", ca="/etc/ca.pem", server_name="log.example.org")
    assert endpoint("siem", ca="/other.pem", key="", server_name="").ca == "/other.pem"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "there is no"),
        ("", r"no section \[siem\]\n  there are: none"),
        ("[other]\n", r"there are: other"),
        ("siem = 1\n", "no section"),
        ('[siem]\nto = "siem"\n', "has no `to`"),
        ('[siem]\nca = "x"\n', "has no `to`"),
        ('[siem]\nto = "otlp:"\ntoken = "x"\n', r"\[siem\] token"),
        ('[siem]\nto = "otlp:"\nca = 7\n', r"\[siem\] ca"),
        ("[siem\n", "line 1"),
        ("\udcff", "ship.toml"),
        ("x" * 70_000, "ship.toml"),
        ('[siem]\nto = "otlp+https://x"\nkey = "k"\n', "go together"),
    ],
)
def test_a_file_that_is_wrong_is_named(text: str | None, says: str, settings: Path) -> None:
    """With section, key or line."""
    if text is not None:
        settings.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=says):
        endpoint("siem")


def test_a_folder_in_its_place_is_named(settings: Path) -> None:
    """As whatever else the system says."""
    os.mkdir(settings)
    with pytest.raises(ConfigError, match=r"ship\.toml"):
        endpoint("siem")
