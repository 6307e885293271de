"""What a sink raises."""

from __future__ import annotations

from secretguard.audit.ship.sink import NotTaken
from secretguard.errors import SecretguardError


def test_not_taken_is_an_expected_error() -> None:
    """It reaches a person as a message; unless it says otherwise it is worth another try at once."""
    error = NotTaken("no", "do")
    assert isinstance(error, SecretguardError)
    assert (str(error), error.wait, error.lasting) == ("no\n  do", 0.0, False)
