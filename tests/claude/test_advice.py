"""`secretguard policy advise` on the journal of a real session: what a person answered shows in what came after."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.audit import reader
from secretguard.policy.advice import Asked, advise
from secretguard.policy.compiled import compile_set, packaged
from tests.claude.test_dialog import SCRIPT, person

pytestmark = [pytest.mark.claude, pytest.mark.slow]


def test_a_no_and_a_yes_are_told_apart(client: Path, tmp_path: Path) -> None:
    """The client tells the guard neither answer: after one comes only a prompt, after the other its result."""
    session = person(client, tmp_path, "default", list(SCRIPT.values()))
    found = advise(reader.records(str(session.journal)), compile_set(packaged("laptop")))
    assert found.asked == (Asked("destroy-asks", approved=1, refused=1, unknown=0),)
    assert {refused.rule: refused.count for refused in found.refused} == {
        "secret-in-prompt": 1,
        "never-reveal-secrets": 1,
    }
