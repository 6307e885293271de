"""Policies for tests: the laptop pack with owners and one task policy, and small changes of it."""

from __future__ import annotations

import functools
from pathlib import Path

from broker.authenticate.identity import Identity
from broker.policy.compiling import compiled
from broker.policy.files import PolicyFiles
from broker.policy.policy_set import PolicySet

PACK = Path(__file__).parents[3] / "baselines" / "policy" / "laptop"

OWNERS = """
[owners]
engineering = ["jwt:corp:group:platform", "jwt:corp:erin"]
security = ["jwt:corp:group:security", "jwt:corp:sam"]
"""

TASK = """name = "work"
environment = "development"
deadline = 3600
launchers = ["unix:*", "jwt:corp:ada"]
[grants.plain]
source = "identity"
scope = { audience = "a" }
ttl = 300
"""

ERIN = Identity("jwt", "erin", "corp")
SAM = Identity("jwt", "sam", "corp")
ADA = Identity("jwt", "ada", "corp")
EVE = Identity("jwt", "eve", "corp", ("developers",))
BOTH = Identity("jwt", "bo", "corp", ("platform", "security"))
USER = Identity("unix", "1000")


def files(*, task: str = TASK, facts: str = "", rules: str = "", owners: str = OWNERS, **more: str) -> PolicyFiles:
    """The laptop pack with `task` as its one task policy, and text put at the end of its facts or rules."""
    texts = {name: (PACK / name).read_text() for name in ("rules.cedar", "facts.toml", "examples.toml")}
    texts["rules.cedar"] += rules
    texts["facts.toml"] += owners + facts
    return PolicyFiles(
        {**texts, "tasks/work.toml": task, **{f"tasks/{name}.toml": text for name, text in more.items()}}
    )


def replaced(name: str, old: str, new: str) -> PolicyFiles:
    """`files()` with `old` replaced by `new` in one of them."""
    texts = dict(files().texts)
    assert old in texts[name], old
    return PolicyFiles({**texts, name: texts[name].replace(old, new)})


TIGHTER = files(task=TASK.replace("ttl = 300", "ttl = 60"))
LOOSER = files(task=TASK.replace("ttl = 300", "ttl = 3000"))
LOOSER_STILL = files(task=TASK.replace("ttl = 300", "ttl = 3600"))
SAME = files(rules="\n// a remark\n")


@functools.cache
def _compiled(digest: str) -> PolicySet:
    return compiled(_KNOWN[digest])


_KNOWN: dict[str, PolicyFiles] = {}


def quick(found: PolicyFiles) -> PolicySet:
    """`found` compiled, once in the life of the tests' process."""
    _KNOWN[found.digest] = found
    return _compiled(found.digest)
