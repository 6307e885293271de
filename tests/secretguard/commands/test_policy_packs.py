from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from secretguard.command_line import cli
from secretguard.errors import SecretguardError
from secretguard.policy import compiled
from secretguard.policy.shipped import PACKS


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["policy", *words], color=False)


@pytest.fixture(autouse=True)
def no_managed_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has in /etc does not decide these tests."""
    monkeypatch.setattr(compiled, "MANAGED", str(tmp_path / "etc"))


def test_packs_are_listed_with_what_they_count_on_and_the_owners_template() -> None:
    """Each pack has its sentence, and the template's path is one that exists."""
    done = run("packs")
    assert done.exit_code == 0
    for name, pack in PACKS.items():
        assert f"{name:10} {pack.sentence}" in done.output
    assert "counts on: broker, gate" in done.output
    (path,) = [word for word in done.output.split() if word.endswith("CODEOWNERS") and "/" in word]
    assert "@EXAMPLE/security" in Path(path).read_text("utf-8")


def test_init_makes_the_active_policy_of_this_user(own_home: Path) -> None:
    """Without a folder the pack becomes the user's own policy, and decides from then on."""
    done = run("init", "--pack", "team")
    assert (done.exit_code, "team is the policy in use now" in done.output) == (0, True)
    own = own_home / "config" / "policy"
    assert compiled.active_directory() == str(own)
    assert "customer-data-two-persons" in run("explain", "read/plain/development/customer").output
    assert run("check").exit_code == 0


def test_init_never_overwrites(own_home: Path) -> None:
    """The second call says what stands there, and leaves it."""
    assert run("init").exit_code == 0
    facts = own_home / "config" / "policy" / "facts.toml"
    facts.write_text(facts.read_text() + "# mine\n")
    done = run("init", "--pack", "team")
    assert isinstance(done.exception, SecretguardError)
    assert "is there already" in done.exception.message
    assert facts.read_text().endswith("# mine\n")
    assert "brokered" in (facts.parent / "rules.cedar").read_text()


def test_init_of_a_policy_repository(tmp_path: Path, own_home: Path) -> None:
    """A folder of one's own gets the pack, on demand the owners template, and is not made active."""
    done = run("init", "--pack", "regulated", "--codeowners", str(tmp_path / "policy"))
    assert (done.exit_code, "regulated is copied" in done.output) == (0, True)
    assert (tmp_path / "policy" / "CODEOWNERS").is_file()
    assert not (own_home / "config").exists()
    assert run("diff", "regulated", str(tmp_path / "policy")).exit_code == 0


def test_init_says_when_a_managed_policy_comes_first(tmp_path: Path) -> None:
    """Nobody edits a copy of which only denials count without having been told."""
    (tmp_path / "etc").mkdir()
    done = run("init")
    assert done.exit_code == 0
    assert "laptop is copied" in done.output
    assert f"{tmp_path / 'etc'} decides; of this copy only denials count" in done.output
