"""Sessions of AWS roles: against moto's server where an answer is needed."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.aws_client import Sts
from broker.aws_config import AwsTable
from broker.errors import MaybeIssued, SourceFailed
from broker.grant import Grant
from broker.issue.aws_sts import LATE, LEAST_TTL, MAX_POLICY, SHORTEST, AwsStsSource, order, session_policy
from broker.issue.source import MintRequest
from broker.lease import Lease, LeaseState
from broker.pipeline import READY_SECONDS
from broker.receipt import Revocation
from broker.testing import ManualClock
from tests.servers.aws import credentials_file, running_sts

ROLE = "arn:aws:iam::123456789012:role/ci/releases"
SCOPE = {"role": ROLE, "actions": "s3:GetObject,s3:Put*", "resources": "arn:aws:s3:::releases/nightly/*"}
TASK, LEASE = "task-" + "0a" * 12, "lease-" + "0b" * 12


def request(ttl: int = LEAST_TTL, subject: str = "jwt:https://id.example.org:ada", **scope: str) -> MintRequest:
    """An order for one session."""
    return MintRequest(TASK, LEASE, Grant("up", "aws_sts", {**SCOPE, **scope}, ttl), ttl, subject, None, "release")


class Scripted:
    """STS that always gives one answer."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = answer

    def assume_role(self, asked: Mapping[str, object]) -> Mapping[str, Any]:
        return self.answer


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    with running_sts() as address:
        yield address


def test_a_session_is_made(moto: str, tmp_path: Path) -> None:
    """Three fields, no longer than was asked for, named for task and lease."""
    clock = datetime.datetime.now(datetime.UTC).timestamp()
    table = AwsTable(region="eu-central-1", credentials_file=str(credentials_file(tmp_path)), endpoint=moto)
    minted = AwsStsSource(Sts(table)).mint(request())
    assert set(minted.fields) == {"access_key_id", "secret_access_key", "session_token"}
    assert clock + LEAST_TTL - 1 <= minted.expires_at <= clock + LEAST_TTL + 30
    assert minted.accessor == f"arn:aws:sts::123456789012:assumed-role/releases/{TASK}.{LEASE}"
    assert not minted.sealed
    assert minted.fields["secret_access_key"].reveal() not in repr(minted)


def test_the_order_is_the_grants_and_no_more() -> None:
    """Role, session policy, names for CloudTrail, tags: all of it, so that nothing is added unseen."""
    asked = order(request(external_id="shared-with-the-owner"))
    assert json.loads(str(asked.pop("Policy"))) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:Put*"],
                "Resource": ["arn:aws:s3:::releases/nightly/*"],
            }
        ],
    }
    assert asked == {
        "RoleArn": ROLE,
        "RoleSessionName": f"{TASK}.{LEASE}",
        "SourceIdentity": TASK,
        "DurationSeconds": LEAST_TTL,
        "ExternalId": "shared-with-the-owner",
        "Tags": [
            {"Key": "secretguard:task", "Value": TASK},
            {"Key": "secretguard:lease", "Value": LEASE},
            {"Key": "secretguard:grant", "Value": "up"},
            {"Key": "secretguard:policy", "Value": "release"},
            {"Key": "secretguard:for", "Value": "jwt:https://id.example.org:ada"},
        ],
    }


@pytest.mark.parametrize("subject", ["jwt:https://x:auth0|ada", "jwt:https://x:" + "a" * 300, ""])
def test_a_name_that_aws_takes_for_no_tag_is_left_out(subject: str) -> None:
    """Rather than that nothing is issued: the record has it."""
    tags = order(request(subject=subject))["Tags"]
    assert isinstance(tags, list)
    names = [f"secretguard:{name}" for name in ("task", "lease", "grant", "policy")]
    assert [one["Key"] for one in tags] == names


def test_the_least_life_leaves_room_for_the_way_to_aws() -> None:
    """A grant of LEAST_TTL seconds reaches AWS with SHORTEST left, however long the broker may take."""
    assert LEAST_TTL == SHORTEST + READY_SECONDS
    assert order(request(SHORTEST))["DurationSeconds"] == SHORTEST
    with pytest.raises(SourceFailed, match="shorter than 900"):
        order(request(SHORTEST - 1))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("role", "arn:aws:iam::123456789012:user/ada"),
        ("role", "arn:aws:iam::*:role/x"),
        ("role", "arn:aws:iam::123456789012:role/*"),
        ("role", f"{ROLE},{ROLE}"),
        ("actions", "s3"),
        ("actions", "s3:GetObject,"),
        ("actions", "S3:GetObject"),
        ("actions", "s3:GetObject,*:*"),
        ("resources", "releases"),
        ("resources", "arn:aws:s3"),
        ("resources", "arn:aws:s3:::a,b"),
        ("external_id", "x"),
        ("policy", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ],
)
def test_what_aws_would_not_take_is_no_scope(key: str, value: str) -> None:
    """Found when the policy is loaded, and again before anything is sent."""
    assert AwsStsSource.scope.problem(SCOPE) == ("", "")
    assert AwsStsSource.scope.problem({**SCOPE, key: value})[0] == key
    with pytest.raises(SourceFailed, match=f"scope.{key}"):
        order(request(**{key: value}))


@pytest.mark.parametrize("missing", ["role", "actions", "resources"])
def test_a_grant_without_a_limit_is_no_scope(missing: str) -> None:
    """The whole role must be asked for in so many words."""
    assert AwsStsSource.scope.problem({name: one for name, one in SCOPE.items() if name != missing})[0] == missing
    assert AwsStsSource.scope.problem({**SCOPE, "actions": "*", "resources": "*"}) == ("", "")


def test_a_session_policy_beyond_aws_limit_is_refused_here() -> None:
    """AWS counts characters; nothing is sent."""
    long = ",".join(f"arn:aws:s3:::{'b' * 200}{number}/*" for number in range(10))
    assert len(session_policy({**SCOPE, "resources": long})) > MAX_POLICY
    with pytest.raises(SourceFailed, match="longer than 2048"):
        order(request(resources=long))


actions = st.from_regex(re.compile(r"[a-z0-9-]{1,8}:[A-Za-z*]{1,8}"), fullmatch=True)
resources = st.from_regex(re.compile(r"arn:aws:s3:::[A-Za-z0-9/*._-]{1,20}"), fullmatch=True)


@given(st.lists(actions, min_size=1, max_size=8), st.lists(resources, min_size=1, max_size=8))
def test_the_session_policy_allows_exactly_what_is_written(some: list[str], where: list[str]) -> None:
    """One statement, allowing these and nothing else: no text of a grant becomes another part of the document."""
    scope = {**SCOPE, "actions": ",".join(some), "resources": ",".join(where)}
    assert AwsStsSource.scope.problem(scope) == ("", "")
    made = json.loads(session_policy(scope))
    assert made["Statement"] == [{"Effect": "Allow", "Action": some, "Resource": where}]


@given(st.text(alphabet='abc:*,"\\{}[] \n', max_size=30))
def test_no_text_breaks_out_of_the_document(text: str) -> None:
    """Whatever is refused is refused; whatever is not is one of the actions."""
    scope = {**SCOPE, "actions": text}
    if AwsStsSource.scope.problem(scope) == ("", ""):
        assert json.loads(session_policy(scope))["Statement"][0]["Action"] == text.split(",")


def lease(state: LeaseState = LeaseState.ISSUED, expires_at: int = 2000) -> Lease:
    """A lease of the source."""
    return Lease(LEASE, TASK, "up", "aws_sts", state, created_at=1000, expires_at=expires_at)


def test_a_session_cannot_be_taken_back_and_the_receipt_says_so() -> None:
    """EXPIRES at AWS's own time; CONFIRMED when that has come."""
    clock = ManualClock(1500)
    source = AwsStsSource(Scripted({}), clock)
    line = source.revoke(lease())
    assert (line.revocation, line.expires_at) == (Revocation.EXPIRES, 2000)
    clock.advance(500)
    assert source.revoke(lease()).revocation is Revocation.CONFIRMED


@pytest.mark.parametrize("state", [LeaseState.INTENDED, LeaseState.UNCERTAIN])
def test_a_lost_answer_is_told_honestly(state: LeaseState) -> None:
    """AWS has no list: a session may exist, until the latest moment that one could end."""
    clock = ManualClock(1500)
    source = AwsStsSource(Scripted({}), clock)
    line = source.recover(lease(state))
    assert (line.revocation, line.expires_at) == (Revocation.EXPIRES, 2000 + LATE)
    assert "may exist" in line.detail
    clock.advance(500)
    assert source.recover(lease(state)).revocation is Revocation.EXPIRES
    clock.advance(LATE)
    assert source.recover(lease(state)).revocation is Revocation.CONFIRMED


GOOD = {
    "Credentials": {
        "AccessKeyId": "ASIA",
        "SecretAccessKey": "k",
        "SessionToken": "t",
        "Expiration": datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC),
    },
    "AssumedRoleUser": {"Arn": "arn"},
}


@pytest.mark.parametrize(
    "part", ["Credentials", "AssumedRoleUser", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "Arn"]
)
@pytest.mark.parametrize("value", [None, "", 7])
def test_an_answer_with_a_hole_is_maybe_issued(part: str, value: object) -> None:
    """A session was made, most likely; what cannot be used is not handed out."""
    assert AwsStsSource(Scripted(GOOD)).mint(request()).accessor == "arn"
    broken: dict[str, Any] = {name: dict(one) for name, one in GOOD.items()}
    for one in (broken, *broken.values()):
        if part in one:
            one[part] = value
            break
    with pytest.raises(MaybeIssued):
        AwsStsSource(Scripted(broken)).mint(request())
