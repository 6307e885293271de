"""What may stand in a grant's `scope`: each source declares its keys, so that a mistake is found when the policy is
loaded and not when an agent waits for a credential. Pure.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Callable, Mapping

from broker.vault import NAME

HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62})?)*")
MAX_LIST = 16


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """One kind of value: `good` tells whether a text is one, `form` says in words what one is."""

    form: str
    good: Callable[[str], bool]


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """The keys of one source's scope: all of `required`, any of `optional`, no other."""

    required: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    optional: Mapping[str, Value] = dataclasses.field(default_factory=dict)

    def problem(self, given: Mapping[str, str]) -> tuple[str, str]:
        """(key, what is wrong with it) of the first mistake in `given`; two empty texts when there is none."""
        known = {**self.required, **self.optional}
        for key in given:
            if key not in known:
                return key, f"is no key of this source; it has {', '.join(sorted(known))}"
        for key in self.required:
            if key not in given:
                return key, f"is missing: {self.required[key].form}"
        for key, value in given.items():
            if not known[key].good(value):
                return key, f"{value!r} is not {known[key].form}"
        return "", ""


def matching(form: str, pattern: re.Pattern[str]) -> Value:
    """Texts that `pattern` matches as a whole."""
    return Value(form, lambda text: pattern.fullmatch(text) is not None)


def listed(one: Value) -> Value:
    """Up to MAX_LIST of `one`, separated by single commas."""
    form = f"{one.form}, or up to {MAX_LIST} of them with commas between"
    return Value(form, lambda text: text.count(",") < MAX_LIST and all(map(one.good, text.split(","))))


def _port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536


def _network(text: str) -> bool:
    try:
        return str(ipaddress.ip_network(text)) in (text, f"{text}/32", f"{text}/128")
    except ValueError:
        return False


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return HOST_NAME.fullmatch(text) is not None
    return True


VAULT_NAME = matching("1 to 64 letters, digits, _ and -", NAME)
TEXT = Value("a text", bool)
WHOLE = matching("a whole number from 1", re.compile(r"[1-9][0-9]{0,8}"))
PORT = Value("a port number", _port)
HOST = Value("a host name or an address", _address)
DNS_NAME = matching("a host name", HOST_NAME)
NETWORK = Value("a network such as 192.0.2.0/24", _network)
