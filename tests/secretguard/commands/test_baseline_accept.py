"""`secretguard baseline accept`, words with an acceptance, keyed files, and what a scan then says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.baseline_file import read
from secretguard.detect import made_up
from tests.secretguard.commands.test_scan import report, run

ONE, TWO = made_up.github("ghp_"), made_up.github("ghp_", "b")
SAID = ("--by", "ann", "--why", "made up for a test")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(f"x = '{ONE}'\ny = '{TWO}'; z = '{ONE}'\n")
    (tmp_path / "b.py").write_text(f"x = '{ONE}'\n")
    return tmp_path


def open_places(project: Path, *options: str) -> list[tuple[str, int, int]]:
    told = report(*options, ".", cwd=project)[1]["findings"]
    return [(one["path"], one["line"], one["column"]) for one in told if not one.get("accepted")]


def test_place(project: Path) -> None:
    """A place is one finding: its value is accepted in that file and nowhere else."""
    assert run("baseline", "accept", "base", "--finding", "a.py:1", *SAID, cwd=project).returncode == 0
    assert open_places(project, "--baseline", "base") == [("a.py", 2, 6), ("b.py", 1, 6)]
    [entry] = read(str(project / "base"))["results"]["a.py"]
    assert (entry["by"], entry["why"], entry["is_secret"]) == ("ann", "made up for a test", False)


def test_place_with_several(project: Path) -> None:
    """Nothing is accepted where a line has more than one; the error names each."""
    done = run("baseline", "accept", "base", "--finding", "./a.py:2", *SAID, cwd=project)
    assert done.returncode == 2
    assert b"./a.py:2:6 (" in done.stderr
    assert not (project / "base").exists()
    done = run("baseline", "accept", "base", "--finding", "a.py:2:6", *SAID, cwd=project)
    assert (done.returncode, done.stderr) == (0, b"")
    assert open_places(project, "--baseline", "base")[0] == ("a.py", 1, 6)


def test_fingerprint(project: Path) -> None:
    """A fingerprint is a secret, wherever it is in PATHS."""
    print_of = {one["line"]: one["fingerprint"] for one in report("a.py", cwd=project)[1]["findings"][:2]}
    done = run("baseline", "accept", "base", "--finding", print_of[1], *SAID, cwd=project)
    assert done.stdout.count(b"accepted") == 3
    assert ONE.encode() not in done.stdout
    assert open_places(project, "--baseline", "base") == [("a.py", 2, 6)]


@pytest.mark.parametrize("name", ["a.py:9", "c.py:1", "0123456789abcdef", "a.py", "a.py:1:7", ""])
def test_no_such_finding(name: str, project: Path) -> None:
    """What does not exist is not accepted, and the file stays as it was; one bad name of two is enough."""
    run("baseline", "accept", "base", "--finding", "a.py:1", *SAID, cwd=project)
    before = (project / "base").read_bytes()
    done = run("baseline", "accept", "base", "--finding", "b.py:1", "--finding", name, *SAID, cwd=project)
    assert done.returncode == 2
    assert (project / "base").read_bytes() == before


def test_secret_in_the_reason(project: Path) -> None:
    """The reason is for others to read: the secret does not go there."""
    done = run("baseline", "accept", "base", "--finding", "a.py:1", "--why", f"is {ONE}", "--by", "a", cwd=project)
    assert (done.returncode, ONE.encode() in done.stderr) == (2, False)
    done = run("baseline", "create", "base", "--why", f"is {ONE}", "--by", "a", cwd=project)
    assert (done.returncode, ONE.encode() in done.stderr) == (2, False)
    assert not (project / "base").exists()


def test_end(project: Path) -> None:
    """After its day a finding is open again, and every report says that this was accepted once."""
    run("baseline", "accept", "base", "--finding", "b.py:1", *SAID, "--until", "2999-12-31", cwd=project)
    assert ("b.py", 1, 6) not in open_places(project, "--baseline", "base")
    text = (project / "base").read_text()
    (project / "base").write_text(text.replace("2999-12-31", "2001-02-03"))
    done = run("scan", "--baseline", "base", "b.py", cwd=project)
    assert done.returncode == 1
    assert b"[no longer accepted (ann: made up for a test, until 2001-02-03)]" in done.stdout
    [told] = report("--baseline", "base", "b.py", cwd=project)[1]["findings"]
    assert "accepted" not in told
    assert told["remark"].startswith("no longer accepted")
    assert b"still open: b.py:1" in run("baseline", "update", "base", "b.py", cwd=project).stdout
    assert run("scan", "--baseline", "base", "b.py", cwd=project).returncode == 1
    run("baseline", "accept", "base", "--finding", "b.py:1", *SAID, cwd=project)
    assert run("scan", "--baseline", "base", "b.py", cwd=project).returncode == 0


def test_words_for_all_that_is_new(project: Path) -> None:
    """create and update write who and why into new entries, and leave those that are there."""
    run("baseline", "create", "base", "a.py", *SAID, cwd=project)
    run("baseline", "update", "base", "--why", "second", "--by", "bob", "--until", "2999-01-01", cwd=project)
    results = read(str(project / "base"))["results"]
    assert {one["by"] for one in results["a.py"]} == {"ann"}
    assert [(one["by"], one["until"]) for one in results["b.py"]] == [("bob", "2999-01-01")]
    done = run("baseline", "update", "base", "--by", "bob", cwd=project)
    assert (done.returncode, b"--why" in done.stderr) == (2, True)


def test_lines(project: Path) -> None:
    """--lines writes what detect-secrets' own audit needs; without it a moved line changes nothing in the file."""
    run("baseline", "create", "--lines", "base", cwd=project)
    assert [one["line_number"] for one in read(str(project / "base"))["results"]["b.py"]] == [1]
    run("baseline", "update", "base", cwd=project)
    before = (project / "base").read_bytes()
    assert b"line_number" not in before
    for name in ("a.py", "b.py"):
        (project / name).write_text("\n\n# more\n" + (project / name).read_text())
    assert run("scan", "--baseline", "base", ".", cwd=project).returncode == 0
    run("baseline", "update", "base", cwd=project)
    assert (project / "base").read_bytes() == before


@pytest.fixture
def key(tmp_path: Path) -> str:
    path = tmp_path / ".git" / "key"  # a folder that no scan enters
    path.parent.mkdir()
    path.write_bytes(os.urandom(16).hex().encode())
    path.chmod(0o600)
    return str(path)


def test_keyed(project: Path, key: str) -> None:
    """With the key it accepts what it names; without, nothing, and the scan says so; an update needs the key."""
    assert run("baseline", "create", "base", "--keyed", cwd=project).returncode == 2
    keyed = ("--baseline-key", key)
    assert run("baseline", "create", "base", "--keyed", *keyed, cwd=project).returncode == 0
    assert "hmac-sha256:" in (project / "base").read_text()
    assert run("scan", "--baseline", "base", *keyed, ".", cwd=project).returncode == 0
    done = run("scan", "--baseline", "base", ".", cwd=project)
    assert (done.returncode, b"3 entries are keyed" in done.stdout) == (1, True)
    assert "3 entries" in report("--baseline", "base", ".", cwd=project)[1]["notes"][0]
    before = (project / "base").read_bytes()
    for command in (("update", "base"), ("accept", "base", "--finding", "a.py:1", *SAID)):
        done = run("baseline", *command, cwd=project)
        assert (done.returncode, b"--baseline-key" in done.stderr) == (2, True)
    assert (project / "base").read_bytes() == before
    (project / "c.py").write_text(f"w = '{TWO}'\n")
    assert run("baseline", "update", "base", *keyed, cwd=project).returncode == 0
    digests = [one["hashed_secret"] for listed in read(str(project / "base"))["results"].values() for one in listed]
    assert {digest.split(":")[0] for digest in digests} == {"hmac-sha256"}
    assert len(digests) == 4


def test_plain_file_gets_a_key(project: Path, key: str) -> None:
    """`update --keyed` writes every digest anew, and words that a person wrote stay."""
    run("baseline", "create", "base", *SAID, cwd=project)
    assert run("baseline", "update", "base", "--keyed", "--baseline-key", key, cwd=project).returncode == 0
    entries = [one for listed in read(str(project / "base"))["results"].values() for one in listed]
    assert all(one["hashed_secret"].startswith("hmac-sha256:") and one["by"] == "ann" for one in entries)


def test_no_ignores(project: Path) -> None:
    """Nothing is honoured; what would have accepted a finding is told, in each report."""
    run("baseline", "accept", "base", "--finding", "b.py:1", *SAID, cwd=project)
    (project / "c.py").write_text(
        f"v = '{TWO}'  # pragma: allowlist secret\n# pragma: allowlist begin secret\nw = '{TWO}'\n"
        "# pragma: allowlist end secret\n"
    )
    assert run("scan", "--baseline", "base", "b.py", "c.py", cwd=project).returncode == 0
    status, told = report("--baseline", "base", "--no-ignores", "b.py", "c.py", cwd=project)
    assert status == 1
    marks = [(one["accepted"], one["open"], one.get("remark")) for one in told["findings"]]
    assert marks == [("baseline", True, "ann: made up for a test"), *[("pragma", True, None)] * 2]
    text = run("scan", "--baseline", "base", "--no-ignores", "b.py", "c.py", cwd=project).stdout
    assert text.count(b"which this scan does not honour") == 3
    sarif = run("scan", "--baseline", "base", "--no-ignores", "--format", "sarif", "c.py", cwd=project).stdout
    assert sarif.count(b'"rejected"') == 2


def test_unclosed_block_is_said(project: Path) -> None:
    """Wherever files are scanned by several processes, too."""
    (project / "c.py").write_text(f"\n# pragma: allowlist begin secret\nw = '{TWO}'\n")
    for jobs in ("1", "2"):
        done = run("scan", "-j", jobs, "c.py", "b.py", cwd=project)
        assert done.returncode == 1
        assert b"c.py:2: `pragma: allowlist begin secret` is never closed" in done.stdout
