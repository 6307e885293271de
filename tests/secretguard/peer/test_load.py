"""detect-secrets is loaded without `requests`, and with it where that does not do."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOAD = """
import sys
{before}
from secretguard.peer.load import load
load()
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class as plugins
assert len(plugins()) == 27
print('requests.models' in sys.modules, 'urllib3' in sys.modules, sys.modules.get('requests') is not None)
{after}
"""


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("", "import requests; requests.Session", "False False False"),
        ("import requests", "", "True True True"),
        ("import detect_secrets", "", "True True True"),
        ("import types; types.ModuleType.Response = property()", "", ""),
    ],
    ids=["without", "there already", "loaded already", "not enough"],
)
def test_loading(before: str, after: str, says: str) -> None:
    """In a process of its own: what is loaded, and that others get the real `requests` afterwards."""
    if not says:  # a release that wants more of requests at import than the stand-in has
        before = "import builtins, secretguard.peer.load as m; m.object = 1\n" + (
            "real = m.ModuleType\nclass Bare(real):\n"
            "    def __setattr__(self, name, value):\n        pass\n"
            "m.ModuleType = Bare"
        )
        says = "True True True"
    done = subprocess.run(
        [sys.executable, "-c", LOAD.format(before=before, after=after)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == says, done.stderr
