"""The baseline that a scan prints: detect-secrets itself reads it, and it accepts what was found."""

from __future__ import annotations

import json
from pathlib import Path

from detect_secrets.core import baseline as theirs

from secretguard.accepted import load
from secretguard.report import detect_secrets_report
from secretguard.report.located import Scan
from tests.secretguard.report.test_json_report import FOUND, MADE, VALUE

ONE = FOUND._replace(path="a.py", rule_id="github-token", line=7)


def test_both_read_it(tmp_path: Path) -> None:
    """File, type, digest and line as detect-secrets writes them; our own baseline reader accepts the finding."""
    text = detect_secrets_report.render(Scan([ONE]), MADE, True)
    path = tmp_path / "baseline"
    path.write_text(text)
    [(name, secret)] = list(theirs.load(theirs.load_from_file(str(path))))
    assert (name, secret.type, secret.secret_hash, secret.line_number) == ("a.py", "GitHub Token", "0" * 40, 7)
    assert load(str(path)).accepts("a.py", ONE.sha1)
    assert json.loads(text)["generated_at"] == "2023-11-14T22:13:22Z"
    assert VALUE not in text


def test_a_pragma_speaks_for_itself() -> None:
    """A finding with a pragma needs no entry."""
    text = detect_secrets_report.render(Scan([ONE._replace(accepted="pragma")]), MADE)
    assert json.loads(text)["results"] == {}
