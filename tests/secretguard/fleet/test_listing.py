"""The list: what may be scanned, and what is refused with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import ConfigError
from secretguard.fleet import listing

URLS = ["https://example.test/x/y.git", "git@example.test:x/y"]


def put(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "list"
    path.write_bytes(b"".join(os.fsencode(line) + b"\n" for line in lines))
    return str(path)


def test_paths_and_urls_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths become absolute, comments and empty lines count for nothing, what comes twice comes once."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a:b").mkdir()
    found = listing.read(
        put(tmp_path, "# all", "", "one", f"{tmp_path}/one/", " two ", "a:b", *URLS),
        may_clone=True,
    )
    assert [one.place for one in found] == [f"{tmp_path}/one", f"{tmp_path}/two", f"{tmp_path}/a:b", "", ""]
    assert [one.url for one in found[3:]] == URLS
    assert found[3].name.startswith("https-example.test-x-y-")
    assert len({one.name for one in found}) == 5


@pytest.mark.parametrize(
    "line",
    ["http://example.test/x", "git://example.test/x", "ext::sh -c x", "https::x", "-oProxyCommand=x", "ftp://x/y",
     "a\x1b[2Jb", "https://[x", "https://user:" + "word@example.test/x", "https://tok" + "en@example.test/x",
     "ssh://u:" + "word@example.test/x"],
)  # fmt: skip
def test_what_is_never_fetched(tmp_path: Path, line: str) -> None:
    """Other schemes, helpers that run programs, options, control characters and credentials are refused; the message
    has file and line, and repeats nothing of a URL."""
    with pytest.raises(ConfigError) as raised:
        listing.read(put(tmp_path, "fine", line), may_clone=True)
    assert "list:2: " in raised.value.message
    assert "word" not in str(raised.value)
    assert "tok" not in raised.value.message


def test_urls_only_where_they_are_wanted(tmp_path: Path) -> None:
    """Nothing is fetched that nobody asked for."""
    for line in ("https://example.test/x", "git@example.test:x", f"file://{tmp_path}", "ssh://git@example.test/x"):
        with pytest.raises(ConfigError, match="a URL"):
            listing.read(put(tmp_path, line), may_clone=False)


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(ConfigError, match="nowhere"):
        listing.read(str(tmp_path / "nowhere"), may_clone=True)


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_whatever_a_list_holds(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    """Any bytes give targets whose names are plain file names, or an error with the line."""
    path = tmp_path_factory.mktemp("list") / "list"
    path.write_bytes(b"\n".join(lines))
    try:
        found = listing.read(str(path), may_clone=True)
    except ConfigError as error:
        found = []
        refused = error.message
    else:
        refused = f"{path}:"
    assert f"{path}:" in refused
    for one in found:
        assert one.name.replace("-", "").replace(".", "").replace("_", "").isalnum()
        assert len(one.name) <= 80
        assert one.name[0] not in ".-"
        assert bool(one.place) != bool(one.url)
