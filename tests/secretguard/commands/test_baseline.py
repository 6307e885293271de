"""`secretguard baseline`: accept what is there, keep what a person wrote, report what is new."""

from __future__ import annotations

import json
from hashlib import sha1
from pathlib import Path

import pytest

from secretguard.baseline_file import read
from secretguard.detect import made_up
from tests.secretguard.commands.test_scan import run

ONE, TWO = made_up.github("ghp_"), made_up.github("ghp_", "b")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text(f"x = '{ONE}'\n")
    (tmp_path / "b.py").write_text(f"y = '{TWO}'  # pragma: allowlist secret\n")
    return tmp_path


def results(project: Path) -> dict[str, list[dict[str, object]]]:
    held: dict[str, list[dict[str, object]]] = read(str(project / "base"))["results"]
    return held


def test_create_then_scan_is_clean(project: Path) -> None:
    """What the baseline holds is not reported; a pragma needs no entry; the baseline itself is not scanned."""
    assert run("baseline", "create", "base", ".", cwd=project).returncode == 0
    assert list(results(project)) == ["src/a.py"]
    assert ONE not in (project / "base").read_text()
    assert run("scan", "--baseline", "base", ".", cwd=project).returncode == 0
    assert run("scan", ".", cwd=project).returncode == 1


def test_new_secret_is_reported(project: Path) -> None:
    """A baseline accepts the findings it names, moved lines included, and no others."""
    run("baseline", "create", "base", ".", cwd=project)
    (project / "src" / "a.py").write_text(f"\n\nx = '{ONE}'\nz = '{TWO}'\n")
    done = run("scan", "--baseline", "base", ".", cwd=project)
    assert done.returncode == 1
    assert b"src/a.py:4:6" in done.stdout
    assert b"src/a.py:3" not in done.stdout


def test_create_does_not_overwrite(project: Path) -> None:
    """An existing file is kept unless told otherwise."""
    run("baseline", "create", "base", ".", cwd=project)
    done = run("baseline", "create", "base", ".", cwd=project)
    assert done.returncode == 2
    assert b"baseline update" in done.stderr
    assert run("baseline", "create", "--force", "base", ".", cwd=project).returncode == 0


def test_update(project: Path) -> None:
    """New findings come in, gone ones go, labels stay."""
    run("baseline", "create", "base", ".", cwd=project)
    document = json.loads((project / "base").read_text())
    document["results"]["src/a.py"][0]["is_secret"] = False
    document["results"]["gone.py"] = [{**document["results"]["src/a.py"][0], "filename": "gone.py"}]
    (project / "base").write_text(json.dumps(document))
    (project / "c.py").write_text(f"z = '{TWO}'\n")
    assert run("baseline", "update", "base", ".", cwd=project).returncode == 0
    assert list(results(project)) == ["c.py", "src/a.py"]
    assert results(project)["src/a.py"][0]["is_secret"] is False


def test_update_of_some_paths_keeps_the_others(project: Path) -> None:
    """Entries of files outside of the paths are left alone."""
    run("baseline", "create", "base", ".", cwd=project)
    (project / "c.py").write_text(f"z = '{TWO}'\n")
    assert run("baseline", "update", "base", "c.py", cwd=project).returncode == 0
    assert list(results(project)) == ["c.py", "src/a.py"]


def test_real_secret_stays_a_finding(project: Path) -> None:
    """An entry that a person labelled as real is reported, and an update does not bury it."""
    run("baseline", "create", "base", ".", cwd=project)
    document = json.loads((project / "base").read_text())
    document["results"]["src/a.py"][0]["is_secret"] = True
    (project / "base").write_text(json.dumps(document))
    run("baseline", "update", "base", ".", cwd=project)
    assert results(project)["src/a.py"][0]["is_secret"] is True
    assert run("scan", "--baseline", "base", ".", cwd=project).returncode == 1


def test_baseline_of_detect_secrets_plugins(tmp_path: Path) -> None:
    """With `--plugins detect-secrets` the file holds what detect-secrets' own scan would, and it accepts it."""
    from detect_secrets.core import baseline as peer
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import transient_settings

    (tmp_path / "a.py").write_text(f"password = '{ONE}'\nother = 'Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6'\n")
    assert run("baseline", "create", "--plugins", "detect-secrets", "base", "a.py", cwd=tmp_path).returncode == 0
    secrets = SecretsCollection(str(tmp_path))
    document = json.loads((tmp_path / "base").read_text())
    with transient_settings({name: document[name] for name in ("plugins_used", "filters_used")}):
        secrets.scan_file("a.py")
        ours = peer.SecretsCollection.load_from_baseline(document)
    assert {(s.secret_hash, s.type) for _, s in ours} == {(s.secret_hash, s.type) for _, s in secrets}
    assert run("scan", "--plugins", "detect-secrets", "--baseline", "base", "a.py", cwd=tmp_path).returncode == 0


def test_update_of_an_old_file(project: Path) -> None:
    """A baseline from before 1.0 is honoured as it is, and an update writes the current form with its limits."""
    digest = sha1(ONE.encode(), usedforsecurity=False).hexdigest()
    entry = {"hashed_secret": digest, "type": "Base64 High Entropy String", "line_number": 1, "is_secret": False}
    old = {
        "version": "0.13.1", "exclude": {"files": None, "lines": None}, "results": {"src/a.py": [entry]},
        "plugins_used": [{"name": "Base64HighEntropyString", "base64_limit": 4.25}],
    }  # fmt: skip
    (project / "base").write_text(json.dumps(old))
    assert run("scan", "--baseline", "base", ".", cwd=project).returncode == 0
    assert run("baseline", "update", "base", ".", cwd=project).returncode == 0
    document = json.loads((project / "base").read_text())
    assert document["version"] == "1.5.0"
    assert document["plugins_used"] == [{"name": "Base64HighEntropyString", "limit": 4.25}]
    del entry["line_number"]
    assert results(project) == {"src/a.py": [entry | {"filename": "src/a.py"}]}


def test_update_of_a_bad_head(project: Path) -> None:
    """It names the file and the field, and leaves the file as it was."""
    text = json.dumps({"version": "0.13.1", "plugins_used": [{"name": 3}], "results": {}})
    (project / "base").write_text(text)
    done = run("baseline", "update", "base", ".", cwd=project)
    assert (done.returncode, (project / "base").read_text()) == (2, text)
    assert b"base: plugins_used[0].name: not a text" in done.stderr
