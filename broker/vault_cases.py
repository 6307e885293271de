"""What the broker relies on in a Vault or OpenBao, tried case by case on a scratch place of the user's own server.

What a server can do is found out by doing it: its name and version are never looked at. A case says `works`, `works
with` a limit that the broker can live with, or `refuses` because of something that it relies on.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Iterator

from broker.errors import SourceFailed
from broker.grant import Grant
from broker.issue import vault_accessors, vault_mint
from broker.issue.source import MintRequest
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_pki import VaultPkiSource
from broker.issue.vault_token import VaultTokenSource
from broker.lease import Lease, LeaseState, Minted
from broker.receipt import Revocation
from broker.vault import Endpoint, Vault, segments
from broker.vault_answer import Answer, Outcome
from broker.vault_check import healthy, rights_of
from broker.vault_scratch import SECONDS, Scratch, enable_pki, scratch
from secretguard.errors import SecretguardError
from secretguard.secret import Secret

WORKS, LIMITED, REFUSES = "works", "works with", "refuses"


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """One thing tried, and what came of it in our own words."""

    name: str
    verdict: str
    because: str = ""


class Limit(Exception):
    """The server lacks something that the broker can live without; the text says what that means."""


def cases(admin: Vault, endpoint: Endpoint, left: list[str]) -> Iterator[Case]:
    """All cases in order, on a place that is taken away again also when the caller closes this early or is interrupted;
    what is still there then is appended to `left`. After a refusal nothing is tried that builds on it."""
    first = _tried("the server answers and is unsealed", lambda: healthy(admin))
    yield first
    if first.verdict == REFUSES:
        return
    try:
        with scratch(admin, endpoint, left) as place:
            yield Case("an administrator can set up policies, roles and logins", WORKS)
            yield from _in(place)
    except SourceFailed as error:
        yield Case("an administrator can set up policies, roles and logins", REFUSES, _told(error))
    yield Case("nothing is left behind", REFUSES if left else WORKS, f"still there: {', '.join(left)}" if left else "")


def _in(place: Scratch) -> Iterator[Case]:
    for needed, name, case in CASES:
        told = _tried(name, lambda case=case: case(place))  # type: ignore[misc]
        yield told
        if needed and told.verdict == REFUSES:
            return


def _tried(name: str, case: Callable[[], str]) -> Case:
    """`case` answers with what is wrong, or with nothing."""
    try:
        problem = case()
    except Limit as limit:
        return Case(name, LIMITED, str(limit))
    except SecretguardError as error:
        return Case(name, REFUSES, _told(error))
    return Case(name, REFUSES if problem else WORKS, problem)


def _told(error: SecretguardError) -> str:
    return str(error).replace("\n  ", "; ")


def _wrapped_login(place: Scratch) -> str:
    """The issuer logs in with a wrapped secret id: looked at, unwrapped once."""
    place.vaults.issuer.login.current()
    wrapping = place.admin.ask(
        "post", "auth", place.name, "role", place.table.issuer_role, "secret-id", wrap_seconds=SECONDS
    )
    token = wrapping.or_failed("wrapping a secret id").wrapping
    if token is None:
        return "it does not wrap an answer"
    if place.admin.ask("post", "sys", "wrapping", "unwrap", token=token).outcome is not Outcome.DONE:
        return "what it has wrapped cannot be unwrapped"
    if place.admin.ask("post", "sys", "wrapping", "unwrap", token=token).outcome is not Outcome.REFUSED:
        return "what it has wrapped can be unwrapped twice"
    return ""


def _login(place: Scratch) -> str:
    place.vaults.revoker.login.current()
    return ""


def _renewal(place: Scratch) -> str:
    token, _ = place.vaults.issuer.login.current()
    renewed = place.admin.ask("post", "auth", "token", "renew-self", body={}, token=token)
    if renewed.outcome is not Outcome.DONE:
        raise Limit("no renewal of a login: give the broker a secret id that is good for more than one")
    return ""


def _issuer_rights(place: Scratch) -> str:
    return rights_of(place.table, place.vaults, "issuer")


def _revoker_rights(place: Scratch) -> str:
    return rights_of(place.table, place.vaults, "revoker")


def _caps(place: Scratch) -> str:
    """The issuer's own limits, enforced by the server."""
    good = {
        "policies": [place.table.task_role],
        "ttl": f"{SECONDS}s",
        "renewable": False,
        "no_default_policy": True,
        "display_name": "check",
        "meta": {"maker": vault_accessors.MAKER},
    }
    for change in ({"period": "1h"}, {"renewable": True}, {"id": "sgcheck"}, {"policies": ["root"]}, {"type": "batch"}):
        answer = _issue(place, {**good, **change})
        if answer.outcome is not Outcome.REFUSED:
            return f"it lets the issuer ask for {next(iter(change))}, which its policy or role forbids"
    long = _issue(place, {**good, "ttl": "24h"}).or_failed("a token for longer than its role allows")
    if not 0 < int(long.auth.get("lease_duration") or 0) <= SECONDS:
        return "it ignores the token role's explicit_max_ttl"
    if not long.warnings:
        return "it cuts a lifetime without a warning"
    return ""


def _issue(place: Scratch, body: dict[str, object]) -> Answer:
    return place.vaults.issuer.ask("post", "auth", "token", "create", place.table.task_role, body=body)


def _parent(place: Scratch) -> tuple[str, Secret, str]:
    """(task, parent token, its accessor)."""
    task = _name()
    return task, *_parents(place).open_parent(task, (place.token, place.certificate), SECONDS)


def _parents(place: Scratch) -> VaultParent:
    return VaultParent(place.vaults.issuer, place.vaults.revoker, place.table.task_role, place.table.task_role)


def _tokens(place: Scratch) -> VaultTokenSource:
    return VaultTokenSource(place.vaults.issuer, place.vaults.revoker, settle_seconds=0)


def _issue_and_revoke(place: Scratch) -> str:
    """A lease reads what it may, twice, and is dead after its second use or its revocation."""
    task, parent, accessor = _parent(place)
    spent, revoked = _lease(place, task, parent), _lease(place, task, parent)
    seen = [_read(place, spent).status for _ in range(3)]
    if seen != [200, 200, 403]:
        return f"a token good for two uses was answered {', '.join(map(str, seen))}"
    if _tokens(place).revoke(_row(task, revoked)).revocation is not Revocation.CONFIRMED:
        return "a lease could not be revoked"
    if _read(place, revoked).status != 403:
        return "a revoked token is still answered"
    _parents(place).close_parent(accessor)
    return ""


def _tree(place: Scratch) -> str:
    """The end of a task is the end of everything below it."""
    task, parent, accessor = _parent(place)
    lease = _lease(place, task, parent)
    _parents(place).close_parent(accessor)
    return "a child outlives its parent" if _read(place, lease).status != 403 else ""


def _no_widening(place: Scratch) -> str:
    """A child cannot have a policy that its parent has not."""
    task, parent, accessor = _parent(place)
    try:
        for policy in (place.table.issuer_role, "root", f"{place.name}-nowhere"):
            grant = Grant("wider", "vault_token", {"policy": policy}, SECONDS)
            try:
                vault_mint.child_of(_order(task, parent, grant), place.vaults.revoker, place.vaults.issuer, uses=0)
            except SourceFailed:
                continue
            return f"a task's token makes a child with the policy {policy}"
    finally:
        _parents(place).close_parent(accessor)
    return ""


def _lost_reply(place: Scratch) -> str:
    """A lease of which only the intent is known, and a parent of which only the task is."""
    task, parent, _ = _parent(place)
    order = _order(task, parent, place.token)
    minted = _tokens(place).mint(order)
    row = Lease(order.lease_id, task, "check", "vault_token", LeaseState.UNCERTAIN)
    if _tokens(place).recover(row).revocation is not Revocation.CONFIRMED or _read(place, minted).status != 403:
        return "a lease whose answer was lost is not found by its intent"
    if _parents(place).recover_parents({task}) != {task: 1}:
        return "a parent whose answer was lost is not found by its task"
    return ""


def _wrap(place: Scratch) -> str:
    """A credential handed over in a wrapping: where it was made is told, and it can be revoked unread."""
    task, parent, accessor = _parent(place)
    order = vault_mint.Order(frozenset({place.token.scope["policy"]}), SECONDS, {"task": task})
    answer = place.vaults.issuer.ask(
        "post", "auth", "token", "create", body=order.body(), token=parent, wrap_seconds=SECONDS
    ).or_failed("a wrapped token")
    try:
        if answer.wrapping is None or answer.token is not None:
            return "it hands a token out bare that was to be wrapped"
        looked = place.admin.ask_openly("post", "sys", "wrapping", "lookup", body={"token": answer.wrapping.reveal()})
        if looked.or_failed("looking at a wrapping").data.get("creation_path") != "auth/token/create":
            return "it does not tell where a wrapping was made"
        inner = answer.wrap.get("wrapped_accessor")
        if not isinstance(inner, str) or not inner:
            raise Limit("no wrapped_accessor: a token that nobody unwrapped dies with its parent, not before")
        vault_accessors.kill(place.vaults.revoker, inner)
    finally:
        _parents(place).close_parent(accessor)
    return ""


def _engine_lease(place: Scratch) -> str:
    """A certificate: its lease is found, revoked at once (sync), and listed by the revoker alone."""
    try:
        enable_pki(place)
    except SourceFailed as error:
        raise Limit(f"no pki engine ({error.message}): grants with the source pki cannot be used") from None
    source = VaultPkiSource(place.vaults.issuer, place.vaults.revoker, place.table.pki_mount, settle_seconds=0)
    task, parent, accessor = _parent(place)
    try:
        order = _order(task, parent, place.certificate)
        minted = source.mint(order)
        row = _row(task, minted, order.lease_id, "pki")
        if source.revoke(row).revocation is not Revocation.CONFIRMED:
            return "a certificate's lease is not gone after a revocation that was waited for"
        lost = _order(task, parent, place.certificate)
        source.mint(lost)
        uncertain = Lease(lost.lease_id, task, "check", "pki", LeaseState.UNCERTAIN)
        if source.recover(uncertain).revocation not in (Revocation.CONFIRMED, Revocation.QUEUED):
            return "a certificate whose answer was lost is not found"
    finally:
        _parents(place).close_parent(accessor)
    return ""


def _engine(kind: str, without: str) -> Callable[[Scratch], str]:
    """Whether the server has an engine of this kind."""

    def case(place: Scratch) -> str:
        where = ("sys", "mounts", *segments(f"{place.name}-engine"))
        answer = place.admin.ask("post", *where, body={"type": kind})
        if answer.outcome is not Outcome.DONE:
            raise Limit(f"no {kind} engine ({answer.why}): {without}")
        place.admin.ask("delete", *where).or_failed(f"taking a {kind} engine away")
        return ""

    return case


def _namespaces(place: Scratch) -> str:
    if place.vaults.issuer.endpoint.namespace:
        return ""  # proved by each login
    token, _ = place.vaults.revoker.login.current()
    if place.vaults.revoker.ignores_namespaces(token):
        raise Limit("no namespaces: tenants are kept apart by mounts and token roles")
    return ""


def _name() -> str:
    return f"check-{secrets.token_hex(8)}"


def _order(task: str, parent: Secret, grant: Grant) -> MintRequest:
    return MintRequest(task, _name(), grant, SECONDS, "check", parent)


def _lease(place: Scratch, task: str, parent: Secret) -> Minted:
    return _tokens(place).mint(_order(task, parent, place.token))


def _row(task: str, minted: Minted, lease_id: str = "", source: str = "vault_token") -> Lease:
    known = (minted.accessor, minted.source_lease, 0, minted.expires_at)
    return Lease(lease_id or _name(), task, "check", source, LeaseState.ISSUED, *known)


def _read(place: Scratch, minted: Minted) -> Answer:
    return place.vaults.issuer.ask("get", place.table.kv_mount, "one", token=minted.fields["token"])


CASES: tuple[tuple[bool, str, Callable[[Scratch], str]], ...] = (
    (True, "login by a wrapped secret id, which is good once", _wrapped_login),
    (True, "login by a secret id", _login),
    (False, "renewal of a login", _renewal),
    (True, "issuer may make task tokens, and nothing else", _issuer_rights),
    (True, "revoker may look up and revoke, nothing else", _revoker_rights),
    (True, "issue: the server keeps to the caps of policy and token role", _caps),
    (True, "issue and revoke: a token, its two uses, its end", _issue_and_revoke),
    (True, "revoke: a task's end takes all its tokens", _tree),
    (True, "issue: no child has more than its parent", _no_widening),
    (True, "recover: a lost answer is found by its intent", _lost_reply),
    (False, "wrap: a token is handed over wrapped, and revoked unread", _wrap),
    (False, "pki: a certificate's lease, revoked and recovered", _engine_lease),
    (False, "database engine", _engine("database", "grants with the source database cannot be used")),
    (False, "ssh engine", _engine("ssh", "grants with the source ssh cannot be used")),
    (False, "transit engine", _engine("transit", '[log] signer = "transit" cannot be used')),
    (False, "namespaces", _namespaces),
)
"""(whether the rest depends on it, name, the case)."""
