"""A shell command → what it would read, reveal, destroy, send. The one entry of this folder; pure but for the parser.

What no step below understands is *opaque*, a third answer beside harmless and harmful: policy decides what that means
where the command runs.
"""

from __future__ import annotations

from secretguard.policy.glob import matches
from secretguard.shell import destroy, own, reveal, send, shfmt, tree
from secretguard.shell.inner import Inside, inside
from secretguard.shell.words import UNKNOWN, Command, Observation, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from secretguard.shell.address import Call

LONGEST = 10_000
"""Characters; the client itself always asks above this."""
DEEPEST = 5
"""Scripts inside scripts that are followed; deeper is opaque."""
_MOST_NESTING = 200
_MOST_COMMANDS = 2_000
_MOST_CALLS = 50

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,-= ")
"""Characters to which no shell gives a meaning: a command of these alone is split at spaces, without a parser."""
_KEYWORDS = frozenset({
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "function", "select",
    "time", "coproc", "in",
})  # fmt: skip
_READERS = frozenset({
    "cat", "head", "tail", "less", "more", "grep", "egrep", "fgrep", "rg", "ls", "stat", "file", "wc", "diff", "cmp",
    "jq", "test", "[", "sha256sum", "md5sum", "find", "tree", "du", "realpath", "readlink", "basename", "dirname",
    "echo", "printf", "bat", "column", "sort", "uniq", "git", "cd", "pushd",
})  # fmt: skip
"""Programs that only look at the files they name (unless redirected), so that naming a protected file is no change."""
_LOCAL_GIT = frozenset({
    "status", "diff", "log", "show", "add", "commit", "branch", "checkout", "switch", "restore", "reset", "stash",
    "merge", "rebase", "blame", "rev-parse", "grep", "tag", "init", "mv", "rm",
})  # fmt: skip
"""git's subcommands that work on the repository alone."""
_TYPICAL = (
    ".env", ".env.local", ".env.production", ".envrc", ".netrc", ".npmrc", ".pypirc", ".pgpass", ".git-credentials",
    "id_rsa", "id_ed25519", "id_ecdsa", "credentials", "credentials.json", "server.key", "server.pem",
)  # fmt: skip
_GLOB = frozenset("*?[{")


class Analysis:
    """`observations`: at most one for each effect and family. `paths`: absolute paths that the command names.
    `changed`: those among them that it may change. `hosts`: the hosts it names, for their labels. `calls`: the places
    that it would call. `weakens`: it would have this program change the protection. `in_code`: paths that program text
    names."""

    __slots__ = ("calls", "changed", "hosts", "in_code", "observations", "paths", "weakens")

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self.paths: list[str] = []
        self.changed: list[str] = []
        self.hosts: list[str] = []
        self.calls: list[Call] = []
        self.in_code: list[str] = []
        self.weakens = False

    def add(self, observation: Observation | None) -> None:
        """Note `observation`, once for each effect and family."""
        if observation and not any(
            o.effect == observation.effect and o.family == observation.family for o in self.observations
        ):
            self.observations.append(observation)

    def call(self, call: Call) -> None:
        """Note `call`, once for each place; the label of a host counts wherever it was named."""
        if len(self.calls) < _MOST_CALLS and call.place not in {known.place for known in self.calls}:
            self.calls.append(call)
        if call.host and call.host not in self.hosts:
            self.hosts.append(call.host)

    def opaque(self, why: str) -> None:
        """Note that a part of the command cannot be told."""
        self.add(Observation("opaque", "opaque", why))


def analyse(command: str, place: Place, is_secret: Callable[[str], bool]) -> Analysis:
    """What `command` would do at `place`. `is_secret` labels an absolute path. Never raises on any text."""
    found = Analysis()
    _script(command, place, is_secret, found, 0)
    return found


def _script(text: str, place: Place, is_secret: Callable[[str], bool], found: Analysis, depth: int) -> None:
    if depth > DEEPEST:
        return found.opaque("scripts are nested too deeply to follow")
    try:
        commands = split(text, place)
    except (shfmt.Unparsed, tree.TooNested) as error:
        found.opaque(str(error) or "it is nested too deeply to follow")
        commands = _guess(text, place)  # what can be seen without a parser still counts against it
    if len(commands) > _MOST_COMMANDS:
        found.opaque("it holds too many commands")
    for command in commands[:_MOST_COMMANDS]:
        _one(command, is_secret, found, depth)
    return None


def split(text: str, place: Place) -> list[Command]:
    """The simple commands of `text`. Raises shfmt.Unparsed, tree.TooNested."""
    if len(text) > LONGEST or "\0" in text or sum(map(text.count, "({`")) > _MOST_NESTING:
        raise shfmt.Unparsed("it is too long or too deeply nested to follow")
    words = text.split()
    if _SAFE.issuperset(text) and words and "=" not in words[0] and words[0] not in _KEYWORDS:
        return [Command(words, place)]
    return tree.commands(shfmt.parse(text), place)


def _guess(text: str, place: Place) -> list[Command]:
    """What unreadable text looks like at first sight, split at every operator; each piece counts as piped into."""
    text = text[:LONGEST].replace("\0", "\n")
    for mark in ";|&(){}`":
        text = text.replace(mark, "\n")
    pieces = [[word.strip("'\"") for word in piece.split()] for piece in text.split("\n")[:_MOST_NESTING]]
    return [Command(words, place, ("?",)) for words in pieces if words]


def _one(command: Command, is_secret: Callable[[str], bool], found: Analysis, depth: int) -> None:
    named = _files(command, is_secret, found)
    within: Inside = inside(command)
    if within.hidden:
        found.opaque(within.hidden)
    found.weakens = found.weakens or own.weakens(command)
    if within.code or not _stays_here(command):
        from secretguard.shell import hosts  # the table of programs that call costs a hook half a millisecond

        for call in hosts.calls(command, within.code, within.replaced):
            found.call(call)
    if not within.replaced:
        found.add(reveal.observe(command))
        found.add(destroy.observe(command))
        found.add(send.observe(command))
        sources = found.paths if command.piped_from else named
        if command.name in reveal.ENCODERS and any(map(is_secret, sources)):
            found.add(reveal.ENCODED)
    for code in within.code:
        found.weakens = found.weakens or own.weakens_code(code)
        found.add(reveal.observe_code(code))
        found.add(destroy.observe_code(code))
        _paths_in_code(code, command.place, is_secret, found)
    if depth >= DEEPEST and (within.commands or within.scripts):
        return found.opaque("commands are nested too deeply to follow")
    for inner in within.commands:
        _one(inner, is_secret, found, depth + 1)
    for script in within.scripts:
        _script(script, command.place, is_secret, found, depth + 1)
    return None


def _stays_here(command: Command) -> bool:
    """Whether `command` is one of those that call no other host, whatever their words; told without looking further."""
    if command.inputs or command.outputs:  # /dev/tcp
        return False
    if command.name == "git":
        return len(command.words) > 1 and command.words[1] in _LOCAL_GIT
    return command.name in _READERS


def _files(command: Command, is_secret: Callable[[str], bool], found: Analysis) -> list[str]:
    """Note the paths and hosts that `command` names; returns the paths that it may read."""
    named: list[str] = []
    looks_only = command.name in _READERS and not (
        command.name == "find" and command.has("-delete", "-exec", "-fprint")
    )
    for word in command.words[1:]:
        for path in _paths(word, command.place, is_secret):
            named.append(path)
            if not looks_only:
                found.changed.append(path)
        host = send.host_of(word)
        if host and host not in found.hosts:
            found.hosts.append(host)
    for word in command.inputs:
        named.extend(_paths(word, command.place, is_secret))
    for word in command.outputs:
        found.changed.extend(_paths(word, command.place, is_secret))
    found.paths.extend(named)
    return named


def _paths(word: str, place: Place, is_secret: Callable[[str], bool]) -> list[str]:
    """The absolute paths that one word may name: itself, and what follows `=`, `@` or stands between `:` in it."""
    found = []
    for piece in {word, *word.replace("=", ":").replace("@", ":").replace(",", ":").split(":")}:
        if piece and not piece.startswith("-") and (path := place.path(piece)) is not None:
            found.append(path)
            if not _GLOB.isdisjoint(piece):
                found.extend(_typical(path, is_secret))
    return found


def _typical(pattern: str, is_secret: Callable[[str], bool]) -> list[str]:
    """The usual secret files that a glob would match: `.e*` is `.env`."""
    folder, _, last = pattern.rpartition("/")
    if not last:
        return []
    if "{" in last:
        last = last.split("{", 1)[0] + "*"
    if not any(c.isalnum() for c in last) and last[0] != ".":
        return []  # a bare `*` says nothing, and it does not match hidden files
    names = [name for name in _TYPICAL if matches(last, name) and (last[0] == "." or name[0] != ".")]
    return [path for path in (f"{folder}/{name}" for name in names) if is_secret(path)]


def _paths_in_code(code: str, place: Place, is_secret: Callable[[str], bool], found: Analysis) -> None:
    """Words in program text that are paths: what the program does with them cannot be told."""
    for mark in "'\"`(),;[]{}<>|&":
        code = code.replace(mark, " ")
    for word in code[:LONGEST].split():
        path = place.path(word) if UNKNOWN not in word else None
        if path is None:
            continue
        if "/" in word or word.startswith("~"):
            found.in_code.append(path)
        if is_secret(path):
            found.paths.append(path)
