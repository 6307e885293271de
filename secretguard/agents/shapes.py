"""Texts inside a tool's result: seen one by one, replaced without changing the result's shape. Hot path, no I/O.

Claude Code drops a replacement whose shape is not the tool's own and shows the original, so a result is never built
anew: it is copied value by value, and only texts change. That keeps every known shape and every unknown one.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 64
"""Results nested deeper are refused; the deepest measured is six levels."""

NAMES_NOT_TEXT = frozenset({"type", "status", "mode", "cellType", "output_type", "language", "interrupted"})
"""Keys whose values are the client's own words: they must stay, or the shape is no longer the tool's."""
PATHS = frozenset({"filePath", "file_path", "notebook_path", "backgroundTaskId", "persistedOutputPath", "agentId"})


class TooDeep(Exception):
    """A result is nested deeper than DEEPEST."""


def texts(value: object) -> list[str]:
    """Every text in `value`, keys included, pictures left out. Raises TooDeep."""
    found: list[str] = []

    def see(text: str) -> str:
        found.append(text)
        return text

    replace(value, see)
    return found


def replace(
    value: object, change: Callable[[str], str], rename: Callable[[str], str] | None = None, level: int = 0
) -> object:
    """A copy of `value`, same shape, with `change` applied to every text. Raises TooDeep.

    Keys are texts too (a server may answer `{TOKEN: ...}`); two keys that become equal both stay, numbered. `rename`
    takes the place of `change` for keys and for the client's own words, which make the shape.
    """
    if level > DEEPEST:
        raise TooDeep
    if isinstance(value, str):
        return value if _is_image_url(value) else change(value)
    if isinstance(value, list):
        return [replace(item, change, rename, level + 1) for item in value]
    if isinstance(value, dict):
        if _is_picture(value):
            return value
        changed: dict[str, object] = {}
        for key, item in value.items():
            name = (rename or change)(key)
            while name in changed:
                name += "'"
            own_word = rename is not None and key in NAMES_NOT_TEXT and isinstance(item, str)
            changed[name] = replace(item, rename if own_word and rename else change, rename, level + 1)
        return changed
    return value


def pictures(value: object, level: int = 0) -> int:
    """How many pictures are in `value`, of those that `texts` leaves out."""
    if level > DEEPEST or not isinstance(value, (dict, list)):
        return 0
    if isinstance(value, list):
        return sum(pictures(item, level + 1) for item in value)
    return 1 if _is_picture(value) else sum(pictures(item, level + 1) for item in value.values())


def _is_picture(value: dict[str, object]) -> bool:
    """Image bytes as base64 (Read; MCP): nothing to read in them, and a change would only break the picture."""
    kind = value.get("type")
    if not isinstance(kind, str):
        return False
    return (kind.startswith("image/") and "base64" in value) or (kind == "image" and "data" in value)


def _is_image_url(text: str) -> bool:
    """One `data:` URL of an image and nothing beside it, as Bash shows a picture that a command printed."""
    return text.startswith("data:image/") and ";base64," in text[:64] and not any(c.isspace() for c in text.rstrip())
