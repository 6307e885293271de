from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.errors import ConfigError, GuardError
from secretguard.policy import compiled
from secretguard.policy.compiled import MAX_SOURCE, active_directory, compile_set, load, packaged, source_digest
from secretguard.policy.request import Request
from tests.secretguard.policy.sets import FACTS, RULES, policy_set

ROOT = str(Path(__file__).parents[3])
REQUEST = Request("run", "plain", "production", "internal")


@pytest.fixture(autouse=True)
def no_managed_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has in /etc does not decide these tests."""
    monkeypatch.setattr(compiled, "MANAGED", str(tmp_path / "etc"))


def tables(home: Path) -> list[Path]:
    return sorted((home / "cache").glob("policy-*.table"))


def test_load_gives_what_was_compiled(tmp_path: Path) -> None:
    """The stored table decides as the freshly compiled one, labels included."""
    directory = str(policy_set(tmp_path / "set"))
    fresh, stored = compile_set(directory), load(directory)
    assert stored.digest == fresh.digest
    assert repr(stored.decide(REQUEST)) == repr(fresh.decide(REQUEST))
    assert stored.decide(REQUEST).reason == "Production."
    assert stored.facts == fresh.facts


def test_table_is_private_and_named_by_its_sources(tmp_path: Path, own_home: Path) -> None:
    """The cache is 0700, the table 0600, and its name is the digest of what it was made from."""
    policy = load(str(policy_set(tmp_path / "set")))
    assert [path.name for path in tables(own_home)] == [f"policy-{policy.digest}.table"]
    assert stat.S_IMODE((own_home / "cache").stat().st_mode) == 0o700
    assert stat.S_IMODE(tables(own_home)[0].stat().st_mode) == 0o600


def test_changed_policy_is_compiled_again_at_once(tmp_path: Path) -> None:
    """An edit counts from the next call on, even one of the same size and the same time stamp."""
    directory = policy_set(tmp_path / "set")
    assert load(str(directory)).decide(REQUEST).outcome == "ask"
    times = (directory / "rules.cedar").stat()
    policy_set(directory, RULES.replace("approvals >= 1", "approvals >= 2"))
    os.utime(directory / "rules.cedar", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert load(str(directory)).decide(REQUEST).outcome == "two_persons"


def test_damaged_tables_are_made_again(tmp_path: Path, own_home: Path) -> None:
    """A flipped byte, a cut, an empty or foreign file: the table is never trusted, and is good again afterwards."""
    directory = str(policy_set(tmp_path / "set"))
    load(directory)
    path = tables(own_home)[0]
    good = path.read_bytes()
    other = good.replace(b'"ask"', b'"deny"')
    for at in range(0, len(good), 97):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert load(directory).decide(REQUEST).outcome == "ask"
        assert path.read_bytes() == good
    for damage in (b"", good[:-1], good + b" ", other, b"secretguard-policy 3 \xff\n{}"):
        path.write_bytes(damage)
        assert load(directory).decide(REQUEST).outcome == "ask"
        assert path.read_bytes() == good


def test_table_of_other_sources_under_this_name_is_not_trusted(tmp_path: Path, own_home: Path) -> None:
    """A table that is whole, but was made from another policy, does not answer for this one."""
    one, two = policy_set(tmp_path / "one"), policy_set(tmp_path / "two", RULES.replace(">= 1", ">= 2"))
    first, second = load(str(one)), load(str(two))
    cache = own_home / "cache"
    (cache / f"policy-{second.digest}.table").replace(cache / f"policy-{first.digest}.table")
    assert load(str(one)).decide(REQUEST).outcome == "ask"


def test_broken_policy_fails_closed_with_file_and_line(tmp_path: Path) -> None:
    """The guard is told where the fault is, in a class that makes it refuse."""
    directory = policy_set(tmp_path / "set")
    load(str(directory))
    policy_set(directory, RULES.replace('Effect::"reveal"', 'Effect::"reveel"'))
    with pytest.raises(GuardError, match=r"set/rules\.cedar:2: "):
        load(str(directory))
    policy_set(directory, facts=FACTS + "x = 1\n")
    with pytest.raises(GuardError, match=r"set/facts\.toml:22: "):
        load(str(directory))


@pytest.mark.parametrize("name", ["rules.cedar", "facts.toml"])
def test_missing_and_oversized_and_odd_sources_are_named(tmp_path: Path, name: str) -> None:
    """A file that is not there, too large, a FIFO or not UTF-8 is an error with its name, and never a wait."""
    directory = policy_set(tmp_path / "set")
    (directory / name).unlink()
    with pytest.raises(ConfigError, match=f"set/{name}:1: cannot be read"):
        compile_set(str(directory))
    (directory / name).write_bytes(b"x" * (MAX_SOURCE + 1))
    with pytest.raises(ConfigError, match="larger than"):
        compile_set(str(directory))
    (directory / name).write_bytes(b"\n\n\xff")
    with pytest.raises(ConfigError, match=f"set/{name}:3: not UTF-8"):
        compile_set(str(directory))
    (directory / name).unlink()
    os.mkfifo(directory / name)
    with pytest.raises(ConfigError):
        compile_set(str(directory))


def test_active_directory_is_managed_then_own_then_packaged(tmp_path: Path, own_home: Path) -> None:
    """The administrator's policy comes before the user's, the user's before the shipped one."""
    assert active_directory() == packaged("laptop")
    own = policy_set(own_home / "config" / "policy")
    assert active_directory() == str(own)
    if os.geteuid() == 0:  # the managed one must belong to root
        managed = policy_set(tmp_path / "etc")
        assert active_directory() == str(managed)


def test_policy_that_others_may_write_is_refused(own_home: Path) -> None:
    """A policy that anybody could have changed decides nothing; it is not passed over in favour of a laxer one."""
    own = policy_set(own_home / "config" / "policy")
    (own / "rules.cedar").chmod(0o666)
    with pytest.raises(GuardError, match="not be writable by others"):
        load()


def test_managed_policy_of_a_user_is_refused(tmp_path: Path) -> None:
    """What stands in the managed place and is not root's is no managed policy."""
    managed = policy_set(tmp_path / "etc")
    if os.geteuid() == 0:  # what root writes is root's: give it to nobody
        os.chown(managed / "rules.cedar", 65534, 65534)
    with pytest.raises(GuardError, match="must belong to uid 0"):
        load()


def test_cache_keeps_a_bounded_number_of_tables(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Editing a policy all day does not fill the disk: the oldest tables go first."""
    monkeypatch.setattr(compiled, "KEPT", 4)
    digests = [load(str(policy_set(tmp_path / "set", facts=FACTS + f"# {number}\n"))).digest for number in range(7)]
    assert {path.name for path in (own_home / "cache").iterdir()} == {f"policy-{one}.table" for one in digests[-4:]}


def test_full_disk_does_not_stop_decisions(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that cannot be stored still decides."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert load(str(policy_set(tmp_path / "set"))).decide(REQUEST).outcome == "ask"
    assert list((own_home / "cache").iterdir()) == []


def test_digest_is_deterministic_and_unambiguous() -> None:
    """The same sources have the same digest; moving a byte from one file to the other changes it."""
    assert source_digest(b"ab", b"c") == source_digest(b"ab", b"c")
    assert source_digest(b"ab", b"c") != source_digest(b"a", b"bc")
    assert len(source_digest(b"", b"")) == 64


def test_hot_path_imports_no_cedar_and_nothing_that_costs(tmp_path: Path, own_home: Path) -> None:
    """With a table in the cache, loading and deciding bring in none of the modules that a hook cannot afford."""
    directory = str(policy_set(tmp_path / "set"))
    load(directory)
    code = (
        f"import sys; sys.path.insert(0, {ROOT!r})\n"
        "from secretguard.policy.compiled import load\n"
        "from secretguard.policy.request import Request\n"
        f"print(load({directory!r}).decide(Request('run', 'plain', 'production', 'internal')).outcome)\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    outcome, modules = done.stdout.splitlines()
    assert outcome == "ask"
    costly = {
        "cedarpy",
        "dataclasses",
        "typing",
        "enum",
        "pathlib",
        "subprocess",
        "logging",
        "click",
        "json",
        "re",
        "tomllib",
    }
    assert costly.isdisjoint(modules.split())


def test_table_that_others_could_have_written_is_made_again(tmp_path: Path, own_home: Path) -> None:
    """A table that is writable by others, or a link, is not read; in a folder of others nothing is decided."""
    directory = str(policy_set(tmp_path / "set"))
    load(directory)
    (table,) = tables(own_home)
    table.chmod(0o666)
    load(directory)
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    table.rename(tmp_path / "elsewhere")
    table.symlink_to(tmp_path / "elsewhere")
    load(directory)
    assert not table.is_symlink()
    (own_home / "cache").chmod(0o777)
    with pytest.raises(GuardError, match="private"):
        load(directory)
