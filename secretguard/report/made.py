"""Who made a report, of what, and when."""

from __future__ import annotations

import os
import sys
import time


class Made:
    """`tool`: name, version, rules digest, engine. `began` and `ended` are Unix seconds; now where left out."""

    __slots__ = ("began", "ended", "tool")

    def __init__(self, tool: dict[str, str], began: float | None = None, ended: float | None = None) -> None:
        self.tool = tool
        self.began = time.time() if began is None else began
        self.ended = time.time() if ended is None else ended


def installed(distribution: str) -> str:
    """The version of an installed distribution, read off the name of its folder (PEP 376): importlib.metadata, which
    serves where that is not enough, costs a scan 30 ms. Raises PackageNotFoundError."""
    name = distribution.replace("-", "_")
    for folder in sys.path:
        try:
            entries = os.listdir(folder) if os.path.isabs(folder) else []
        except OSError:
            continue
        found = [entry for entry in entries if entry.startswith(name + "-") and entry.endswith(".dist-info")]
        if len(found) == 1:
            return found[0].removeprefix(name + "-").removesuffix(".dist-info")
    from importlib.metadata import version

    return version(distribution)


def tool(rules_digest: str, *, native: bool, peer: bool) -> dict[str, str]:
    """Who makes a report: name, version, the digest of all rules, the engine (`native`: Hyperscan), and detect-secrets
    where it takes part."""
    made = {"name": "secretguard", "version": installed("secretguard"), "rules_digest": rules_digest}
    made["engine"] = "hyperscan" if native else "re2"
    return made | ({"detect_secrets": installed("detect-secrets")} if peer else {})
