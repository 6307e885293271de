"""What to do about findings, said once a rule: what it is, how a leaked one is made worthless, how a harmless one is
accepted, as a command that can be copied.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from secretguard.report.located import Located
from secretguard.terminal import printable

SEVERITIES = ("critical", "high", "medium", "low")
NAMED = 3
"""Findings that an accepting command names; for more there is a screen."""

_INDENT = " " * 12
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-")


def by_rule(found: Iterable[Located]) -> list[tuple[str, list[Located]]]:
    """Findings by rule: the most severe rule first, of equal ones the one with more; each in the order of the scan."""
    groups: dict[str, list[Located]] = {}
    for finding in found:
        groups.setdefault(finding.rule_id, []).append(finding)
    return sorted(groups.items(), key=lambda group: (SEVERITIES.index(group[1][0].severity), -len(group[1]), group[0]))


def heading(rule: str, found: Sequence[Located]) -> str:
    """The rule, what it finds, and how much of it there is."""
    files = len({finding.path for finding in found})
    values = len({finding.fingerprint for finding in found})
    text = f"{rule}: {found[0].description}"
    if len(found) > 1:
        same = "the same value" if values == 1 else f"{values} values"
        text += f", {len(found)} times in {files} file{'' if files == 1 else 's'} ({same})"
    return text


def paragraphs(rule: str, found: Sequence[Located], baseline: str, width: int) -> list[str]:
    """The lines about one rule, below its heading, each of at most `width` columns but for commands."""
    from secretguard.detect.registry import BY_ID  # costs as much as a scan

    ours = BY_ID.get(rule)
    real = ours.revoke if ours else "Revoke it where it was issued."
    if any(finding.commit for finding in found):
        real += " It stays in the history: taking it out of the file does not help."
    lines = _wrapped("real?", real, width)
    if ours:
        lines.append(f"{_INDENT}secretguard rules show {rule}")
    harmless = [finding for finding in found if _is_here(finding)]
    if harmless:
        lines += [*_wrapped("harmless?", "Say so, with a reason:", width), f"{_INDENT}{accepting(harmless, baseline)}"]
    return lines


def accepting(found: Sequence[Located], baseline: str) -> str:
    """The command that accepts these findings, by their fingerprints; the screen where they are many."""
    names = list(dict.fromkeys(finding.fingerprint for finding in found))
    if len(names) > NAMED:
        return f"secretguard baseline review {quoted(baseline)}"
    paths = list(dict.fromkeys(_file(finding) for finding in found))
    where = paths if len(paths) <= NAMED else []
    words = ["secretguard", "baseline", "accept", baseline, *where]
    words += [word for name in names for word in ("--finding", name)]
    if any(finding.rule_id.startswith("detect-secrets:") for finding in found):
        words += ["--plugins", "own,detect-secrets"]
    return " ".join(map(quoted, words)) + " --why '...'"


def quoted(word: str) -> str:
    """A word for a shell; what would drive a terminal is escaped, and then names nothing."""
    if word and _PLAIN.issuperset(word):
        return word
    return "'" + printable(word).replace("'", "'\"'\"'") + "'"


def _file(finding: Located) -> str:
    """The file on disk: of a member of an archive, the archive."""
    return finding.path if os.path.exists(finding.path) else finding.path.partition("!")[0]


def _is_here(finding: Located) -> bool:
    """Whether the finding is in a file as it stands: what only the past, a stream or a variable holds is in none."""
    return (finding.commit is None or finding.commit.at_head is True) and os.path.isfile(_file(finding))


def _wrapped(label: str, text: str, width: int) -> list[str]:
    import textwrap

    first = f"  {label}".ljust(len(_INDENT))
    return textwrap.wrap(
        text,
        max(40, width),
        initial_indent=first,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
