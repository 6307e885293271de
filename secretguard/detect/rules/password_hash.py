"""Hashes of passwords: what they were made from can be guessed, faster the weaker the password."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import LOW, MEDIUM
from secretguard.detect.rule import Pattern, Rule

_B64 = "[A-Za-z0-9./]"
_BCRYPT = "$2b$12$" + made_up.alnum(53, "h")
_SHA512 = "$6$" + made_up.alnum(12, "s") + "$" + made_up.alnum(86, "h")
_SHA256 = "$5$rounds=5000$" + made_up.alnum(16, "s") + "$" + made_up.alnum(43, "h")
_MD5 = "$1$" + made_up.alnum(8, "s") + "$" + made_up.alnum(22, "h")
_APACHE = "$apr1$" + made_up.alnum(8, "s") + "$" + made_up.alnum(22, "h")
_YES = "$y$j9T$" + made_up.alnum(22, "s") + "$" + made_up.alnum(43, "h")
_ARGON = "$argon2id$v=19$m=65536,t=3,p=4$" + made_up.base64(22, "s") + "$" + made_up.base64(43, "h")
_ASREP = (
    "$krb5asrep$23$svc@CORP.LAN:" + made_up.hexadecimal(32, "s") + "$" + made_up.hexadecimal(80, "h")
)  # as tools print it

RULES = (
    Rule(
        id="password-hash",
        description="Hash of a password",
        patterns=(
            Pattern(rf"\$2[abxy]\$[0-9]{{2}}\${_B64}{{53}}(?!{_B64})", rf"\$2[abxy]\$[0-9]{{2}}\${_B64}{{53}}"),
            Pattern(
                rf"\$(?:1|apr1)\${_B64}{{1,8}}\${_B64}{{22}}(?!{_B64})", rf"\$(?:1|apr1)\${_B64}{{1,8}}\${_B64}{{22}}"
            ),
            Pattern(
                rf"\$5\$(?:rounds=[0-9]{{4,9}}\$)?{_B64}{{1,16}}\${_B64}{{43}}(?!{_B64})",
                rf"\$5\$(?:rounds=[0-9]{{4,9}}\$)?{_B64}{{1,16}}\${_B64}{{43}}",
            ),
            Pattern(
                rf"\$6\$(?:rounds=[0-9]{{4,9}}\$)?{_B64}{{1,16}}\${_B64}{{86}}(?!{_B64})",
                rf"\$6\$(?:rounds=[0-9]{{4,9}}\$)?{_B64}{{1,16}}\${_B64}{{86}}",
            ),
            Pattern(
                rf"\$y\${_B64}{{3,8}}\${_B64}{{1,86}}\${_B64}{{43}}(?!{_B64})",
                rf"\$y\${_B64}{{3,8}}\${_B64}{{1,86}}\${_B64}{{43}}",
            ),
            Pattern(
                r"\$argon2(?:id|i|d)\$v=[0-9]{2}\$m=[0-9]{1,9},t=[0-9]{1,4},p=[0-9]{1,3}\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{16,128}",
                r"\$argon2(?:id|i|d)\$v=[0-9]{2}\$m=[0-9]{1,9},t=[0-9]{1,4},p=[0-9]{1,3}\$[A-Za-z0-9+/]{11}",
            ),
        ),
        url="https://man.archlinux.org/man/crypt.5",
        revoke="Have the password changed; a longer one makes its hash worth less.",
        examples=(
            (f"ops:{_BCRYPT}\n", _BCRYPT),
            (f"root:{_SHA512}:19000:0:99999:7:::\n", _SHA512),
            (f"encrypted_password: '{_SHA256}'", _SHA256),
            (f"enable secret 5 {_MD5}\n", _MD5),
            (f"admin:{_APACHE}\n", _APACHE),
            (f"root:{_YES}:19000:::", _YES),
            (f'"hash": "{_ARGON}"', _ARGON),
        ),
        near_misses=(
            "$2b$12$" + made_up.alnum(40, "h"),
            "$6$salt$" + made_up.alnum(80, "h"),
            "$1$2 and $3 each",
            "$5$ off",
        ),
        judge="token",
        confidence=LOW,
        severity=MEDIUM,
    ),
    Rule(
        id="kerberos-hash",
        description="Kerberos ticket that gives a password away",
        patterns=(
            Pattern(
                r"\$krb5(?:asrep|tgs|pa)\$[0-9]{1,2}\$[^\s'\"]{32,4096}",
                r"\$krb5(?:asrep|tgs|pa)\$[0-9]{1,2}\$[^\s'\"]{32}",
            ),
        ),
        url="https://hashcat.net/wiki/doku.php?id=example_hashes",
        revoke="Change the account's password, and require pre-authentication for it.",
        examples=((f"{_ASREP}\n", _ASREP), (f"hash={_ASREP} end", _ASREP)),
        near_misses=("$krb5asrep$23$user", "$krb5$23$" + made_up.hexadecimal(64)),
    ),
)
