"""Where a task works: a repository and a branch, and how the broker knows.

`proved` is what a verified token of a CI system says in the claims that its `[[issuers]]` entry names; `stated` is what
a launcher said without proof. A task policy takes what is proved alone, unless it says `accept_stated = true`. Both
are recorded with the word for how they are known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from broker.authenticate.claims import find
from broker.authenticate.pattern import matches
from broker.errors import Refused

PROVED, STATED = "proved", "stated"
HEADS, REFS = "refs/heads/", "refs/"
MAX_TEXT = 256


@dataclasses.dataclass(frozen=True, slots=True)
class Workplace:
    """A repository (`acme/web`) and a branch (`main`), each "" where it is not known. `known` is `proved`, `stated`, or
    "" where neither is known."""

    repository: str = ""
    branch: str = ""
    known: str = ""


NOWHERE = Workplace()


def proved(claims: Mapping[str, object], repository_claim: str, ref_claim: str, branch_claim: str) -> Workplace:
    """What the claims of a verified token say: `ref_claim` has a whole ref (GitHub's `ref`, GitLab's `ref_path`),
    `branch_claim` a short name (Buildkite's `build_branch`). A claim that is no printable text of at most MAX_TEXT says
    nothing, and so does a ref that is not whole."""
    repository, ref, branch = (_claim(claims, name) for name in (repository_claim, ref_claim, branch_claim))
    if ref_claim:
        branch = branch_of(ref)
    elif branch.startswith(REFS):
        branch = HEADS + branch
    return Workplace(repository, branch, PROVED if repository or branch else "")


def stated(repository: str, branch: str) -> Workplace:
    """What a launcher says."""
    return Workplace(repository, branch, STATED if repository or branch else "")


def settled(known: Workplace, said: Workplace) -> Workplace:
    """What is proved where something is, else what was said. Raises Refused where the two contradict each other."""
    if known.known != PROVED:
        return said
    for proof, claim in ((known.repository, said.repository), (known.branch, said.branch)):
        if claim and claim != proof:
            told = f"the token says {proof or 'nothing'} where the request says {claim}"
            raise Refused(told, "leave it out: the token's word counts", rule="workplace")
    return known


def branch_of(ref: str) -> str:
    """The short name of a branch; any other ref (a tag, a pull request) keeps its whole name, and so does a branch
    whose short name would look like one of those. "" for what is no whole ref."""
    short = ref.removeprefix(HEADS)
    if not ref.startswith(REFS):
        return ""
    return ref if short.startswith(REFS) else short


def allowed(patterns: Sequence[str], name: str) -> bool:
    """Does one of the patterns mean `name`? No patterns mean everything, and "" means nothing that a pattern means."""
    return not patterns or (bool(name) and any(matches(pattern, name) for pattern in patterns))


def _claim(claims: Mapping[str, object], name: str) -> str:
    value = find(claims, name) if name else ""
    return value if isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable() else ""
