"""The files of a policy: caps, names, and one digest for one policy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.policy.files import MAX_BYTES, MAX_FILES, PolicyFiles, read_files
from secretguard.errors import ConfigError
from tests.broker.policy.sets import files


def test_a_directory_and_what_was_written_from_it_are_the_same(tmp_path: Path) -> None:
    """Writing and reading keep the digest; files of other names are none of the policy."""
    made = files()
    made.write(tmp_path)
    (tmp_path / "README.md").write_text("not policy")
    assert read_files(str(tmp_path)) == made
    assert read_files(str(tmp_path)).digest == made.digest


@pytest.mark.parametrize("name", ["rules.cedar", "facts.toml", "tasks/work.toml"])
def test_what_is_missing_is_named(name: str, tmp_path: Path) -> None:
    """A policy without one of its files is none, from a request or from disk."""
    texts = {key: text for key, text in files().texts.items() if key != name}
    with pytest.raises(ConfigError, match=name.partition("/")[0]):
        PolicyFiles(texts)
    files().write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ConfigError, match=str(tmp_path)):
        read_files(str(tmp_path))


@pytest.mark.parametrize(
    "name",
    ["tasks/../../x.toml", "/etc/x.toml", "tasks/a/b.toml", "tasks/A.toml", "tasks/.toml", "x", "", "tasks/x.toml\n"],
)
def test_other_names_are_refused(name: str) -> None:
    """No name leads out of the folder that the files are written to."""
    with pytest.raises(ConfigError, match="no file of a policy"):
        PolicyFiles({**files().texts, name: ""})


def test_caps() -> None:
    """Too many files, too many bytes."""
    with pytest.raises(ConfigError, match="more than"):
        PolicyFiles({**files().texts, **{f"tasks/t{n}.toml": "" for n in range(MAX_FILES)}})
    with pytest.raises(ConfigError, match="more than"):
        PolicyFiles({**files().texts, "examples.toml": "#" * MAX_BYTES})


@pytest.mark.parametrize(
    ("text", "told"), [("a\nb\0", "facts.toml:2: the control character"), ("a\n\n\ud800", "facts.toml:3: not UTF-8")]
)
def test_what_no_store_can_hold_is_refused_with_its_line(text: str, told: str) -> None:
    """A NUL, a lone surrogate."""
    with pytest.raises(ConfigError, match=told):
        PolicyFiles({**files().texts, "facts.toml": text})


def test_a_file_that_is_none_ends_no_reader(tmp_path: Path) -> None:
    """A FIFO, a folder, bytes that are no text, a file without end: an error each, and no endless wait."""
    for spoil in ("fifo", "folder", "bytes", "endless"):
        place = tmp_path / spoil
        place.mkdir()
        files().write(place)
        (place / "facts.toml").unlink()
        if spoil == "fifo":
            os.mkfifo(place / "facts.toml")
        elif spoil == "folder":
            (place / "facts.toml").mkdir()
        elif spoil == "bytes":
            (place / "facts.toml").write_bytes(b"a\n\xff")
        else:
            (place / "facts.toml").symlink_to("/dev/zero")
        with pytest.raises(ConfigError, match=r"facts\.toml:[12]: "):
            read_files(str(place))


NAMES = st.sampled_from(["rules.cedar", "facts.toml", "examples.toml", "tasks/a.toml", "tasks/b.toml"])


@settings(deadline=None)
@given(st.dictionaries(NAMES, st.text(max_size=30)), st.dictionaries(NAMES, st.text(max_size=30)))
def test_the_digest_tells_policies_apart(one: dict[str, str], other: dict[str, str]) -> None:
    """Two policies have one digest exactly when they have the same files with the same text."""
    base = dict.fromkeys(["rules.cedar", "facts.toml", "tasks/a.toml"], "x")
    try:
        first, second = PolicyFiles(base | one), PolicyFiles(base | other)
    except ConfigError:
        return  # a NUL or a surrogate: tested above
    assert (first.digest == second.digest) == (dict(first.texts) == dict(second.texts))
