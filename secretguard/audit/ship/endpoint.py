"""Where to ship to: one URL, and how its receiver is known. From the command line or the user's `ship.toml`.

file:/var/log/secretguard.ocsf.jsonl        a file
syslog+tls://siem.example.org:6514          RFC 5424 over TLS (RFC 5425)
otlp+https://collector.example.org:4318     OTLP logs over HTTPS; the path is /v1/logs unless it is given
otlp:                                       the same, all of it from OTEL_EXPORTER_OTLP_*
syslog+tcp://127.0.0.1:6514, otlp+http://127.0.0.1:4318      without TLS: to this machine only
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from urllib.parse import SplitResult, urlsplit

from secretguard.errors import ConfigError
from secretguard.places import config_dir

FILE = "ship.toml"
MAX_BYTES = 64 * 1024
PORTS = {"syslog+tls": 6514, "syslog+tcp": 6514, "otlp+https": 4318, "otlp+http": 4318}
"""Scheme → port where the URL has none: RFC 5425, OpenTelemetry Protocol 1."""
FORMS = "file:PATH, syslog+tls://HOST:PORT, otlp+https://HOST:PORT or otlp:"


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """`ca`, `certificate`, `key` are PEM files; `server_name` is what the receiver's certificate must say when it is
    not the URL's host."""

    to: str
    ca: str = ""
    certificate: str = ""
    key: str = ""
    server_name: str = ""

    @property
    def scheme(self) -> str:
        """What stands before the first colon."""
        return self.to.partition(":")[0].lower()

    @property
    def path(self) -> str:
        """Of `file:` alone."""
        return self.to.removeprefix("file:").removeprefix("//")

    @property
    def host(self) -> str:
        """Without brackets. Raises ConfigError where there is none."""
        return self._split.hostname or ""

    @property
    def port(self) -> int:
        """The URL's, or the protocol's own."""
        return self._split.port or PORTS[self.scheme]

    @property
    def url_path(self) -> str:
        """The URL's path; empty where it has none."""
        return self._split.path.rstrip("/")

    @property
    def _split(self) -> SplitResult:
        """Raises ConfigError, which does not repeat the URL: what is wrong with it may be a password in it."""
        try:
            split = urlsplit(self.to)
            usable = bool(split.hostname) and split.port != 0
        except ValueError:
            usable = False
        if not usable or "@" in split.netloc or split.query or split.fragment:
            raise ConfigError(f"no usable destination after {self.scheme}:", f"write {FORMS}, without credentials")
        return split


def endpoint(to: str, **settings: str) -> Endpoint:
    """The destination that `to` names: a URL, or the name of a section of `ship.toml`. `settings` that are not empty
    count before those of the file. Raises ConfigError."""
    named = Endpoint(to) if ":" in to else _section(to)
    found = dataclasses.replace(named, **{name: value for name, value in settings.items() if value})
    if found.scheme not in (*PORTS, "file", "otlp"):
        raise ConfigError(f"{found.scheme!r} is no kind of destination", f"write {FORMS}")
    if found.scheme in PORTS and found.port and found.url_path and found.scheme.startswith("syslog"):
        raise ConfigError("a syslog receiver has no path", f"write {found.scheme}://HOST:PORT")
    if bool(found.certificate) != bool(found.key):
        raise ConfigError("a client certificate and its key go together", "name both files, or neither")
    return found


def _section(name: str) -> Endpoint:
    path = os.path.join(config_dir(), FILE)
    try:
        with open(path, "rb") as file:
            document = tomllib.loads(file.read(MAX_BYTES).decode("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no {path}, so no destination is called {name!r}", f"write {FORMS}") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # TOML or UTF-8; tomllib says the line
        raise ConfigError(f"{path}: {error}") from None
    section = document.get(name)
    if not isinstance(section, dict):
        raise ConfigError(f"{path}: no section [{name}]", f"there are: {', '.join(document) or 'none'}")
    known = {field.name for field in dataclasses.fields(Endpoint)}
    for key, value in section.items():
        if key not in known or not isinstance(value, str):
            raise ConfigError(f"{path}: [{name}] {key}", f"a text; the keys are {', '.join(sorted(known))}")
    if ":" not in section.get("to", ""):
        raise ConfigError(f"{path}: [{name}] has no `to`", f"write {FORMS}")
    return Endpoint(**section)
