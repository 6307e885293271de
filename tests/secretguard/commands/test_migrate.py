"""`secretguard migrate` as a user runs it; whole projects are in tests/secretguard/migrate/test_plan.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.secretguard.commands.test_scan import run


def test_files_of_other_scanners(tmp_path: Path) -> None:
    """What is not carried over is said; where there is nothing, that is said."""
    assert run("migrate", cwd=tmp_path).stdout == b"nothing of another scanner is here\n"
    (tmp_path / ".secretsignore").write_text("x\n")
    (tmp_path / ".gitguardian.yaml").write_text("x: 1\n")
    done = run("migrate", cwd=tmp_path)
    assert b".secretsignore: not carried over" in done.stdout
    assert b".gitguardian.yaml: not carried over" in done.stdout
    assert run("migrate", "--write", "--dry-run", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        (".gitleaks.toml", b"[a\n", b"not TOML"),
        (".gitleaks.toml", b"\xff", b"not UTF-8"),
        (".secrets.baseline", b"{", b"not JSON"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, data: bytes, says: bytes) -> None:
    """A file that cannot be read is an error with its name, and nothing is written."""
    (tmp_path / name).write_bytes(data)
    done = run("migrate", "--write", cwd=tmp_path)
    assert done.returncode == 2
    assert name.encode() in done.stderr
    assert says in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_another_name(tmp_path: Path) -> None:
    """gitleaks' configuration may have another name, and the baseline another place."""
    (tmp_path / "a.py").write_text("password = '" + "Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6" + "'\n")
    (tmp_path / "rules.toml").write_text("[allowlist]\npaths = ['a']\n")
    done = run("migrate", "--write", "--config", "rules.toml", "--baseline", "base.json", cwd=tmp_path)
    assert b"written: base.json" in done.stdout
    assert run("scan", "--baseline", "base.json", "a.py", cwd=tmp_path).returncode == 0


def test_a_link_is_followed(tmp_path: Path) -> None:
    """What is written goes to where a link points, with the mode of that file."""
    (tmp_path / "real.yaml").write_text(
        "repos:\n- repo: https://github.com/sirwart/ripsecrets\n  rev: v1\n  hooks:\n  - id: ripsecrets\n"
    )
    (tmp_path / "real.yaml").chmod(0o640)
    (tmp_path / ".pre-commit-config.yaml").symlink_to("real.yaml")
    assert run("migrate", "--write", cwd=tmp_path).returncode == 0
    assert (tmp_path / ".pre-commit-config.yaml").is_symlink()
    assert "secretguard" in (tmp_path / "real.yaml").read_text()
    assert (tmp_path / "real.yaml").stat().st_mode & 0o777 == 0o640
