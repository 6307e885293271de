"""Take the guard out of Claude Code's settings: what was there before byte for byte, or our own entries alone.

Standard library alone: `install` puts a copy of this file beside the launcher, where `remove-claude-code` runs it with
any Python 3 of the machine when ours is gone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import sys

try:
    from secretguard.agents import json_text
except ImportError:  # the copy: this package is gone
    import json_text  # type: ignore[import-not-found, no-redef]

LAUNCHER = "secretguard-claude-code"
"""File name of the launcher; an entry whose command has this name is ours, wherever it was installed."""
_PREFIX, _SHELL = "CLAUDE_CODE_SHELL_PREFIX", "secretguard-shell"


def ours(item: object) -> bool:
    """Whether a hook entry starts our launcher, in either form: `args`, or one text for a shell."""
    if not isinstance(item, dict):
        return False
    command = str(item.get("command", ""))
    try:
        words = [command] if "args" in item else shlex.split(command)
    except ValueError:  # quotes that do not close: nothing that we wrote
        return False
    return bool(words) and os.path.basename(words[0]) == LAUNCHER


def without_us(text: str, added: list[tuple[list[str | None], object]]) -> str:
    """`text` without our hooks and shell prefix, and without what else we `added`: (path, value) of members, and of
    elements where the path ends in None. What that empties goes as well. Raises ValueError for what is no JSON."""
    settings = json.loads(text)
    environment, hooks = settings.get("env"), settings.get("hooks", {})
    prefix = environment.get(_PREFIX) if isinstance(environment, dict) else None
    if isinstance(prefix, str) and os.path.basename(prefix) == _SHELL:
        text = _drop(text, ["env", _PREFIX])
    for event in list(hooks):
        for place in reversed(range(len(hooks[event]))):
            for number in reversed(range(len(hooks[event][place]["hooks"]))):
                if ours(hooks[event][place]["hooks"][number]):
                    text = _drop(text, ["hooks", event, place, "hooks", number])
    for path, value in added:
        steps: list[str | int] = [step for step in path if step is not None]
        parent = _at(json.loads(text), steps if path[-1] is None else steps[:-1])
        if isinstance(parent, list) and value in parent:
            text = _drop(text, [*steps, len(parent) - 1 - parent[::-1].index(value)])
        elif isinstance(parent, dict) and parent.get(steps[-1]) == value:
            text = _drop(text, steps)
    return text


def _at(value: object, path: list[str | int]) -> object:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _drop(text: str, path: list[str | int]) -> str:
    """`text` without what is at `path`, and without what holds nothing any more because of that."""
    text = json_text.drop(text, list(path))
    above = path[:-1]
    value = json.loads(text)
    for step in above:
        value = value[step]
    bare = not value
    if bare and above:
        if above[-1] == "hooks" and len(above) > 1:  # a group without hooks is nothing, whatever its matcher
            above = above[:-1]
        return _drop(text, above)
    return text


def given_back(now: bytes, record: dict[str, object], before: bytes | None) -> tuple[bytes | None, bool]:
    """(What the settings file is to be: None for no file, whether that is exactly what it was before)."""
    if hashlib.sha256(now).hexdigest() == record.get("after_sha256"):
        return before, True
    mark = b"\xef\xbb\xbf" if now.startswith(b"\xef\xbb\xbf") else b""
    added = record.get("added")
    return mark + without_us(now[len(mark) :].decode(), added if isinstance(added, list) else []).encode(), False


def main(folder: str) -> int:
    """Take the guard out of every settings file that the records in `folder` name; 1 when one needs a person."""
    if os.environ.get("CLAUDECODE") or os.environ.get("AI_AGENT"):
        print("secretguard: an agent does not remove its own protection; run this in a terminal", file=sys.stderr)
        return 2
    failed = 0
    for name in sorted(os.listdir(folder) if os.path.isdir(folder) else []):
        if name.endswith(".json"):
            try:
                print(_remove(os.path.join(folder, name)))
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                print(f"secretguard: {name}: {error}", file=sys.stderr)
                failed = 1
    return failed


def _remove(record_path: str) -> str:
    with open(record_path, "rb") as file:
        record = json.load(file)
    path, before = record["path"], None
    kept, undo = (record_path[: -len(".json")] + ending for ending in (".before", ".undo"))
    if record["before_sha256"] is not None:
        with open(kept, "rb") as file:
            before = file.read()
        if hashlib.sha256(before).hexdigest() != record["before_sha256"]:
            raise ValueError(f"the copy of {path} from before the installation is damaged")
    said = "is gone by itself"
    if os.path.exists(path):
        with open(path, "rb") as file:
            after, exact = given_back(file.read(), record, before)
        said = "is what it was before" if exact else "is without secretguard"
        if after is None:
            os.unlink(path)
        else:
            _replace(path, after)
    for gone in (kept, undo, record_path):
        if os.path.exists(gone):
            os.unlink(gone)
    return f"{path} {said}"


def _replace(path: str, data: bytes) -> None:
    fresh = path + ".secretguard-new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        os.fchmod(file.fileno(), os.stat(path).st_mode & 0o777)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
