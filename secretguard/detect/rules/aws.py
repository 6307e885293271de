"""Amazon Web Services: access key ids, secret keys, session tokens, Bedrock API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import HIGH
from secretguard.detect.rule import Pattern, Rule, keyed, shown, token

_URL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
_REVOKE = "Deactivate and delete the access key in IAM, then look in CloudTrail for its use."
_ID = "AKIA" + made_up.base32(16)
_KEY = made_up.base64(40)
_BEDROCK = "ABSK" + made_up.base64(128)

RULES = (
    Rule(
        id="aws-access-key-id",
        description="AWS access key id",
        patterns=(
            Pattern(
                r"(?<![A-Za-z0-9+/])(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9+/=])",
                r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}",
            ),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(*shown(_ID)[:3], *shown("ASIA" + made_up.base32(16, "b"))[:2]),
        near_misses=("AKIA" + made_up.base32(15), "AKIAIOSFODNN7" + "EXAMPLE", "xAKIA" + made_up.base32(16)),
        confidence=HIGH,
        peer_type="AWS Access Key",
    ),
    Rule(
        id="aws-secret-access-key",
        description="AWS secret access key",
        patterns=(
            keyed(r"aws[_.-]?(?:secret|sk)|secret[_.-]?(?:access[_.-]?)?key|aws.{0,12}key", r"[A-Za-z0-9/+]{40}"),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            (f"aws_secret_access_key = {_KEY}", _KEY),
            (f'"SecretAccessKey": "{_KEY}",', _KEY),
            (f"export AWS_SECRET_ACCESS_KEY='{_KEY}'", _KEY),
        ),
        near_misses=(
            f"aws_secret_access_key = {_KEY[:39]}",
            "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
            f"aws_key_fingerprint_sha1 = {made_up.hexadecimal(41)}",
        ),
        judge="random",
        peer_type="AWS Access Key",
    ),
    Rule(
        id="aws-session-token",
        description="AWS session token",
        patterns=(
            Pattern(
                r"(?i:aws_session_token|sessiontoken|x-amz-security-token)[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?P<secret>[A-Za-z0-9/+%]{100,2000}={0,2})",
                r"(?i:aws_session_token|sessiontoken|x-amz-security-token)[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?[A-Za-z0-9/+%]{100}",
            ),
        ),
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
        revoke="Revoke the role's active sessions in IAM; a session token also ends by itself.",
        examples=(
            (f"aws_session_token={made_up.base64(220)}", made_up.base64(220)),
            (f'"SessionToken": "{made_up.base64(340)}=="', made_up.base64(340) + "=="),
        ),
        near_misses=(f"aws_session_token={made_up.base64(60)}", "aws_session_token=${SESSION}"),
    ),
    Rule(
        id="aws-bedrock-api-key",
        description="Amazon Bedrock API key",
        patterns=(token("ABSK", "[A-Za-z0-9+/=]", 109, 300),),
        url="https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
        revoke="Delete the service-specific credential in IAM.",
        examples=shown(_BEDROCK),
        near_misses=("ABSK" + made_up.base64(90), "xABSK" + made_up.base64(128)),
    ),
)
