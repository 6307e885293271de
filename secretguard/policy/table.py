"""The compiled policy: labels and decisions by look-up. Pure and on the hot path: no imports beyond the vocabulary.

Two steps, in this order: paths and hosts become labels from closed sets (`environment`, `data_class`,
`production_path`, `protected_path`, `host_environment`), then the four labels of a Request pick one cell of a table
that `policy/cedar.py` filled beforehand by asking Cedar every possible question.
"""

from __future__ import annotations

from secretguard.policy.glob import MAX_PATH, covers, normal
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, Decision, Request

CELLS = len(ACTIONS) * len(EFFECTS) * len(ENVIRONMENTS) * len(DATA)

STRICTEST_ENVIRONMENT = ("production", "staging", "development", "sandbox")
STRICTEST_DATA = ("customer", "secret", "internal", "public")
"""Where a path carries several labels, the first of these is told; what is decided is the strictest about any."""

LOOSENING = ("sandbox", "public")
"""Labels that permit more. Their patterns compare case exactly; all others ignore it, as macOS does with paths."""

OWN_PROTECTION = (
    "/etc/secretguard/**",
    "/etc/claude-code/**",
    "**/.claude/settings.json",
    "**/.claude/settings.local.json",
)
"""Files that switch the guard on: protected whatever the facts say. The caller adds this user's own directories."""

_ACTION = {name: at * len(EFFECTS) for at, name in enumerate(ACTIONS)}
_EFFECT = {name: at for at, name in enumerate(EFFECTS)}
_ENVIRONMENT = {name: at * len(DATA) for at, name in enumerate(ENVIRONMENTS)}
_DATA = {name: at for at, name in enumerate(DATA)}


def cell_index(request: Request) -> int:
    """The place of a request's cell: actions outermost, then effects, environments, data, as in `policy/request.py`."""
    return (
        (_ACTION[request.action] + _EFFECT[request.effect]) * len(ENVIRONMENTS) * len(DATA)
        + _ENVIRONMENT[request.environment]
        + _DATA[request.data]
    )


class Standing:
    """How a policy came to be in force: its layers as [name, place, digest], highest first; why layers cannot be used
    (file:line; then nothing is released); what the layers say without effect, because it would loosen."""

    __slots__ = ("faults", "layers", "notes")

    def __init__(self, layers: list[list[str]], faults: list[str], notes: list[str]) -> None:
        self.layers = layers
        self.faults = faults
        self.notes = notes


class Policy:
    """One policy in its compiled form. `digest` is 64 hex characters over its sources and the vocabulary.

    `decisions` are the distinct decisions, `cells` one index into them for each cell; `held`, of the same form, is
    what is enforced while the policy is observed (empty: it has no observe mode). `facts` is the document that
    `policy/facts.py` returns; `raised`, from section to label to patterns and defaults, is what the layers below
    the base add. `home` stands for `~` in patterns; `own` are patterns of the guard's own files. `observe_until` is
    the last day of observe mode (`policy/observe.py`), "" where there is none.
    """

    __slots__ = (
        "_cells",
        "_decisions",
        "_facts",
        "_held",
        "_home",
        "_kept",
        "_protected",
        "_raised",
        "digest",
        "observe_until",
        "standing",
    )

    def __init__(
        self,
        digest: str,
        decisions: list[Decision],
        cells: list[int],
        facts: dict[str, object],
        home: str = "",
        own: tuple[str, ...] = (),
        raised: dict[str, dict[str, list[str]]] | None = None,
        held: list[int] | None = None,
    ) -> None:
        held = held or cells
        if {len(cells), len(held)} != {CELLS} or not all(0 <= cell < len(decisions) for cell in (*cells, *held)):
            raise ValueError("the table does not have one decision for each cell")
        self.digest = digest
        self._decisions = decisions
        self._cells = cells
        self._held = held
        self._facts = facts
        self._raised = raised or {}
        self.observe_until = str(facts.get("observe", {}).get("until", ""))  # type: ignore[attr-defined]
        self.standing = Standing([], [], [])
        self._home = normal(home).rstrip("/")
        self._kept: dict[int, list[list[str]]] = {}
        self._protected = [*OWN_PROTECTION, *own, *facts["protected"]["paths"]]  # type: ignore[index]

    @property
    def facts(self) -> dict[str, object]:
        """The facts as `policy/facts.py` returned them, for display and comparison."""
        return self._facts

    @property
    def raised(self) -> dict[str, dict[str, list[str]]]:
        """The labels that the layers below the base add to its facts, for comparison."""
        return self._raised

    def decide(self, request: Request) -> Decision:
        """The decision for one request; every request has one."""
        return self._decisions[self._cells[cell_index(request)]]

    def enforced(self, request: Request) -> Decision:
        """What stands for one request while the policy is observed; without an observe mode the decision itself."""
        return self._decisions[self._held[cell_index(request)]]

    def environments(self, project_dir: str) -> tuple[str, ...]:
        """Every environment that a project carries by its directory (absolute, links resolved), strictest first.

        What is decided is the strictest decision about any of them: a label more, from whatever layer, cannot loosen.
        """
        return self._labels("environment", project_dir, STRICTEST_ENVIRONMENT)

    def environment(self, project_dir: str) -> str:
        """The strictest environment of a project; unlabelled: the default."""
        return self.environments(project_dir)[0]

    def data_classes(self, path: str) -> tuple[str, ...]:
        """Every data class that a file carries by its path (absolute, links resolved), strictest first."""
        return self._labels("data", path, STRICTEST_DATA)

    def data_class(self, path: str) -> str:
        """The strictest data class of a file; unlabelled: the default."""
        return self.data_classes(path)[0]

    def secret_place(self, path: str) -> bool:
        """Whether any layer labels a file secret: what comes out of it is looked at harder."""
        return "secret" in self.data_classes(path)

    def may_hold_secrets(self, path: str) -> bool:
        """Whether a literal secret may be written to a file: the base says so, since this loosens."""
        return self._base("data", normal(path), STRICTEST_DATA)[:1] == ["secret"]

    def production_path(self, path: str) -> bool:
        """Whether a path inside a repository (relative, `/`) needs a review. What climbs out of it does."""
        path = normal(path)
        if path.startswith("..") or len(path) > MAX_PATH:
            return True
        return self._any(self._facts["production"]["paths"], path, True)  # type: ignore[index]

    def protected_path(self, path: str) -> bool:
        """Whether a file is part of the guard's own protection: client settings with hooks, policy, journal, keys."""
        path = normal(path)
        return len(path) > MAX_PATH or self._any(self._protected, path, True)

    def host_environment(self, host: str) -> str:
        """The environment that a host belongs to, or `""` for a host without a label. Names only, no look-up."""
        host = host.lower().rstrip(".")
        hosts: dict[str, list[str]] = self._facts["hosts"]  # type: ignore[assignment]
        for label in STRICTEST_ENVIRONMENT:
            for pattern in hosts[label]:
                if host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:])):
                    return label
        return ""

    def _labels(self, kind: str, path: str, strictest: tuple[str, ...]) -> tuple[str, ...]:
        path = normal(path)
        if len(path) > MAX_PATH:
            return strictest
        base = self._base(kind, path, strictest)
        raised = self._raised.get(kind)
        found = base or [self._facts[kind]["default"]]  # type: ignore[index]
        if raised:
            found = found if base else found + raised["default"]
            found = found + [label for label in strictest[:-1] if self._any(raised[label], path, True)]
            return tuple(label for label in strictest if label in found)
        return tuple(found)

    def _base(self, kind: str, path: str, strictest: tuple[str, ...]) -> list[str]:
        """The labels that the base's own patterns give a normalised path, strictest first; none: its default counts."""
        facts: dict[str, list[str]] = self._facts[kind]  # type: ignore[assignment]
        if len(path) > MAX_PATH:
            return []
        return [label for label in strictest if self._any(facts[label], path, label not in LOOSENING)]

    def _any(self, patterns: list[str], path: str, fold: bool) -> bool:
        names = (path.lower() if fold else path).split("/")
        return any(covers(wanted, names) for wanted in self._split(patterns, fold))

    def _split(self, patterns: list[str], fold: bool) -> list[list[str]]:
        """`patterns`, one of this policy's own lists and always folded alike, as `covers` takes them: split once."""
        split = self._kept.get(id(patterns))
        if split is None:
            whole = [self._home + one[1:] if one.startswith("~/") else one for one in patterns]
            split = self._kept[id(patterns)] = [(one.lower() if fold else one).split("/") for one in whole]
        return split
