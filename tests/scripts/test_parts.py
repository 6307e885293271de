"""How real programs are found and got: overrides, versions, clean failures. Nothing is installed here."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from scripts import part_recipes, parts


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no override from the person who runs the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in parts.OVERRIDES.values():
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "cache" / "secretguard-parts"


def program(folder: Path, name: str, prints: str = "") -> Path:
    """An executable that prints one line."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{prints}'\n")
    path.chmod(0o755)
    return path


def only_path(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    """PATH is these folders and nothing else."""
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))


def test_an_override_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program that SECRETGUARD_VAULT names is used, by path or by its name on PATH."""
    named = program(tmp_path / "bin", "bao", "OpenBao v2.4.0")
    monkeypatch.setenv("SECRETGUARD_VAULT", str(named))
    assert parts.find("vault") == named
    only_path(monkeypatch, tmp_path / "bin")
    monkeypatch.setenv("SECRETGUARD_VAULT", "bao")
    assert parts.find("vault") == named


def test_an_override_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A named program that is missing is said so, never replaced by another one."""
    monkeypatch.setenv("SECRETGUARD_VAULT", "/nowhere/vault")
    with pytest.raises(parts.PartMissing, match="SECRETGUARD_VAULT=/nowhere/vault"):
        parts.find("vault")
    assert parts.main(["status"]) == 1


def test_only_the_pinned_vault_on_path_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault on PATH is used when it is the pinned version, and passed over when it is another."""
    only_path(monkeypatch, tmp_path / "bin", Path("/usr/bin"), Path("/bin"))
    found = program(tmp_path / "bin", "vault", f"Vault v{part_recipes.VAULT_VERSION} (abc)")
    assert parts.find("vault") == found
    program(tmp_path / "bin", "vault", f"Vault v{part_recipes.VAULT_VERSION}0 (abc)")
    assert parts.find("vault") is None


def test_the_cached_vault_belongs_to_its_recipe(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cached build is found under the digest of its recipe: a changed recipe makes it another part."""
    only_path(monkeypatch, tmp_path / "none")
    built = program(own_cache, part_recipes._go_name("vault"))
    assert parts.find("vault") == built
    changed = tmp_path / "parts"
    (changed / "vault").mkdir(parents=True)
    for name in ("go.mod", "go.sum", "main.go"):
        (changed / "vault" / name).write_bytes((part_recipes.RECIPES / "vault" / name).read_bytes() + b"\n")
    monkeypatch.setattr(part_recipes, "RECIPES", changed)
    assert parts.find("vault") is None


def test_a_tool_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without apt-get the loud line names each part and the package to install; the status is 1."""
    only_path(monkeypatch, tmp_path / "none")
    monkeypatch.setitem(parts.FINDERS, "bwrap", lambda: None)
    assert parts.main(["ensure", "bwrap"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("PARTS MISSING: bwrap (")
    assert "bubblewrap" in said


def test_a_user_without_sudo_is_told_what_to_ask_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither root nor sudo: the message holds the command for somebody who is."""
    only_path(monkeypatch, tmp_path / "bin")
    program(tmp_path / "bin", "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(parts.PartMissing, match="apt-get install bubblewrap"):
        part_recipes.install_packages(["bubblewrap"])


def test_a_failing_installer_is_a_missing_part(tmp_path: Path) -> None:
    """An installer that ends badly or is not there becomes one clear error."""
    with pytest.raises(parts.PartMissing, match="ended with 1"):
        part_recipes._run(["false"], 10)
    with pytest.raises(parts.PartMissing, match="not installed"):
        part_recipes._run([str(tmp_path / "nothing")], 10)


def test_unknown_parts_and_commands_are_usage_errors() -> None:
    """What the program does not know ends with status 2."""
    assert parts.main(["ensure", "nonsense"]) == 2
    assert parts.main(["path", "nonsense"]) == 2
    assert parts.main([]) == 2


@pytest.mark.parametrize(
    ("part", "package"), [("claude", "@anthropic-ai/claude-code"), ("sarif", "@microsoft/sarif-multitool")]
)
def test_the_npm_locks_have_digests_and_no_hosts(part: str, package: str) -> None:
    """Every archive of a lock has a digest and no address; its version is the one that is looked for."""
    lock = json.loads((part_recipes.RECIPES / part / "package-lock.json").read_text())
    archives = {name: entry for name, entry in lock["packages"].items() if name}
    assert archives[f"node_modules/{package}"]["version"] == part_recipes.NPM_PARTS[part][0]
    for name, entry in archives.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_the_recipe_digest_is_over_all_files() -> None:
    """The name of the built Vault carries the digest of go.mod, go.sum and main.go in this order."""
    content = b"".join((part_recipes.RECIPES / "vault" / name).read_bytes() for name in ("go.mod", "go.sum", "main.go"))
    assert part_recipes._go_name("vault").endswith(hashlib.sha256(content).hexdigest()[:12])


@pytest.mark.parametrize("name", ["toolchains", "peers", "prek"])
def test_the_wheel_locks_have_digests_and_no_hosts(name: str) -> None:
    """Each pin has its digests; nothing says where to get it; the peers' versions are those that are looked for."""
    lock = (part_recipes.RECIPES / f"{name}.lock").read_text()
    pins = [line for line in lock.splitlines() if "==" in line]
    assert pins
    assert all(line.endswith(" \\") for line in pins)
    assert "://" not in lock
    if name == "peers":
        wanted = {f"=={version} " for version, _ in part_recipes.WHEEL_PARTS.values()}
        assert {"==" + line.split("==")[1].removesuffix("\\") for line in pins} == wanted


def test_a_peer_is_found_in_the_environment_of_its_lock(own_cache: Path) -> None:
    """A native program is found inside the wheels' environment, once it may be run, and nowhere else."""
    assert parts.find("kingfisher") is None
    inside = part_recipes._wheels("peers") / "lib" / "python3.11" / "site-packages" / "kingfisher" / "bin"
    built = program(inside, "kingfisher", "kingfisher 2.14.0")
    assert parts.find("kingfisher") == built
    built.chmod(0o600)
    assert os.geteuid() == 0 or parts.find("kingfisher") is None


def test_a_crate_needs_cargo(own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without cargo the part is missing, said so, and nothing half made is left where it would be found."""
    only_path(monkeypatch, tmp_path / "none")
    with pytest.raises(parts.PartMissing, match="cargo is not installed"):
        parts.ensure("ripsecrets")
    assert parts.find("ripsecrets") is None
