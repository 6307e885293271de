"""What a reviewer signs: one review of exactly one change to one branch of one repository.

The text is canonical: the same review always gives the same bytes, and anything else is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from secretguard.errors import GuardError
from secretguard.review.repository import is_oid

HEADER = "secretguard-review-v1"
NAMESPACE = "secretguard-review"
"""The signature's namespace (`ssh-keygen -Y sign -n`): a signature made for git or mail is not valid here."""
MAX_BYTES = 16 * 1024
_FIELDS = ("repository", "ref", "base", "tree", "verdict")
_SIGNATURE = b"-----BEGIN SSH SIGNATURE-----"


@dataclass(frozen=True, slots=True)
class Statement:
    """`base` is the branch's tip before the change (zeros for a new branch), `tree` the tree after it.

    Both are bound, so that a review of an old tree does not carry a rollback to it.
    """

    repository: str
    ref: str
    base: str
    tree: str
    verdict: str = "approve"

    def encode(self) -> bytes:
        """The canonical bytes that are signed."""
        lines = [HEADER, *(f"{name}: {getattr(self, name)}" for name in _FIELDS)]
        return ("\n".join(lines) + "\n").encode()


def parse(data: bytes) -> tuple[Statement, bytes]:
    """Split a stored review into its statement and its armoured SSH signature. Raises GuardError naming the fault."""
    if len(data) > MAX_BYTES:
        raise GuardError(f"the review is larger than {MAX_BYTES} bytes")
    text, mark, armour = data.partition(_SIGNATURE)
    if not mark:
        raise GuardError("the review is not signed", "make it with `secretguard gate review`")
    lines = text.decode("utf-8", "replace").splitlines()
    values = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    if lines[:1] != [HEADER] or tuple(values) != _FIELDS:
        raise GuardError(f"the review is not a {HEADER} statement", "make it with `secretguard gate review`")
    statement = Statement(**values)
    if statement.encode() != text or not (is_oid(statement.base) and is_oid(statement.tree)):
        raise GuardError("the review is not in canonical form", "make it with `secretguard gate review`")
    return statement, mark + armour
