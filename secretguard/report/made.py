"""Who made a report, of what, and when."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Made:
    """`tool`: name, version, rules digest, engine. `began` and `ended` are Unix seconds."""

    tool: dict[str, str]
    began: float = field(default_factory=time.time)
    ended: float = field(default_factory=time.time)
