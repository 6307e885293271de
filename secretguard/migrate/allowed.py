"""Whether what gitleaks was told to pass over is what we found: for one finding and its line, pure.

A baseline accepts a value in a file. So a finding is only carried over where it is certain that gitleaks would have
meant that value: by the rule's name, or by the expression that the project's configuration gives for the rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secretguard.migrate.gitleaks import Allowlist, Config, Fingerprint, any_of, overlaps
from secretguard.report.located import Located

LINE = 4000
"""Characters of a line round a finding that an expression is held against."""

_ALIASES = {
    "gcp": ("google-",), "hashicorp": ("terraform-", "vault-"), "curl": ("curl-", "http-"), "jwt": ("jwt",),
    "private": ("private-", "putty-"), "azure": ("azure-",), "sidekiq": (), "stripe": ("stripe-",),
}  # fmt: skip
_GENERIC = ("generic-", "env-", "connection-", "url-", "http-", "curl-", "netrc-")


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding with the text of its line, cut to LINE, and where in that text its value stands."""

    finding: Located
    line: str
    start: int

    @property
    def span(self) -> tuple[int, int]:
        """Where the value stands in `line`."""
        return self.start, self.start + max(1, len(self.finding.secret.reveal().split("\n")[0]))


def same_rule(theirs: str, config: Config | None, seen: Seen) -> bool:
    """Whether gitleaks' rule `theirs` finds what was found: by the project's expression for it, else by its name."""
    expression = config.rules.get(theirs) if config else None
    if expression is not None:
        return overlaps(expression.search(seen.line), seen.span)
    ours, family = seen.finding.rule_id, theirs.split("-")[0].lower()
    if family == "generic":
        return ours.startswith(_GENERIC)
    return ours.startswith(_ALIASES.get(family, (f"{family}-",)))


def by_allowlist(config: Config, path: str, seen: Seen) -> str:
    """The allowlist that passes the finding over, as the file calls it; empty where none does.

    Commits are no matter of a file as it is now: `condition = "AND"` with commits passes nothing over here.
    """
    for one in config.allowlists:
        applies = not one.rules or any(same_rule(rule, config, seen) for rule in one.rules)
        if applies and _passes(one, path, seen):
            return one.where
    return ""


def _passes(one: Allowlist, path: str, seen: Seen) -> bool:
    value = seen.finding.secret.reveal()
    kinds = []
    if one.paths:
        kinds.append(any_of(one.paths, path))
    if one.regexes:
        kinds.append(_regexes(one, value, seen))
    if one.stopwords:
        kinds.append(any(word.lower() in value.lower() for word in one.stopwords))
    if one.commits and one.every:
        return False
    return bool(kinds) and (all if one.every else any)(kinds)


def _regexes(one: Allowlist, value: str, seen: Seen) -> bool:
    if one.target == "line":
        return any_of(one.regexes, seen.line)
    if one.target == "match":  # the text of gitleaks' own match is not known; it lies round the value
        return any(overlaps(regex.search(seen.line), seen.span) for regex in one.regexes)
    return any_of(one.regexes, value[:LINE])


def at_fingerprint(one: Fingerprint, config: Config | None, there: Sequence[Seen]) -> list[Located]:
    """Which of the findings in that line the fingerprint is about; of several values only those of its rule."""
    ours = [seen.finding for seen in there if same_rule(one.rule, config, seen)]
    values = {seen.finding.secret.reveal() for seen in there}
    if not ours and len(values) == 1 and one.rule.startswith("generic"):  # the rule for whatever has a name
        return [seen.finding for seen in there]
    return ours
