"""A Bash command before it runs: analysed, put to policy, and held to the guard's own rules. Hot path."""

from __future__ import annotations

from secretguard.agents.event import Event, Outcome, UnreadableEvent
from secretguard.audit.digest import labelled
from secretguard.guard.folders import any_memory
from secretguard.guard.outcomes import allowed, by_policy, refused
from secretguard.guard.room import Room, found_fields, rules_of
from secretguard.keyed import user_key
from secretguard.placeholder import placeholders_in
from secretguard.policy.request import OUTCOMES
from secretguard.shell.analyse import Analysis, analyse
from secretguard.shell.words import Place
from secretguard.verdict import ALLOW, DENY, Verdict

_MOST_TOLD = 3
"""Further effects of a command that a reason tells of; a dialog that is a page long is not read."""


def before(event: Event, room: Room) -> Outcome:
    """Whether a command may run. Raises UnreadableEvent when the input is not that of Bash."""
    command = event.input.get("command")
    if not isinstance(command, str):
        raise UnreadableEvent("Bash without a command")
    found = analyse(command, Place(event.cwd, room.project, room.home), room.policy.secret_place)
    fields: dict[str, object] = {"command": room.shown(command), "command_digest": _digest(command)}
    if found.calls:
        from secretguard.guard import calls

        fields.update(calls.fields(found.calls, room))
    outcome = _own_rules(command, found, room, fields) or _policy(found, room, fields)
    if outcome.verdict.outcome == ALLOW and any_memory(room.project, found.paths):
        from secretguard.guard import sent_along

        return sent_along.before_call(room, found.paths) or outcome
    return outcome


def _policy(found: Analysis, room: Room, fields: dict[str, object]) -> Outcome:
    """The strictest of the decisions about each effect that the analysis saw."""
    data = room.data_classes(found.paths)
    asked = [(o.effect, o.why) for o in found.observations] or [("plain", "")]
    decisions = [(room.decide("run", effect, data, found.hosts), why) for effect, why in asked]
    decision, _ = max(decisions, key=lambda pair: OUTCOMES.index(pair[0].outcome))
    whys = [why for other, why in decisions if (other.outcome, other.rule) == (decision.outcome, decision.rule)]
    fields.update(effects=sorted({effect for effect, _ in asked}), data=data[0])
    stopped = by_policy("command", decision, _sentences(whys), fields)
    return stopped or allowed("guard:command:allowed", decision.rule, fields)


def _sentences(whys: list[str]) -> str:
    """The observations' words (`it deletes files`) as sentences: whoever decides hears of all that it would do."""
    first, *others = dict.fromkeys(whys)
    if first.startswith("it "):
        said = f"This command {first[3:]}."
    else:
        said = f"This command is held back: {first}." if first else "This command is held back."
    return said + "".join(f" Also, {why}." for why in others[:_MOST_TOLD])


def _own_rules(command: str, found: Analysis, room: Room, fields: dict[str, object]) -> Outcome | None:
    """What no policy decides: the guard's own files, placeholders, literal secrets."""
    if found.weakens or any(_protected(room, path) for path in found.changed) or _in_code(room, found.in_code):
        reason = (
            "This command would change the protection itself. Ask the person to make this change in their own terminal."
        )
        rule = "changes-own-protection" if found.weakens else "protected-path"
        return refused("guard:settings:denied", Verdict(DENY, reason, rule), fields)
    if placeholders_in(command):
        reason = (
            "The command holds a placeholder, which stands for a secret that you were not shown. Its value is given "
            "back only into the file that it came from (by Write and Edit), never to a program or host. "
            "Use the variable or file that holds the secret instead, e.g. `. ./.env && COMMAND`."
        )
        return refused("guard:command:denied", Verdict(DENY, reason, "placeholder-in-command"), fields)
    literal = room.scan(command.encode("utf-8", "surrogatepass"))
    if literal:
        reason = (
            f"The command holds a literal secret ({', '.join(rules_of(literal))}), which would stay in the transcript "
            'and the process list. Put it into a variable or file and name that instead, e.g. `--token "$TOKEN"`.'
        )
        fields.update(found_fields(literal))
        return refused("guard:command:denied", Verdict(DENY, reason, "literal-secret"), fields, literal)
    return None


def _protected(room: Room, path: str) -> bool:
    """A file of the protection, or a folder that holds the client's settings and would go with them."""
    resolved = room.path(path)
    return room.policy.protected_path(resolved) or room.policy.protected_path(f"{resolved}/settings.json")


def _in_code(room: Room, paths: list[str]) -> bool:
    """Whether program text names a file of the protection: that it only reads it cannot be told."""
    return any(room.policy.protected_path(room.path(path)) for path in paths)


def _digest(command: str) -> str:
    """A keyed digest of the command as it was, so that a record can be matched with it and not be guessed back."""
    return labelled(user_key(), b"command", command.encode("utf-8", "surrogatepass"))
