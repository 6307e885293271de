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
from broker.vault_plan import LoginRole, Owned, Plan
from secretguard.audit.checkpoint import verifier_key
from secretguard.errors import ConfigError


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One thing of the plan: `done` is `written`, `unchanged`, `missing` (yours to write, not there) or `weak` (yours,
    and `thing` says what it lacks)."""

    thing: str
    done: str


def apply(admin: Vault, plan: Plan, look: bool = True) -> Iterator[Step]:
    """Write what differs, one step at a time; without `look`, what is its owner's is not looked at. Raises SourceFailed
    when Vault refuses a step."""
    for name, hcl in plan.policies.items():
        yield _write(admin, f"policy {name}", ("sys", "policies", "acl", name), {"policy": hcl})
    for name in plan.needed if look else ():
        found = admin.ask("get", "sys", "policies", "acl", name)
        if found.status != 404:
            found.or_failed(f"reading policy {name}")
        yield Step(f"policy {name} (yours)", "missing" if found.status == 404 else "unchanged")
    for owned in plan.owned if look else ():
        yield _owned_role(admin, owned)
    if plan.log_key is not None:
        yield _log_key(admin, *plan.log_key)
    for name, settings in plan.token_roles.items():
        yield _write(admin, f"token role {name}", ("auth", "token", "roles", name), settings)
    for mount in sorted({login.mount for login in plan.logins if login.ours}):
        yield _login_method(admin, mount)
    for login in plan.logins:
        path = ("auth", *segments(login.mount), "role", login.name)
        yield _write(admin, f"login {login.name}", path, login.settings) if login.ours else _owned_login(admin, login)


def write_credentials(admin: Vault, table: VaultTable) -> Iterator[Step]:
    """Put role id and a new secret id of both logins into the private files that the configuration names. Files that
    exist are kept; delete one to have it renewed.

    A login by the platform's token has no such files. Raises ConfigError when a file cannot be written or an identity
    has a token file instead, SourceFailed when Vault refuses.
    """
    for policy, one in ((table.issuer_role, table.issuer), (table.revoker_role, table.revoker)):
        if one.method == "token":
            raise ConfigError(f"the login {policy} has no role_id_file", "it logs in with a token file")
        if one.role_id_file is None:
            continue
        where = ("auth", *segments(one.where), "role", one.role or policy)
        yield _credential(admin, Path(one.role_id_file), "role_id", "get", (*where, "role-id"))
        if one.wrapped_secret_id_file is not None:
            yield _wrapped_secret_id(admin, Path(one.wrapped_secret_id_file), (*where, "secret-id"))
        else:
            yield _credential(admin, Path(one.secret_id_file or ""), "secret_id", "post", (*where, "secret-id"))


WRAPPED_SECONDS = 1800
"""How long a wrapped secret id waits for the broker's start."""


def _wrapped_secret_id(admin: Vault, file: Path, path: tuple[str, ...]) -> Step:
    if file.exists():
        return Step(str(file), "unchanged")
    answer = admin.ask("post", *path, wrap_seconds=WRAPPED_SECONDS).or_maybe("the wrapped secret id of a login")
    if answer.wrapping is None:
        raise SourceFailed("Vault did not wrap a secret id", "run it again")
    _private_file(file, answer.wrapping.reveal())
    return Step(f"{file}: start the broker within {WRAPPED_SECONDS // 60} minutes", "written")


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


def _login_method(admin: Vault, mount: str) -> Step:
    if f"{mount}/" in admin.ask("get", "sys", "auth").or_failed("reading the login methods").data:
        return Step(f"login method {mount}", "unchanged")
    admin.ask("post", "sys", "auth", *segments(mount), body={"type": "approle"}).or_failed(f"enabling {mount}")
    return Step(f"login method {mount}", "written")


def _owned_login(admin: Vault, login: LoginRole) -> Step:
    """A login whose owner says whose token it takes: looked at, never written."""
    thing = f"login {login.mount}/role/{login.name} (yours)"
    found = admin.ask("get", "auth", *segments(login.mount), "role", login.name)
    if found.status in (400, 404):  # no such role, or no such method
        return Step(thing, "missing")
    data = found.or_failed(f"reading {thing}").data
    lacks = [key for key, value in login.settings.items() if data.get(key, value) != value and key != "token_ttl"]
    if data.get("token_policies") != login.settings["token_policies"] and "token_policies" not in lacks:
        lacks.append("token_policies")
    return Step(f"{thing}: differs in {', '.join(lacks)}", "weak") if lacks else Step(thing, "unchanged")


def _private_file(file: Path, text: str) -> None:
    """Write a new file of mode 0600; never one that is there, nor through a link."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(text + "\n")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written ({error.strerror})", "choose a folder of your own") from None
