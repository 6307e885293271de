"""Settings of a run: a baseline's head, changed by what was typed; code of the repository only when asked for."""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from secretguard.baseline_head import fresh
from secretguard.detect.detect_secrets import PLUGINS
from secretguard.errors import ConfigError
from secretguard.peer.chosen import BASELINE, WORDLIST, Chosen, Typed, choose

FILTERS = "detect_secrets.filters."


def plugins(chosen: Chosen) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in chosen.settings["plugins_used"]}


def filters(chosen: Chosen) -> dict[str, dict[str, Any]]:
    return {entry["path"]: entry for entry in chosen.settings["filters_used"]}


def test_without_a_baseline() -> None:
    """All plugins of detect-secrets with its own limits and filters, and no code of anybody."""
    chosen = choose(Typed())
    assert set(plugins(chosen)) == set(PLUGINS)
    assert plugins(chosen)["Base64HighEntropyString"]["limit"] == 4.5
    assert not chosen.code
    assert chosen.plugin_files == ()


def test_the_baseline_says_what_is_used() -> None:
    """Plugins, limits and filters are those of the baseline, and files of its name are passed over."""
    document = fresh() | {
        "plugins_used": [{"name": "HexHighEntropyString", "limit": 3.5}],
        "filters_used": [{"path": f"{FILTERS}heuristic.is_lock_file"}],
    }
    chosen = choose(Typed(), "base", document)
    assert plugins(chosen) == {"HexHighEntropyString": {"name": "HexHighEntropyString", "limit": 3.5}}
    assert set(filters(chosen)) == {f"{FILTERS}heuristic.is_lock_file", BASELINE}
    assert filters(chosen)[BASELINE]["filename"] == "base"


def test_what_is_typed_wins() -> None:
    """A typed limit, pattern or switch replaces the baseline's; a limit of a plugin that is off does nothing."""
    document = fresh() | {
        "plugins_used": [{"name": "HexHighEntropyString", "limit": 3.5}, {"name": "JwtTokenDetector"}],
        "filters_used": [{"path": f"{FILTERS}regex.should_exclude_line", "pattern": ["old"]}],
    }
    typed = Typed(
        base64_limit=4.0, hex_limit=2.0, disable_plugin=("JwtTokenDetector",), exclude_lines=("new", "too"),
        exclude_files=("^gen/",), exclude_secrets=("x",), disable_filter=(f"{FILTERS}heuristic.is_non_text_file",),
    )  # fmt: skip
    chosen = choose(typed, "base", document)
    assert plugins(chosen) == {"HexHighEntropyString": {"name": "HexHighEntropyString", "limit": 2.0}}
    assert filters(chosen)[f"{FILTERS}regex.should_exclude_line"]["pattern"] == ["new", "too"]
    assert filters(chosen)[f"{FILTERS}regex.should_exclude_file"]["pattern"] == ["^gen/"]
    assert chosen.settings["disabled_filters"] == [f"{FILTERS}heuristic.is_non_text_file"]


def test_a_word_list(tmp_path: Path) -> None:
    """A word list is written down as detect-secrets does, with its digest."""
    words = tmp_path / "words"
    words.write_text("example\n")
    entry = filters(choose(Typed(word_list=str(words))))[WORDLIST]
    digest = sha1(b"example\n").hexdigest()
    assert entry == {"path": WORDLIST, "min_length": 3, "file_name": str(words), "file_hash": digest}
    again = choose(Typed(), "base", fresh() | {"filters_used": [entry]})
    assert filters(again)[WORDLIST] == entry
    assert not again.code


CODE = [
    {"plugins_used": [{"name": "Mine", "path": "file://mine.py"}]},
    {"filters_used": [{"path": "file://mine.py::skip"}]},
    {"filters_used": [{"path": "os.path.exists"}]},
]


@pytest.mark.parametrize("head", CODE)
def test_code_of_the_repository(head: dict[str, Any]) -> None:
    """A plugin or filter that a baseline names by a path is refused, with the reason, unless it was asked for."""
    with pytest.raises(ConfigError, match="code of the repository") as refused:
        choose(Typed(), "base", fresh() | head)
    assert "--run-plugin-code" in refused.value.fix
    chosen = choose(Typed(run_plugin_code=True), "base", fresh() | head)
    assert chosen.code
    [(name, entries)] = head.items()
    assert entries[0] in chosen.settings[name]


def test_code_that_was_typed(tmp_path: Path) -> None:
    """A plugin or filter named on the command line is run."""
    mine = tmp_path / "mine.py"
    mine.write_text("")
    chosen = choose(Typed(plugin=(str(mine),)))
    assert (chosen.code, chosen.plugin_files) == (True, (str(mine),))
    chosen = choose(Typed(filter=(f"{mine}::skip",)))
    assert chosen.code
    assert f"file://{mine}::skip" in filters(chosen)
    assert choose(Typed(filter=("json.loads",))).code
    assert not choose(Typed(filter=(f"{FILTERS}heuristic.is_non_text_file",))).code


def test_a_plugin_of_detect_secrets_with_a_path() -> None:
    """A baseline cannot put code in the place of a plugin of detect-secrets' own."""
    head = {"plugins_used": [{"name": "AWSKeyDetector", "path": "file://mine.py"}]}
    with pytest.raises(ConfigError, match="AWSKeyDetector"):
        choose(Typed(run_plugin_code=True), "base", fresh() | head)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (Typed(disable_plugin=("Nope",)), "no plugin is called 'Nope'"),
        (Typed(exclude_lines=("(",)), "--exclude-lines: not a regular expression"),
        (Typed(exclude_files=("(",)), "--exclude-files: not a regular expression"),
        (Typed(word_list="/nowhere/words"), "a word list: gone"),
        (Typed(filter=("oneword",)), "neither module.function nor FILE::FUNCTION"),
        (Typed(filter=("/nowhere.py::skip",)), "does not name a file and a function"),
    ],
)
def test_what_is_refused(typed: Typed, says: str) -> None:
    """Names that do not exist and expressions that are none are told, with the option."""
    with pytest.raises(ConfigError, match=says):
        choose(typed)


@pytest.mark.parametrize("entry", [{"path": WORDLIST}, {"path": WORDLIST, "file_name": "/dev/zero", "min_length": 3}])
def test_a_baseline_with_a_bad_word_list(entry: dict[str, Any]) -> None:
    """A word list that is no file is refused before it is read."""
    with pytest.raises(ConfigError):
        choose(Typed(), "base", fresh() | {"filters_used": [entry]})
