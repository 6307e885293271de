"""A simple command → the hosts that it would call, as far as its words say. Pure; each answer is inferred.

Known programs are read by the rows of `clients.py`; of any other program each URL among its words or in its program
text counts. Where a known program would call but its words do not say whom, that is said too: a variable, the remote of
a repository, whatever its configuration names. Hot path; linear in the length of the words.
"""

from __future__ import annotations

from secretguard.shell import clients
from secretguard.shell.address import UNSAID, Call, is_name, of_authority, of_copy, of_image, of_place, of_url
from secretguard.shell.clients import CLIENTS, LOCAL, LOCAL_CALLS, Client
from secretguard.shell.words import UNKNOWN, Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 50
"""Different places of one simple command that are told; further ones are left out."""
_LONGEST_WORD = 40
"""Characters of a word that is told as it stands; a longer one is not told: half a secret is one that no rule knows."""
_DEVICES = ("/dev/tcp/", "/dev/udp/")
_URL_ENDS = frozenset(" \t\r\n'\"`<>|,;()")
_BEFORE_VERB = frozenset({("uv", "pip"), ("docker", "image"), ("podman", "image"), ("docker", "compose")})
_ALONE = {"yarn": ["install"]}
"""What a program does that is called without a subcommand."""
_GIT = Client(
    clients.NOTHING,
    "",
    "-C -c --git-dir --work-tree --namespace --exec-path --config-env --upload-pack --receive-pack --depth --branch -b "
    "-o --origin --reference -j --jobs --filter --push-option -u --recurse-submodules -t -m --format --prefix",
    silent="--dry-run",
)


def calls(command: Command, code: Iterable[str] = (), wrapper: bool = False) -> list[Call]:
    """What `command` would call, each place once, in the order of its words; at most MOST.

    `code` are program texts that it would run itself; with `wrapper` it only runs another command, whose words these
    are.
    """
    found: dict[tuple[str, int, str], Call] = {}
    for call in _calls(command, code, wrapper):
        if call is not None and len(found) < MOST:
            found.setdefault(call.place, call)
    return list(found.values())


def _calls(command: Command, code: Iterable[str], wrapper: bool) -> Iterator[Call | None]:
    for word in (*command.inputs, *command.outputs):
        if word.startswith(_DEVICES):
            host, _, port = word[len(_DEVICES[0]) :].partition("/")
            place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            yield of_authority(place, command.name or "a redirection")
    name, words = command.name, command.words[1:]
    if name.startswith("python") and words[:1] == ["-m"] and words[1:2] in (["pip"], ["twine"]):
        name, words = words[1], words[2:]
    if name == "git":
        yield from _git(words)
    elif name in CLIENTS:
        yield from _client(name, CLIENTS[name], words, wrapper)
    elif not wrapper and f" {name} " not in LOCAL:
        for text in (*words, *code):
            yield from _links(text, name or "a program known only when it runs")


def _client(name: str, client: Client, words: list[str], wrapper: bool) -> Iterator[Call | None]:
    """The calls of a known program; what a wrapper such as `kubectl exec` is to run is not read here."""
    given, named, silent = _read(words, client)
    via = name
    if client.calls:
        if given and (name, given[0]) in _BEFORE_VERB:
            given = given[1:]
        given = given or _ALONE.get(name, [])
        verb = given[0] if given else ""
        known = verb and f" {verb} " not in LOCAL_CALLS if client.calls == " * " else f" {verb} " in client.calls
        if not known:
            return
        given = given[1:]
        via = name if UNKNOWN in verb or len(verb) > _LONGEST_WORD else f"{name} {verb}"
    if silent:
        return
    given = [] if wrapper and client.words == clients.LINKS else given
    found = [call for call in (*_named(named, via), *_operands(client.words, given, via)) if call is not None]
    yield from found
    if not found and client.unsaid:
        yield Call(via, unknown=client.unsaid)


def _read(words: list[str], client: Client) -> tuple[list[str], list[tuple[str, str]], bool]:
    """Operands; (option, value) of the options whose value names a host; whether an option says that nothing is called.

    `--long value`, `--long=value`, `-x value`, `-xvalue`, and letters together as in `-sSLo file`.
    """
    given: list[str] = []
    named: list[tuple[str, str]] = []
    silent, at = False, 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            return given + words[at:], named, silent
        if not word.startswith("-") or word == "-":
            given.append(word)
            continue
        option, value, apart = _option(word, client)
        silent = silent or f" {option} " in client.silent
        if apart and at < len(words):
            value = words[at]
            at += 1
        if f" {option} " in client.hosts and value:
            named.append((option, value))
    return given, named, silent


def _option(word: str, client: Client) -> tuple[str, str, bool]:
    """(option, the value in the same word, whether its value is the next word)."""
    name, equals, value = word.partition("=")
    if f" {name} " in client.hosts or f" {name} " in client.valued:
        return name, value, not equals
    if word.startswith("--"):
        return name, value, False
    for at, letter in enumerate(word[1:200], 1):
        short = f" -{letter} "
        if short in client.hosts or short in client.valued:
            return f"-{letter}", word[at + 1 :], at + 1 == len(word)
        if short in client.silent:
            return f"-{letter}", "", False
    return name, "", False


def _named(named: list[tuple[str, str]], via: str) -> Iterator[Call | None]:
    """Calls by option values: `--host a,b`, `--url URL`; curl's `--connect-to` and `--resolve` name it last."""
    for option, value in named:
        if option in ("--connect-to", "--resolve"):
            value = value.split(":", 2)[-1]
        for piece in value.split(",")[:MOST]:
            yield of_place(piece, via) if piece[:1] != "/" else None  # a socket of this machine


def _operands(kind: int, words: list[str], via: str) -> Iterator[Call | None]:
    """Calls by the words that are no options, as `kind` of `clients.py` reads them."""
    words = words[: 4 * MOST]
    if kind in (clients.URLS, clients.EVERY):
        yield from (of_place(word, via) for word in words)
    elif kind == clients.FIRST:
        yield from (of_copy(word, via) or of_place(word, via) for word in words[:1])
    elif kind == clients.HTTPIE:
        first = next((word for word in words if not (word.isalpha() and word.isupper())), "")
        yield of_place(f"localhost{first}" if first[:1] == ":" else first, via)
    elif kind == clients.COPIES:
        yield from _copies(words, via)
    elif kind == clients.IMAGE:
        yield from _images(words, via)
    elif kind == clients.DATABASE:
        for word in words:
            for piece in word.split() if "://" not in word else [word]:
                key, equals, value = piece.partition("=")
                yield of_url(piece, via) if "://" in piece else None
                yield from _named([(key, value)] if equals and key in ("host", "hostaddr") else [], via)
    elif kind == clients.SOCKET:
        yield _socket(words, via)
    elif kind == clients.SOCAT:
        yield from (_socat(word, via) for word in words)
    elif kind == clients.DNS:
        names = (word for word in words if "." in word or ":" in word or UNKNOWN in word)  # not `MX`, not `+short`
        yield from (of_authority(name.removeprefix("@"), via) for name in names)
    elif kind == clients.LINKS:
        for word in words:
            yield from _links(word, via)


def _images(words: list[str], via: str) -> Iterator[Call | None]:
    """docker and its like: the registry of the image, and what the command inside is told to call."""
    verb = via.partition(" ")[2]
    if verb == "login":
        yield of_place(words[0] if words else "docker.io", via)
    elif verb in ("build", "buildx", "up") or not words:
        yield Call(via, unknown="what its files name")
    else:
        yield from (of_image(word, via) for word in (words if verb == "copy" else words[:1]))
        for word in words[1:] if verb in ("run", "create") else ():
            yield from _links(word, via)


def _copies(words: list[str], via: str) -> Iterator[Call | None]:
    """scp, rsync: `host:path`. A word that is wholly unknown may be a path; it counts where no other names one."""
    found = [call for word in words if (call := of_copy(word, via)) is not None]
    dark = any(word.startswith(UNKNOWN) for word in words)
    yield from found or ([Call(via, unknown=UNSAID)] if dark else [])


def _socket(words: list[str], via: str) -> Call | None:
    """`nc HOST PORT`, `telnet HOST PORT`."""
    if not words:
        return None
    port = words[1] if len(words) > 1 and words[1].isdigit() else ""
    host = words[0]
    if not port or ":" in host:
        return of_authority(f"[{host}]:{port}" if port and not host.startswith("[") else host, via)
    return of_authority(f"{host}:{port}", via)


def _socat(word: str, via: str) -> Call | None:
    """`TCP:host:port,options`; listening and local addresses call nobody."""
    kind, colon, rest = word.partition(":")
    if not colon or not kind.upper().startswith(("TCP", "UDP", "SCTP", "OPENSSL", "SSL", "SOCKS", "PROXY", "DTLS")):
        return None
    return None if "LISTEN" in kind.upper() or "-L" in kind.upper() else of_authority(_host_port(rest), via)


def _host_port(rest: str) -> str:
    parts = rest.partition(",")[0]
    if parts.startswith("["):
        return parts
    return ":".join(parts.split(":")[:2])


def _links(text: str, via: str) -> Iterator[Call | None]:
    """Every URL inside a word or a program text, `user@host:path` where that is the whole word."""
    at, told = text.find("://"), 0
    if at < 0 and text.startswith(("git@", "git+ssh@")):
        yield of_copy(text, via)
    while at >= 0 and told < MOST:
        start = at
        while start > 0 and at - start < 20 and (text[start - 1].isalnum() or text[start - 1] in "+.-\0"):
            start -= 1
        end = at + 3
        while end < len(text) and text[end] not in _URL_ENDS and end - at < 2048:
            end += 1
        yield of_url(text[start:end], via)
        told += 1
        at = text.find("://", end)


def _git(words: list[str]) -> Iterator[Call | None]:
    """git's subcommands that call: a URL among their words, else a remote, whose host its own settings hold."""
    given, _, silent = _read(words, _GIT)
    verb, rest = (given[0] if given else ""), given[1:]
    via = f"git {verb}"
    for word in words[:MOST]:  # `-c remote.origin.url=URL` names one before the subcommand
        if word.startswith(("remote.", "url.", "http.", "--remote=")):
            yield from _links(word, via)
    if verb == "clone":
        yield of_copy(rest[0], via) if rest and not rest[0].startswith(UNKNOWN) else Call(via, unknown=UNSAID)
    elif verb == "remote" and rest[:1] in (["add"], ["set-url"]):
        yield from (of_copy(word, via) for word in rest[2:3])
    elif verb == "submodule" and rest[:1] == ["add"]:
        yield from (of_copy(word, via) for word in rest[1:2])
    elif verb in ("push", "pull", "fetch", "ls-remote") or (verb, *rest[:1]) in (
        ("remote", "update"), ("remote", "show"), ("remote", "prune"), ("submodule", "update"), ("lfs", "push"),
        ("lfs", "pull"), ("lfs", "fetch"),
    ):  # fmt: skip
        yield from _git_remote(rest if verb in ("push", "pull", "fetch", "ls-remote") else rest[1:], verb, via)
    elif verb == "send-email" and not silent:
        yield Call(via, unknown="its configured mail server")


def _git_remote(rest: list[str], verb: str, via: str) -> Iterator[Call | None]:
    """The first word is a URL, a path, or the name of a remote."""
    if verb == "submodule" or not rest:
        yield Call(via, unknown="the repository's remote" + ("s of its submodules" if verb == "submodule" else ""))
        return
    word = rest[0]
    call = of_copy(word, via)
    if call is not None:
        yield call
    elif UNKNOWN in word:
        yield Call(via, unknown=UNSAID)
    elif is_name(word) and "/" not in word and not word.startswith("."):
        yield Call(via, unknown=f"the repository's remote {word}" if len(word) <= _LONGEST_WORD else "a remote")
