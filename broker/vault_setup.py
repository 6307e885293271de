"""Bring a Vault to what the plan says: write what differs, leave the rest, tell which. Needs an administrator's token.

May be run again at any time; a second run changes nothing. It makes no secrets engine and no database connection: what
those reach is their owner's to say.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from broker.errors import SourceFailed
from broker.issue.vault_rules import ENGINES
from broker.log.transit import public_key_of
from broker.vault import Vault, segments
from broker.vault_config import VaultTable
from broker.vault_plan import Owned, Plan
from secretguard.audit.checkpoint import verifier_key
from secretguard.errors import ConfigError


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One thing of the plan: `done` is `written`, `unchanged`, `missing` (yours to write, not there) or `weak` (yours,
    and `thing` says what it lacks)."""

    thing: str
    done: str


def apply(admin: Vault, plan: Plan) -> Iterator[Step]:
    """Write what differs, one step at a time. Raises SourceFailed when Vault refuses one."""
    for name, hcl in plan.policies.items():
        yield _write(admin, f"policy {name}", ("sys", "policies", "acl", name), {"policy": hcl})
    for name in plan.needed:
        found = admin.ask("get", "sys", "policies", "acl", name)
        if found.status != 404:
            found.or_failed(f"reading policy {name}")
        yield Step(f"policy {name} (yours)", "missing" if found.status == 404 else "unchanged")
    for owned in plan.owned:
        yield _owned_role(admin, owned)
    if plan.log_key is not None:
        yield _log_key(admin, *plan.log_key)
    name, settings = plan.token_role
    yield _write(admin, f"token role {name}", ("auth", "token", "roles", name), settings)
    yield _login_method(admin)
    for name, settings in plan.approles.items():
        yield _write(admin, f"login {name}", ("auth", "approle", "role", name), settings)


def write_credentials(admin: Vault, table: VaultTable) -> Iterator[Step]:
    """Put role id and a new secret id of both logins into the private files that the configuration names. Files that
    exist are kept; delete one to have it renewed.

    Raises ConfigError when a file cannot be written, SourceFailed when Vault refuses.
    """
    for role, files in ((table.issuer_role, table.issuer), (table.revoker_role, table.revoker)):
        if files.role_id_file is None or files.secret_id_file is None:
            raise ConfigError(
                f"the login {role} has no role_id_file and secret_id_file", "it logs in with a token file"
            )
        where = ("auth", "approle", "role", role)
        yield _credential(admin, Path(files.role_id_file), "role_id", "get", (*where, "role-id"))
        yield _credential(admin, Path(files.secret_id_file), "secret_id", "post", (*where, "secret-id"))


def _log_key(admin: Vault, mount: str, name: str) -> Step:
    """The transit key, made where it is not there: Ed25519, not exportable. The engine is its owner's to enable."""
    thing, path = f"transit key {mount}/keys/{name}", (*segments(mount), "keys", name)
    if f"{mount}/" not in admin.ask("get", "sys", "mounts").or_failed("reading the secrets engines").data:
        return Step(f"transit engine {mount}/ (yours)", "missing")
    found = admin.ask("get", *path)
    if found.status != 404:
        found.or_failed(f"reading {thing}")
        return Step(thing, "unchanged")
    admin.ask("post", *path, body={"type": "ed25519"}).or_failed(f"writing {thing}")
    return Step(thing, "written")


def write_log_key(admin: Vault, mount: str, name: str, origin: str, file: Path) -> Step:
    """Pin the public half in `file` (`log.vkey`), as Vault states it. Raises SourceFailed, and ConfigError where the
    file states another key: which of the two is the log's is for a person to say."""
    stated = verifier_key(origin, public_key_of(admin, mount, name)) + "\n"
    if not file.exists():
        _private_file(file, stated.strip())
        return Step(str(file), "written")
    if file.read_text("utf-8") != stated:
        raise ConfigError(
            f"{file} states another key than Vault's {name}", "a new key is a new log: give it a new origin"
        )
    return Step(str(file), "unchanged")


def _credential(admin: Vault, file: Path, kind: str, method: str, path: tuple[str, ...]) -> Step:
    if file.exists():
        return Step(str(file), "unchanged")
    value = admin.ask(method, *path).or_maybe(f"the {kind} of a login").data.get(kind)
    if not isinstance(value, str) or not value:
        raise SourceFailed(f"Vault's answer has no {kind}", "run it again")
    _private_file(file, value)
    return Step(str(file), "written")


def _write(admin: Vault, thing: str, path: tuple[str, ...], settings: Mapping[str, object]) -> Step:
    there = admin.ask("get", *path)
    if there.status != 404:
        there.or_failed(f"reading {thing}")
        if all(there.data.get(key) == value for key, value in settings.items()):
            return Step(thing, "unchanged")
    admin.ask("post", *path, body=settings).or_failed(f"writing {thing}")
    return Step(thing, "written")


def _owned_role(admin: Vault, owned: Owned) -> Step:
    """A role that is its owner's: looked at, never written."""
    found = admin.ask("get", *segments(owned.mount), "roles", owned.role)
    thing = f"{owned.source} role {owned.mount}/roles/{owned.role} (yours)"
    if found.status == 404:
        return Step(thing, "missing")
    lack = ENGINES[owned.source].weakness(found.or_failed(f"reading {thing}").data)
    return Step(f"{thing}: {lack}", "weak") if lack else Step(thing, "unchanged")


def _login_method(admin: Vault) -> Step:
    if "approle/" in admin.ask("get", "sys", "auth").or_failed("reading the login methods").data:
        return Step("login method approle", "unchanged")
    admin.ask("post", "sys", "auth", "approle", body={"type": "approle"}).or_failed("enabling approle")
    return Step("login method approle", "written")


def _private_file(file: Path, text: str) -> None:
    """Write a new file of mode 0600; never one that is there, nor through a link."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(text + "\n")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written ({error.strerror})", "choose a folder of your own") from None
