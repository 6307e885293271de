"""`/v1/policies` over HTTP: who is asking comes from the token, whatever the body says; caps; problem documents."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broker.api import policies
from broker.api.app import create_app
from broker.authenticate.bearer_jwt import BearerVerifier, TrustedIssuer
from broker.client import BrokerClient
from broker.errors import BadRequest, Conflict, NotFound, Refused
from tests.broker.api.running import Running
from tests.broker.authenticate.tokens import verifier_of
from tests.broker.policy import sets
from tests.broker.policy.house import House, sqlite
from tests.broker.policy.sets import LOOSER, TIGHTER, files
from tests.broker.serving import serving

GROUPED = sets.OWNERS.replace(', "jwt:corp:erin"', "").replace(', "jwt:corp:sam"', "")
"""Owners by group alone: the token says who is in it."""


class Office(Running):
    """A broker whose owners are the groups `platform` and `security` of a real issuer of tokens."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.house = House(sqlite(folder / "h"), first=files(owners=GROUPED))
        self.house.clock.now = time.time()
        broker = dataclasses.replace(self.house.broker, operators=("jwt:corp:group:operators",))
        bearer = BearerVerifier((TrustedIssuer("corp", "broker", str(folder / "jwks.json")),))
        proofs = verifier_of(broker)
        self.app = create_app(broker, bearer, proofs, None)  # type: ignore[arg-type]  # no issuer is asked here

    def as_(self, name: str, *groups: str) -> BrokerClient:
        return self.client(self.token(name, *groups))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """It is serving."""
    made = Office(tmp_path)
    with serving(made.app, made.socket):
        yield made


def grouped(found: object) -> dict[str, str]:
    """The files of a policy with the same owners as the first one."""
    texts = dict(found.texts)  # type: ignore[attr-defined]
    return {**texts, "facts.toml": files(owners=GROUPED).texts["facts.toml"]}


def test_the_whole_way(office: Office) -> None:
    """Propose, look, agree, agree, history, the files, and back again by digest."""
    with office.as_("ada") as ada, office.as_("erin", "platform") as erin, office.as_("sam", "security") as sam:
        first = str(ada.policies()["in_force"])
        made = ada.propose_policy(grouped(LOOSER), "more time")
        (waiting,) = sam.policies()["proposals"]  # type: ignore[misc]
        assert waiting["proposal_id"] == made["proposal_id"]
        assert (waiting["kind"], waiting["needs"], waiting["proposer"]) == ("loosens", "both", "jwt:corp:ada")
        shown = sam.policy(str(made["proposal_id"]))
        assert shown["changes"] == [{"way": "loosens", "text": "tasks/work: plain: ttl: 300 → 3000"}]
        assert erin.decide_policy(str(made["proposal_id"]), "approve", "fine")["state"] == "waiting"
        assert sam.decide_policy(str(made["proposal_id"]), "approve", "fine")["state"] == "activated"
        votes = sam.policy(str(made["proposal_id"]))["votes"]
        assert {vote["person"] for vote in votes} == {"jwt:corp:erin", "jwt:corp:sam"}  # type: ignore[union-attr,index]
        assert [line["kind"] for line in ada.policy_history()] == ["loosens", "first"]
        assert ada.policy_files(first)["files"] == dict(files(owners=GROUPED).texts)
        assert sam.propose_policy_again(first, "back")["state"] == "activated"
        assert sam.policies()["in_force"] == first


def test_who_is_asking_is_in_no_body(office: Office) -> None:
    """A field that claims a person or a side is refused; a token of the wrong group has no word."""
    with office.as_("ada") as ada, office.raw() as raw:
        made = ada.propose_policy(grouped(LOOSER), "x")
        path = f"/v1/policies/{made['proposal_id']}/approve"
        headers = {"Authorization": f"Bearer {office.token('eve', 'developers').reveal()}"}
        for extra in ({"person": "jwt:corp:sam"}, {"sides": ["security"]}, {"groups": ["security"]}):
            assert raw.post(path, json={"reason": "x", **extra}, headers=headers).status_code == 400
        answer = raw.post(path, json={"reason": "x"}, headers={**headers, "X-Forwarded-User": "sam"})
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["rule"] == "policy-owner"
        assert raw.post(path, json={"reason": "x"}).json()["rule"] == "policy-owner", "the socket's user is nobody"
        assert raw.get(path, headers=headers).status_code in (404, 405)


def test_people_and_operators_read(office: Office) -> None:
    """A policy says where production and customer data are: not for any process of this user."""
    with office.raw() as raw, office.as_("ada") as ada:
        made = ada.propose_policy(grouped(TIGHTER), "x")
        first = ada.policies()["in_force"]
        for path in ("", "/history", f"/sets/{first}", f"/{made['proposal_id']}"):
            assert raw.get(f"/v1/policies{path}").json()["rule"] == "policy-reader"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "x"},
        {"reason": "x", "files": {}},
        {"reason": "", "digest": "0" * 64},
        {"reason": "x" * 501, "digest": "0" * 64},
        {"reason": "x", "digest": "../../etc/passwd"},
        {"reason": "x", "digest": "0" * 64, "files": {"rules.cedar": ""}},
        {"reason": "x", "files": {"rules.cedar": 1}},
        {"reason": "x", "files": {"../x": ""}},
        {"reason": "x", "files": {"rules.cedar": "\ud800", "facts.toml": "", "tasks/a.toml": ""}},
        {"reason": "x", "files": {"rules.cedar": "\0", "facts.toml": "", "tasks/a.toml": ""}},
        {"reason": "x", "files": ["rules.cedar"]},
        [],
    ],
)
def test_hostile_bodies_are_refused_in_words(office: Office, body: object) -> None:
    """400 and a problem document; nothing is stored."""
    headers = {"Authorization": f"Bearer {office.token('ada').reveal()}", "Content-Type": "application/json"}
    with office.raw() as raw, office.as_("ada") as ada:
        answer = raw.post("/v1/policies", content=json.dumps(body), headers=headers)
        assert (answer.status_code, answer.json()["title"]) == (400, "Bad request")
        assert ada.policies()["proposals"] == []


def test_sizes_are_capped_while_they_arrive(office: Office) -> None:
    """A policy may be larger than other bodies, and no larger than that; other calls keep their cap."""
    headers = {"Authorization": f"Bearer {office.token('ada').reveal()}", "Content-Type": "application/json"}
    with office.raw() as raw:
        assert raw.post("/v1/policies", content=b"x" * (policies.MAX_BODY + 1), headers=headers).status_code == 413
        assert raw.post("/v1/policies/x/approve", content=b"x" * (65 * 1024), headers=headers).status_code == 413
        large = {"reason": "x", "files": {**grouped(LOOSER), "examples.toml": "#" * 100_000}}
        assert raw.post("/v1/policies", json=large, headers=headers).status_code == 201


def test_refusals_come_back_as_what_they_are(office: Office) -> None:
    """Not found, conflict, refused, bad: the client's exceptions, with the rule and the fix."""
    with office.as_("ada") as ada, office.as_("sam", "security") as sam:
        with pytest.raises(NotFound):
            sam.decide_policy("policy-x", "approve", "x")
        with pytest.raises(NotFound):
            ada.policy("policy-x")
        with pytest.raises(NotFound):
            ada.propose_policy_again("0" * 64, "x")
        with pytest.raises(Conflict) as same:
            ada.propose_policy(grouped(files()), "x")
        with pytest.raises(BadRequest) as bad:
            ada.propose_policy({**grouped(files()), "rules.cedar": "permit ("}, "x")
        made = sam.propose_policy(grouped(LOOSER), "x")
        with pytest.raises(Refused) as own:
            sam.decide_policy(str(made["proposal_id"]), "approve", "x")
    assert [found.value.rule for found in (same, bad, own)] == ["policy-same", "policy-set", "approver-is-proposer"]
    assert bad.value.message.startswith("rules.cedar:1:")


def test_the_calls_are_described(office: Office) -> None:
    """OpenAPI names each call, its body and its answer."""
    with office.raw() as raw:
        document = raw.get("/openapi.json").json()
    assert {path for path in document["paths"] if path.startswith("/v1/policies")} == {
        "/v1/policies",
        "/v1/policies/history",
        "/v1/policies/sets/{digest}",
        "/v1/policies/{proposal_id}",
        "/v1/policies/{proposal_id}/approve",
        "/v1/policies/{proposal_id}/deny",
    }
    assert {"ProposePolicy", "ProposalDetail", "PolicyList"} <= set(document["components"]["schemas"])


def test_a_token_that_is_none_is_nobody(office: Office) -> None:
    """Of another issuer, expired, unsigned: 401 at every call."""
    now = int(time.time())
    stale = office.token("sam", "security", iat=now - 7200, exp=now - 3600)
    foreign = office.token("sam", "security", iss="elsewhere")
    with office.raw() as raw:
        for token in (stale.reveal(), foreign.reveal(), "a.b.c"):
            answer: httpx.Response = raw.get("/v1/policies", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401
