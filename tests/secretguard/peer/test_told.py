"""The words for a person are those of detect-secrets, byte for byte."""

from __future__ import annotations

import pytest
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.pre_commit_hook import pretty_print_diagnostics

from secretguard.peer.child import Entry
from secretguard.peer.told import colours, diagnostics


@pytest.mark.parametrize("force", ["0", "1"])
@pytest.mark.parametrize("team", [None, "the people who look after security in this company, floor 3, any time"])
def test_the_same_words(
    force: str, team: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With and without colours, and with the team that is to be asked."""
    monkeypatch.setenv("CLICOLOR_FORCE", force)
    if team:
        monkeypatch.setenv("DETECT_SECRETS_SECURITY_TEAM", team)
    theirs, ours = SecretsCollection(), {}
    for name, line in (("a.py", 3), ("b/c.yaml", 1)):
        theirs[name].add(PotentialSecret("Secret Keyword", name, "x", line))
        ours[name] = [Entry("Secret Keyword", "0" * 40, line)]
    pretty_print_diagnostics(theirs)
    assert diagnostics(ours, colours(False)) == capsys.readouterr().out


def test_a_name_that_steers_the_terminal() -> None:
    """A file's name cannot write over what the report says."""
    assert "\x1b" not in diagnostics({"a\x1b[2J.py": [Entry("Secret Keyword", "0" * 40, 1)]}, False)
