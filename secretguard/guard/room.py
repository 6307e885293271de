"""What one decision has at hand: project, policy, engine, placeholders; each opened when first asked for. Hot path."""

from __future__ import annotations

import os

from secretguard.agents.capability import version_of
from secretguard.agents.event import PROMPT, START, WALL
from secretguard.audit.digest import listed
from secretguard.detect.finding import LOW
from secretguard.keyed import user_key
from secretguard.known.standing import KnowingEngine
from secretguard.pack import open_engine
from secretguard.places import state_dir
from secretguard.policy.layers import in_force
from secretguard.policy.request import OUTCOMES, Decision, Request
from secretguard.policy.table import STRICTEST_DATA, STRICTEST_ENVIRONMENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from secretguard.agents.event import Event
    from secretguard.detect.engine import Engine
    from secretguard.detect.finding import Finding
    from secretguard.guard.pause import Pause
    from secretguard.placeholder import Placeholders
    from secretguard.policy.table import Policy

LONGEST_SHOWN = 500
"""Characters of a path or command that go into a record."""


class Room:
    """The surroundings of one event. `project` is the client's project folder, links resolved."""

    def __init__(self, event: Event, environment: Mapping[str, str]) -> None:
        given = environment.get("CLAUDE_PROJECT_DIR", "")
        self.cwd = event.cwd
        self._event = event
        self.would: list[Decision] = []
        """What observe mode, or a pause, let pass."""
        self.stands: set[str] = set()
        """The rules that were enforced nevertheless."""
        self.accepted = 0
        """How many findings a person had accepted as no secrets."""
        self._looks = event.kind in (START, PROMPT)
        session = event.ids.get("session_id", "")
        self.walled = bool(session) and environment.get(WALL) == session
        """Whether the client's mod sees what this session sends to the model, failures' texts included."""
        self.client_version = version_of(environment.get("AI_AGENT", ""))
        self.project = os.path.realpath(given if given.startswith("/") else event.cwd)
        self.home = os.path.realpath(os.path.expanduser("~"))
        self._engine: KnowingEngine | None = None
        self._policy: Policy | None = None
        self._tags: Placeholders | None = None
        self._pause: Pause | None = None
        self._pause_known = False
        self.pause_over = False
        """Whether this very event found a pause that is over."""

    @property
    def engine(self) -> KnowingEngine:
        """The detection engine, which knows the project's own values. Raises GuardError."""
        self._engine = self._engine or self._knowing()
        return self._engine

    def _knowing(self) -> KnowingEngine:
        return KnowingEngine(self.rules(), self.project)

    def rules(self) -> Engine:
        """The engine of the rules alone. Raises GuardError."""
        return open_engine()

    @property
    def policy(self) -> Policy:
        """The policy in force in this project; looked up anew at a prompt and a start. Raises GuardError."""
        self._policy = self._policy or self._in_force()
        return self._policy

    def _in_force(self) -> Policy:
        return in_force(self.project, look=self._looks)

    @property
    def observes(self) -> bool:
        """Whether observe mode is on. Raises GuardError."""
        if not self.policy.observe_until:
            return False
        from secretguard.policy.observe import observes_now

        return observes_now(self.policy)

    @property
    def pause(self) -> Pause | None:
        """The pause that is on, None where there is none, or where the policy allows none. Raises GuardError."""
        if not self._pause_known:
            self._pause_known = True
            if os.path.lexists(os.path.join(state_dir(), "pause")):
                from secretguard.guard import pause

                found = pause.in_force()
                self._pause = found if found and pause.allowed_by(self.policy) else None
                self.pause_over = found is None
        return self._pause

    @property
    def lifts(self) -> bool:
        """Whether what the guard would stop may pass for now: observe mode or a pause. Raises GuardError."""
        return self.observes or self.pause is not None

    @property
    def tags(self) -> Placeholders:
        """This project's placeholders. Raises GuardError."""
        if self._tags is None:
            from secretguard.placeholder import of_user  # as `redact`: most events hold no secret

            self._tags = of_user(self.project)
        return self._tags

    @property
    def file(self) -> str:
        """The one file that the event is about, links resolved; "" where there is none."""
        name = self._event.input.get("file_path") or self._event.input.get("notebook_path")
        return self.path(name) if isinstance(name, str) and "\0" not in name else ""

    def path(self, name: str) -> str:
        """The absolute path of a file that a tool names, links resolved as far as they exist."""
        return os.path.realpath(os.path.join(self.cwd, os.path.expanduser(name)))

    def data_classes(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Every data class of `paths`, strictest first; of the working folder where there are none."""
        labels = {label for path in paths for label in self.policy.data_classes(path)}
        labels = labels or set(self.policy.data_classes(self.cwd))
        return tuple(label for label in STRICTEST_DATA if label in labels)

    def environments(self, hosts: Iterable[str] = ()) -> tuple[str, ...]:
        """Every environment of the project, raised by those of labelled `hosts`, strictest first."""
        labels = set(self.policy.environments(self.project))
        labels.update(filter(None, map(self.policy.host_environment, hosts)))
        return tuple(label for label in STRICTEST_ENVIRONMENT if label in labels)

    def decide(self, action: str, effect: str, data: Iterable[str], hosts: Iterable[str] = ()) -> Decision:
        """Policy's decision about one action of this event: the strictest about any label that is touched."""
        decisions = [
            self._decide(Request(action, effect, environment, kind))
            for environment in self.environments(hosts)
            for kind in data
        ]
        return max(decisions, key=lambda decision: OUTCOMES.index(decision.outcome))

    def _decide(self, request: Request) -> Decision:
        """One cell; while observing or paused, what stands nevertheless; while the policy is broken, no release."""
        decision = self.policy.decide(request)
        if self.policy.observe_until and self.observes:
            standing = self.policy.enforced(request)
            if standing.outcome != decision.outcome:
                self.would.append(decision)
            decision = standing
        if decision.outcome != "allow" and self.pause is not None:
            standing = self.pause.decided(decision, request, self.policy)
            if standing.outcome != decision.outcome:
                self.would.append(decision)
            decision = standing
        if self.policy.standing.faults:
            from secretguard.guard import broken

            decision = broken.decided(decision, request, self.policy.standing.faults)
        self.stands.add(decision.rule)
        return decision

    def scan(self, data: bytes, secret_place: bool = False, path: str | None = None) -> list[Finding]:
        """What is to be hidden or refused in `data`: low-confidence findings count only in a place labelled secret, and
        what a person accepted does not count. `path` is the one file that `data` is from; None: that of the event.
        """
        found = self.engine.scan(data)
        found = found if secret_place else [f for f in found if f.confidence != LOW]
        if not found or not os.path.lexists(os.path.join(state_dir(), "false-alarms")):
            return found
        from secretguard.false_alarms import left

        kept = left(found, self.project, self.file if path is None else path, self.tags)
        self.accepted += len(found) - len(kept)
        return kept

    def shown(self, text: str) -> str:
        """`text` as a record may hold it: every finding of any confidence replaced, cut to a bounded length."""
        data = text.encode("utf-8", "replace")
        found = self.engine.scan(data)
        if found:
            from secretguard.redact import redact

            data = redact(data, found, self.tags)
        clean = data.decode("utf-8", "replace")
        return clean if len(clean) <= LONGEST_SHOWN else clean[:LONGEST_SHOWN] + "…"


def found_fields(findings: Collection[Finding]) -> dict[str, object]:
    """What a record says of `findings`: rules, number, and the keyed digest of each value. Raises GuardError."""
    return {"rules": rules_of(findings), "count": len(findings), **listed(user_key(), (f.value for f in findings))}


def rules_of(findings: Iterable[Finding]) -> list[str]:
    """The rule ids of `findings`, each once, in order."""
    return list(dict.fromkeys(f.rule_id for f in findings))
