"""From another scanner to this one: what is there, what becomes of it, and what does not carry over. Reads only.

1 look      configurations and baselines of other scanners in the folder     FILES
2 scan      what our rules find there today, and in the commits that a fingerprint names
3 carry     each finding that the other scanner was told to pass over goes into the baseline, with the reason
4 change    the files as they would then be; `commands/migrate.py` shows them, or writes them
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.metadata import version

from secretguard.acceptance import Acceptance
from secretguard.accepted import Baseline, load, new_entry, normal
from secretguard.baseline_file import as_peer, contents, written
from secretguard.baseline_head import fresh, upgraded
from secretguard.detect.registry import PEER_TYPES
from secretguard.errors import ConfigError
from secretguard.migrate import gitleaks, precommit
from secretguard.migrate.allowed import LINE, Seen, at_fingerprint, by_allowlist
from secretguard.migrate.gitleaks import Config, Fingerprint
from secretguard.peer.chosen import Typed, choose
from secretguard.pipeline import Scanner
from secretguard.report.located import Located
from secretguard.source.files import Unreadable, open_file
from secretguard.source.git import Git

TOOLS = ("detect-secrets", "gitleaks", "betterleaks", "trufflehog", "kingfisher", "ggshield", "ripsecrets")

CONFIGS = {
    "gitleaks": (".gitleaks.toml", ".gitleaksignore"),
    "betterleaks": (".betterleaks.toml", ".betterleaksignore"),
}
"""Scanner → its configuration and its list of fingerprints, which are written alike."""

ELSEWHERE = {
    ".secretsignore": "ripsecrets", ".gitguardian.yaml": "ggshield", ".gitguardian.yml": "ggshield",
    ".trufflehogignore": "trufflehog", ".secretlintrc.json": "secretlint", ".secretlintignore": "secretlint",
    ".kingfisher.yaml": "kingfisher", ".kingfisher.yml": "kingfisher",
}  # fmt: skip
"""Files of other scanners whose contents are not carried over, and whose they are."""

WORKFLOWS = ".github/workflows"
_IN_CI = re.compile(r"\b(gitleaks|trufflehog|ggshield|betterleaks|kingfisher|detect-secrets|ripsecrets)\b")
LARGEST = 64 * 1024 * 1024
"""Bytes of a file in which the line of a finding is looked up."""

_MOST = 200
"""Workflow files that are looked at."""


@dataclass(slots=True)
class Plan:
    """What would change: `files` by path, the new text; and what there is to say about each scanner, in sentences."""

    files: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def say(self, tool: str, *notes: str) -> None:
        """Something to tell about a scanner."""
        self.notes.setdefault(tool, []).extend(notes)


Found = Callable[[], list[Located]]
"""Scans the current folder: what is open there."""


def plan(scanner: Scanner, find: Found, tools: frozenset[str], baseline: str, config: str | None = None) -> Plan:
    """What it takes to move the current folder here. `scanner` is for blobs of commits, `find` for the folder.

    `baseline` is where accepted findings go; `config` is gitleaks' configuration where it has another name. Raises
    ConfigError for a file that cannot be read.
    """
    made = Plan()
    carried = False
    for tool in [one for one in TOOLS if one in tools]:
        if tool in CONFIGS and _Gitleaks(made, scanner, find, tool, baseline, config).carry_over():
            carried = True
    _hooks(made, tools, baseline if carried or os.path.exists(baseline) else None)
    if "detect-secrets" in tools and os.path.exists(".secrets.baseline") and not carried:
        _peer_baseline(made, ".secrets.baseline")
    _elsewhere(made, tools)
    return made


def _hooks(made: Plan, tools: frozenset[str], baseline: str | None) -> None:
    text = _text(precommit.FILE)
    if text is None:
        return
    edited = precommit.edited(text, tools, f"v{version('secretguard')}", baseline)
    if edited.text != text:
        made.files[precommit.FILE] = edited.text
    if edited.notes:
        made.say("pre-commit", *edited.notes)
    for path in dict.fromkeys(edited.baselines):
        if path != ".secrets.baseline" or path not in made.files:
            _peer_baseline(made, path)


def _peer_baseline(made: Plan, path: str) -> None:
    """A baseline of detect-secrets: its hook of ours reads it as it is, once it is in the current format."""
    if path in made.files or any(path in note for note in made.notes.get("detect-secrets", ())):
        return
    try:
        old = load(path)
        document = upgraded(path, old.document)
        choose(Typed(), path, document)
    except ConfigError as error:
        made.say("detect-secrets", str(error))
        return
    count = sum(len(entries) for entries in document["results"].values())
    made.say("detect-secrets", f"{path}: {count} entries in {len(document['results'])} files, taken as they are")
    if document != old.document:
        layout = as_peer if contents(path) == as_peer(old.document) else written
        made.files[path] = layout(document)
        made.say(
            "detect-secrets", f"{path}: brought from version {old.document.get('version')} to {document['version']}"
        )


def _elsewhere(made: Plan, tools: frozenset[str]) -> None:
    for name, tool in ELSEWHERE.items():
        if os.path.exists(name) and (tool in tools or tool not in TOOLS):
            made.say(tool, f"{name}: not carried over: `secretguard scan`, then accept what is to stay")
    for path in _workflows():
        for number, line in enumerate((_text(path) or "").splitlines(), 1):
            found = _IN_CI.search(line.split("#")[0])
            if found and found[1] in tools:
                made.say("CI", f"{path}:{number}: runs {found[1]}: put `secretguard scan` there by hand")


def _workflows() -> Iterator[str]:
    names = [".gitlab-ci.yml"]
    if os.path.isdir(WORKFLOWS):
        names += sorted(f"{WORKFLOWS}/{name}" for name in os.listdir(WORKFLOWS) if name.endswith((".yml", ".yaml")))
    yield from (name for name in names[:_MOST] if os.path.isfile(name))


def _text(path: str) -> str | None:
    """A small text file; None where there is none. Raises ConfigError."""
    if not os.path.exists(path):
        return None
    try:
        fd, size = open_file(path)
    except Unreadable as error:
        raise ConfigError(f"{path}: {error.reason}") from None
    with os.fdopen(fd, "rb") as file:
        data = file.read(gitleaks.LARGEST + 1)
    if len(data) > gitleaks.LARGEST:
        raise ConfigError(f"{path}: {size} bytes are more than {gitleaks.LARGEST}")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None


class _Gitleaks:
    """The configuration and fingerprints of gitleaks or betterleaks, held against what is found today."""

    def __init__(self, made: Plan, scanner: Scanner, find: Found, tool: str, baseline: str, config: str | None) -> None:
        self._find = find
        self._made, self._scanner, self._tool, self._path = made, scanner, tool, baseline
        named, ignored = CONFIGS[tool]
        self._config_name, self._ignore_name = (config or named) if tool == "gitleaks" else named, ignored
        self._config: Config | None = None
        self._accepted: list[tuple[Located, str]] = []

    def carry_over(self) -> bool:
        """Whether anything went into the baseline."""
        config, ignored = _text(self._config_name), _text(self._ignore_name)
        if config is None and ignored is None:
            return False
        if config is not None:
            self._config = gitleaks.config(self._config_name, config)
            self._made.say(self._tool, *self._config.notes)
            self._allowlists(self._config)
            self._commits(self._config)
            self._rules(self._config)
        if ignored is not None:
            found, notes = gitleaks.fingerprints(self._ignore_name, ignored)
            self._made.say(self._tool, *notes)
            for one in found:
                self._fingerprint(one)
        return self._write()

    @cached_property
    def _found(self) -> list[Located]:
        """What is open in the files of the folder today."""
        return self._find()

    def _allowlists(self, config: Config) -> None:
        counts = {one.where: 0 for one in config.allowlists if one.paths or one.regexes or one.stopwords}
        for finding in self._found:
            if normal(finding.path) == normal(self._config_name):  # full of examples; gitleaks passes it over, too
                self._accepted.append((finding, f"in {self._config_name} itself"))
                continue
            where = by_allowlist(config, normal(finding.path), self._seen(finding, _data(finding.path)))
            if where:
                counts[where] += 1
                self._accepted.append((finding, where))
        for where, count in counts.items():
            found = f"{count} findings of today are accepted" if count else "nothing found today that it covers"
            self._made.say(self._tool, f"{where}: {found}; what is new there will be reported")

    def _commits(self, config: Config) -> None:
        from secretguard.history.scan import scan_commits
        from secretguard.source.git_history import commits, is_revision

        git = Git()
        for one in config.allowlists:
            for commit in one.commits if not one.every and not one.rules else ():
                if not re.fullmatch(r"[0-9a-f]{7,64}", commit) or not is_revision(git, commit):
                    self._made.say(self._tool, f"{one.where}: commits: {commit}: no such commit here")
                    continue
                listing = commits(git, [f"{commit}^!"])
                found = scan_commits(self._scanner, git, listing, 1, lambda _, __: None).open_findings
                self._accepted += [(finding, f"{one.where}: commit {commit[:12]}") for finding in found]
                self._made.say(self._tool, f"{one.where}: commits: {commit[:12]}: {len(found)} findings are accepted")
            if one.commits and (one.every or one.rules):
                self._made.say(
                    self._tool, f"{one.where}: commits with a condition or for single rules: not carried over"
                )

    def _rules(self, config: Config) -> None:
        """A rule without an expression only changes one of gitleaks' own: its allowlists are told already."""
        for name, expression in config.rules.items():
            if expression is not None:
                self._made.say(
                    self._tool,
                    f"{self._config_name}: rule {name}: not carried over: secretguard has no rules of a project's own; "
                    "what this rule alone finds is not found here",
                )

    def _fingerprint(self, one: Fingerprint) -> None:
        where = f"{self._ignore_name}:{one.number}"
        data = self._committed(one) if one.commit else None
        if one.commit and data is None:
            self._made.say(self._tool, f"{where}: {one.path} in commit {one.commit[:12]}: not in this repository")
            return
        if data is None:
            data, found = _data(one.path), self._found
        else:
            found = self._scanner.stream(one.path, io.BytesIO(data).read, len(data)).open_findings
        there = [
            self._seen(finding, data)
            for finding in found
            if normal(finding.path) == normal(one.path) and finding.line <= one.line <= finding.end_line
        ]
        chosen = at_fingerprint(one, self._config, there)
        self._accepted += [(finding, f"{where}: {one.rule}") for finding in chosen]
        if there and not chosen:
            ours = ", ".join(sorted({seen.finding.rule_id for seen in there}))
            self._made.say(self._tool, f"{where}: {one.rule}: what is found there is {ours}: not accepted")
        elif not there:
            self._made.say(self._tool, f"{where}: {one.path}:{one.line}: nothing is found there, nothing to accept")

    def _committed(self, one: Fingerprint) -> bytes | None:
        """The file as that commit has it; None where there is none, or one too long to be source."""
        git, name = Git(), f"{one.commit}:./{one.path}"
        size = git.run("cat-file", "-s", name)
        if size.returncode or int(size.stdout) > LARGEST:
            return None
        done = git.run("cat-file", "blob", name)
        return done.stdout if done.returncode == 0 else None

    def _seen(self, finding: Located, data: bytes) -> Seen:
        """The text of the line in which a finding begins, cut round it."""
        start = data.rfind(b"\n", 0, finding.start_offset) + 1
        end = data.find(b"\n", finding.start_offset)
        begin = max(start, finding.start_offset - LINE // 2)
        line = data[begin : end if end >= 0 else len(data)][:LINE]
        before = len(data[begin : finding.start_offset].decode("utf-8", "replace"))
        return Seen(finding, line.decode("utf-8", "replace"), before)

    def _write(self) -> bool:
        """Put what was accepted into the baseline; whether there was anything. What a person called real stays so."""
        held = load(self._path) if os.path.exists(self._path) else Baseline(self._path, fresh())
        if held.keyed:
            raise ConfigError(f"{self._path}: its digests are keyed", "name another file: --baseline FILE")
        document = upgraded(self._path, held.document)
        results = {name: list(entries) for name, entries in document["results"].items()}
        told: dict[tuple[str, str], str] = {}
        for finding, why in self._accepted:
            place = normal(finding.path), finding.sha1[0]
            if held.remark(finding.path, finding.sha1):
                self._made.say(self._tool, f"{finding.path}:{finding.line}: stays open, as {self._path} says")
            elif place not in told:
                told[place] = why
                type_ = PEER_TYPES.get(finding.rule_id, finding.description)
                results.setdefault(place[0], []).append(new_entry(finding, type_, Acceptance(why=why)))
        if told:
            self._made.files[self._path] = written(document | {"results": dict(sorted(results.items()))})
            self._made.say(self._tool, f"{self._path}: {len(told)} findings that {self._tool} passed over are accepted")
        return bool(told)


@lru_cache(maxsize=2)
def _data(path: str) -> bytes:
    """The bytes of a file that was just scanned; nothing where it is gone, or lies in an archive."""
    try:
        fd, _ = open_file(path)
    except Unreadable:
        return b""
    with os.fdopen(fd, "rb") as file:
        return file.read(LARGEST)
