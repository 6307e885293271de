"""`secretguard detect-secrets-hook` beside `detect-secrets scan`, on the same real source with the same plugins.

Real source has few secrets (five a megabyte), so lines that plugins may see something in are planted among it, always
the same: made-up tokens of every vendor, random strings with and without names, quotes and pragmas. The figure is the
share of (file, digest, type) that both find among what either finds. Every difference is told on standard error with
its reason; one without a reason is a defect of ours.
"""

from __future__ import annotations

import json
import random
import string
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.figure import Figure
from bench.tree import share, tree
from secretguard.detect.registry import RULES

MIB = 1 << 20
SIZE = 20 * MIB
"""Bytes of source: detect-secrets reads some 0.3 MB a second on two processors."""

SECONDS = 3600

PLANTED = 6000
"""Lines that are put into files drawn from all over."""

Secret = tuple[str, str, str]
"""File, digest, type."""


def run() -> list[Figure]:
    """Both programs once, over files drawn from all over the tree of `bench scan`."""
    whole, _ = tree()
    with tempfile.TemporaryDirectory() as folder:
        size = share(whole, Path(folder), SIZE)
        plant(Path(folder))
        theirs, slow, _ = timed(["detect_secrets", "scan", "--all-files", "--no-verify", "."], folder)
        names = sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())
        ours, quick, said = timed(["secretguard", "detect-secrets-hook", "--json", *names], folder)
        differences = explained(ours, theirs, folder, said)
    for (reason, side), count in sorted(differences.items()):
        print(f"bench agreement: {count} found by {side} alone: {reason}", file=sys.stderr)
    either = len(ours | theirs)
    agreement = len(ours & theirs) / either if either else 0.0
    return [
        Figure("agreement with detect-secrets", agreement, "share", either, ">= 0.999"),
        Figure(
            "plugins vs detect-secrets", slow / quick, "x", 1, ">= 10",
            f"detect-secrets scan, {size} bytes, s", slow, ours=quick,
        ),
    ]  # fmt: skip


def plant(folder: Path) -> None:
    """Put PLANTED lines at random places of random files: examples of what both know, and lines of every kind."""
    draw = random.Random(11)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    shared = [text for rule in RULES if rule.peer_type for text, _ in rule.examples]
    tokens = [line for text in shared for line in text.split("\n") if line.strip()]
    for _ in range(PLANTED):
        path = draw.choice(paths)
        lines = path.read_bytes().split(b"\n")
        lines.insert(draw.randrange(len(lines) + 1), _line(draw, tokens).encode())
        path.write_bytes(b"\n".join(lines))


def _line(draw: random.Random, tokens: list[str]) -> str:
    if draw.random() < 0.4:
        return draw.choice(tokens)
    letters = draw.choice((string.ascii_letters + string.digits + "+/=_-", "0123456789abcdef", string.ascii_lowercase))
    value = "".join(draw.choices(letters, k=draw.randrange(6, 60)))
    return draw.choice(_LINES).format(draw.choice(_NAMES), value)


_NAMES = ("password", "api_key", "name", "client_secret", "aws_token", "x", "user_id", "softlayer_key")
_LINES = (
    "{0} = '{1}'", '{0}: "{1}"', "{0}: {1}", "{0} = {1}", "{0} = get('{1}')", "if x == '{1}':", '<a {0}="{1}"/>',
    "{0} := `{1}`", "{0} = '{1}'  # pragma: allowlist secret", "https://{0}:{1}@example.org/", '"{0}" => "{1}";',
)  # fmt: skip


def timed(arguments: list[str], folder: str) -> tuple[set[Secret], float, str]:
    """What a program's JSON names, its seconds by the clock, and its standard error."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-P", "-m", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    seconds = time.perf_counter() - began
    results = json.loads(done.stdout)["results"] if done.stdout.strip() else {}
    found = {(name, entry["hashed_secret"], entry["type"]) for name, entries in results.items() for entry in entries}
    return found, seconds, done.stderr


def explained(ours: set[Secret], theirs: set[Secret], folder: str, said: str) -> Counter[tuple[str, str]]:
    """How many differences there are of each reason and side. `said` is what our hook says of what it left out."""
    left_out = {}
    for line in said.splitlines():
        if line.startswith("not looked at: "):
            path, _, reason = line.removeprefix("not looked at: ").partition(": ")
            left_out[path] = reason
    counted: Counter[tuple[str, str]] = Counter()
    for name, _, _ in ours - theirs:
        counted[("its file is no UTF-8" if not _is_utf8(Path(folder, name)) else "NO REASON KNOWN", "us")] += 1
    for name, _, _ in theirs - ours:
        counted[left_out.get(name, "NO REASON KNOWN"), "detect-secrets"] += 1
    return counted


def _is_utf8(path: Path) -> bool:
    try:
        path.read_bytes().decode()
    except UnicodeDecodeError:
        return False
    return True
