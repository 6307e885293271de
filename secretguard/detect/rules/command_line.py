"""Passwords given to programs on their command lines, where each program has its own way to say so."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import Pattern, Rule

_PW = "Tr0ub-" + made_up.alnum(6)
_VALUE = r"[\"']?(?P<secret>[^\s\"'`$<>|&;]{4,128})"
_FOUR = r"[\"']?[^\s\"'`$<>|&;]{4}"

_FORMS = (
    r"(?i:\bpsexec(?:64)?(?:\.exe)?)[^\n]{0,120}?[ \t]-p[ \t]{1,4}",
    r"\bsshpass[ \t]{1,4}-p[ \t]{0,4}",
    r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n]{0,120}?[ \t](?:-p|--password=)",
    r"\bdocker[ \t]{1,4}login\b[^\n]{0,160}?[ \t](?:-p|--password)[ =\t]{1,4}",
    r"\b(?:helm[ \t]{1,4}registry|podman|skopeo|oras|crane|az[ \t]{1,4}acr)[ \t]{1,4}login\b[^\n]{0,160}?[ \t](?:-p|--password)[ =\t]{1,4}",
    r"\bredis-cli\b[^\n]{0,120}?[ \t](?:-a|--pass)[ \t]{1,4}",
    r"\b(?:mongo|mongosh|mongodump|mongorestore)\b[^\n]{0,160}?[ \t](?:-p|--password)[ =\t]{1,4}",
    r"\b(?:ldapsearch|ldapadd|ldapmodify|ldapdelete)\b[^\n]{0,200}?[ \t]-w[ \t]{1,4}",
    r"\bsqlcmd\b[^\n]{0,160}?[ \t]-P[ \t]{1,4}",
    r"(?i:\bnet(?:\.exe)?[ \t]{1,4}use\b)[^\n]{0,120}?[ \t](?i:/user:)[^\s]{1,64}[ \t]{1,4}",
    r"(?i:\bConnect-VIServer\b)[^\n]{0,160}?[ \t](?i:-Password)[ \t]{1,4}",
    r"(?i:\bConvertTo-SecureString\b)[ \t]{1,4}(?:(?i:-String|-AsPlainText|-Force)[ \t]{1,4}){0,3}(?=[\"'])",
    r"(?i:\bNetworkCredential)[ \t]{0,2}\([ \t]{0,2}[\"'][^\"'\n]{1,80}[\"'][ \t]{0,2},[ \t]{0,2}(?=[\"'])",
)
"""What stands before the password. Each program's own manual names the option."""


def _found(form: str) -> Pattern:
    return Pattern(form + _VALUE, form.replace("}?[", "}[").replace("(?=[\\\"'])", "").replace("\\b", "") + _FOUR)


RULES = (
    Rule(
        id="command-line-password",
        description="Password on a command line",
        patterns=tuple(map(_found, _FORMS)),
        url="https://cwe.mitre.org/data/definitions/214.html",
        revoke="Change it; give it by a file or standard input, since every process may read a command line.",
        examples=(
            (rf"PSEXEC.exe \\10.0.9.4 -u Administrator -p {_PW} cmd /c dir", _PW),
            (f"sshpass -p '{_PW}' ssh ops@10.0.0.4", _PW),
            (f"mysql -u root -p{_PW} shop < dump.sql", _PW),
            (f"mysqldump --host db --password={_PW} shop", _PW),
            (f"docker login -u ci -p {_PW} registry.internal", _PW),
            (f"redis-cli -h cache -a {_PW} ping", _PW),
            (f"mongosh --host db -u app -p '{_PW}'", _PW),
            (f"ldapsearch -x -D cn=admin -w {_PW} -b dc=corp", _PW),
            (f"sqlcmd -S db -U sa -P {_PW} -i x.sql", _PW),
            (rf"net use Z: \\nas\share /user:ops {_PW}", _PW),
            (f"Connect-VIServer vc -User ops -Password {_PW}", _PW),
            (f'ConvertTo-SecureString "{_PW}" -AsPlainText -Force', _PW),
            (f'new NetworkCredential("nuget@corp.lan", "{_PW}")', _PW),
        ),
        near_misses=(
            "psexec -u ops -p $PASSWORD cmd",
            "mysql -u root -p shop",
            "docker login --password-stdin registry.internal",
            "redis-cli -a changeme ping",
            'ConvertTo-SecureString "$env:PW" -AsPlainText -Force',
        ),
        judge="url_password",
        confidence=MEDIUM,
    ),
)
