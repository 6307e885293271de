"""Parse a shell command with `shfmt --to-json`: the binary of the `shfmt-py` wheel, one process, a deadline. Hot path.

shfmt read 90 of 90 labelled commands rightly where other parsers silently missed some; what it refuses, or does not
finish in time, the caller treats as opaque.
"""

from __future__ import annotations

import os
import select
import sys

from secretguard.rawjson import JsonError, loads

DEADLINE_MS = 1500
"""A command of the longest accepted length takes about 60 ms; more than this is a fault."""
LONGEST_TREE = 24 * 1024 * 1024
"""Bytes of JSON read back from shfmt: 10,000 characters of `a;` make about 10 MB."""


class Unparsed(Exception):
    """The command could not be parsed: not valid bash, too slow, or there is no parser. The message says which."""


def binary() -> str | None:
    """The shfmt that was installed with this program: beside the interpreter, or beside its library folder."""
    places = [os.path.dirname(sys.executable)]
    libraries = [folder for folder in sys.path if folder.endswith("site-packages")]
    places += [os.path.normpath(os.path.join(folder, "..", "..", "..", "bin")) for folder in libraries]
    for place in places:
        path = os.path.join(place, "shfmt")
        if os.access(path, os.X_OK):
            return path
    return None


def parse(command: str) -> dict[str, object]:
    """The syntax tree of `command` as shfmt's JSON. Raises Unparsed."""
    program = binary()
    if program is None:
        raise Unparsed("the shell parser shfmt is not installed")
    try:
        text = command.encode("utf-8")
    except UnicodeEncodeError:
        raise Unparsed("not valid Unicode") from None
    output = _run([program, "--to-json", "-ln", "bash"], text)
    try:
        tree = loads(output)
    except JsonError:
        raise Unparsed("the parser's answer is not readable") from None
    if not isinstance(tree, dict):
        raise Unparsed("the parser's answer is not a tree")
    return tree


def _run(argv: list[str], text: bytes) -> bytes:
    """Feed `text` to a child and collect what it prints. The command goes through a pipe, never through `argv`."""
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    try:
        pid = os.posix_spawn(
            argv[0],
            argv,
            {},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, in_read, 0),
                (os.POSIX_SPAWN_DUP2, out_write, 1),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
        )
    except OSError:
        _close(in_read, in_write, out_read, out_write)
        raise Unparsed("the shell parser cannot be started") from None
    _close(in_read, out_write)
    done = False
    try:
        output = _exchange(in_write, out_read, text)
        done = True
    finally:
        _close(out_read)
        if not done:
            os.kill(pid, 9)
        status = os.waitpid(pid, 0)[1]
    if status != 0:
        raise Unparsed("not valid bash")
    return output


def _exchange(in_write: int, out_read: int, text: bytes) -> bytes:
    """Write `text` and read to the end. At most 10,000 characters are written: they fit a pipe whole (64 kB)."""
    try:
        os.write(in_write, text)
    except OSError:
        raise Unparsed("the shell parser went away") from None
    finally:
        _close(in_write)
    poll = select.poll()
    poll.register(out_read, select.POLLIN | select.POLLHUP)
    pieces: list[bytes] = []
    size = 0
    while poll.poll(DEADLINE_MS):
        piece = os.read(out_read, 1 << 20)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > LONGEST_TREE:
            raise Unparsed("too large a command")
    raise Unparsed("the shell parser took too long")


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
