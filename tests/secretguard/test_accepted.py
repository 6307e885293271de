"""Baselines that detect-secrets reads and writes, and what they accept."""

from __future__ import annotations

import json
from hashlib import sha1
from pathlib import Path

import pytest

from secretguard import accepted, baseline_file
from secretguard.errors import ConfigError
from tests.secretguard.report.test_json_report import FOUND

DIGEST = sha1(b"x", usedforsecurity=False).hexdigest()


def write(path: Path, document: object) -> str:
    path.write_text(json.dumps(document))
    return str(path)


def entry(**more: object) -> dict[str, object]:
    return {"type": "T", "filename": "a.py", "hashed_secret": DIGEST, "is_verified": False, **more}


def test_baseline_accepts_by_file_and_digest(tmp_path: Path) -> None:
    """Type and line do not matter; another file or another secret does."""
    baseline = accepted.load(write(tmp_path / "b", {"version": "1.5.0", "results": {"a.py": [entry(line_number=7)]}}))
    assert baseline.accepts("./a.py", [DIGEST])
    assert baseline.accepts(str(Path.cwd() / "a.py"), ["0" * 40, DIGEST])
    assert not baseline.accepts("b.py", [DIGEST])
    assert not baseline.accepts("a.py", ["0" * 40])


def test_secret_that_a_person_called_real_is_not_accepted(tmp_path: Path) -> None:
    """An entry that an audit labelled as a true secret stays a finding; one labelled false is accepted."""
    real = accepted.load(write(tmp_path / "b", {"results": {"a.py": [entry(is_secret=True)]}}))
    assert not real.accepts("a.py", [DIGEST])
    false = accepted.load(write(tmp_path / "c", {"results": {"a.py": [entry(is_secret=False)]}}))
    assert false.accepts("a.py", [DIGEST])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", ":1: not JSON"),
        ('{"results": {},\n\n oops}', ":3: not JSON"),
        ("[]", "no `results`"),
        ("{}", "no `results`"),
        ('{"results": {"a.py": {}}}', "'a.py' is not a list"),
        ('{"results": {"a.py": [{}]}}', "hashed_secret"),
        ('{"results": {"a.py": [{"hashed_secret": "zz"}]}}', "hashed_secret"),
        ('{"results": {"a.py": [3]}}', "hashed_secret"),
        ("[" * 100_000, "not a JSON text"),
    ],
)
def test_broken_baseline_is_named(tmp_path: Path, text: str, message: str) -> None:
    """A file that is no baseline is an error with its place, never an empty baseline."""
    path = tmp_path / "b"
    path.write_text(text)
    with pytest.raises(ConfigError, match=str(path)) as raised:
        accepted.load(str(path))
    assert message in str(raised.value)


def test_missing_baseline_says_how_to_make_one(tmp_path: Path) -> None:
    """The error of a missing file names the command that creates it."""
    with pytest.raises(ConfigError, match="baseline create"):
        accepted.load(str(tmp_path / "none"))


def test_merge_keeps_notes_and_drops_what_is_gone(tmp_path: Path) -> None:
    """An entry that is found again keeps its label; one that is not found goes; a new one comes in sorted."""
    old = accepted.load(
        write(
            tmp_path / "b",
            {"generated_at": "t", "results": {"a\udcff.txt": [], "gone": [entry()], "z": [entry(is_secret=False)]}},
        )
    )

    again = FOUND._replace(path="z", sha1=(DIGEST,))
    new = FOUND._replace(path="b", sha1=("1" * 40,))
    document = accepted.merged(old, [again, new], {"rule": "Peer Name"})
    assert list(document["results"]) == ["b", "z"]
    assert document["results"]["z"][0]["is_secret"] is False
    assert document["results"]["b"][0] == {
        "type": "Peer Name", "filename": "b", "hashed_secret": "1" * 40, "is_verified": False,
    }  # fmt: skip
    assert "generated_at" not in document


def test_save_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """The file is replaced in one step; a folder that does not exist is made; a bad place is an error."""
    path = tmp_path / "new" / "b"
    accepted.save(str(path), {"results": {}})
    assert baseline_file.read(str(path)) == {"results": {}}
    assert [p.name for p in path.parent.iterdir()] == ["b"]
    with pytest.raises(ConfigError):
        accepted.save(str(path / "below-a-file"), {})


def test_detect_secrets_reads_what_we_write(tmp_path: Path) -> None:
    """The real detect-secrets loads our file: same files, same digests, known plugins and filters."""
    from detect_secrets.core import baseline as peer
    from detect_secrets.settings import get_settings, transient_settings

    document = accepted.merged(None, [FOUND], {"rule": "AWS Access Key"})
    path = tmp_path / "b"
    accepted.save(str(path), document)
    with transient_settings({}):
        secrets = peer.load(peer.load_from_file(str(path)), str(path))
        assert {(name, secret.secret_hash) for name, secret in secrets} == {(FOUND.path, FOUND.sha1[0])}
        assert len(get_settings().plugins) == 27


def test_we_read_what_detect_secrets_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A baseline made by the real detect-secrets accepts the same token here."""
    from detect_secrets.core import baseline as peer
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import default_settings

    from secretguard.detect import made_up
    from secretguard.pipeline import Scanner
    from tests.secretguard.detect import engines

    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text(f"x = '{made_up.github('ghp_')}'\n")
    secrets = SecretsCollection()
    with default_settings():
        secrets.scan_file("a.py")
        peer.save_to_file(secrets, "b")
    scanner = Scanner(engines.hyperscan(), b"k", accepted.load("b"))
    assert [f.accepted for f in scanner.file("a.py").findings] == ["baseline"]


OTHER_NAMES = {
    "Base64HighEntropyString": "generic-secret-quoted",
    "HexHighEntropyString": "generic-secret-quoted",
    "KeywordDetector": "generic-secret-quoted",
}


@pytest.mark.parametrize("plugin", sorted(OTHER_NAMES))
def test_what_another_rule_finds_stays_accepted(plugin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A baseline of a plugin that has no rule of its own here accepts the same value under our rule: by its digest."""
    from detect_secrets.core import baseline as peer
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import transient_settings

    from secretguard.pipeline import Scanner
    from tests.secretguard.detect import engines

    monkeypatch.chdir(tmp_path)
    value = "9f3c1a7be2d84c05b61e7ad93f0c25d8" if plugin.startswith("Hex") else "Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6"
    Path("a.py").write_text(f"api_secret = '{value}'\n")
    secrets = SecretsCollection()
    with transient_settings({"plugins_used": [{"name": plugin}]}):
        secrets.scan_file("a.py")
        peer.save_to_file(secrets, "b")
    [found] = Scanner(engines.hyperscan(), b"k", accepted.load("b")).file("a.py").findings
    assert (found.rule_id, found.accepted) == (OTHER_NAMES[plugin], "baseline")
    Path("c.py").write_text(f"api_secret = '{value}'\n")
    assert [f.accepted for f in Scanner(engines.hyperscan(), b"k", accepted.load("b")).file("c.py").findings] == [""]


def test_real_under_one_type_is_real_under_all(tmp_path: Path) -> None:
    """Two entries of one value, and a person called one of them a real secret: it is reported."""
    entries = [entry(type="A"), entry(type="B", is_secret=True), entry(type="C", is_secret=False)]
    baseline = accepted.load(write(tmp_path / "b", {"results": {"a.py": entries}}))
    assert not baseline.accepts("a.py", [DIGEST])


def test_update_keeps_every_type_of_a_value() -> None:
    """Our finding keeps all entries of its value; a finding of detect-secrets keeps or adds that of its own type."""
    entries = [{**entry(type=name), "hashed_secret": FOUND.sha1[0]} for name in ("A", "B")]
    old = accepted.Baseline("b", {"results": {FOUND.path: entries}})
    assert accepted.merged(old, [FOUND], {})["results"][FOUND.path] == entries
    theirs = FOUND._replace(rule_id="detect-secrets:b", description="B")
    new = FOUND._replace(rule_id="detect-secrets:c", description="C")
    kept = accepted.merged(old, [theirs, new], {})["results"][FOUND.path]
    assert [one["type"] for one in kept] == ["B", "C"]
    assert kept[0] == entries[1]
