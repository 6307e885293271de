"""The JSON report: the documented shape, masked unless asked."""

from __future__ import annotations

import json

from secretguard.report import json_report
from secretguard.report.located import Located, Scan, Skipped
from secretguard.report.made import Made
from secretguard.secret import Secret

VALUE = "kJ8vvQ2mPx71" + "abcdefgh"
FOUND = Located(
    rule_id="rule", description="Rule", confidence="high", severity="low", path="a\udcff.txt", line=1, column=2,
    end_line=1, end_column=22, start_offset=1, end_offset=21, masked="kJ8v…(20)", fingerprint="f" * 16,
    secret=Secret(VALUE), sha1=("0" * 40,),
)  # fmt: skip
MADE = Made({"name": "secretguard", "version": "9.8.7"}, 1_700_000_000.0, 1_700_000_002.5)


def test_shape() -> None:
    """Exactly the documented keys, with offsets in bytes; what was skipped is named."""
    text = json_report.render(Scan([FOUND], [Skipped("b", "binary", 7)], 2, 99), MADE)
    document = json.loads(text)
    assert list(document) == ["version", "tool", "offset_unit", "findings", "scanned", "skipped"]
    assert document["version"] == 1
    assert document["offset_unit"] == "byte"
    assert document["scanned"] == {"files": 2, "bytes": 99}
    assert document["skipped"] == [{"path": "b", "reason": "binary", "bytes": 7}]
    assert list(document["findings"][0]) == [
        "rule_id", "description", "confidence", "severity", "path", "line", "column", "end_line", "end_column",
        "start_offset", "end_offset", "masked", "fingerprint",
    ]  # fmt: skip
    assert text.isascii()


def test_secret_only_when_asked() -> None:
    """The value is in the report only with show_secrets."""
    assert VALUE not in json_report.render(Scan([FOUND]), MADE)
    [shown] = json.loads(json_report.render(Scan([FOUND]), MADE, show_secrets=True))["findings"]
    assert shown["secret"] == VALUE


def test_optional_keys() -> None:
    """Encoding and acceptance appear only where there is something to say."""
    finding = FOUND._replace(encoding=("base64",), accepted="pragma")
    [shown] = json_report.document(Scan([finding]), MADE)["findings"]
    assert (shown["encoding"], shown["accepted"]) == (["base64"], "pragma")
