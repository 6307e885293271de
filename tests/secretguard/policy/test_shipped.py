from __future__ import annotations

import fnmatch
import os
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.policy.compiled import compile_set, packaged
from secretguard.policy.difference import changes
from secretguard.policy.labels import label_changes
from secretguard.policy.shipped import OWNERS, PACKS, SCHEMA, copy, owners_template

REPOSITORY = Path(__file__).parents[3]


def schema_link(facts: Path) -> Path:
    """The file that the first line of a facts file names, as an editor resolves it."""
    first = facts.read_text("utf-8").splitlines()[0]
    assert first.startswith("#:schema ")
    return (facts.parent / first.removeprefix("#:schema ")).resolve()


@pytest.mark.parametrize("name", PACKS)
def test_a_copy_decides_as_the_pack_does(name: str, tmp_path: Path) -> None:
    """What is copied compiles, with its examples, to the same decisions and labels."""
    copy(name, str(tmp_path / "own"))
    pack, own = compile_set(packaged(name)), compile_set(str(tmp_path / "own"))
    assert changes(pack, own) == []
    assert list(label_changes(pack, own)) == []


@pytest.mark.parametrize("name", PACKS)
def test_facts_name_their_schema(name: str, tmp_path: Path) -> None:
    """An editor that knows `#:schema` finds the schema from the repository and from a copy."""
    schema = REPOSITORY / "secretguard" / "policy" / "schema" / SCHEMA
    assert schema_link(REPOSITORY / "baselines" / "policy" / name / "facts.toml") == schema
    copy(name, str(tmp_path))
    assert schema_link(tmp_path / "facts.toml") == tmp_path / SCHEMA
    assert (tmp_path / SCHEMA).read_bytes() == schema.read_bytes()


@pytest.mark.parametrize("standing", ["rules.cedar", "examples.toml", SCHEMA])
def test_nothing_is_overwritten(standing: str, tmp_path: Path) -> None:
    """One file that is there already stops the copy before it writes any; a dangling link counts as a file."""
    (tmp_path / standing).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match=standing):
        copy("laptop", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [standing]


def test_half_a_policy_is_never_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up in the middle of the last file: everything that was written goes again."""
    fdopen, opened = os.fdopen, 0

    def full(fd: int, *words: object, **names: object) -> object:
        nonlocal opened
        opened += 1
        file = fdopen(fd, *words, **names)  # type: ignore[call-overload]
        if opened == 4:
            os.dup2(os.open("/dev/full", os.O_WRONLY), fd)
        return file

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        copy("laptop", str(tmp_path / "own"))
    assert opened == 4
    assert list((tmp_path / "own").iterdir()) == []


def test_unknown_pack_and_bad_folder_are_expected_errors(tmp_path: Path) -> None:
    """A typing error lists the packs; a folder below a file says what the system said."""
    with pytest.raises(ConfigError) as caught:
        copy("desktop", str(tmp_path))
    assert "regulated" in caught.value.fix
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"Not a directory|File exists"):
        copy("laptop", str(tmp_path / "file"))


def test_copies_are_writable_by_their_owner_alone(tmp_path: Path) -> None:
    """Otherwise the guard would refuse the policy, whatever the umask was."""
    before = os.umask(0)
    try:
        paths = copy("team", str(tmp_path / "own"), owners=True)
    finally:
        os.umask(before)
    assert all(os.stat(path).st_mode & 0o022 == 0 for path in [*paths, str(tmp_path / "own")])


def test_owners_template_has_both_groups_for_each_file(tmp_path: Path) -> None:
    """Each file of a policy is owned by engineering in one section and by security in the other, as GitLab counts."""
    sections: dict[str, dict[str, str]] = {}
    for line in Path(owners_template()).read_text("utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line, {})
        elif line and not line.startswith("#"):
            pattern, owner = line.split()
            current[pattern] = owner
    assert set(sections) == {"[Engineering]", "[Security]"}
    names = [Path(path).name for path in copy("team", str(tmp_path), owners=True)]
    assert OWNERS in names
    for section, rows in sections.items():
        owner = f"@EXAMPLE/{section.strip('[]').lower()}"
        for name in (name for name in names if name != SCHEMA):
            assert {rows[pattern] for pattern in rows if fnmatch.fnmatch(name, pattern)} == {owner}, name
