"""The names of files that Claude Code finds in a text: `@file` in a prompt, `@include` in a memory file. Hot, pure.

The client reads them by itself, past every tool hook. Its way to find them (read from 2.1.330, tried on it): a word's
first `@` at its start or after Chinese punctuation, the name cut at the last of [0-9A-Za-z_] and then at `#`; or
`@"..."`; in a memory file `@` and all up to a space that no backslash precedes. More is found here, never less: what
is no file costs one look.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST = 4096
"""Characters of a name; no system opens a longer path."""

_WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_SPACE = frozenset(
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000\ufeff"
)
"""White space as JavaScript has it; Python's own lacks U+FEFF and has more besides."""
_ENDS = ".,;:!?)]}'\""


def mentions(text: str) -> Iterator[str]:
    """The names that the client would take for files in a prompt, each once."""
    return _each_once(text, _mentioned)


def includes(text: str) -> Iterator[str]:
    """The names that the client would take for files in a memory file or a command's text, each once."""
    return _each_once(text, lambda rest: [*_included(rest), *_mentioned(rest)])


def _each_once(text: str, spellings: Callable[[str], list[str]]) -> Iterator[str]:
    seen: set[str] = set()
    at = text.find("@")
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum():
            for name in spellings(text[at + 1 : at + 1 + LONGEST]):
                if name not in seen and "\0" not in name:
                    seen.add(name)
                    yield name
        at = text.find("@", at + 1)


def _mentioned(rest: str) -> list[str]:
    names = []
    if rest[:1] in ('"', "'"):
        quoted = rest[1:].partition(rest[0])[0]
        names += [quoted, quoted.partition("#")[0]]
    word = rest[: _until_space(rest)]
    bare = word.partition("#")[0]
    names += [word, bare, _to_last_word(word), _to_last_word(word).partition("#")[0], bare.rstrip(_ENDS)]
    return [name for name in dict.fromkeys(names) if name]


def _included(rest: str) -> list[str]:
    """A name with its escaped spaces, up to `#`."""
    end = _until_space(rest)
    while end < len(rest) and rest[end] == " " and rest[end - 1 : end] == "\\":
        end += 1 + _until_space(rest[end + 1 :])
    name = rest[:end].partition("#")[0].replace("\\ ", " ")
    return [name] if name else []


def _until_space(rest: str) -> int:
    return next((at for at, character in enumerate(rest) if character in _SPACE), len(rest))


def _to_last_word(word: str) -> str:
    end = len(word)
    while end and word[end - 1] not in _WORD:
        end -= 1
    return word[:end]
