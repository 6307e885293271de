"""`.pre-commit-config.yaml` with the hook of another scanner replaced by ours; every other line stays as it is.

The YAML parser tells where each value stands, and only those characters are changed: comments and layout stay. What
cannot be done so is left to a person, and said.
"""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

yaml: Any = importlib.import_module("yaml")  # it comes with detect-secrets; its types do not come with it

FILE = ".pre-commit-config.yaml"
REPOSITORY = "https://github.com/secretguard/secretguard"

_PLAIN = re.compile(r"[A-Za-z_.][\w./-]*")
LARGEST = 1 << 20
"""Characters of a configuration that are read."""

OURS = "secretguard"
HOOKS: dict[str, dict[str, str]] = {
    "yelp/detect-secrets": {"detect-secrets": "detect-secrets"},
    "gitleaks/gitleaks": dict.fromkeys(("gitleaks", "gitleaks-docker", "gitleaks-system"), OURS),
    "zricethezav/gitleaks": dict.fromkeys(("gitleaks", "gitleaks-docker", "gitleaks-system"), OURS),
    "betterleaks/betterleaks": dict.fromkeys(("betterleaks", "betterleaks-docker", "betterleaks-system"), OURS),
    "trufflesecurity/trufflehog": {"trufflehog": OURS},
    "mongodb/kingfisher": dict.fromkeys(("kingfisher", "kingfisher-docker", "kingfisher-auto"), OURS),
    "gitguardian/ggshield": {"ggshield": OURS},
    "sirwart/ripsecrets": {"ripsecrets": OURS},
}  # fmt: skip
"""Repository on GitHub, in lower case → its hooks, and the hook of ours in the place of each."""

_OWN = ("entry", "language", "additional_dependencies", "language_version", "types", "types_or", "files")
"""What says how the other scanner is run, so that a person has to look at it."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The new text, and what there is to say: what was changed, and what a person has to look at. `baselines` are the
    files that hooks of detect-secrets name."""

    text: str
    notes: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ()


def edited(text: str, tools: frozenset[str], version: str, baseline: str | None) -> Edited:
    """The configuration with the hooks of `tools` replaced by those of our release `version`.

    `tools` are names such as gitleaks; `baseline` is what our own hook is to be given, if anything.
    """
    try:
        repos = _repos(text)
    except ValueError as error:
        return Edited(text, (f"{FILE}: not changed: {error}",))
    change = _Change(text, version, baseline)
    for repo in repos:
        url = _value(repo, "repo")
        if tool(url) in tools and tool(url):
            change.repository(repo, url)
    return change.made()


def tool(url: str) -> str:
    """The name of the scanner whose hooks are at this address; empty for anything else."""
    name = _key(url)
    return name.split("/")[1] if name in HOOKS else ""


def _key(url: str) -> str:
    match = re.search(r"github\.com[:/]([^/]+/[^/]+?)(?:\.git)?/?$", url.lower())
    return match[1] if match else ""


def _repos(text: str) -> list[Any]:
    """The nodes of the list `repos`, with their places in the text. Raises ValueError."""
    if len(text) > LARGEST:
        raise ValueError(f"it is longer than {LARGEST} characters")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise ValueError("it is no YAML") from None
    repos = _node(root, "repos")
    if isinstance(repos, yaml.SequenceNode):
        return list(repos.value)
    raise ValueError("it has no list `repos`")


def _pair(node: Any, name: str) -> tuple[Any, Any] | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((pair for pair in pairs if pair[0].value == name), None)


def _node(node: Any, name: str) -> Any:
    pair = _pair(node, name)
    return pair[1] if pair else None


def _value(node: Any, name: str) -> str:
    """The text under a name; empty where there is none."""
    found = _node(node, name)
    return found.value if isinstance(found, yaml.ScalarNode) else ""


class _Change:
    """Changes of single places of one text."""

    def __init__(self, text: str, version: str, baseline: str | None) -> None:
        self._text, self._version = text, version
        self._baseline = baseline if baseline is None or _PLAIN.fullmatch(baseline) else json.dumps(baseline)
        self._places: list[tuple[int, int, str]] = []
        self._notes: list[str] = []
        self._baselines: list[str] = []

    def repository(self, repo: Any, url: str) -> None:
        """Our repository and hooks in the place of one of another scanner, or a note why not."""
        known, listed = HOOKS[_key(url)], _node(repo, "hooks")
        hooks = listed.value if isinstance(listed, yaml.SequenceNode) else []
        ids = [_value(hook, "id") for hook in hooks]
        other = [one for one in ids if one not in known]
        own = [name for hook in hooks for name in _OWN if _pair(hook, name) and known.get(_value(hook, "id")) == OURS]
        if not ids or other or own:
            why = f"the hook {', '.join(other)}" if other else f"{', '.join(own)} of its own"
            self._notes.append(f"{FILE}: {url}: has {why if ids else 'no hooks'}: do it by hand")
            return
        self._set(_node(repo, "repo"), REPOSITORY)
        self._set(_node(repo, "rev"), self._version)
        for hook, old in zip(hooks, ids, strict=True):
            self._hook(hook, old, known[old])
        self._notes.append(f"{FILE}: {url}: {', '.join(ids)} becomes {', '.join(known[one] for one in ids)} of ours")

    def _hook(self, hook: Any, old: str, new: str) -> None:
        args = _pair(hook, "args")
        words = [one.value for one in args[1].value] if args and isinstance(args[1], yaml.SequenceNode) else []
        if new != OURS:
            self._baselines += _named(words)
            if "--only-verified" in words:
                self._notes.append(
                    f"{FILE}: --only-verified is refused: take it out; nothing is tried over the network"
                )
            return
        self._set(_node(hook, "id"), new)
        ours = f"[--baseline, {self._baseline}]" if self._baseline else "[]"
        if args:
            self._notes.append(f"{FILE}: the args of {old} mean nothing to our hook: {' '.join(words)}")
            last = args[1].value[-1] if words and not args[1].flow_style else args[1]
            self._places.append((args[0].end_mark.index, last.end_mark.index, f": {ours}"))
        elif self._baseline:
            key, value = next(pair for pair in hook.value if pair[0].value == "id")
            if hook.flow_style:
                self._places.append((value.end_mark.index, value.end_mark.index, f", args: {ours}"))
            else:
                end = self._text.find("\n", value.end_mark.index)
                end = len(self._text) if end < 0 else end
                self._places.append((end, end, f"\n{' ' * key.start_mark.column}args: {ours}"))

    def _set(self, node: Any, value: str) -> None:
        if node is not None:
            self._places.append((node.start_mark.index, node.end_mark.index, value))

    def made(self) -> Edited:
        """The text as changed, if YAML reads it as it should."""
        text = self._text
        for start, end, new in sorted(self._places, reverse=True):
            text = text[:start] + new + text[end:]
        try:
            _repos(text)
        except ValueError:
            note = f"{FILE}: is not written so that it can be changed in place: do it by hand"
            return Edited(self._text, (*self._notes, note), tuple(self._baselines))
        return Edited(text, tuple(self._notes), tuple(self._baselines))


def _named(words: list[str]) -> list[str]:
    """The files that `--baseline` names."""
    found = [one.partition("=")[2] for one in words if one.startswith("--baseline=")]
    return found + [after for one, after in pairwise(words) if one == "--baseline"]
