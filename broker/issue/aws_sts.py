"""Source `aws_sts`: a session of a role in AWS, cut down by a session policy that the grant spells out.

    [grants.release]
    source = "aws_sts"
    ttl = 1800
    [grants.release.scope]
    role = "arn:aws:iam::123456789012:role/releases"
    actions = "s3:GetObject,s3:PutObject"
    resources = "arn:aws:s3:::releases/nightly/*"

Rights are the role's *and* the session policy's (AWS STS API reference, AssumeRole), so the grant only takes away. The
session is named for task and lease, which CloudTrail shows at each call.

AWS has no way to end one session and no list of them. A receipt therefore says *expires*, and so does that of a lease
whose answer was lost: it may exist, and until when at the latest. What the role's owner can do, and this broker has no
right to, is to deny the role everything for sessions issued before a moment (`aws:TokenIssueTime`).
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

from broker.errors import MaybeIssued, SourceFailed
from broker.issue.scope import Scope, listed, matching
from broker.issue.source import MintRequest, line
from broker.lease import Lease, Minted
from broker.receipt import Line, Revocation
from secretguard.secret import Secret

SHORTEST = 900
"""Seconds; AWS gives no shorter session."""

LEAST_TTL = SHORTEST + 25
"""Seconds that a grant must have: between intent and call there may be READY_SECONDS (`broker/pipeline.py`)."""

LATE = 25 + 15 * 60
"""Seconds after its intent when a call whose answer was lost has been carried out or never will be: it was signed
within READY_SECONDS, and AWS takes no signature that is older than 15 minutes (IAM User Guide, "AWS Signature Version 4
for API requests")."""

MAX_POLICY = 2048
"""Characters of a session policy (AWS STS API reference)."""

_ROLE = re.compile(r"arn:aws[a-z-]{0,10}:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}")
_ACTION = re.compile(r"\*|[a-z0-9-]{1,32}:[A-Za-z0-9*]{1,64}")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,256}")
_RESOURCE = re.compile(
    r"\*|arn:aws[a-z-]{0,10}:[a-z0-9-]{1,32}:[a-z0-9-]{0,32}:(aws|[0-9]{12})?:[A-Za-z0-9_.:/@*=+-]{1,512}"
)
_TAG = re.compile(r"[A-Za-z0-9_.:/=+@ -]{1,256}")
_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}")


class AssumesRoles(Protocol):
    """The part of `broker.aws_client.Sts` that is used here."""

    def assume_role(self, asked: Mapping[str, object]) -> Mapping[str, Any]: ...


@dataclasses.dataclass(frozen=True, slots=True)
class AwsStsSource:
    """Implements `Source`."""

    sts: AssumesRoles
    clock: Callable[[], float] = time.time
    needs_parent = False
    hands_out: ClassVar[bool] = True
    scope: ClassVar[Scope] = Scope(
        {
            "role": matching("the ARN of a role", _ROLE),
            "actions": listed(matching("an action such as s3:GetObject", _ACTION)),
            "resources": listed(matching("a resource's ARN", _RESOURCE)),
        },
        {"external_id": matching("an external id", _EXTERNAL_ID)},
    )

    def mint(self, request: MintRequest) -> Minted:
        """One session of `request.ttl` seconds. Raises SourceFailed, MaybeIssued."""
        answer = self.sts.assume_role(order(request))
        return _minted(answer)

    def revoke(self, lease: Lease) -> Line:
        """EXPIRES, or CONFIRMED once its time is over."""
        if 0 < lease.expires_at <= self.clock():
            return line(lease, Revocation.CONFIRMED, "the session has expired")
        return line(lease, Revocation.EXPIRES, "AWS ends no session before its time; its role's owner can deny it")

    def recover(self, lease: Lease) -> Line:
        """AWS cannot say whether there is a session: EXPIRES at the latest moment that one could end."""
        latest = dataclasses.replace(lease, expires_at=lease.expires_at + LATE)
        if latest.expires_at <= self.clock():
            return line(latest, Revocation.CONFIRMED, "if a session was made, it has expired")
        return line(latest, Revocation.EXPIRES, "AWS has no list of sessions: one may exist, and ends by then")


def session_policy(scope: Mapping[str, str]) -> str:
    """The grant's actions on the grant's resources, as an IAM policy document."""
    allowed = {
        "Effect": "Allow",
        "Action": scope.get("actions", "").split(","),
        "Resource": scope.get("resources", "").split(","),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]}, separators=(",", ":"))


def order(request: MintRequest) -> dict[str, object]:
    """The parameters of AssumeRole. Raises SourceFailed for a life that AWS does not give."""
    scope, grant = request.grant.scope, request.grant.name
    key, wrong = AwsStsSource.scope.problem(scope)
    if wrong:
        raise SourceFailed(f"grant {grant}: scope.{key}: {wrong}", "correct the task policy")
    policy = session_policy(scope)
    if len(policy) > MAX_POLICY:
        raise SourceFailed(f"grant {grant}: its session policy is longer than {MAX_POLICY} characters", "shorten it")
    if request.ttl < SHORTEST:
        fix = f"ask while the task has {LEAST_TTL} s left, for no shorter ttl"
        raise SourceFailed(f"AWS gives no session shorter than {SHORTEST} s, and {request.ttl} are left", fix)
    tags = {"secretguard:task": request.task_id, "secretguard:lease": request.lease_id, "secretguard:grant": grant}
    stated = {"secretguard:policy": request.task_policy, "secretguard:for": request.subject}
    tags |= {name: value for name, value in stated.items() if _TAG.fullmatch(value)}
    named = f"{request.task_id}.{request.lease_id}"
    asked: dict[str, object] = {
        "RoleArn": scope["role"],
        "RoleSessionName": named if _NAME.fullmatch(named) else request.lease_id,
        "SourceIdentity": request.task_id,
        "Policy": policy,
        "DurationSeconds": request.ttl,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    return asked | ({"ExternalId": scope["external_id"]} if "external_id" in scope else {})


def _minted(answer: Mapping[str, Any]) -> Minted:
    found, user = answer.get("Credentials"), answer.get("AssumedRoleUser")
    if not isinstance(found, Mapping) or not isinstance(user, Mapping):
        raise _unreadable()
    texts = [found.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    expires, arn = found.get("Expiration"), user.get("Arn")
    if not all(isinstance(one, str) and one for one in (*texts, arn)) or not isinstance(expires, datetime.datetime):
        raise _unreadable()
    names = ("access_key_id", "secret_access_key", "session_token")
    fields = {name: Secret(str(value)) for name, value in zip(names, texts, strict=True)}
    return Minted(fields, accessor=str(arn), source_lease="", expires_at=int(expires.timestamp()))


def _unreadable() -> MaybeIssued:
    return MaybeIssued("AWS STS's answer has no credentials", "a session may exist; it ends by itself")
