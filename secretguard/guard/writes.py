"""A Write, Edit or NotebookEdit before it happens: no literal secret into code, a placeholder only where its value can
be given back (`given_back.py`). Hot path.
"""

from __future__ import annotations

from secretguard.agents.event import Event, Outcome, UnreadableEvent
from secretguard.guard.outcomes import allowed, by_policy, refused
from secretguard.guard.room import Room, found_fields
from secretguard.keyed import user_key
from secretguard.placeholder import placeholders_in
from secretguard.verdict import DENY, Verdict
from secretguard.worktree.content import LARGEST_IN_HOOK, content

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.detect.finding import Finding

_REFERENCES = {
    ".py": 'os.environ["{0}"]', ".js": "process.env.{0}", ".ts": "process.env.{0}", ".mjs": "process.env.{0}",
    ".cjs": "process.env.{0}", ".jsx": "process.env.{0}", ".tsx": "process.env.{0}", ".go": 'os.Getenv("{0}")',
    ".rb": 'ENV.fetch("{0}")', ".php": 'getenv("{0}")', ".java": 'System.getenv("{0}")', ".kt": 'System.getenv("{0}")',
    ".scala": 'sys.env("{0}")', ".rs": 'std::env::var("{0}")?', ".cs": 'Environment.GetEnvironmentVariable("{0}")',
    ".sh": '"${0}"', ".bash": '"${0}"', ".zsh": '"${0}"', ".ipynb": 'os.environ["{0}"]',
    ".ex": 'System.fetch_env!("{0}")', ".swift": 'ProcessInfo.processInfo.environment["{0}"]',
    ".tf": "var.{0}", ".pl": "$ENV{{{0}}}", ".r": 'Sys.getenv("{0}")',
}  # fmt: skip
"""How a line of each language takes a value from the environment instead."""
_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def before(event: Event, room: Room) -> Outcome:
    """Whether a write may go ahead. Raises UnreadableEvent when the input is not that of a known writing tool."""
    name = _name(event)
    path = room.path(name)
    fields: dict[str, object] = {"path": room.shown(name)}
    if room.policy.protected_path(path):
        reason = (
            f"{fields['path']} is part of the protection itself and is not changed by an agent. "
            "Ask the person to make this change in an editor or with the secretguard command."
        )
        return refused("guard:settings:denied", Verdict(DENY, reason, "protected-path"), fields)
    classes = room.data_classes((path,))
    stopped = by_policy(
        "write",
        room.decide("write", "plain", classes),
        f"Writing {fields['path']} is held back.",
        fields,
    )
    if stopped and stopped.verdict.outcome == DENY and not room.lifts:
        return stopped
    outcome = _content(event, room, path, room.policy.may_hold_secrets(path), fields)
    if stopped and outcome.verdict.outcome != DENY:  # asked or let pass nevertheless, it is made as it can be
        stopped.given = outcome.given
        outcome = stopped
    if outcome.verdict.outcome != DENY:
        outcome.fields.update(_digested("before", path))
    return outcome


def left_behind(event: Event, room: Room) -> dict[str, object]:
    """What a writing tool left on the disk: digest and bytes, whatever it said that it wrote."""
    return _digested("after", room.path(_name(event)))


def _digested(when: str, path: str) -> dict[str, object]:
    digest, size = content(path, user_key(), LARGEST_IN_HOOK)
    fields: dict[str, object] = {f"digest_{when}": digest}
    return fields if size is None else {**fields, f"bytes_{when}": size}


def _name(event: Event) -> str:
    name = event.input.get("notebook_path" if event.tool == "NotebookEdit" else "file_path")
    if not isinstance(name, str) or "\0" in name:
        raise UnreadableEvent(f"{event.tool} without a path")
    return name


def _content(event: Event, room: Room, path: str, secret_place: bool, fields: dict[str, object]) -> Outcome:
    old, new = _texts(event)
    literal = None if secret_place else _literal(old, new, room, path, fields)  # a secret belongs in a secret place
    if literal:
        return literal
    if any(map(placeholders_in, (*old, *new))):
        from secretguard.guard import given_back

        return given_back.before(event, room, path, fields)
    return allowed("guard:write:allowed", "write-goes-ahead", fields)


def _literal(old: list[str], new: list[str], room: Room, path: str, fields: dict[str, object]) -> Outcome | None:
    """The refusal of a literal secret that was not there before."""
    for text in new:
        data = text.encode("utf-8", "surrogatepass")
        kept = b"\n".join(t.encode("utf-8", "surrogatepass") for t in old)
        fresh = [f for f in room.scan(data) if f.value not in kept and not has_pragma(path, data, f.start)]
        if fresh:
            fields.update(found_fields(fresh), outcome="did not leave")
            verdict = Verdict(DENY, _advice(path, data, fresh[0], len(fresh)), "literal-secret")
            return refused("guard:write:denied", verdict, fields, fresh)
    return None


def has_pragma(path: str, data: bytes, position: int) -> bool:
    """Whether a person marked the line as accepted. Imported when there is a finding: it costs more than the scan."""
    from secretguard.pragma import has_pragma as marked

    return marked(path, data, position)


def _texts(event: Event) -> tuple[list[str], list[str]]:
    """What the tool replaces and what it writes."""
    given = event.input
    edits = given.get("edits")
    parts = [given, *(e for e in edits if isinstance(e, dict))] if isinstance(edits, list) else [given]
    old = [t for part in parts if isinstance(t := part.get("old_string"), str)]
    keys = ("content", "new_string", "new_source")
    new = [t for part in parts for key in keys if isinstance(t := part.get(key), str)]
    if not new and not (event.tool == "NotebookEdit" and given.get("edit_mode") == "delete"):
        raise UnreadableEvent(f"{event.tool} without a text to write")
    return old, new


def _advice(path: str, data: bytes, finding: Finding, count: int) -> str:
    line = data.count(b"\n", 0, finding.start) + 1
    name = _variable(data, finding)
    ending = "." + path.rsplit("/", 1)[-1].rpartition(".")[2].lower()
    reference = _REFERENCES.get(ending, "${{{0}}}").format(name)
    more = f" (and {count - 1} more)" if count > 1 else ""
    return (
        f"Line {line} holds a literal secret ({finding.rule_id}){more}. Write `{reference}` instead and put the value "
        f"into the environment or an untracked .env file. A false alarm passes with the comment `# pragma: allowlist "
        "secret` on that line."
    )


def _variable(data: bytes, finding: Finding) -> str:
    """A name for the environment variable: what the line assigns to, else the rule's name."""
    line = data[data.rfind(b"\n", 0, finding.start) + 1 : finding.start].decode("utf-8", "replace")
    left = line.replace(":", "=").split("=", 1)[0].strip().upper() if "=" in line or ":" in line else ""
    words = "".join(c if c in _NAME else " " for c in left).split()
    name = words[-1] if words else ""
    return name if len(name) > 2 and not name[0].isdigit() else finding.rule_id.upper().replace("-", "_")
