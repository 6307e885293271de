"""Claims of a verified token: where one is found, and whether it is what the configuration binds it to. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from broker.authenticate.pattern import matches

Wanted = str | bool | list[str]
"""A pattern (`broker/authenticate/pattern.py`), a truth value, or several patterns any one of which will do."""

MAX_VALUES = 500
MAX_DEPTH = 8


def find(claims: Mapping[str, object], name: str) -> object:
    """The claim of that name or, where it begins with `/`, at that JSON pointer (RFC 6901); None where there is none.

    `/kubernetes.io/namespace` is the member `namespace` of the claim `kubernetes.io`.
    """
    if not name.startswith("/"):
        return claims.get(name)
    value: object = claims
    for part in name[1:].split("/")[:MAX_DEPTH]:
        if not isinstance(value, Mapping):
            return None
        value = value.get(part.replace("~1", "/").replace("~0", "~"))
    return value


def holds(value: object, wanted: Wanted) -> bool:
    """Is a claim's `value` what is `wanted`? One that is a list holds what one of its texts does."""
    if isinstance(wanted, bool):
        return value is wanted
    patterns = [wanted] if isinstance(wanted, str) else wanted
    values = value if isinstance(value, list) else [value]
    texts = [one for one in values[:MAX_VALUES] if isinstance(one, str)]
    return any(matches(pattern, text) for pattern in patterns for text in texts)
