"""Private keys: PEM blocks (one line or many), PuTTY, age, Terraform-style escapes."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Pattern, Rule, shown, token

_BODY = "\n".join(made_up.base64(64, str(n)) for n in range(6))
_MARK = "PRIVATE" + " KEY-----"
_PEM = f"-----BEGIN RSA {_MARK}\n{_BODY}\n-----END RSA {_MARK}"
_SSH = f"-----BEGIN OPENSSH {_MARK}\n{_BODY}\n-----END OPENSSH {_MARK}"
_ESCAPED = _PEM.replace("\n", "\\n")
_AGE = "AGE-SECRET-KEY-1" + "".join("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"[ord(c) % 32] for c in made_up.alnum(58))

RULES = (
    Rule(
        id="private-key",
        description="Private key",
        patterns=(Pattern(r"-----BEGIN[ A-Z0-9_-]{0,60}PRIVATE KEY(?: BLOCK)?-----"),),
        url="https://www.rfc-editor.org/rfc/rfc7468",
        revoke="Replace the key pair everywhere the public half is trusted; revoke its certificates.",
        examples=(
            (f"key:\n{_PEM}\nend", _PEM),
            (_SSH, _SSH),
            (f'{{"private_key": "{_ESCAPED}\\n"}}', _ESCAPED),
        ),
        near_misses=(
            f"-----BEGIN RSA {_MARK}",
            f"-----BEGIN RSA {_MARK}\n...\n-----END RSA {_MARK}",
            f"-----BEGIN PUBLIC KEY-----\n{_BODY}\n-----END PUBLIC KEY-----",
        ),
        judge="pem",
        peer_type="Private Key",
    ),
    Rule(
        id="age-secret-key",
        description="age secret key",
        patterns=(token("AGE-SECRET-KEY-1", "[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]", 58),),
        url="https://github.com/C2SP/C2SP/blob/main/age.md",
        revoke="Encrypt again to a new recipient; whoever holds this key reads what was encrypted to it.",
        examples=shown(_AGE),
        near_misses=(_AGE[:-1], "AGE-SECRET-KEY-1" + "Q" * 58),
    ),
    Rule(
        id="putty-private-key",
        description="PuTTY private key",
        patterns=(
            Pattern(
                r"Private-MAC:[ \t]{0,4}(?P<secret>[0-9a-f]{40,64})",
                r"Private-MAC:[ \t]{0,4}[0-9a-f]{40}",
            ),
        ),
        url="https://the.earth.li/~sgtatham/putty/0.81/htmldoc/AppendixC.html",
        revoke="Replace the key pair everywhere the public half is trusted.",
        examples=(
            (f"Private-MAC: {made_up.hexadecimal(40)}", made_up.hexadecimal(40)),
            (f"Private-MAC: {made_up.hexadecimal(64)}\n", made_up.hexadecimal(64)),
        ),
        near_misses=("Private-MAC: 00", "Private-MAC: " + "0" * 40),
        peer_type="Private Key",
    ),
)
