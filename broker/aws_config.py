"""The `[aws]` table of the broker's configuration: where STS is, and the broker's own keys there.

[aws]
region = "eu-central-1"
credentials_file = "/etc/secretguard/aws-credentials"   # mode 0600, in the form that the AWS tools share
profile = "default"                                     # the section of that file
endpoint = "https://vpce-0123.sts.eu-central-1.vpce.amazonaws.com"   # optional: instead of the region's own
ca_file = "/etc/secretguard/vpce-ca.pem"                # optional: instead of the system's authorities

Or, in place of both, by an identity that a platform keeps fresh in a file (EKS, or any OIDC issuer that AWS trusts), so
that there are no standing keys:

web_identity_token_file = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token"
web_identity_role = "arn:aws:iam::123456789012:role/broker"

The keys need one right: `sts:AssumeRole` (with `sts:TagSession` and `sts:SetSourceIdentity`) on the roles that grants
name. Nothing is taken from the environment, from a home folder or from an instance's metadata.
"""

from __future__ import annotations

import configparser
import dataclasses
import hmac
import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from broker.exchange import encrypted
from broker.private_file import private_bytes
from broker.toml_file import StrictModel
from secretguard.errors import ConfigError
from secretguard.secret import Secret

FILE_CAP = 64 * 1024
PathName = Annotated[str, Field(max_length=4096, pattern=r"^(/.+)?$")]
_KEY_ID = re.compile(r"[A-Z0-9]{16,128}")
_VALUE = re.compile(r"[!-~]{1,4096}")


class AwsTable(StrictModel):
    """`[aws]`. `seconds` bounds each answer."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$")]
    credentials_file: PathName = ""
    profile: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@-]{1,64}$")] = "default"
    web_identity_token_file: PathName = ""
    web_identity_role: Annotated[str, Field(max_length=600, pattern=r"^(arn:aws[a-z-]*:iam::[0-9]{12}:role/.+)?$")] = ""
    endpoint: Annotated[str, Field(max_length=300, pattern=r"^(https?://[^/?#\s@]+)?$"), AfterValidator(encrypted)] = ""
    ca_file: Annotated[str, Field(max_length=4096)] = ""
    seconds: Annotated[int, Field(ge=1, le=60)] = 10

    @model_validator(mode="after")
    def _one_way(self) -> AwsTable:
        web = (bool(self.web_identity_token_file), bool(self.web_identity_role))
        if web[0] != web[1] or bool(self.credentials_file) == web[0]:
            raise ValueError("give credentials_file, or web_identity_token_file and web_identity_role")
        return self


@dataclasses.dataclass(frozen=True, slots=True)
class AwsKeys:
    """The broker's own keys. `session_token` is empty unless they are temporary ones themselves."""

    key_id: str
    secret: Secret
    session_token: Secret

    def same(self, other: AwsKeys) -> bool:
        """Are these the same keys?"""
        mine, theirs = ((one.key_id, one.secret.reveal(), one.session_token.reveal()) for one in (self, other))
        return hmac.compare_digest(repr(mine).encode(), repr(theirs).encode())


def read_keys(table: AwsTable) -> AwsKeys:
    """The keys of the profile as the file has them now. Raises ConfigError, naming the file and what to change."""
    path = table.credentials_file
    parser = configparser.RawConfigParser(default_section="", strict=True)
    try:
        parser.read_string(private_bytes(path, FILE_CAP).decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError):  # the parser's own message quotes the line
        raise ConfigError(
            f"{path}: is not in the form of an AWS credentials file", "see docs/guide/sources.md"
        ) from None
    if not parser.has_section(table.profile):
        raise ConfigError(f"{path}: has no section [{table.profile}]", "set aws.profile to one that it has")
    found = parser[table.profile]
    key_id, secret = found.get("aws_access_key_id", "").strip(), found.get("aws_secret_access_key", "").strip()
    token = found.get("aws_session_token", "").strip()
    if not _KEY_ID.fullmatch(key_id) or not _VALUE.fullmatch(secret) or (token and not _VALUE.fullmatch(token)):
        raise ConfigError(
            f"{path}: [{table.profile}] needs aws_access_key_id and aws_secret_access_key", "write the plain keys"
        )
    return AwsKeys(key_id, Secret(secret), Secret(token))
