"""The choice of a tier: strongest first, proved first, never a weaker one in silence."""

from __future__ import annotations

import pytest

from broker.sandbox import selftest, tier
from broker.sandbox.plan import SandboxError


class Made:
    """A tier in name only."""

    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    found = {"bwrap": lambda: Made("bwrap"), "sandlock": lambda: Made("sandlock")}
    monkeypatch.setattr(tier, "TIERS", found)
    monkeypatch.setattr(selftest, "failures", lambda _tier: {})
    return found


def test_bubblewrap_comes_first(installed: dict[str, object]) -> None:
    """With both installed and nothing asked for, bubblewrap is taken."""
    assert tier.choose().name == "bwrap"


def test_sandlock_where_there_is_no_bubblewrap(installed: dict[str, object]) -> None:
    """Without bubblewrap the second tier is taken."""
    installed["bwrap"] = lambda: None
    assert tier.choose().name == "sandlock"


def test_a_failed_self_test_ends_the_search(installed: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """A tier that does not hold is refused with what was seen and a fix; the weaker one is not tried."""
    asked: list[str] = []

    def failing(chosen: Made) -> dict[str, str]:
        asked.append(chosen.name)
        return {"network": "broken: a TCP connection to the host"}

    monkeypatch.setattr(selftest, "failures", failing)
    with pytest.raises(SandboxError, match="network: broken") as caught:
        tier.choose()
    assert asked == ["bwrap"]
    assert caught.value.exit_code == 2
    assert "--tier sandlock" in caught.value.fix


def test_a_named_tier_is_taken_or_refused(installed: dict[str, object]) -> None:
    """An asked-for tier that is missing or unknown is an error, not another tier."""
    assert tier.choose("sandlock").name == "sandlock"
    installed["bwrap"] = lambda: None
    with pytest.raises(SandboxError, match="bwrap is not installed"):
        tier.choose("bwrap")
    with pytest.raises(SandboxError, match="no tier docker"):
        tier.choose("docker")


def test_nothing_installed_is_refused(installed: dict[str, object]) -> None:
    """Without any tier nothing is started."""
    installed["bwrap"] = installed["sandlock"] = lambda: None
    with pytest.raises(SandboxError, match="no sandbox is installed"):
        tier.choose()


def test_no_other_system(installed: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on Linux there is no sandbox, and it says so."""
    monkeypatch.setattr(tier.sys, "platform", "darwin")
    with pytest.raises(SandboxError, match="darwin"):
        tier.choose()
