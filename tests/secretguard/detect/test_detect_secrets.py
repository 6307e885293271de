"""Each plugin of the real detect-secrets is served by our rules; and run as it is, it finds what its own scan finds."""

from __future__ import annotations

import re
import string
import threading
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import get_settings, transient_settings
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from secretguard import baseline_head
from secretguard.detect import detect_secrets, made_up
from secretguard.detect.detect_secrets import PLUGINS, PREFIX, DetectSecrets
from secretguard.detect.judge import entropy
from secretguard.detect.registry import RULES
from secretguard.detect.words import looks_made_up
from tests.secretguard.detect import engines

CLASSES: dict[str, Any] = {cls.__name__: cls for cls in get_mapping_from_secret_type_to_class().values()}

NARROWER = {
    "ArtifactoryDetector": "the plugin takes `AKC` with 10 characters; keys have 73",
    "AWSKeyDetector": "its second expression takes any 40 characters near `aws`",
    "AzureStorageKeyDetector": "the plugin takes padding in the middle of the key",
    "GitHubTokenDetector": "the plugin takes an underscore in the token",
    "CloudantDetector": "24 letters of the old format need a name beside them",
    "DiscordBotTokenDetector": "the judge wants digits",
    "JwtTokenDetector": "the plugin takes two parts without a signature; the judge wants an algorithm",
    "MailchimpDetector": "the plugin takes any letters where the key is hexadecimal",
    "NpmDetector": "the plugin takes `npm_` and anything",
    "PrivateKeyDetector": "the plugin takes a header without a key",
    "SlackDetector": "the plugin takes tokens of any length",
    "SoftlayerDetector": "the judge wants digits",
    "SquareOAuthDetector": "the plugin takes a backslash in the token",
    "TelegramBotTokenDetector": "the plugin does not ask for the AA that every token has",
    "TwilioKeyDetector": "the plugin takes any letters where the key is hexadecimal",
    "IbmCosHmacDetector": "the judge wants more than a repeated pattern",
    "IbmCloudIamDetector": "the plugin takes 44 characters after the mere word `key`",
    "BasicAuthDetector": "trivial passwords and templates are no findings",
}
"""Plugins whose expressions are wider than the vendor's format, and what ours asks for beyond them."""


def test_every_plugin_is_accounted_for() -> None:
    """The table names the plugins of the installed detect-secrets, all of them, and rules that exist."""
    assert set(PLUGINS) == set(CLASSES)
    ids = {rule.id for rule in RULES}
    assert {rule for rules in PLUGINS.values() for rule in rules} <= ids
    assert [name for name, rules in PLUGINS.items() if not rules] == ["IPPublicDetector"]


@pytest.mark.parametrize("name", [name for name in CLASSES if hasattr(CLASSES[name], "denylist") and PLUGINS[name]])
def test_our_examples_satisfy_the_plugin(name: str) -> None:
    """At least one example of the rules that serve a plugin is a secret to the plugin itself."""
    plugin = CLASSES[name]()
    examples = [text for rule in RULES if rule.id in PLUGINS[name] for text, _ in rule.examples]
    assert any(
        plugin.analyze_line(filename="f", line=line, line_number=1) for text in examples for line in text.split("\n")
    )


EXACT = ["OpenAIDetector", "PypiTokenDetector", "SendGridDetector", "StripeDetector"]


@pytest.mark.parametrize("name", EXACT)
def test_what_the_plugin_takes_is_found(name: str) -> None:
    """Random strings of the plugin's own expression are found, unless they are visibly made up."""
    for expression in CLASSES[name].denylist:
        plain = re.compile(expression.pattern.replace("*", "{0,20}").replace(",}", ",120}"), re.ASCII)

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.from_regex(plain, fullmatch=True))
        def found(text: str) -> None:
            assume(not looks_made_up(text.encode()) and entropy(text.encode()) > 4.0)
            assert [f.rule_id for f in engines.hyperscan().scan(f"x = {text} ".encode()) if f.rule_id in PLUGINS[name]]

        found()


def test_the_table_of_differences_is_complete() -> None:
    """Every regex plugin is either exact, looked at in its own rules' tests, or its difference is written down."""
    regex = {name for name in CLASSES if hasattr(CLASSES[name], "denylist") and PLUGINS[name]}
    assert regex == set(NARROWER) | set(EXACT) | {"GitLabTokenDetector"}


TOKEN = made_up.github("ghp_")
KEY = "Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6"
PEER = DetectSecrets(baseline_head.fresh())


def found(path: str, data: bytes, settings: dict[str, Any] | None = None) -> list[tuple[str, bytes]]:
    """Kind and value of what the plugins find; every value stands where its span says."""
    findings, missed = DetectSecrets(settings or baseline_head.fresh()).scan(path, data)
    assert not missed
    assert all(data[finding.start : finding.end] == finding.value for finding in findings)
    return [(finding.rule_id.removeprefix(PREFIX), finding.value) for finding in findings]


SECRETS = [
    TOKEN, "AKIA" + "Q7ZK3MWX5RTY2PLB", "xoxb-" + "123456789012-" + "abcDEF123456", "8.8.8.8", "${HOME}",
    "sk_live_" + "7c4Dq9Zt2Lm5Xw8Rb1Vn6Kp3", "-----BEGIN " + "RSA PRIVATE KEY-----", "hunter2", "",
    "https://bob:" + "s3cr3tpw@example.org/", "SG." + "a1B2" * 5 + "ab." + "c3D4" * 10 + "abc",
    "caf\u00e9 \U0001f511",
]  # fmt: skip
VALUES = st.one_of(
    st.text(string.ascii_letters + string.digits + "+/=_-", min_size=1, max_size=50),
    st.text("0123456789abcdef", min_size=8, max_size=64),
    st.sampled_from(SECRETS),
)
LINES = st.one_of(
    st.builds(
        str.format,
        st.sampled_from([
            "{0} = '{1}'", '{0}: "{1}"', "{0}: {1}", "{0} = {1}", "{0} = get('{1}')", "if x == '{1}':", "{1}",
            '<a {0}="{1}"/>', "{0} := `{1}`", "{0} = '{1}'  # pragma: allowlist secret", "{0}_id = '{1}'",
            "# pragma: allowlist nextline secret", "[{0}]", "{0}: |\n  {1}\n  more", "  {0}: '{1}'", "",
        ]),
        st.sampled_from(["password", "api_key", "name", "secret_token", "aws", "x"]),
        VALUES,
    ),
    st.text(max_size=30),
)  # fmt: skip
NAMES = st.sampled_from(
    ["a.py", "b.yaml", "c.ini", "d.cfg", "e.js", "f.md", "Dockerfile", "g.toml", "h.lock", "poetry.lock", "swagger.py"]
)


@pytest.fixture
def clean() -> Iterator[None]:
    """detect-secrets as it was before."""
    with transient_settings({}):
        yield


def both(name: str, data: bytes) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Digest and type of what is found in a file of the current folder: by `DetectSecrets`, and by its own scan."""
    Path(name).write_bytes(data)
    secrets = SecretsCollection()
    with transient_settings(baseline_head.fresh()):
        secrets.scan_file(name)
    ours = {(sha1(f.value).hexdigest(), f.description) for f in PEER.scan(name, data)[0]}
    return ours, {(secret.secret_hash, secret.type) for _, secret in secrets}


@pytest.mark.usefixtures("clean")
def test_the_same_as_its_own_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For files as people write them: the very secrets, by digest and type, that detect-secrets' own scan reports."""
    monkeypatch.chdir(tmp_path)

    @settings(max_examples=150, deadline=None)
    @given(NAMES, st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
    def same(name: str, lines: list[str], end: str) -> None:
        ours, theirs = both(name, end.join(lines).encode("utf-8", "replace"))
        assert ours == theirs

    same()


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("name", ["a.py", "b.yaml", "c.ini", "Dockerfile"])
def test_the_same_for_every_kind(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All the kinds of secrets of this module in one file: the same nine kinds, at the least."""
    monkeypatch.chdir(tmp_path)
    ours, theirs = both(name, "".join(f"password{n}: '{value}'\n" for n, value in enumerate(SECRETS)).encode())
    assert ours == theirs
    assert len({kind for _, kind in ours}) >= 9


def test_exact_spans() -> None:
    """Kinds and values with their places, in code, in YAML and in INI, whatever the line ends."""
    wanted = [("base64-high-entropy-string", KEY.encode()), ("secret-keyword", KEY.encode())]
    assert found("a.py", f"# one\r\n\rpassword = '{KEY}'\r\n".encode()) == wanted
    assert found("a.yaml", f"a:\n  password: {KEY}\n".encode()) == wanted
    assert found("a.ini", f"[a]\npassword = {KEY}\n".encode()) == wanted


@pytest.mark.usefixtures("clean")
def test_settings_without_a_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of no known type in which the plugins see nothing is read once more as INI, as detect-secrets does."""
    monkeypatch.chdir(tmp_path)
    Path("settings").write_text(f"one = {KEY}\r\n")
    secrets = SecretsCollection()
    with transient_settings(baseline_head.fresh()):
        secrets.scan_file("settings")
    assert [secret.secret_value for _, secret in secrets] == [KEY]
    assert found("settings", Path("settings").read_bytes()) == [("base64-high-entropy-string", KEY.encode())]


def test_the_same_text_far_away_is_not_it() -> None:
    """A value that was put together is not looked for all over the file."""
    data = f'password: "{KEY}\\x41"\n'.encode() + b"# x\n" * 80 + f"# {KEY}A\n".encode()
    findings, _ = PEER.scan("a.yaml", data)
    assert {(f.start, f.end) for f in findings} == {(0, data.index(b"\n"))}


def test_value_that_is_not_in_the_text() -> None:
    """What YAML put together from escapes has the span of its line."""
    data = f'a: 1\npassword: "{KEY}\\x41"\nb: 2\n'.encode()
    findings, _ = PEER.scan("a.yaml", data)
    assert {f.value for f in findings} == {KEY.encode() + b"A"}
    assert {data[f.start : f.end].split(b":")[0] for f in findings} == {b"password"}


def test_bytes_that_are_no_text() -> None:
    """One byte that is no UTF-8 hides nothing, though detect-secrets would leave out the file."""
    key = KEY.encode()
    assert ("secret-keyword", key) in found("a.py", b"# caf\xe9\npassword = '" + key + b"'\n")
    assert ("secret-keyword", b"caf\xe9" + key) in found("a.py", b"password = 'caf\xe9" + key + b"'\n")


def test_escapes_that_stand_for_no_text() -> None:
    """Half a character in YAML breaks detect-secrets' own scan; here it is reported, and the other lines are read."""
    findings, missed = PEER.scan("a.yaml", f'password: "{KEY}\\ud800"\nsecret: "{KEY}"\n'.encode())
    assert [reason for reason, _ in missed] == ["a line that detect-secrets' plugins fail on"]
    assert {(f.value, f.start) for f in findings} == {(KEY.encode(), 55)}
    findings, missed = PEER.scan("a.yaml", f'# caf\xe9\npassword: "{KEY}\\u20ac"\n'.encode("latin-1"))
    assert {f.value for f in findings} == {KEY.encode() + "\u20ac".encode()}
    assert not missed


def test_its_filters_are_said(tmp_path: Path) -> None:
    """A lock file is left out by detect-secrets, and that is reported; nothing needs to be on the disk."""
    findings, missed = PEER.scan("poetry.lock", b"password = '" + TOKEN.encode() + b"'")
    assert (findings, missed) == ([], [("left out by detect-secrets' own filters", 53)])


def test_a_filter_of_names_that_takes_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """An expression of the baseline that explodes on a file's name hides no file, and is told."""
    monkeypatch.setattr(detect_secrets, "LINE_SECONDS", 0.2)
    exploding = {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["(a+)+$"]}
    peer = DetectSecrets(baseline_head.fresh() | {"filters_used": [exploding]})
    findings, missed = peer.scan("a" * 60 + ".py", f"password = '{KEY}'\n".encode())
    assert findings
    assert missed == [("a filter of file names takes too long: not left out", 0)]


def test_limits_are_taken() -> None:
    """The plugins and limits of the settings are those that run."""
    text = b"x = '0a1b2c3d4e5f60718293a4b5'"
    settings: dict[str, Any] = {"plugins_used": [{"name": "HexHighEntropyString", "limit": 3.0}]}
    assert [kind for kind, _ in found("a.py", text, settings)] == ["hex-high-entropy-string"]
    settings["plugins_used"][0]["limit"] = 4.0
    assert found("a.py", text, settings) == []


def test_a_line_that_would_take_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line made to cost the plugins' expressions their time is left out and reported, and the next one is read."""
    monkeypatch.setattr(detect_secrets, "LINE_SECONDS", 0.2)
    line = "softlayer_key" + " " * 20_000 + "y"
    findings, missed = PEER.scan("a.py", f"{line}\npassword = '{KEY}'\n".encode())
    assert missed == [("a line takes detect-secrets' plugins too long", len(line) + 1)]
    assert PREFIX + "secret-keyword" in {finding.rule_id for finding in findings}


def test_a_line_on_which_a_filter_takes_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The filters of a line in which no plugin sees anything are not asked: one is cubic in the blanks of a line."""
    monkeypatch.setattr(detect_secrets, "LINE_SECONDS", 0.2)
    assert PEER.scan("a.py", ("x" + " " * 990 + "y\n").encode()) == ([], [])


def test_a_file_that_would_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few lines of YAML that stand for a thousand million values are read line by line instead."""
    monkeypatch.setattr(detect_secrets, "PARSE_SECONDS", 0.3)
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
    )
    findings, missed = PEER.scan("a.yaml", f"{bomb}password: '{KEY}'\n".encode())
    assert [reason for reason, _ in missed] == ["takes detect-secrets too long to parse; read as plain lines"]
    assert PREFIX + "secret-keyword" in {finding.rule_id for finding in findings}


def test_deep_nesting_is_read_as_lines() -> None:
    """What the YAML parser cannot take is scanned as the lines that it is."""
    data = ("[" * 5000 + f"\npassword: '{KEY}'\n").encode()
    assert found("a.yaml", data)


def test_time_for_a_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time of a fragment is up, the rest is counted."""
    monkeypatch.setattr(detect_secrets, "SECONDS", -1.0)
    text = f"password = '{KEY}'\n".encode() * 3
    assert PEER.scan("a.py", text) == (
        [],
        [("detect-secrets' plugins took too long; the rest was not looked at", len(text))],
    )


def test_settings_are_made_once() -> None:
    """Many files are read under one object of settings; when somebody else changed them, they are put back."""
    peer = DetectSecrets(baseline_head.fresh() | {"plugins_used": [{"name": "HexHighEntropyString", "limit": 3.0}]})
    text = b"x = '0a1b2c3d4e5f60718293a4b5'"
    assert len(peer.scan("a.py", text)[0]) == 1
    before = get_settings()
    assert len(peer.scan("b.py", text)[0]) == 1
    assert get_settings() is before
    with transient_settings({"plugins_used": []}):
        assert len(peer.scan("c.py", text)[0]) == 1


def test_the_network_is_never_asked() -> None:
    """No plugin verifies, not even where the settings say so."""
    verify = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
    peer = DetectSecrets(baseline_head.fresh() | {"filters_used": [{"path": verify, "min_level": 2}]})
    assert len(peer.secrets("a.py", f"password = '{KEY}'".encode())[0]) == 2
    assert verify not in {entry["path"] for entry in peer.json()["filters_used"]}


def test_other_threads_are_refused() -> None:
    """The time of a line is held by a signal, which only the main thread has: elsewhere it fails instead of hanging."""
    caught: list[BaseException] = []

    def work() -> None:
        try:
            PEER.scan("a.py", b"x = 1")
        except ValueError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert "main thread" in str(caught[0])
