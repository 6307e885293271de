"""detect-secrets, loaded without `requests`.

It imports that only to try secrets over the network, which is never done here, and it takes as long to load as all the
rest. What is not there cannot be asked, either.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_NAMES = ("detect_secrets.core.scan", "detect_secrets.filters.common", "detect_secrets.transformers")


def load() -> None:
    """Import what a scan needs of detect-secrets, once. `requests` is left for others to import as it is."""
    if "requests" in sys.modules or "detect_secrets" in sys.modules:
        _import()
        return
    stand_in = ModuleType("requests")
    stand_in.Response = object  # type: ignore[attr-defined]  # named in annotations of plugins
    sys.modules["requests"] = stand_in
    try:
        _import()
    except Exception:  # another release, which wants more of it
        for name in [name for name in sys.modules if name.partition(".")[0] == "detect_secrets"]:
            del sys.modules[name]
        del sys.modules["requests"]
        _import()
    finally:
        if sys.modules.get("requests") is stand_in:
            del sys.modules["requests"]


def _import() -> None:
    for name in _NAMES:
        importlib.import_module(name)
    plugins = importlib.import_module("detect_secrets.core.plugins.util")
    plugins.get_mapping_from_secret_type_to_class()  # imports the module of each plugin
