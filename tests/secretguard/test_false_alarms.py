"""What a person accepted, as the hook reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard import false_alarms
from secretguard.acceptance import today
from secretguard.detect.finding import HIGH, Finding
from secretguard.false_alarms import left, path_of
from secretguard.placeholder import Placeholders, of_user
from secretguard.policy import kept

VALUE, OTHER = b"one-value-of-a-test", b"another-value"


def found(value: bytes = VALUE, rule: str = "github-token") -> Finding:
    """A finding of `value`."""
    return Finding(rule, "GitHub token", HIGH, HIGH, 0, len(value), value)


def tags() -> Placeholders:
    return of_user("/srv/shop")


def accept(**fields: str) -> None:
    """Write one entry more."""
    entry = {
        "digest": tags().everywhere(VALUE),
        "scope": "project",
        "project": "/srv/shop",
        "by": "a",
        "why": "b",
        **fields,
    }
    assert kept.write(path_of(), {"version": 1, "entries": [*false_alarms.entries(), entry]})


def remains(project: str = "/srv/shop", path: str = "", *findings: Finding) -> int:
    return len(left(list(findings or (found(),)), project, path, tags()))


def test_nothing_is_accepted_at_first() -> None:
    """No file, no acceptance."""
    assert remains() == 1
    assert false_alarms.entries() == []


def test_a_value_is_accepted_in_its_project_alone() -> None:
    """By digest: whatever rule finds it, wherever in that project; another value and another project stay."""
    accept()
    assert remains() == 0
    assert remains("/srv/shop", "", found(rule="generic-secret-bare")) == 0
    assert remains("/srv/shop", "", found(OTHER)) == 1
    assert remains("/srv/other") == 1


def test_a_user_accepts_everywhere() -> None:
    """An entry without a project counts in every one."""
    accept(scope="user", project="")
    assert remains("/srv/other") == 0


def test_a_rule_is_accepted_in_the_files_of_a_pattern() -> None:
    """Only that rule, only where the one file is known, only in that project; no value is accepted by it."""
    accept(digest="", scope="rule", rule="github-token", path="/srv/shop/tests/**")
    assert remains("/srv/shop", "/srv/shop/tests/a/b.py") == 0
    assert remains("/srv/shop", "/srv/shop/tests/../src/b.py") == 1
    assert remains("/srv/shop", "/srv/shop/src/b.py") == 1
    assert remains("/srv/shop", "") == 1
    assert remains("/srv/other", "/srv/shop/tests/a.py") == 1
    assert remains("/srv/shop", "/srv/shop/tests/a.py", found(rule="gitlab-token")) == 1


def test_an_acceptance_ends_with_its_day() -> None:
    """Today still counts, yesterday does not."""
    accept(until="2020-01-01")
    assert remains() == 1
    accept(until=today())
    assert remains() == 0


@pytest.mark.parametrize("damage", ["cut", "flip", "mode", "empty", "other"])
def test_a_file_that_cannot_be_trusted_accepts_nothing(damage: str) -> None:
    """Damaged, writable by others, or no list of entries."""
    accept()
    path = Path(path_of())
    data = path.read_bytes()
    if damage == "cut":
        path.write_bytes(data[:-1])
    elif damage == "flip":
        path.write_bytes(data.replace(b"/srv/shop", b"/srv/shoq"))
    elif damage == "mode":
        path.chmod(0o666)
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        kept.write(str(path), {"entries": {"digest": "x"}})
    assert remains() == 1
    assert false_alarms.entries() == []


def test_strange_entries_accept_nothing() -> None:
    """A file of a version to come, or of somebody who wrote it by hand."""
    kept.write(path_of(), {"entries": [1, None, "x", {}, {"scope": "rule"}, {"scope": "rule", "rule": "github-token"}]})
    assert remains("/srv/shop", "/srv/shop/a.py") == 1


def test_the_value_is_not_in_the_file() -> None:
    """A keyed digest stands for it, under a key that is not in the same file."""
    accept()
    assert VALUE not in Path(path_of()).read_bytes()
    assert os.stat(path_of()).st_mode & 0o077 == 0
