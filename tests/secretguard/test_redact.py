"""Redaction in one piece."""

from __future__ import annotations

import pytest

from secretguard.detect.finding import Finding
from secretguard.pack import open_engine
from secretguard.placeholder import Placeholders
from secretguard.redact import redact

TAGS = Placeholders(b"k" * 32, "/project")


def finding(start: int, end: int, value: bytes) -> Finding:
    return Finding("rule", "d", "high", "high", start, end, value)


def test_spans_are_replaced_and_the_rest_is_kept() -> None:
    """Two spans, one at the end; bytes between them stay."""
    tag = TAGS.tag("rule", b"bb").encode()
    data = redact(b"a bb c bb", [finding(2, 4, b"bb"), finding(7, 9, b"bb")], TAGS)
    assert data == b"a " + tag + b" c " + tag


def test_without_findings_nothing_changes() -> None:
    """No finding: the same bytes."""
    assert redact(b"\xff\x00", [], TAGS) == b"\xff\x00"


def test_lines_keep_their_numbers() -> None:
    """A secret of three lines leaves three lines."""
    data = redact(b"a\nx\ny\nz\nb", [finding(2, 7, b"x\ny\nz")], TAGS)
    assert data.count(b"\n") == 4
    assert data.endswith(b"\n\n\nb")


@pytest.mark.parametrize(
    "text",
    [
        "DATABASE_URL=postgres://appuser:{}@db.internal:5432/orders?sslmode=require",
        "mysql://root:{}@10.0.0.4/app",
        "mongodb+srv://svc:{}@cluster0.ab.mongodb.net/prod",
        "redis://:{}@cache.internal:6379/0",
        "amqp://worker:{}@mq.internal/vhost",
        "postgresql+asyncpg://app:{}@db/orders",
        "smtp://mail%40x.example:{}@smtp.x.example:587",
        "Server=tcp:sql.example.net,1433;Database=orders;User ID=app;Password={};Encrypt=True",
        "jdbc:sqlserver://db:1433;databaseName=orders;user=sa;password={};",
        "jdbc:postgresql://db.internal:5432/orders?user=app&password={}",
        "host=db.internal port=5432 dbname=orders user=app password={}",
        "https://bob:{}@git.example.com/x.git",
    ],
)
def test_user_host_and_database_stay_visible(text: str) -> None:
    """Of a connection string the password alone is replaced, by a placeholder that says what it was."""
    data = text.format("Zk3Qm8Lw" + "0Rt5Yp2H").encode()
    shown = redact(data, open_engine().scan(data), TAGS).decode()
    before, after = text.split("{}")
    assert shown.startswith(f"{before}[[secret:")
    assert shown.endswith(f"]]{after}")
    assert shown.count("[[secret:") == 1
