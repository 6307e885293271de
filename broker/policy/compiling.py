"""Files → a compiled policy: here for what is trusted, in a bounded process of its own for what was sent."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from broker import ceiling, task_policy
from broker.errors import BadRequest, RecordFailed
from broker.policy.files import FACTS, RULES, PolicyFiles
from broker.policy.policy_set import PolicySet
from secretguard import rawjson
from secretguard.errors import ConfigError, GuardError
from secretguard.policy.compiled import compile_set, load, source_digest

SECONDS = 30
"""A policy that takes longer to compile is refused."""

MEMORY = 2 * 1024**3
MAX_MESSAGE = 2000

Compile = Callable[[PolicyFiles], PolicySet]


def compiled(files: PolicyFiles, examples: bool = False) -> PolicySet:
    """The policy, from its stored table where there is one unless its `examples` are to be run.

    Raises ConfigError (file and line, relative names).
    """
    with tempfile.TemporaryDirectory(prefix="secretguard-policy-") as place:
        files.write(Path(place))
        try:
            rules = compile_set(place) if examples else load(place)
            if rules.digest != source_digest(files.texts[RULES].encode(), files.texts[FACTS].encode()):
                raise ConfigError(f"{RULES}:1: compiled to something else")
            return PolicySet(files.digest, rules, task_policy.load(place), ceiling.load(place))
        except (ConfigError, GuardError) as error:
            raise ConfigError(_relative(error.message, place), error.fix) from None


def checked(files: PolicyFiles) -> PolicySet:
    """As `compiled`, for files that anybody may have written: compiled and its examples run by a child process first,
    within SECONDS and MEMORY. Raises BadRequest with file and line."""
    with tempfile.TemporaryDirectory(prefix="secretguard-policy-") as place:
        files.write(Path(place))
        try:
            child = subprocess.run(
                [sys.executable, "-P", "-m", "broker.policy.compiling", place],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BadRequest(f"compiling took longer than {SECONDS} s", "use fewer rules", rule="policy-set") from None
        except OSError as error:
            raise RecordFailed(f"nothing could be compiled: {error.strerror}") from None
    if child.returncode:
        raise _refusal(child.stdout)
    try:
        return compiled(files)
    except ConfigError as error:
        raise BadRequest(error.message, error.fix, rule="policy-set") from None


def _refusal(answer: bytes) -> BadRequest:
    try:
        told = rawjson.loads(answer)
        message, fix = str(told["message"]), str(told["fix"])  # type: ignore[index]
    except (rawjson.JsonError, KeyError, TypeError):
        message, fix = "compiling it failed without a word: too much memory, or time", "use fewer rules"
    return BadRequest(message[:MAX_MESSAGE], fix[:MAX_MESSAGE], rule="policy-set")


def _relative(message: str, place: str) -> str:
    """Our own temporary folder is nothing that a person could open."""
    return message.replace(f"{place}/", "")


def child(place: str) -> int:
    """What the child process does: 0 for a policy that compiles and does what its examples say, else why not."""
    for kind, most in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        _limit(kind, most)
    try:
        compile_set(place)
        task_policy.load(place)
        ceiling.load(place)
    except (ConfigError, GuardError) as error:
        sys.stdout.write(rawjson.dumps({"message": _relative(error.message, place), "fix": error.fix}))
        return 2
    return 0


def _limit(kind: int, most: int) -> None:
    """At most `most`, and no more than whoever started the broker allows."""
    _, hard = resource.getrlimit(kind)
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(ValueError):  # macOS takes no limit on memory; the deadline stands
        resource.setrlimit(kind, (least, least))


if __name__ == "__main__":
    sys.exit(child(sys.argv[1]))
