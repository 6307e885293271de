"""What differs between operating systems, for the one that this is. One file a platform, the same names in each."""

from __future__ import annotations

import sys

if sys.platform == "darwin":
    from secretguard.platforms.macos import (
        MANAGED_CLAUDE_SETTINGS,
        environments_above,
        mapped,
        peer,
        since_start,
        sync_data,
        usable_cpus,
        widen,
    )
else:
    from secretguard.platforms.linux import (
        MANAGED_CLAUDE_SETTINGS,
        environments_above,
        mapped,
        peer,
        since_start,
        sync_data,
        usable_cpus,
        widen,
    )

__all__ = [
    "MANAGED_CLAUDE_SETTINGS",
    "environments_above",
    "mapped",
    "peer",
    "since_start",
    "sync_data",
    "usable_cpus",
    "widen",
]
