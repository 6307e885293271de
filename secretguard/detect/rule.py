"""What a rule is: the shape of one kind of secret, how sure a match makes us, and what to do about a leak.

Off the hot path: `pack.py` flattens rules into the table that `engine.py` reads. A rule does no I/O and knows no other
rule; the registry lists them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from secretguard.detect.finding import HIGH

BEFORE = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
"""Start of a token: not inside a longer word; a backslash escape before it (`\\n` in a JSON string) is no word."""

ALNUM = "[A-Za-z0-9]"
WORD = "[A-Za-z0-9_-]"
HEX = "[0-9a-f]"
LOWER = "[a-z0-9]"
UPPER = "[A-Z0-9]"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One shape, as two regular expressions over bytes.

    `find` goes into the one compiled pack of stage 1: the common subset of Hyperscan, RE2 and `re` without look-around,
    bounded, never matching a line end. It should be the shortest text that tells the shape. `confirm` runs in stage 2
    on the line round each hit, by `re`, may look around, and gives the exact span: the group `secret` where there is
    one, else the whole match. Empty `find` means that `confirm` serves both.

    With `near`, `find` is a name that stands by the secret instead (a vendor's), and `confirm` is looked for up to that
    many bytes before and after it, on whichever line.
    """

    confirm: str
    find: str = ""
    near: int = 0

    @property
    def stage1(self) -> str:
        return self.find or self.confirm


def token(head: str, alphabet: str, least: int, most: int = 0) -> Pattern:
    """`head` and then `least` to `most` characters of `alphabet` (a bracketed class), not part of a longer run."""
    most = most or least
    return Pattern(
        confirm=f"{BEFORE}{head}{alphabet}{{{least},{most}}}(?!{alphabet})",
        find=f"{head}{alphabet}{{{least}}}",
    )


def prefixed(head: str, value: str) -> Pattern:
    """`head` and then `value` (a regular expression of fixed shape), not part of a longer word."""
    return Pattern(confirm=f"{BEFORE}{head}{value}(?![A-Za-z0-9_-])", find=f"{head}{value}")


def keyed(names: str, value: str) -> Pattern:
    """`value` (a regular expression of fixed shape) assigned to something whose name contains one of `names`.

    For keys without a mark of their own: `DATADOG_API_KEY: 0123…`, `"heroku_key" => '…'`, `--cf-token …`.
    """
    name = rf"(?i:{names})[A-Za-z0-9_. -]{{0,40}}[\"'\]]{{0,2}}"
    context = rf"{name}[ \t]{{0,10}}(?:=>|:=|=|:|,|[ \t])[ \t]{{0,10}}[\"'`]?"
    return Pattern(
        confirm=f"{context}(?P<secret>{value})(?![A-Za-z0-9_/+-])",
        find=f"{context}{value}",
    )


REACH = 160
"""Bytes between a vendor's name and its key: two or three lines of a settings file."""


def near(names: str, value: str, reach: int = REACH) -> Pattern:
    """`value` (a regular expression of fixed shape) up to `reach` bytes before or after one of the `names`.

    For keys without a mark of their own whose vendor is named nearby, in whatever syntax, order and line. The names
    must be rare outside of their meaning: each one in a text costs a search.
    """
    return Pattern(
        confirm=f"(?<![A-Za-z0-9/+])(?P<secret>{value})(?![A-Za-z0-9_/+=-])",
        find=f"(?i:{names})",
        near=reach,
    )


def shown(value: str) -> tuple[tuple[str, str], ...]:
    """Examples of one token where tokens turn up: a JSON value, a shell line, a log line, an escaped string."""
    return (
        (f'{{"value": "{value}", "n": 1}}', value),
        (f"export CREDENTIAL={value}\n", value),
        (f"got {value}, retrying", value),
        (f"header\\n{value}\\nrest", value),
    )


def named(name: str, value: str) -> tuple[tuple[str, str], ...]:
    """Examples of a key that its vendor's name tells: a settings line, JSON, YAML, code, a command line."""
    return (
        (f"{name.upper()}_API_KEY={value}\n", value),
        (f'{{"{name}": {{"key": "{value}"}}}}', value),
        (f"{name}:\n  token: {value}\n", value),
        (f"client = {name}.Client('{value}')", value),
        (f"curl -H 'X-Key: {value}' https://api.{name}.com/v1", value),
    )


def one_off(name: str, value: str) -> tuple[str, ...]:
    """Near misses of the same: a character short, one too many, and a name beside a digest."""
    return (f"{name}_key={value[:-1]}\n", f"{name}_key={value}0\n", f"{name} sha256: {value}\n")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret.

    `id` is kebab-case and stable: baselines, placeholders and policies name it. `judge` names the function of
    `judge.py` that has the last word. `revoke` says what to do when one leaked; `url` is where the shape is described.
    `examples` are pairs (text, the secret in it) that must be found exactly; `near_misses` are texts in which this rule
    must find nothing. `peer_type` is the name that detect-secrets gives the same kind in a baseline file.
    """

    id: str
    description: str
    patterns: tuple[Pattern, ...]
    url: str
    revoke: str
    examples: tuple[tuple[str, str], ...]
    near_misses: tuple[str, ...]
    severity: str = HIGH
    confidence: str = HIGH
    judge: str = "token"
    peer_type: str = ""
