"""Installing and leaving: how soon a new machine is protected, and whether the settings come back byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner

from bench.needs import Needs
from scripts import install_base
from secretguard.commands.install import install
from secretguard.commands.uninstall import uninstall
from secretguard.errors import ConfigError

_SECRET = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
_BODIES: tuple[dict[str, object], ...] = (
    {"theme": "dark", "empty": {}},
    {"model": "x", "env": {"A": "1"}},
    {"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "lint.sh"}]}], "Stop": []}},
    {"permissions": {"deny": ["Read(./.env)"], "allow": []}, "list": [1, 2, [3, {"deep": [[[]]]}]]},
    {"text": 'quotes " \\ and brackets ]}', "ünïcode": "é\u2028", "hooks": {}, "n": [0.5, -1, 10**18]},
)
_STYLES = (None, 2, 4, "\t")


@dataclass(frozen=True)
class Found:
    """A settings file as a person has it; `data` None: there is none. `link`: it is kept elsewhere."""

    name: str
    data: bytes | None
    mode: int = 0o600
    link: bool = False


def varied() -> list[Found]:
    """50 settings files that differ in what they say, how they are written, and where they lie. Those that no client
    would read are refused by `install`; they, too, must be what they were."""
    found = [
        Found(f"body {number}, indent {style!r}", json.dumps(body, indent=style, ensure_ascii=number % 2 == 0).encode())
        for number, body in enumerate(_BODIES)
        for style in _STYLES
    ]
    plain = json.dumps(_BODIES[2], indent=2)
    texts = {
        "nothing in it": "{}",
        "CRLF": plain.replace("\n", "\r\n") + "\r\n",
        "many ends": plain + "\n\n\n",
        "leading space": "\n\n   " + plain,
        "odd spaces": '{ "a"  :1 ,\n\n\t"b":[ 1,2 ,3 ] }',
        "numbers": '{"a": 1e3, "b": 1.0, "c": 12345678901234567890, "d": -0.0, "e": 1E-2}',
        "escapes": '{"\\u0061": "\\u00e9\\/\\ud83d\\ude00", "lone": "\\ud800"}',
        "one line of hooks": '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"x"}]}]}}',
        "empty brackets": '{"hooks": { }, "env": {\n}, "list": [ ]}',
        "key order": '{"z": 1, "hooks": {"Stop": []}, "a": 2}',
        "ours by hand": '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "echo secretguard"}]}]}}',
        "mixed margins": '{\n   "a": {\n\t"b": 1\n },\n "c": 2}',
        "empty": "",
        "white": " \n\t\n",
        "comments": '{\n  // a comment\n  "a": 1\n}',
        "twice": '{"a": 1, "a": 2}',
        "cut off": '{"a": [1, 2',
        "trailing comma": '{"a": 1,}',
        "array": "[1, 2]",
        "text": '"x"',
        "hooks of no form": '{"hooks": {"Stop": {"a": 1}}}',
        "null env": '{"env": null, "permissions": []}',
        "large": json.dumps({"list": [f"entry {number}" for number in range(20_000)]}, indent=1),
    }
    found += [Found(name, text.encode("utf-8", "surrogatepass")) for name, text in texts.items()]
    data = plain.encode()
    found += [
        Found("none", None),
        Found("byte order mark", b"\xef\xbb\xbf" + data),
        Found("no UTF-8", b'{"a": "\xff"}'),
        Found("read-only", data, mode=0o400),
        Found("for the group", data, mode=0o664),
        Found("a link", data, link=True),
        Found("a link, nothing there", None, link=True),
    ]
    return found


def given_back() -> tuple[int, int]:
    """(Files that are what they were after installing twice and taking out again, files): bytes, mode and link."""
    results = []
    with tempfile.TemporaryDirectory() as cache:  # what is compiled once serves them all
        for found in varied():
            with tempfile.TemporaryDirectory() as folder:
                results.append(same(found, Path(folder), Path(cache)))
    return sum(results), len(results)


def same(found: Found, root: Path, cache: Path) -> bool:
    """Whether the one file is what it was after both, and no file of the launcher is left below `root`."""
    settings = root / "config" / "settings.json"
    settings.parent.mkdir()
    kept = root / "dotfiles.json" if found.link else settings
    if found.link:
        settings.symlink_to(kept)
    if found.data is not None:
        kept.write_bytes(found.data)
        kept.chmod(found.mode)
    before = _state(settings, kept)
    with _environment({"HOME": str(root), "CLAUDE_CONFIG_DIR": str(settings.parent), "XDG_CACHE_HOME": str(cache)}):
        for command in (install, install, uninstall):
            _command(command, root)
    left = [path for path in root.rglob("*") if path.parent.name in ("hooks", "clients")]
    return _state(settings, kept) == before and not left


def _state(settings: Path, kept: Path) -> tuple[object, ...]:
    there = kept.exists()
    return settings.is_symlink(), kept.read_bytes() if there else None, kept.stat().st_mode if there else None


def _command(command: click.Group, folder: Path) -> None:
    """One command of the program in this process; a refusal is an answer, anything else is not."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        result = CliRunner().invoke(command, ["claude-code"])
    finally:
        os.chdir(here)
    if result.exception is not None and not isinstance(result.exception, ConfigError):
        raise result.exception


class _environment:
    """These variables instead of all others that lead to a person's files, for a while."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.variables = {"PATH": os.defpath, **variables}

    def __enter__(self) -> None:
        self.before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self.variables)

    def __exit__(self, *exception: object) -> None:
        os.environ.clear()
        os.environ.update(self.before)


def protected() -> float:
    """Seconds from wheels that are downloaded to the first redacted result in a new home: a new environment with the
    wheels in it, made as pipx does, `secretguard install claude-code`, and one event to the hook of its settings."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        wheels = _downloaded(root)
        environment = {"HOME": str(root / "home"), "PATH": os.defpath, "LANG": "C.UTF-8"}
        (root / "home").mkdir()
        python = root / "env" / "bin" / "python"
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "--python", str(python), "install"]
        start = time.perf_counter()
        _run([sys.executable, "-m", "venv", "--without-pip", str(root / "env")], environment)
        _run([*pip, "--no-index", "--no-compile", "--find-links", str(wheels), "secretguard"], environment)
        _run([str(python.with_name("secretguard")), "install", "claude-code"], environment)
        hook = json.loads((root / "home" / ".claude" / "settings.json").read_text())["hooks"]["PostToolUse"][0][
            "hooks"
        ][0]
        shown = _run([hook["command"], *hook["args"]], environment, _read_event())
        took = time.perf_counter() - start
    if b"[[secret:" not in shown or _SECRET.encode() in shown:
        raise AssertionError("the hook did not redact; the figure would mean nothing")
    return took


def _downloaded(root: Path) -> Path:
    """The wheel of this checkout and those that it needs, by the lock."""
    wheels = root / "wheels"
    wheels.mkdir()
    (root / "base.lock").write_text(install_base.wanted("dependencies"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "download", "--require-hashes"]
    try:
        _run([*pip, "--only-binary=:all:", "-r", str(root / "base.lock"), "-d", str(wheels)], dict(os.environ))
    except subprocess.CalledProcessError:
        raise Needs("a package registry for the base requirements") from None
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    subprocess.run(command, cwd=install_base.ROOT, check=True, capture_output=True, timeout=120)
    return wheels


def _run(command: list[str], environment: dict[str, str], stdin: bytes = b"") -> bytes:
    return subprocess.run(
        command, input=stdin, env=environment, capture_output=True, check=True, timeout=600, cwd="/"
    ).stdout


def _read_event() -> bytes:
    file = {"filePath": "/a", "content": f"A={_SECRET}", "numLines": 1, "startLine": 1, "totalLines": 1}
    ids = {"session_id": "bench", "cwd": "/", "hook_event_name": "PostToolUse", "tool_name": "Read"}
    result = {"tool_input": {"file_path": "/a"}, "tool_response": {"type": "text", "file": file}}
    return json.dumps({**ids, **result}).encode()
