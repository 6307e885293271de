"""Commands inside commands: `sudo`, `env`, `xargs`, `find -exec`, `bash -c`, `eval`, `ssh`, interpreters. Pure."""

from __future__ import annotations

from secretguard.shell.words import UNKNOWN, Command


class Inside:
    """What one command would run besides itself.

    `commands` are commands in words, `scripts` shell texts to parse again, `code` program texts for an interpreter.
    `hidden` says why a part cannot be told, empty where all can. `replaced`: the outer command is only a wrapper.
    """

    __slots__ = ("code", "commands", "hidden", "replaced", "scripts")

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.scripts: list[str] = []
        self.code: list[str] = []
        self.hidden = ""
        self.replaced = False


class _Wrapper:
    """A program that runs the rest of its line: options that take a value, and words to skip before the command."""

    __slots__ = ("after", "skip", "valued")

    def __init__(self, valued: str = "", skip: int = 0, after: tuple[str, ...] = ()) -> None:
        self.valued = frozenset(valued.split())
        self.skip = skip
        self.after = after  # words that must come first, e.g. `exec` of `docker exec`


_WRAPPERS = {
    "sudo": (_Wrapper("-u -g -h -p -C -r -t -U -D -R --user --group"),),
    "doas": (_Wrapper("-u -C"),),
    "env": (_Wrapper("-u --unset -C --chdir"),),
    "nohup": (_Wrapper(),),
    "setsid": (_Wrapper(),),
    "time": (_Wrapper("-f -o"),),
    "nice": (_Wrapper("-n"),),
    "ionice": (_Wrapper("-c -n -p"),),
    "chrt": (_Wrapper("", 1),),
    "taskset": (_Wrapper("", 1),),
    "timeout": (_Wrapper("-s -k --signal --kill-after", 1),),
    "stdbuf": (_Wrapper("-i -o -e"),),
    "command": (_Wrapper(),),
    "builtin": (_Wrapper(),),
    "exec": (_Wrapper("-a"),),
    "coproc": (_Wrapper(),),
    "xargs": (_Wrapper("-I -n -P -L -d -a -E -s --max-args --max-procs --delimiter"),),
    "parallel": (_Wrapper("-j -I --jobs"),),
    "watch": (_Wrapper("-n --interval"),),
    "strace": (_Wrapper("-e -o -p -s -E"),),
    "ltrace": (_Wrapper("-e -o -p"),),
    "unbuffer": (_Wrapper(),),
    "chronic": (_Wrapper(),),
    "caffeinate": (_Wrapper("-t -w"),),
    "flock": (_Wrapper("-w -E --timeout", 1),),
    "chroot": (_Wrapper("", 1),),
    "runuser": (_Wrapper("-u -g"),),
    "busybox": (_Wrapper(),),
    "nsenter": (_Wrapper("-t -S -G --target"),),
    "unshare": (_Wrapper("-S -G"),),
    "ssh": (_Wrapper("-i -p -l -o -F -J -L -R -D -b -c -E -e -m -O -Q -S -W -w", 1),),
    "docker": (
        _Wrapper("-u -w -e --user --workdir --env", 1, ("exec",)),
        _Wrapper("-u -w -e --index", 1, ("compose", "exec")),
    ),
    "podman": (_Wrapper("-u -w -e --user --workdir --env", 1, ("exec",)),),
    "kubectl": (_Wrapper("-n -c --namespace --container", 1, ("exec",)),),
    "npx": (_Wrapper("-p --package"),),
    "uvx": (_Wrapper("--from --with --python -p"),),
    "pipx": (_Wrapper("--spec --python", 0, ("run",)),),
    "uv": (_Wrapper("--with --python -p", 0, ("run",)),),
    "poetry": (_Wrapper("", 0, ("run",)),),
    "pipenv": (_Wrapper("", 0, ("run",)),),
    "direnv": (_Wrapper("", 1, ("exec",)),),
    "op": (_Wrapper("--env-file", 0, ("run",)),),
    "doppler": (_Wrapper("-p -c", 0, ("run",)),),
    "aws-vault": (_Wrapper("-d", 1, ("exec",)),),
    "chamber": (_Wrapper("", 1, ("exec",)),),
}
"""Program → the ways in which it runs another command given in words."""

_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "su"})
_INTERPRETERS = {
    "python": "c", "python2": "c", "python3": "c", "node": "ep", "nodejs": "ep", "deno": "", "bun": "e", "ruby": "e",
    "perl": "eE", "php": "r", "lua": "e", "Rscript": "e", "osascript": "e",
}  # fmt: skip
"""Interpreter → the option letters after which program text stands."""
_LONG_CODE = frozenset({"--eval", "--print", "--command", "eval"})
_FILTERS = frozenset({"awk", "gawk", "mawk", "nawk", "jq", "yq"})
_EXEC = frozenset({"-exec", "-execdir", "-ok", "-okdir"})


def inside(command: Command) -> Inside:
    """The commands, scripts and program texts that `command` would run."""
    found = Inside()
    name = command.name
    if not command.words:
        return found
    if not name:
        found.hidden = "the program's name is known only when it runs"
    elif name in _WRAPPERS:
        _wrapped(command, found)
    elif name in _SHELLS:
        _shell(command, found)
    elif name in ("eval", "trap"):
        words = command.words[1:] if name == "eval" else command.plain[:1]
        _script(" ".join(words), found)
    elif name in ("source", "."):
        if UNKNOWN in command.words[1:2]:
            found.hidden = "it runs text that is known only when it runs"
    elif name == "find":
        _find(command, found)
    else:
        _interpreter(command, found)
    return found


def _wrapped(command: Command, found: Inside) -> None:
    for wrapper in _WRAPPERS[command.name]:
        rest = _rest(command.words[1:], wrapper)
        if rest is None:
            continue
        if command.name == "env" and command.has("-S", "--split-string"):
            found.scripts.append(" ".join(rest))
        elif command.name == "ssh":
            _script(" ".join(rest), found)
        elif rest and not (command.name == "command" and command.has("-v", "-V")):
            extra = [UNKNOWN] if command.name in ("xargs", "parallel") else []
            found.commands.append(command.with_words(rest + extra))
        if command.name == "env" and not rest:
            found.commands.append(command.with_words(["printenv"]))  # `env -u X`, `env A=1`: prints the environment
        found.replaced = bool(rest) or command.name == "env"
        return


def _rest(words: list[str], wrapper: _Wrapper) -> list[str] | None:
    """The words of the wrapped command; None where the wrapper is used in another way (`docker ps`)."""
    at, skip, due = 0, wrapper.skip, list(wrapper.after)
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            return None if due else words[at + skip if wrapper.after == () else at :]
        if word.startswith("-") and len(word) > 1:
            at += word in wrapper.valued
        elif due:
            if word != due.pop(0):
                return None
        elif _is_assignment(word):
            continue
        elif skip:
            skip -= 1
        else:
            return words[at - 1 :]
    return None if due else []


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and not name[0].isdigit()


def _shell(command: Command, found: Inside) -> None:
    words = command.words[1:]
    for at, word in enumerate(words):
        if word == "--command" or (word.startswith("-") and not word.startswith("--") and "c" in word):
            script = next((w for w in words[at + 1 :] if not w.startswith("-")), "")
            _script(script, found)
            found.replaced = True
            return
    if command.body:
        _script(command.body, found)
    elif UNKNOWN in command.plain[:1]:
        found.hidden = "it runs text that is known only when it runs"
    elif (command.piped_from or command.inputs) and not [w for w in command.plain if w != "-"]:
        found.hidden = "it runs whatever comes through the pipe"


def _script(text: str, found: Inside) -> None:
    if not text.strip():
        return
    if text.startswith(UNKNOWN):
        found.hidden = "it runs text that is known only when it runs"
    if UNKNOWN in text:
        text = text.replace(UNKNOWN, "$UNKNOWN")
    found.scripts.append(text)


def _find(command: Command, found: Inside) -> None:
    words = command.words
    roots = []
    for word in words[1:]:
        if word.startswith(("-", "(", "!")):
            break
        roots.append(word)
    at = 1
    while at < len(words):
        if words[at] in _EXEC:
            end = next((i for i in range(at + 1, len(words)) if words[i] in (";", "+")), len(words))
            for root in roots or ["."]:
                inner = [w.replace("{}", root.rstrip("/") + "/{}") for w in words[at + 1 : end]]
                found.commands.append(command.with_words(inner))
            at = end
        at += 1


def _interpreter(command: Command, found: Inside) -> None:
    name = command.name
    base = name.rstrip("0123456789.") if name not in _INTERPRETERS else name
    if name in _FILTERS:
        found.code.extend(command.words[1:])
        return
    if base not in _INTERPRETERS:
        return
    words = command.words[1:]
    for at, word in enumerate(words[:-1]):
        letters = _INTERPRETERS[base]
        short = word.startswith("-") and not word.startswith("--") and any(c in word for c in letters)
        if short or word in _LONG_CODE:
            found.code.append(words[at + 1])
            found.hidden = found.hidden or "it runs program text"
            return
    if command.body:
        found.code.append(command.body)
        found.hidden = "it runs program text"
    elif command.piped_from and not [w for w in words if w != "-"]:
        found.hidden = "it runs whatever comes through the pipe"
