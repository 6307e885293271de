"""Values assigned to a name that says password, secret, token or key: no vendor's mark, so the judge is strict."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import LOW, MEDIUM
from secretguard.detect.rule import Pattern, Rule

_NAMES = r"(?i:passw(?:or)?d|passphrase|passcode|pwd|secret|token|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|master[_-]?key|credentials?)"
_BEFORE = r"[A-Za-z0-9_.:-]{0,40}?"
_TAIL = r"[A-Za-z0-9_.-]{0,40}[\"'\])\\]{0,4}"
_TYPE = r"(?:[ \t]{0,4}:[ \t]{0,4}[A-Za-z\[\]|. ]{1,40}?)?"
_SIGN = r"[ \t]{0,10}(?:=>|:=|==|=|:)[ \t]{0,10}"
_URL = "https://cwe.mitre.org/data/definitions/798.html"
_REVOKE = (
    "Change it at the service that accepts it, then keep it in a vault or an environment file that is not committed."
)
_PW = "kJ8" + "-vvQ2#mP"
_WORD = made_up.alnum(12, "w")

RULES = (
    Rule(
        id="env-secret",
        description="Secret in an environment file",
        patterns=(
            Pattern(
                r"(?m)^[ \t]{0,8}(?:export[ \t]{1,4}|ENV[ \t]{1,4}|set[ \t]{1,4}|-e[ \t]{1,4})?[A-Z][A-Z0-9_]{0,60}?(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_KEY|CREDENTIALS?)(?:_[A-Z0-9]{1,20})?=[\"']?(?P<secret>[^\s\"'`$#]{6,400})",
                r"(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_KEY|CREDENTIALS?)(?:_[A-Z0-9]{1,20})?=[\"']?[^\s\"'`$#]{6}",
            ),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            (f"DB_PASSWORD={_PW}", _PW.split("#")[0]),
            (f"export SESSION_SECRET='{_WORD}'\n", _WORD),
            (f"A=1\nAPP_KEY={_WORD}\n", _WORD),
        ),
        near_misses=(
            "DB_PASSWORD=${DB_PASSWORD}",
            "API_TOKEN=changeme123",
            "SECRET_NAME=payments-prod",
            "TOKEN_COUNT=100000",
        ),
        judge="bare",
        confidence=MEDIUM,
    ),
    Rule(
        id="generic-secret-quoted",
        description="Literal secret in an assignment",
        patterns=(
            Pattern(
                _NAMES
                + _TAIL
                + _TYPE
                + _SIGN
                + r"[brfu]{0,2}\\{0,2}(?:\"(?P<a>[^\"\s\\]{6,256})\\{0,2}\"|'(?P<b>[^'\s\\]{6,256})\\{0,2}'|`(?P<c>[^`\s\\]{6,256})`)",
                _NAMES
                + _TAIL
                + r"(?:[ \t]{0,4}:[ \t]{0,4}[A-Za-z\[\]|. ]{1,40})?"
                + _SIGN
                + r"[brfu]{0,2}\\{0,2}[\"'`][^\"'`\s\\]{6}",
            ),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            (f'password = "{_PW}"', _PW),
            (f"client_secret: '{_PW}'", _PW),
            (f'{{"api_key": "{made_up.alnum(32)}"}}', made_up.alnum(32)),
            (f'const authToken: string = "{made_up.alnum(24)}";', made_up.alnum(24)),
            (f'"{{\\"password\\": \\"{_PW}\\"}}"', _PW),
        ),
        near_misses=(
            'password = "password"',
            'token = "your_token_here"',
            'secret = "${SECRET}"',
            'api_key = "process.env.API_KEY"',
            'password_label = "Enter-your-password"',
            'token_type = "bearer"',
        ),
        judge="assigned",
        confidence=MEDIUM,
        peer_type="Secret Keyword",
    ),
    Rule(
        id="generic-secret-bare",
        description="Unquoted secret in an assignment",
        patterns=(
            Pattern(
                _NAMES
                + r"[A-Za-z0-9_.-]{0,40}"
                + r"[ \t]{0,10}(?:=>|:=|=|:)[ \t]{0,10}(?P<secret>[A-Za-z0-9_+/.~!@#%^*-]{10,256}(?:={1,2}(?![A-Za-z0-9]))?)",
                _NAMES + r"[A-Za-z0-9_.-]{0,40}" + r"[ \t]{0,10}(?:=>|:=|=|:)[ \t]{0,10}[A-Za-z0-9_+/.~!@#%^*-]{10}",
            ),
            Pattern(
                r"[ \t](?i:--?(?:password|passwd|token|api-key|secret|access-key))[ =]{1,2}(?P<secret>[A-Za-z0-9_+/.~!@#%^*-]{8,256}(?:={1,2}(?![A-Za-z0-9]))?)",
                r"[ \t](?i:--?(?:password|passwd|token|api-key|secret|access-key))[ =]{1,2}[A-Za-z0-9_+/.~!@#%^*-]{8}",
            ),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            (f"password: {_WORD}", _WORD),
            (f"  api_key = {made_up.alnum(32)}", made_up.alnum(32)),
            (f"deploy --token {_WORD} --verbose", _WORD),
        ),
        near_misses=(
            "password = get_password(user1)",
            "token: string",
            "secret = self" + ".settings.secret_key2",
            "password = hashlib.sha256",
            "token: <token-from-step-1>",
            "api_key=os.environ[API_KEY_1]",
        ),
        judge="bare",
        confidence=LOW,
        peer_type="Secret Keyword",
    ),
    Rule(
        id="generic-secret-element",
        description="Secret in an XML element",
        patterns=(
            Pattern(
                r"(?<=[>\s])(?P<secret>[^\s<>&]{6,256})(?=\s{0,80}</(?i:[A-Za-z0-9_.:-]{0,40}(?:passw(?:or)?d|passphrase|secret|token|api_?-?key|access_?-?key|credential)[A-Za-z0-9_]{0,20})\s{0,8}>)",
                r"(?i:(?:passw(?:or)?d|passphrase|secret|token|api_?-?key|access_?-?key|credential)[A-Za-z0-9_]{0,20}>)",
                near=300,
            ),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            (f"<password>{_WORD}</password>", _WORD),
            (f"<db:adminPassword>\n    {_WORD}\n</db:adminPassword>", _WORD),
            (f"<s:api_key encoding='none'>{made_up.alnum(32)}</s:api_key>", made_up.alnum(32)),
        ),
        near_misses=(
            "<password>changeme-123</password>",
            "<token>${TOKEN_1}</token>",
            f"<name>{_WORD}</name>",
            f"<password></password><id>{_WORD}</id>",
        ),
        judge="element",
        confidence=MEDIUM,
    ),
    Rule(
        id="generic-secret-argument",
        description="Literal secret beside its name in a call or a list",
        patterns=(
            Pattern(
                r"[\"']"
                + _BEFORE
                + _NAMES
                + r"[A-Za-z0-9_]{0,20}[\"'][ \t]{0,4},[ \t]{0,4}[brfu]{0,2}'?[\"'](?P<secret>[^\"'\s\\]{8,256})[\"']",
                _NAMES + r"[A-Za-z0-9_]{0,20}[\"'][ \t]{0,4},[ \t]{0,4}[brfu]{0,2}'?[\"'][^\"'\s\\]{8}",
            ),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            (f'os.environ.setdefault("API_KEY", "{made_up.alnum(24)}")', made_up.alnum(24)),
            (f"props.put('db.password', '{_PW}')", _PW),
            (f"buildConfigField 'String', 'API_KEY', '\"{made_up.hexadecimal(32)}\"'", made_up.hexadecimal(32)),
        ),
        near_misses=(
            'form.add("password", "passwordField")',
            'get("api_key", "not_set_1")',
            '["token", "expires_at"]',
            'os.environ.get("API_KEY", "your-key-here1")',
        ),
        judge="assigned",
        confidence=MEDIUM,
    ),
    Rule(
        id="generic-secret-setting",
        description="Secret in a setting of a configuration file",
        patterns=(
            Pattern(
                r"(?i:(?:key|name)=[\"']"
                + _BEFORE
                + _NAMES
                + r"[A-Za-z0-9_.:-]{0,40}[\"'][ \t]{1,8}value=[\"'])(?P<secret>[^\"'\s<>]{6,256})",
                r"(?i:" + _NAMES + r"[A-Za-z0-9_.:-]{0,40}[\"'][ \t]{1,8}value=[\"'])[^\"'\s<>]{6}",
            ),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            (f'<add key="SmtpPassword" value="{_PW}" />', _PW),
            (f'<property name="api.token" value="{made_up.alnum(24)}"/>', made_up.alnum(24)),
        ),
        near_misses=(
            '<add key="SmtpPassword" value="#{Smtp.Password}" />',
            '<add key="PasswordPolicy" value="Strict" />',
        ),
        judge="assigned",
        confidence=MEDIUM,
    ),
    Rule(
        id="generic-secret-prose",
        description="Password in a sentence",
        patterns=(
            Pattern(
                r"(?i:\b(?:password|passphrase|passcode|pwd|pw)(?: for [^\n.,;:\"]{1,60}?)?[ \t]{1,4}(?:is|was|to|are)(?: now| set to| still)?:?)[ \t]{1,4}[\"'`]{0,3}(?P<secret>[^\s\"'`<>,;()\[\]{}]{6,128}?)(?=[.!?]?(?:[\s\"'`,;)]|\\n|$))",
                r"(?i:(?:password|passphrase|passcode|pwd|pw)(?: for [^\n.,;:\"]{1,60})?[ \t]{1,4}(?:is|was|to|are)(?: now| set to| still)?:?)[ \t]{1,4}[\"'`]{0,3}[^\s\"'`<>,;()\[\]{}]{6}",
            ),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            (f"The password is '{_WORD}'.", _WORD),
            (f"fyi the pw for the staging db is {_WORD}", _WORD),
            (f'I changed the password to "{_WORD}"', _WORD),
        ),
        near_misses=(
            "The password is required.",
            "the password was changed",
            "set password to <your-password-1>",
            "password is $DB_PASSWORD1",
        ),
        judge="bare",
        confidence=LOW,
    ),
    Rule(
        id="generic-key",
        description="Random value under a name that ends in key",
        patterns=(
            Pattern(
                r"(?i:[a-z0-9]{2,40}[_ -]?(?:key|access|private|auth|pat|bearer)[\"'\])]{0,3}[ \t]{0,10}(?:=>|:=|=|:)[ \t]{0,10}[\"'`]?)(?P<secret>[A-Za-z0-9][A-Za-z0-9_+/-]{18,127}(?:={1,2})?)(?![A-Za-z0-9_+/.(-])",
                r"(?i:[a-z0-9][_ -]?(?:key|access|private|auth|pat|bearer)[\"'\])]{0,3}[ \t]{0,10}(?:=>|:=|=|:)[ \t]{0,10}[\"'`]?)[A-Za-z0-9][A-Za-z0-9_+/-]{18}",
            ),
        ),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            (f"widgetly_key = {made_up.alnum(32)}\n", made_up.alnum(32)),
            (f'"mailworksAccess": "{made_up.lower(40)}"', made_up.lower(40)),
            (f"  tracker-pat: {made_up.hexadecimal(40)}\n", made_up.hexadecimal(40)),
        ),
        near_misses=(
            f"public_key = {made_up.alnum(32)}\n",
            f"cache_key: {made_up.hexadecimal(32)}\n",
            f"idempotency_key={made_up.uuid()}\n",
            "sort_key = created_at_descending_v2\n",
            "primary_key: user_account_identifier_2\n",
            f"s3Key: builds/{made_up.hexadecimal(12)}/app-1.2.zip",
        ),
        judge="keyish",
        confidence=LOW,
    ),
)
