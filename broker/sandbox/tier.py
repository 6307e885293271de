"""Which tier confines the command: bubblewrap where there is one, else sandlock; never a weaker one in silence."""

from __future__ import annotations

import sys
from collections.abc import Callable

from broker.sandbox import bwrap, landlock, selftest
from broker.sandbox.plan import SandboxError
from broker.sandbox.running import Tier

TIERS: dict[str, Callable[[], Tier | None]] = {bwrap.NAME: bwrap.find, landlock.NAME: landlock.find}
"""Name → finder, strongest first. A tier added here needs a line in `selftest.REPAIR` too."""


def choose(name: str | None = None) -> Tier:
    """The tier called `name`, or the strongest installed one, after its self-test.

    An installed tier whose self-test fails ends the search: falling back would turn a fault into a weaker sandbox.
    Raises SandboxError with what did not hold and what to do.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxError(f"there is no sandbox for {sys.platform} yet", "run it on Linux")
    tier = _find(name)
    failed = selftest.failures(tier)
    if failed:
        seen = "; ".join(f"{check}: {answer}" for check, answer in failed.items())
        raise SandboxError(f"the {tier.name} sandbox does not hold here: {seen}", selftest.REPAIR[tier.name])
    return tier


def _find(name: str | None) -> Tier:
    if name is not None and name not in TIERS:
        raise SandboxError(f"there is no tier {name}", f"choose one of {', '.join(TIERS)}")
    for find in [TIERS[name]] if name else TIERS.values():
        tier = find()
        if tier is not None:
            return tier
    raise SandboxError(
        f"{name} is not installed" if name else "no sandbox is installed",
        "install the package bubblewrap, or secretguard[broker] for sandlock",
    )
