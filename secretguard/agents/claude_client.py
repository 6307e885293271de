"""Run the real Claude Code in a throw-away home against a loopback API: nothing of the caller's environment gets in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from secretguard.errors import SecretguardError

MADE_UP_KEY = "sk-ant-" + "api03-" + "made-up-" * 4
"""The client wants some key; this one opens nothing, and the only address it is given is a loopback port."""


_PROGRAMS = (
    ".local/bin/claude", ".claude/local/claude", ".claude/local/node_modules/.bin/claude", ".npm-global/bin/claude",
    ".volta/bin/claude", ".bun/bin/claude", ".nvm/versions/node/*/bin/claude",
)  # fmt: skip
"""Where installers of the client put it, below the home folder."""
_EXTENSIONS = tuple(
    f"{editor}/extensions/anthropic.claude-code-*/resources/native-binary/claude"
    for editor in (".vscode", ".vscode-server", ".vscode-insiders", ".vscode-oss", ".cursor", ".windsurf")
)
"""The client that an editor's extension brings along."""
_SHARED = ("/usr/local/bin/claude", "/usr/bin/claude", "/opt/homebrew/bin/claude")


def find() -> Path | None:
    """The client on PATH, or the first of those that lie elsewhere; None where there is none."""
    return next(iter(every()), None)


def every() -> list[Path]:
    """Every client on this machine that this user would start, one path a program; that on PATH is the first."""
    folders = [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    home = Path.home()
    found = [folder / "claude" for folder in folders]
    found += [path for pattern in (*_PROGRAMS, *_EXTENSIONS) for path in sorted(home.glob(pattern))]
    found += map(Path, _SHARED)
    programs: dict[str, Path] = {}
    for path in found:
        if path.is_file() and os.access(path, os.X_OK):
            programs.setdefault(os.path.realpath(path), path)
    return list(programs.values())


def versions() -> list[tuple[int, int, int]]:
    """The versions of the clients on this machine, oldest first; those that do not say theirs are left out."""
    return sorted(known for known in map(version, every()) if known)


def version(client: Path) -> tuple[int, int, int] | None:
    """The version that the client says it is, None where it does not say."""
    try:
        said = subprocess.run([client, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
        numbers = said.split()[0].split(".")
        return int(numbers[0]), int(numbers[1]), int(numbers[2])
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError):
        return None


def environment(home: Path, url: str, extra: dict[str, str]) -> dict[str, str]:
    """The whole environment of a client that lives in `home` and speaks to `url`."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "SHELL": "/bin/bash",
        "TERM": "dumb",
        "TMPDIR": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": MADE_UP_KEY,
        "NO_PROXY": "*",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_BUG_COMMAND": "1",
        "DO_NOT_TRACK": "1",
        "IS_SANDBOX": "1",  # lets `bypassPermissions` run as root, as in a container
        **extra,
    }


def run(
    client: Path,
    prompt: str,
    work: Path,
    environment: dict[str, str],
    options: tuple[str, ...] = (),
    timeout: float = 60.0,
) -> subprocess.CompletedProcess[str]:
    """One headless session (`-p`) in `work`; calls need no permission. Raises SecretguardError on a timeout."""
    command = [str(client), "-p", prompt, "--output-format", "json", "--max-turns", "60"]
    command += ["--permission-mode", "bypassPermissions", *options]
    try:
        return subprocess.run(
            command, cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=timeout, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise SecretguardError(f"the client did not end within {timeout:.0f} s") from None
