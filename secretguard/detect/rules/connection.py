"""Passwords in URLs and connection strings: the span is the password alone."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import Pattern, Rule

_PW = "Tr0ub4dor" + made_up.alnum(6)
_REVOKE = "Change the password at the service, and the grants if it was used elsewhere."
_USER = r"[^\s:/@\"'<>`\\]{0,128}"
_PASSWORD = r"[^\s/@\"'<>`\\]"

RULES = (
    Rule(
        id="connection-string-password",
        description="Password in a database or broker URL",
        patterns=(
            Pattern(
                r"(?i:\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|rediss|amqps?|mssql|sqlserver|oracle|clickhouse|cockroachdb|db2|influxdb|kafka|nats|ldaps?|smtps?|imaps?|ftps?|sftp|ssh)(?:2|\+[a-z0-9]{1,12})?://)"
                + _USER
                + r":(?P<secret>[^\s@\"'<>`\\]{1,128})@(?=[A-Za-z0-9\[_.$%{-])",
                r"(?i:(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|rediss|amqps?|mssql|sqlserver|oracle|clickhouse|cockroachdb|db2|influxdb|kafka|nats|ldaps?|smtps?|imaps?|ftps?|sftp|ssh)(?:2|\+[a-z0-9]{1,12})?://)"
                + _USER
                + r":[^\s@\"'<>`\\]{1,128}@",
            ),
        ),
        url="https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
        revoke=_REVOKE,
        examples=(
            (f"postgresql://app:{_PW}@db.internal:5432/orders", _PW),
            (f"DATABASE_URL=mysql+pymysql://root:{_PW}@10.0.0.7/shop", _PW),
            (f'"redis://:{_PW}@cache:6379/0"', _PW),
            ("mongodb+srv://svc:" + "p/w:" + _PW + "@cluster0.mongodb.net", "p/w:" + _PW),
        ),
        near_misses=(
            "postgresql://app:${DB_PASSWORD}@db.internal/orders",
            "postgresql://postgres:postgres@db/app",
            "postgresql://user@db.internal:5432/orders",
            "mysql://user:<password>@host/db",
        ),
        judge="url_password",
    ),
    Rule(
        id="url-basic-auth",
        description="Password in a URL",
        patterns=(
            Pattern(
                r"(?i:\bhttps?://)[^\s:/@\"'<>`\\?#]{0,128}:(?P<secret>" + _PASSWORD + r"{3,256})@(?=[A-Za-z0-9\[])",
                r"(?i:https?://)[^\s:/@\"'<>`\\?#]{0,128}:" + _PASSWORD + r"{3,256}@",
            ),
        ),
        url="https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
        revoke=_REVOKE,
        examples=(
            (f"git clone https://deploy:{_PW}@git.internal/app.git", _PW),
            (f'"https://:{_PW}@proxy.internal:3128"', _PW),
        ),
        near_misses=(
            "https://git.internal:8443/@scope/package",
            "https://user:{{ password }}@host/",
            "https://user:password@example.com/",
        ),
        judge="url_password",
        confidence=MEDIUM,
        peer_type="Basic Auth Credentials",
    ),
    Rule(
        id="connection-parameter-password",
        description="Password in a connection string",
        patterns=(
            Pattern(
                r"(?i:(?:^|[;\"' ?&])(?:password|pwd)[ ]?=[ ]?)(?P<secret>[^;\s\"'&<>{}$]{4,128})(?=;|[\"']|&|$)(?<!;)",
                r"(?i:;[ ]?(?:password|pwd)[ ]?=[ ]?)[^;\s\"'&<>{}$]{4}",
            ),
        ),
        url="https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-string-syntax",
        revoke=_REVOKE,
        examples=(
            (f'"Server=db;User Id=app;Password={_PW};Encrypt=true"', _PW),
            (f"conn = 'Driver=ODBC;Uid=sa;Pwd={_PW}'", _PW),
        ),
        near_misses=('"Server=db;User Id=app;Password=${PW};"', '"Server=db;Password=password;"'),
        judge="url_password",
        confidence=MEDIUM,
    ),
)
