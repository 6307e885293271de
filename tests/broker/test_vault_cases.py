"""`broker vault check ADDRESS`: a real server, and servers that lack something or lie, by a proxy in front of it."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from broker.vault import Endpoint, Vault
from broker.vault_cases import LIMITED, REFUSES, WORKS, Case, cases
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Play, Request, forward, loopback, reply, unchanged
from tests.servers.vault import VaultServer, running_vault

pytestmark = pytest.mark.vault


@pytest.fixture(scope="module")
def vault_server(part: Callable[[str], Path]) -> Iterator[VaultServer]:
    """A Vault of its own: recovery looks at every token that there is, each time through a slow proxy, and other tests
    leave thousands."""
    with running_vault(part("vault")) as server:
        yield server


LEFT_BEHIND = "nothing is left behind"


def told(server: VaultServer, address: str = "", token: str = "") -> dict[str, Case]:
    """All cases by name, on `server` or through `address`."""
    endpoint = Endpoint(address or server.address, seconds=5)
    admin = Vault(endpoint, FixedToken(Secret(token or server.root_token)))
    left: list[str] = []
    try:
        return {case.name: case for case in cases(admin, endpoint, left)}
    finally:
        admin.close()


def through(server: VaultServer, play: Play) -> dict[str, Case]:
    """All cases at a server that is `play` in front of the real one."""
    with loopback(play) as proxy:
        return told(server, proxy.address)


def everything(server: VaultServer) -> list[str]:
    """What a scratch place has left on the server, of any run."""
    lists = ("sys/policies/acl", "auth/token/roles")
    names = [key for path in lists for key in (server.call("LIST", path)[1].get("data") or {}).get("keys", [])]
    names += [*server.do("GET", "sys/mounts")["data"], *server.do("GET", "sys/auth")["data"]]
    return [name for name in names if name.startswith("sgcheck-")]


def test_every_case_works_on_a_real_server_and_nothing_is_left(vault_server: VaultServer) -> None:
    """Whatever server the suite runs against; only namespaces and engines may be missing."""
    found = told(vault_server)
    assert {case.verdict for case in found.values()} <= {WORKS, LIMITED}
    limits = {name for name, case in found.items() if case.verdict == LIMITED}
    assert limits <= {"namespaces", "database engine", "ssh engine", "transit engine"}
    assert found[LEFT_BEHIND].verdict == WORKS
    assert everything(vault_server) == []


@pytest.mark.parametrize(
    ("status", "words"), [(503, "sealed"), (501, "not initialised"), (472, "disaster"), (307, "redirect"), (500, "500")]
)
def test_a_server_that_cannot_serve_is_asked_nothing_more(vault_server: VaultServer, status: int, words: str) -> None:
    """One line, one call."""
    with loopback(lambda _: reply(status)) as ill:
        found = told(vault_server, ill.address)
    assert [case.verdict for case in found.values()] == [REFUSES]
    assert words in next(iter(found.values())).because
    assert len(ill.requests) == 1


def test_an_administrator_without_the_rights_is_told_which_step_failed(vault_server: VaultServer) -> None:
    """And what could be made before it is taken away."""
    name = f"half-{secrets.token_hex(4)}"
    rights = 'path "sys/policies/acl/*" { capabilities = ["create", "read", "update", "delete", "list"] }'
    vault_server.do("POST", f"sys/policies/acl/{name}", {"policy": rights})
    half = vault_server.do("POST", "auth/token/create", {"policies": [name], "ttl": "60s"})["auth"]["client_token"]
    found = told(vault_server, token=half)
    refused = found["an administrator can set up policies, roles and logins"]
    assert refused.verdict == REFUSES
    assert "enabling a kv engine: Vault answered 403" in refused.because
    assert everything(vault_server) == []
    assert found[LEFT_BEHIND].verdict == REFUSES, "what it may not look at cannot be told to be gone"


def changed(server: VaultServer, part: str, change: Callable[[Request], Request]) -> Play:
    """The real server, with requests whose path contains `part` changed on the way."""
    straight = forward(server.address, unchanged)
    return lambda request: straight(change(request) if part in request.path else request)


def answered(server: VaultServer, part: str, status: int, body: object) -> Play:
    """The real server, with requests whose path contains `part` answered by somebody else."""
    straight = forward(server.address, unchanged)
    return lambda request: reply(status, body) if part in request.path else straight(request)


def rewritten(server: VaultServer, part: str, change: Callable[[dict[str, object]], None]) -> Play:
    """The real server, with what it answers to paths that contain `part` changed on the way."""

    def tamper(request: Request, status: int, body: bytes) -> Iterable[bytes]:
        document = json.loads(body) if body else None
        if part in request.path and document:
            change(document)
        return reply(status, document)

    return forward(server.address, tamper)


def without_caps(request: Request) -> Request:
    """The issuer's policy as a server reads it that knows no allowed_parameters."""
    if not request.path.endswith("-issuer") or not request.body:
        return request
    policy = str(json.loads(request.body)["policy"])
    keep, inside = [], False
    for line in policy.splitlines():
        inside = inside or "_parameters = {" in line
        if not inside and "_parameters" not in line:
            keep.append(line)
        inside = inside and line != "  }"
    body = json.dumps({"policy": "\n".join(keep)}).encode()
    return dataclasses.replace(request, body=body, headers={**request.headers, "content-length": str(len(body))})


def without(header: str) -> Callable[[Request], Request]:
    """A gateway that drops a header."""
    return lambda request: dataclasses.replace(
        request, headers={key: value for key, value in request.headers.items() if key != header}
    )


def no_accessor(document: dict[str, object]) -> None:
    """A server that does not tell the accessor of what it has wrapped."""
    wrap = document.get("wrap_info")
    if isinstance(wrap, dict):
        wrap.pop("wrapped_accessor", None)


def more_rights(document: dict[str, object]) -> None:
    """A server that says `update` for every path."""
    data = document["data"]
    assert isinstance(data, dict)
    document["data"] = {path: ["update"] for path in data}


LIES: dict[str, tuple[str, str, str, Callable[[VaultServer], Play]]] = {
    "wrapping stripped": (
        "an administrator can set up policies, roles and logins", REFUSES, "did not wrap",
        lambda server: changed(server, "secret-id", without("x-vault-wrap-ttl")),
    ),
    "caps of a policy ignored": (
        "issue: the server keeps to the caps of policy and token role", REFUSES, "ask for renewable|ask for period",
        lambda server: changed(server, "acl/", without_caps),
    ),
    "rights wider than written": (
        "issuer may make task tokens, and nothing else", REFUSES, "more than it needs",
        lambda server: rewritten(server, "capabilities-self", more_rights),
    ),
    "revocation claimed and not done": (
        "issue and revoke: a token, its two uses, its end", REFUSES, "still alive",
        lambda server: answered(server, "auth/token/revoke-accessor", 204, None),
    ),
    "revocation claimed, and looking up too": (
        "issue and revoke: a token, its two uses, its end", REFUSES, "a revoked token is still answered",
        lambda server: answered(server, "-accessor", 400, {"errors": ["invalid accessor"]}),
    ),
    "accessors not listed": (
        "recover: a lost answer is found by its intent", REFUSES, "405",
        lambda server: answered(server, "auth/token/accessors", 405, {"errors": []}),
    ),
    "no renewal": (
        "renewal of a login", LIMITED, "good for more than one",
        lambda server: answered(server, "auth/token/renew-self", 404, {"errors": []}),
    ),
    "no wrapped accessor": (
        "wrap: a token is handed over wrapped, and revoked unread", LIMITED, "no wrapped_accessor",
        lambda server: rewritten(server, "auth/token/create", no_accessor),
    ),
    "no pki": (
        "pki: a certificate's lease, revoked and recovered", LIMITED, "no pki engine",
        lambda server: answered(server, "-pki", 400, {"errors": ["unknown backend type"]}),
    ),
    "no other engine": (
        "transit engine", LIMITED, "no transit engine",
        lambda server: answered(server, "-engine", 400, {"errors": ["unknown backend type"]}),
    ),
    "real namespaces": (
        "namespaces", WORKS, "",
        lambda server: lambda request: (
            reply(404, {"errors": []}) if "x-vault-namespace" in request.headers
            else forward(server.address, unchanged)(request)
        ),
    ),
}  # fmt: skip
"""What is wrong with the server: the case that finds it, its verdict and words, and the server."""


@pytest.mark.parametrize("lie", LIES)
def test_what_a_server_lacks_or_lies_about_is_found_by_the_case_that_relies_on_it(
    vault_server: VaultServer, lie: str
) -> None:
    """Refused where the broker needs it, a limit where it does not, and everything is taken away all the same."""
    name, verdict, words, play = LIES[lie]
    found = through(vault_server, play(vault_server))
    assert name in found, found
    assert found[name].verdict == verdict, found[name]
    assert any(word in found[name].because for word in words.split("|")), found[name]
    if verdict == REFUSES:
        rest = [one for one in list(found)[list(found).index(name) + 1 :] if one != LEFT_BEHIND]
        assert rest == [], "nothing that builds on it is tried"
    assert everything(vault_server) == []


def test_what_cannot_be_taken_away_is_named(vault_server: VaultServer) -> None:
    """Policies that the server does not delete: the run says which, so that a person can."""
    straight = forward(vault_server.address, unchanged)

    def stuck(request: Request) -> Iterable[bytes] | None:
        return reply(500, {}) if request.method == "DELETE" and "policies" in request.path else straight(request)

    found = through(vault_server, stuck)
    assert found[LEFT_BEHIND].verdict == REFUSES
    stay = everything(vault_server)
    assert stay
    for name in stay:
        assert f"policy {name}" in found[LEFT_BEHIND].because
        vault_server.do("DELETE", f"sys/policies/acl/{name}")


def test_closing_early_takes_everything_away(vault_server: VaultServer) -> None:
    """As a reader does who stops after the third line."""
    endpoint = Endpoint(vault_server.address)
    admin, left = vault_server.root(), list[str]()
    going = cases(admin, endpoint, left)
    for _ in range(3):
        next(going)
    assert everything(vault_server)
    going.close()  # type: ignore[attr-defined]
    assert everything(vault_server) == []
    assert left == []
    admin.close()
