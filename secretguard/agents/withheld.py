"""What the model is shown in the place of a result that is held back: a sentence, in the tool's own shape. No I/O.

Claude Code drops a replacement whose shape is not the tool's own and shows the original. So a result is emptied text by
text, which keeps each shape, known or not; the table has the tools in which a sentence must take a form of its own.
"""

from __future__ import annotations

from secretguard.agents.shapes import DEEPEST, NAMES_NOT_TEXT, PATHS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MAIN = ("stdout", "content", "text", "result")
"""Where the tools that are known have their text, whichever has it."""


def withheld(tool: str, response: object, text: str) -> object:
    """`response` with `text` where the model will read it and nothing else of its content, in that tool's exact shape.

    Where the response is no structure at all, or damaged, it is a form that the client accepts for `tool`.
    """
    kept = emptied(response)
    if tool in FORMS:
        return FORMS[tool](response, kept if isinstance(kept, dict) else {}, text)
    return text if isinstance(kept, (str, type(None))) else _said(kept, text)


def _command(response: object, kept: dict[str, object], text: str) -> object:  # noqa: ARG001 - the table's form
    picture = {"isImage": False} if "isImage" in kept else {}
    return {**kept, "stdout": text, "stderr": "", "interrupted": False, **picture}


def _text_file(response: object, kept: dict[str, object], text: str) -> object:
    """A Read of any type is shown as a text file: a picture or notebook cannot carry a sentence."""
    file = kept.get("file")
    if isinstance(response, dict) and response.get("type") == "text" and isinstance(file, dict):
        return {**kept, "file": {**file, "content": text}}
    path = file.get("filePath") if isinstance(file, dict) else None
    shown = {"filePath": path if isinstance(path, str) else "", "content": text}
    return {"type": "text", "file": {**shown, "numLines": 1, "startLine": 1, "totalLines": 1}}


def _lines_found(response: object, kept: dict[str, object], text: str) -> object:  # noqa: ARG001 - the table's form
    """Of the three modes of a search the one that shows lines."""
    return {**kept, "mode": "content", "numFiles": 0, "filenames": [], "content": text, "numLines": 1}


def _files_found(response: object, kept: dict[str, object], text: str) -> object:  # noqa: ARG001 - the table's form
    return {"durationMs": 0, "truncated": False, **kept, "filenames": [text], "numFiles": 1}


FORMS: dict[str, Callable[[object, dict[str, object], str], object]] = {
    "Bash": _command,
    "Read": _text_file,
    "Grep": _lines_found,
    "Glob": _files_found,
}
"""Tool → how a sentence is said in its shape; the client showed each of them (`tests/claude/test_withheld.py`)."""


def emptied(value: object, name: str = "", level: int = 0) -> object:
    """`value` in its shape, without its texts but for those that make the shape; of a list of blocks one stays."""
    if level > DEEPEST:
        return None
    if isinstance(value, str):
        return value if name in NAMES_NOT_TEXT or name in PATHS else ""
    if isinstance(value, list):
        blocks = [v for v in value if isinstance(v, dict) and v.get("type") == "text"]
        return [emptied(v, name, level + 1) for v in blocks[:1]]
    if isinstance(value, dict):
        return {key: emptied(item, key, level + 1) for key, item in value.items()}
    return value


def _said(value: object, text: str, level: int = 0) -> object:
    """`text` put where the model will read it: the main field, else the first block, else the first text there is."""
    if isinstance(value, list):
        return [{"type": "text", "text": text}]
    if not isinstance(value, dict) or level > DEEPEST:
        return value
    for name in _MAIN:
        if isinstance(value.get(name), str):
            return {**value, name: text}
    for name in ("file", *_MAIN):
        if isinstance(value.get(name), (dict, list)):
            return {**value, name: _said(value[name], text, level + 1)}
    own = (name for name, item in value.items() if item == "" and name not in NAMES_NOT_TEXT | PATHS)
    first = next(own, "")
    return {**value, first: text} if first else value
