"""The resident process of one session's home, as its tests see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.resident import start


def stop(root: Path) -> bool:
    """End the one that serves the session in `root`; whether there was one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRETGUARD_HOME", str(root / "guard"))
        return start.stop()
