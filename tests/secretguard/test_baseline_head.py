"""The head of a baseline: new ones, ones of every old version, and ones that ask for what must not be run."""

from __future__ import annotations

import copy
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from secretguard import baseline_head
from secretguard.baseline_head import fresh, settings, upgraded
from secretguard.detect import made_up
from secretguard.detect.detect_secrets import DetectSecrets
from secretguard.errors import ConfigError

OLD: dict[str, Any] = {
    "version": "0.13.1",
    "generated_at": "2020-01-01T00:00:00Z",
    "exclude": {"files": "^vendor/", "lines": None},
    "word_list": {"file": None, "hash": None},
    "plugins_used": [
        {"name": "AWSKeyDetector"},
        {"name": "Base64HighEntropyString", "base64_limit": 4.25},
        {"name": "HexHighEntropyString", "hex_limit": 2},
    ],
    "custom_plugin_paths": [],
    "results": {"a.py": [{"hashed_secret": "0" * 40, "type": "AWS Access Key", "line_number": 3}]},
}


def changed(document: dict[str, Any], **fields: object) -> dict[str, Any]:
    return copy.deepcopy(document) | fields


def test_a_new_head_is_its_own_current_form() -> None:
    """What is written needs no conversion, and its settings are detect-secrets' 27 plugins and usual filters."""
    assert upgraded("b", fresh()) == fresh()
    assert settings("b", fresh()) == {name: fresh()[name] for name in ("plugins_used", "filters_used")}
    assert len(fresh()["plugins_used"]) == 27


def test_before_version_1() -> None:
    """Limits get their new names, exclusions become filters; the file that was read is not touched."""
    before = copy.deepcopy(OLD)
    document = upgraded("b", OLD)
    assert before == OLD
    assert document["version"] == baseline_head.PEER_VERSION
    assert {plugin["name"]: plugin.get("limit") for plugin in document["plugins_used"]} == {
        "AWSKeyDetector": None, "Base64HighEntropyString": 4.25, "HexHighEntropyString": 2,
    }  # fmt: skip
    assert document["results"] == OLD["results"]
    assert not {"exclude", "word_list", "custom_plugin_paths"} & document.keys()
    assert {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^vendor/"]} in document[
        "filters_used"
    ]


def test_oldest_form() -> None:
    """`exclude_regex`, from before 0.12, becomes a filter too."""
    oldest = {key: value for key, value in OLD.items() if key not in ("exclude", "word_list", "custom_plugin_paths")}
    document = upgraded("b", oldest | {"version": "0.9.1", "exclude_regex": "^gen/"})
    assert any(entry.get("pattern") == ["^gen/"] for entry in document["filters_used"])


def test_version_1_0() -> None:
    """The filters that came with 1.1 are added; plugins stay."""
    document = upgraded("b", changed(fresh(), version="1.0.3", filters_used=[]))
    assert [entry["path"].rpartition(".")[2] for entry in document["filters_used"]] == [
        "is_lock_file", "is_not_alphanumeric_string", "is_swagger_file",
    ]  # fmt: skip
    assert document["plugins_used"] == fresh()["plugins_used"]


def test_a_newer_version_is_left_alone() -> None:
    """Forks count on from 1.5.0; the file is kept as it is."""
    assert upgraded("b", {"version": "1.5.45", "results": {}}) == {"version": "1.5.45", "results": {}}


def test_old_settings_run() -> None:
    """Plugins and limits of an old baseline are those that run."""
    runner = DetectSecrets(settings("b", OLD))
    findings, _ = runner.scan("a.py", f"x = '{made_up.github('ghp_')}'\n".encode())
    assert {finding.description for finding in findings} == {"Base64 High Entropy String"}
    assert runner.scan("vendor/a.py", f"x = '{made_up.github('ghp_')}'\n".encode())[0] == []


def test_no_secret_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the baseline asks for it, no connection is made."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    asked = [{"path": "detect_secrets.filters.common.is_ignored_due_to_verification_policies", "min_level": 2}]
    chosen = settings("b", changed(fresh(), filters_used=asked))
    assert chosen["filters_used"] == []
    findings, _ = DetectSecrets(chosen).scan("a.py", b"k = 'sk_live_" + b"7c4Dq9Zt2Lm5Xw8Rb1Vn6Kp3'")
    assert "Stripe Access Key" in {finding.description for finding in findings}


REGEX = "detect_secrets.filters.regex.should_exclude_line"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"version": None}, "b: version: None"),
        ({"version": "1.x"}, "b: version: '1.x'"),
        ({"version": 1.5}, "b: version: 1.5"),
        ({"plugins_used": {}}, "b: plugins_used: not a list"),
        ({"plugins_used": [3]}, "b: plugins_used[0].name: not a text"),
        ({"plugins_used": [{"name": "Mine", "path": "file://x.py"}]}, "b: plugins_used[0]: 'Mine'"),
        ({"plugins_used": [{"name": "NpmDetector", "path": "file://x.py"}]}, "b: plugins_used[0]: 'NpmDetector'"),
        ({"plugins_used": [{"name": "NpmDetector", "limit": 3}]}, "b: plugins_used[0].limit: NpmDetector has no"),
        ({"plugins_used": [{"name": "HexHighEntropyString", "limit": 9}]}, "b: plugins_used[0].limit: not a number"),
        ({"plugins_used": [{"name": "HexHighEntropyString", "limit": True}]}, "b: plugins_used[0].limit: not a number"),
        ({"plugins_used": [{"name": "KeywordDetector", "keyword_exclude": "("}]}, "plugins_used[0].keyword_exclude"),
        ({"filters_used": 7}, "b: filters_used: not a list"),
        ({"filters_used": [{"path": "file://x.py::f"}]}, "b: filters_used[0].path: 'file://x.py::f' is not run"),
        ({"filters_used": [{"path": "os.system"}]}, "b: filters_used[0].path: 'os.system' is not run"),
        ({"filters_used": [{"path": REGEX}]}, "b: filters_used[0].pattern: not a list"),
        ({"filters_used": [{"path": REGEX, "pattern": ["a", "("]}]}, "b: filters_used[0].pattern[1]: not a regular"),
        ({"filters_used": [{"path": REGEX, "pattern": [3]}]}, "b: filters_used[0].pattern[0]: not a text"),
    ],
)  # fmt: skip
def test_a_bad_head_is_named(fields: dict[str, object], place: str) -> None:
    """File and field are in the message, and other people's code is not run."""
    with pytest.raises(ConfigError) as caught:
        settings("b", changed(fresh(), **fields))
    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"plugins_used": None}, "b: plugins_used: not a list"),
        ({"plugins_used": [{"name": "HexHighEntropyString"}]}, "b: plugins_used[0].hex_limit: missing"),
        ({"exclude": "x"}, "b: exclude: not an object"),
        ({"word_list": {"file": "x"}, "version": "0.12.0"}, "b: word_list: no `file` and `hash`"),
        ({"custom_plugin_paths": ["x.py"]}, "b: custom_plugin_paths: plugins of a project are code"),
    ],
)
def test_a_bad_old_head_is_named(fields: dict[str, object], place: str) -> None:
    """The same for the forms before 1.0."""
    with pytest.raises(ConfigError) as caught:
        upgraded("b", changed(OLD, **fields))
    assert place in str(caught.value)


def test_code_of_the_project_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a plugin nor a filter file that a baseline names is imported."""
    monkeypatch.chdir(tmp_path)
    Path("x.py").write_text("open('ran', 'w').close()\n")
    for document in (
        changed(OLD, custom_plugin_paths=["x.py"]),
        changed(fresh(), plugins_used=[{"name": "Mine", "path": "file://x.py"}]),
        changed(fresh(), filters_used=[{"path": "file://x.py::f"}]),
    ):
        with pytest.raises(ConfigError):
            settings("b", json.loads(json.dumps(document)))
    assert not Path("ran").exists()
