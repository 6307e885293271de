"""The production gate: a push that touches a production path needs a recorded review of exactly that change.

Steps, numbered as below: 1 read the updates · 2 keep what is protected · 3 which production paths does it touch ·
4 how many people does policy want · 5 which valid reviews are there · 6 record, then answer.

Policy and the list of reviewers come from the server's own files and from the branch's old tip, never from what is
being pushed.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable
from dataclasses import dataclass

import pathspec

from secretguard.audit.journal import Journal
from secretguard.errors import ConfigError, GuardError
from secretguard.policy.request import Request
from secretguard.policy.table import Policy
from secretguard.review.policy_paths import policy_paths
from secretguard.review.repository import Repository, is_oid, is_zero
from secretguard.review.signature import signer
from secretguard.review.statement import MAX_BYTES, Statement, parse

REVIEWS = "refs/secretguard/reviews/"
IDENTITY = "refs/secretguard/repository"
OWN_PATHS = ".secretguard/"
"""A repository's own additions to the gate; changing them is changing the gate, so they are production paths."""
PATHS_FILE = ".secretguard/production-paths"
MAX_UPDATES = 1000
_NEEDED = {"allow": 0, "ask": 1, "two_persons": 2}


@dataclass(frozen=True, slots=True)
class Update:
    """One line of a push: the ref and its object before and after (zeros: none)."""

    old: str
    new: str
    ref: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate says about one update. `message` is for the person who pushed; `people` carried the push."""

    update: Update
    accepted: bool
    message: str
    rule: str
    paths: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """One gated repository: its policy, the folder that holds the reviewers' file and the audit journal."""

    repository: Repository
    policy: Policy
    folder: str

    @property
    def allowed_signers(self) -> str:
        return os.path.join(self.folder, "allowed_signers")

    def identity(self) -> str:
        """The random id that ties a review to this repository. Raises GuardError when the gate is not installed."""
        if not self.repository.exists(IDENTITY):
            raise GuardError("this repository has no gate", "run `secretguard install git --server PATH`")
        return self.repository.blob(IDENTITY, 200).decode().strip()

    def protected(self, ref: str) -> bool:
        """True for the branch HEAD points to and for what `secretguard.protect` names (globs over branch names)."""
        return any(fnmatch.fnmatchcase(ref, pattern) for pattern in protecting(self.repository))

    def production_paths(self, update: Update) -> list[str]:
        """The touched paths that are production: by policy, by the old tip's list, that list and any written policy."""
        added = self._own_patterns(update.old)
        touched = self.repository.touched_paths(update.old, update.new)
        written = policy_paths(touched, lambda path: self._was(update.old, path))
        return [
            path
            for path in touched
            if path.startswith(OWN_PATHS)
            or path in written
            or self.policy.production_path(path)
            or added.match_file(path)
        ]

    def _was(self, old: str, path: str) -> bool:
        return not is_zero(old) and self.repository.exists(f"{old}:{path}")

    def _own_patterns(self, old: str) -> pathspec.PathSpec:  # type: ignore[type-arg]
        name = f"{old}:{PATHS_FILE}"
        lines: list[str] = []
        if not is_zero(old) and self.repository.exists(name):
            lines = self.repository.blob(name, 256 * 1024).decode("utf-8", "replace").splitlines()
        return pathspec.PathSpec.from_lines("gitignore", lines)

    def reviewers(self, update: Update) -> tuple[set[str], list[str]]:
        """People with a valid review of exactly this change, and why other reviews of its tree do not count."""
        wanted = Statement(self.identity(), update.ref, update.old, self.repository.tree_of(update.new))
        authors = self.repository.people(update.old, update.new)
        people: set[str] = set()
        faults: list[str] = []
        for ref in self.repository.refs(f"{REVIEWS}{wanted.tree}/"):
            try:
                person = self.check_review(ref, wanted)
            except GuardError as error:
                faults.append(error.message)
                continue
            if person in authors:
                faults.append(f"{person} wrote or committed part of this change and cannot review it")
            else:
                people.add(person)
        return people, faults

    def check_review(self, name: str, wanted: Statement | None = None) -> str:
        """The reviewer behind one stored review (a ref or blob id). Raises GuardError when it is not valid."""
        statement, armour = parse(self.repository.blob(name, MAX_BYTES))
        person = signer(statement.encode(), armour, self.allowed_signers)
        if statement.repository != self.identity():
            raise GuardError(f"the review by {person} is of another repository")
        if wanted is not None and statement != wanted:
            raise GuardError(f"the review by {person} is of another change: {_difference(statement, wanted)}")
        return person


def protecting(repository: Repository) -> list[str]:
    """The globs over refs that are protected: the branch that HEAD points to, and what `secretguard.protect` names."""
    head = repository.text("symbolic-ref", "-q", "HEAD", accept=(0, 1))  # git allows no *, ? or [ in its name
    return [*filter(None, (head,)), *(f"refs/heads/{name}" for name in repository.config("secretguard.protect"))]


def read_updates(lines: Iterable[str]) -> list[Update]:
    """Step 1: the updates as git writes them to `pre-receive` (githooks(5)). Raises GuardError for anything else."""
    updates = []
    for line in lines:
        parts = line.rstrip("\n").split(" ", 2)
        if len(parts) != 3 or not (is_oid(parts[0]) and is_oid(parts[1])) or not parts[2].startswith("refs/"):
            raise GuardError("git sent an update that the gate cannot read")
        updates.append(Update(*parts))
        if len(updates) > MAX_UPDATES:
            raise GuardError(f"more than {MAX_UPDATES} refs in one push", "push fewer refs at once")
    return updates


def judge(gate: Gate, update: Update) -> Answer:
    """Steps 2 to 5 for one update. Raises GuardError when it cannot be told: the caller refuses."""
    if update.ref.startswith("refs/secretguard/"):
        return _judge_review(gate, update)
    if not gate.protected(update.ref):  # 2
        return Answer(update, True, f"{update.ref} is not protected", "gate-unprotected")
    if is_zero(update.new):
        return Answer(update, False, f"{update.ref} is protected and cannot be deleted", "gate-delete")
    paths = tuple(gate.production_paths(update))  # 3
    if not paths:
        return Answer(update, True, "no production path is touched", "gate-no-production-path")
    decision = gate.policy.decide(Request("push", "plain", "production", "internal"))  # 4
    needed = _NEEDED.get(decision.outcome)
    if needed is None:
        return Answer(update, False, f"policy: {decision.reason}", decision.rule, paths)
    people, faults = gate.reviewers(update) if needed else (set(), [])  # 5
    if len(people) >= needed:
        return Answer(
            update, True, f"reviewed by {', '.join(sorted(people))}", decision.rule, paths, tuple(sorted(people))
        )
    return Answer(update, False, _refusal(gate, update, paths, needed - len(people), faults), decision.rule, paths)


def _judge_review(gate: Gate, update: Update) -> Answer:
    """A pushed review must be new, valid and by a reviewer; nothing else may be written below refs/secretguard/."""
    if not update.ref.startswith(REVIEWS) or is_zero(update.new) or not is_zero(update.old):
        return Answer(update, False, "reviews are only ever added, below refs/secretguard/reviews/", "gate-review-ref")
    statement, _ = parse(gate.repository.blob(update.new, MAX_BYTES))
    person = gate.check_review(update.new)
    if not update.ref.startswith(f"{REVIEWS}{statement.tree}/"):
        return Answer(update, False, "the review is filed under another tree", "gate-review-ref")
    return Answer(update, True, f"review by {person} recorded", "gate-review", (), (person,))


def receive(gate: Gate, updates: list[Update], journal: Journal, pusher: str) -> list[Answer]:
    """Step 6: judge every update and record each answer before it is given.

    Raises RecordError when the record cannot be written; the caller refuses the push.
    """
    answers = []
    for update in updates:
        try:
            answer = judge(gate, update)
        except (GuardError, ConfigError) as error:
            answer = Answer(update, False, str(error), "gate-cannot-tell")
        answers.append(answer)
    whole = all(answer.accepted for answer in answers)  # git takes or leaves a push as a whole
    for answer in answers:
        journal.append(_event(answer, whole), _fields(gate, answer, pusher))
    return answers


def _event(answer: Answer, whole: bool) -> str:
    if answer.accepted and whole:
        return "gate:review:recorded" if answer.rule == "gate-review" else "gate:push:accepted"
    return "gate:push:refused"


def _fields(gate: Gate, answer: Answer, pusher: str) -> dict[str, object]:
    return {
        "repository": gate.repository.path,
        "ref": answer.update.ref,
        "old": answer.update.old,
        "new": answer.update.new,
        "rule": answer.rule,
        "reason": answer.message,
        "paths": list(answer.paths[:100]),
        "paths_count": len(answer.paths),
        "people": list(answer.people),
        "pusher": pusher,
        "policy": gate.policy.digest,
    }


def _difference(found: Statement, wanted: Statement) -> str:
    names = [n for n in ("ref", "base", "tree", "verdict") if getattr(found, n) != getattr(wanted, n)]
    return ", ".join(f"{n} is {getattr(found, n)[:60]}, not {getattr(wanted, n)[:60]}" for n in names)


def _refusal(gate: Gate, update: Update, paths: tuple[str, ...], missing: int, faults: list[str]) -> str:
    shown = "".join(f"\n    {path}" for path in paths[:20]) + (
        f"\n    and {len(paths) - 20} more" if len(paths) > 20 else ""
    )
    why = "".join(f"\n  not counted: {fault}" for fault in faults[:10])
    people = "one more person" if missing == 1 else f"{missing} more people"
    branch = update.ref.removeprefix("refs/heads/")
    return (
        f"{update.ref} touches production paths and needs a review of exactly this tree by {people}:{shown}{why}\n"
        f"  tree {gate.repository.tree_of(update.new)}\n"
        f"  the way on: push it to another branch: git push origin HEAD:review/{branch}\n"
        f"  then a reviewer who did not write it runs: git fetch origin &&\n"
        f"    secretguard gate review origin/review/{branch} --ref {update.ref} --key ~/.ssh/id_ed25519\n"
        f"  and you push again."
    )
