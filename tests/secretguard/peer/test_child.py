"""Files looked at in processes of their own: what is found, what is not looked at, and code that misbehaves."""

from __future__ import annotations

import codecs
from hashlib import sha1
from pathlib import Path

import pytest

from secretguard.detect import detect_secrets
from secretguard.errors import ConfigError, GuardError
from secretguard.peer import child
from secretguard.peer.child import Entry, look
from secretguard.peer.chosen import Typed, choose

KEY = "Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6"
DIGEST = sha1(KEY.encode()).hexdigest()
LINE = f"password = '{KEY}'\n"
BOTH = [Entry("Base64 High Entropy String", DIGEST, 1), Entry("Secret Keyword", DIGEST, 1)]
PLUGIN = """
from detect_secrets.plugins.base import BasePlugin
{head}
class Mine(BasePlugin):
    secret_type = "Mine"
    def analyze_string(self, string):
        {body}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def plugin(body: str, head: str = "") -> str:
    Path("mine.py").write_text(PLUGIN.format(head=head, body=body))
    return "mine.py"


@pytest.mark.parametrize("cores", [0, 1, 3])
def test_what_is_found(cores: int) -> None:
    """Type, digest and line, in the order of the files as they were named; the settings as they are written."""
    for name in ("c.py", "a.py", "b.py"):
        Path(name).write_text("x = 1\n" if name == "a.py" else LINE)
    looked = look(choose(Typed()), ["c.py", "a.py", "b.py", "c.py"], cores)
    assert list(looked.found) == ["c.py", "b.py"]
    assert sorted(looked.found["b.py"]) == BOTH
    assert looked.skipped == []
    assert len(looked.head["plugins_used"]) == 27
    assert {"name": "KeywordDetector", "keyword_exclude": ""} in looked.head["plugins_used"]


@pytest.mark.parametrize(
    "data",
    [
        f"# caf\xe9\n{LINE}".encode("latin-1"),
        codecs.BOM_UTF16_LE + f"\n{LINE}".encode("utf-16-le"),
        f"\n{LINE}".encode("utf-32-be"),
        f"\0\n{LINE}".encode(),
        f"#\r{LINE}".encode(),
    ],
    ids=["latin-1", "utf-16", "utf-32", "nul", "cr"],
)
def test_encodings(data: bytes) -> None:
    """No file is passed over for its encoding."""
    Path("a.py").write_bytes(data)
    looked = look(choose(Typed()), ["a.py"])
    assert sorted(looked.found["a.py"]) == BOTH
    assert {one.line for one in looked.found["a.py"]} == {2}
    assert looked.gaps == []


def test_what_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Binary files, missing ones and lock files are told and no gap, as in detect-secrets; what is too long is one."""
    Path("a.dat").write_bytes(b"\x80\x00\xff" * 100)
    Path("poetry.lock").write_text(LINE)
    Path("long.py").write_text(LINE * 100)
    Path("folder").mkdir()
    monkeypatch.setattr(child, "LARGEST", 1000)
    looked = look(choose(Typed()), ["a.dat", "nowhere.py", "poetry.lock", "long.py", "folder"], 1)
    assert dict(looked.skipped) == {
        "a.dat": "binary",
        "nowhere.py": "no such file",
        "folder": "no such file",
        "poetry.lock": "left out by detect-secrets' own filters",
        "long.py": "longer than 1000 bytes",
    }
    assert looked.gaps == [("long.py", "longer than 1000 bytes")]


def test_a_line_that_takes_too_long_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """detect-secrets would sit over it for minutes and then know; here it is known that it is not known."""
    monkeypatch.setattr(detect_secrets, "LINE_SECONDS", 0.2)
    Path("a.py").write_text("softlayer_key" + " " * 20_000 + "y\n" + LINE)
    looked = look(choose(Typed()), ["a.py"])
    assert looked.gaps == [("a.py", "a line takes detect-secrets' plugins too long")]
    assert len(looked.found["a.py"]) == 2


def test_a_word_list_is_used() -> None:
    """A secret with a word of the list is none."""
    Path("words").write_text("qm8lw0\nother\n")
    Path("a.py").write_text(LINE)
    assert look(choose(Typed(word_list="words")), ["a.py"]).found == {}
    Path("words").write_text("other\n")
    assert len(look(choose(Typed(word_list="words")), ["a.py"]).found["a.py"]) == 2


def test_a_plugin_of_somebodys_own(capfd: pytest.CaptureFixture[str]) -> None:
    """It is run beside the others, is written down with its path, and what it prints is no part of the result."""
    name = plugin("print('hello', flush=True); yield from (['acme'] if 'acme' in string else [])")
    Path("a.txt").write_text("x\nacme\n")
    looked = look(choose(Typed(plugin=(name,))), ["a.txt"])
    assert looked.found == {"a.txt": [Entry("Mine", sha1(b"acme").hexdigest(), 2)]}
    assert {"name": "Mine", "path": f"file://{Path(name).resolve()}"} in looked.head["plugins_used"]
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "hello" in printed.err


def test_a_filter_of_somebodys_own() -> None:
    """A function of a file says which secrets are none."""
    Path("skip.py").write_text("def known(secret):\n    return secret.startswith('Zk3')\n")
    Path("a.py").write_text(LINE)
    assert look(choose(Typed(filter=("skip.py::known",))), ["a.py"]).found == {}


@pytest.mark.parametrize(
    ("body", "head"),
    [("yield 1", "raise ValueError('hunter2')"), ("yield 1", "import nowhere_to_be_found"), ("yield 1", "(")],
)
def test_code_that_cannot_be_loaded(body: str, head: str) -> None:
    """The file and the kind of its error are told, and nothing that the code says."""
    with pytest.raises(ConfigError, match=r"mine\.py: [A-Z]\w+Error$") as refused:
        look(choose(Typed(plugin=(plugin(body, head),))), [])
    assert "hunter2" not in str(refused.value)


def test_a_file_without_a_plugin() -> None:
    """A file in which no plugin is found is an error: nobody would look."""
    Path("mine.py").write_text("x = 1\n")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        look(choose(Typed(plugin=("mine.py",))), [])


def test_a_plugin_that_fails_on_a_line() -> None:
    """Its lines are gaps; what the others find in other lines stays found."""
    name = plugin("if 'acme' in string: raise KeyError(string)\n        return iter(())")
    Path("a.py").write_text(f"acme\n{LINE}")
    looked = look(choose(Typed(plugin=(name,))), ["a.py"])
    assert looked.gaps == [("a.py", "a line that detect-secrets' plugins fail on")]
    assert len(looked.found["a.py"]) == 2


@pytest.mark.parametrize(
    ("head", "limits"),
    [
        ("import time; time.sleep(60)", {"SECONDS": 1}),
        ("while True: pass", {"SECONDS": 1}),
        ("import os; os._exit(0)", {}),
        ("import os; os.kill(os.getpid(), 9)", {}),
    ],
    ids=["sleeps", "spins", "leaves", "killed"],
)
def test_code_that_does_not_come_back(head: str, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that sleeps, spins or ends its process is ended, and nothing is taken for clean."""
    for name, value in limits.items():
        monkeypatch.setattr(child, name, value)
    with pytest.raises(GuardError, match="a plugin or filter"):
        look(choose(Typed(plugin=(plugin("yield 1", head),))), ["a.py"])


def test_code_that_takes_all_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has an end: the code gets MemoryError, which is a gap, not a clean file."""
    monkeypatch.setattr(child, "MEMORY", 1 << 30)
    name = plugin("yield str(len(bytearray(2 << 30)))")
    Path("a.py").write_text("x = 1\n")
    assert look(choose(Typed(plugin=(name,))), ["a.py"]).gaps == [
        ("a.py", "a line that detect-secrets' plugins fail on")
    ]
