"""HTTP Authorization headers and the credentials given to curl and .netrc."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import Pattern, Rule

_BASIC = "YWRtaW46" + "VHIwdWI0ZG9yJjMhcXo="
_T = made_up.alnum(40)
_PW = "Tr0ub-" + made_up.alnum(6)
_REVOKE = "End the session or rotate the key at the service that issued it."

RULES = (
    Rule(
        id="http-basic-header",
        description="HTTP Basic credentials",
        patterns=(
            Pattern(
                r"(?i:authorization[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?basic[ \t]{1,4})(?P<secret>[A-Za-z0-9+/]{8,512}={0,2})",
                r"(?i:authorization[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?basic[ \t]{1,4})[A-Za-z0-9+/]{8}",
            ),
        ),
        url="https://www.rfc-editor.org/rfc/rfc7617",
        revoke=_REVOKE,
        examples=((f"Authorization: Basic {_BASIC}", _BASIC), (f'{{"Authorization": "Basic {_BASIC}"}}', _BASIC)),
        near_misses=("Authorization: Basic realm", "Authorization: Basic $ENCODED"),
        judge="basic",
    ),
    Rule(
        id="http-bearer-header",
        description="Token in an Authorization header",
        patterns=(
            Pattern(
                r"(?i:(?:authorization|x-api-key|x-auth-token|private-token|x-vault-token)[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?(?:(?:bearer|token|apikey|key)[ \t]{1,4})?)(?P<secret>[A-Za-z0-9_.=~+/-]{20,2048})",
                r"(?i:(?:authorization|x-api-key|x-auth-token|private-token|x-vault-token)[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?(?:(?:bearer|token|apikey|key)[ \t]{1,4})?)[A-Za-z0-9_.=~+/-]{20}",
            ),
        ),
        url="https://www.rfc-editor.org/rfc/rfc6750",
        revoke=_REVOKE,
        examples=(
            (f'-H "Authorization: Bearer {_T}"', _T),
            (f"X-Api-Key: {_T}", _T),
            (f"'Authorization': 'token {_T}'", _T),
        ),
        near_misses=(
            "Authorization: Bearer ${TOKEN}",
            "Authorization: Bearer your_access_token_here",
            "Authorization: BearerAuthentication",
        ),
        judge="bearer",
        confidence=MEDIUM,
    ),
    Rule(
        id="curl-user-password",
        description="Password on a curl command line",
        patterns=(
            Pattern(
                r"\bcurl\b[^\n]{0,300}?[ \t](?:-u|--user)[ \t=]{1,4}[\"']?[^\s:\"'$]{1,64}:(?P<secret>[^\s\"'$]{4,128})",
                r"\bcurl\b[^\n]{0,300}[ \t](?:-u|--user)[ \t=]{1,4}[\"']?[^\s:\"'$]{1,64}:[^\s\"'$]{4}",
            ),
        ),
        url="https://curl.se/docs/manpage.html#-u",
        revoke="Change the password at the service.",
        examples=(
            (f"curl -s -u admin:{_PW} https://api.internal/v1", _PW),
            (f"curl --user 'ops:{_PW}' host", _PW),
        ),
        near_misses=("curl -u admin:$PASSWORD https://api.internal", "curl -u user:password https://api.internal"),
        judge="url_password",
        confidence=MEDIUM,
    ),
    Rule(
        id="netrc-password",
        description="Password in a .netrc line",
        patterns=(
            Pattern(
                r"machine[ \t]{1,8}[^\s]{1,128}[ \t]{1,8}login[ \t]{1,8}[^\s]{1,128}[ \t]{1,8}password[ \t]{1,8}(?P<secret>[^\s]{4,256})",
                r"machine[ \t]{1,8}[^\s]{1,128}[ \t]{1,8}login[ \t]{1,8}[^\s]{1,128}[ \t]{1,8}password[ \t]{1,8}[^\s]{4}",
            ),
        ),
        url="https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html",
        revoke="Change the password at the service.",
        examples=(
            (f"machine git.internal login ci password {_PW}", _PW),
            (f"machine a.b\tlogin x\tpassword {_PW}!", _PW + "!"),
        ),
        near_misses=("machine git.internal login ci password $PW", "machine learning login page"),
        judge="url_password",
    ),
)
