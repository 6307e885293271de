"""The text of one word of shfmt's tree with quotes removed; what only the running shell knows becomes UNKNOWN. Pure."""

from __future__ import annotations

from secretguard.shell.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    Node = dict[str, object]

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b"}
_BASES = {"x": (16, 2), "u": (16, 4), "U": (16, 8)}


def word(node: Node, home: str, variables: list[str]) -> str:
    """The text of a Word node. `$HOME` and a leading `~` become `home`; the names it expands go to `variables`."""
    text = "".join(_part(part, home, variables, quoted=False) for part in _nodes(node.get("Parts")))
    return home + text[1:] if text == "~" or text.startswith("~/") else text


def _part(part: Node, home: str, variables: list[str], quoted: bool) -> str:
    kind, value = part.get("Type"), part.get("Value", "")  # shfmt leaves an empty value out
    if kind == "Lit" and isinstance(value, str):
        return _unescaped(value, only='$`"\\\n' if quoted else "")
    if kind == "SglQuoted" and isinstance(value, str):
        return _ansi(value) if part.get("Dollar") is True else value
    if kind == "DblQuoted":
        return "".join(_part(inner, home, variables, quoted=True) for inner in _nodes(part.get("Parts")))
    if kind == "ParamExp":
        return _variable(part, home, variables)
    return UNKNOWN


def _variable(part: Node, home: str, variables: list[str]) -> str:
    param = part.get("Param")
    name = param.get("Value") if isinstance(param, dict) else None
    if not isinstance(name, str):
        return UNKNOWN
    variables.append(("!" if part.get("Excl") else "") + name)
    simple = part.get("Short") or not any(key in part for key in ("Exp", "Slice", "Repl", "Index", "Length", "Excl"))
    return home if name == "HOME" and simple else UNKNOWN


def _unescaped(text: str, only: str) -> str:
    """Backslashes removed: before every character, or before those in `only` alone (inside double quotes)."""
    if "\\" not in text:
        return text
    out, at = [], 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text) and (not only or text[at + 1] in only):
            at += 1
            if text[at] != "\n":  # a backslash before a line end joins the lines
                out.append(text[at])
        else:
            out.append(text[at])
        at += 1
    return "".join(out)


def _ansi(text: str) -> str:
    r"""The text of `$'...'`: bash's backslash escapes (`\n`, `\x41`, `\101`, `A`)."""
    out, at = [], 0
    while at < len(text):
        if text[at] != "\\" or at + 1 == len(text):
            out.append(text[at])
            at += 1
            continue
        letter = text[at + 1]
        if letter in _BASES:
            base, most = _BASES[letter]
            at = _number(text, at + 2, base, most, out, letter)
        elif letter in "01234567":
            at = _number(text, at + 1, 8, 3, out, "")
        else:
            out.append(_ESCAPES.get(letter, letter))
            at += 2
    return "".join(out)


def _number(text: str, at: int, base: int, most: int, out: list[str], letter: str) -> int:
    digits = "0123456789abcdef"[:base]
    end = at
    while end < len(text) and end < at + most and text[end].lower() in digits:
        end += 1
    code = int(text[at:end], base) if end > at else -1
    out.append(chr(code) if 0 < code < 0x110000 else "\\" + letter if code < 0 else UNKNOWN)
    return end


def _nodes(value: object) -> list[Node]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
