"""The tree that scanners are measured on: real source that this machine has, copied once into the user's cache.

Python's standard library and installed packages, Go's own source and its module cache, crates, C headers, Perl. Only
files with the name of source, of at most 512 KiB and without a line of 4 KiB: no lock files, nothing minified.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.needs import Needs

WANTED = 420_000_000
"""Bytes of source that are gathered where a machine has them."""

LEAST = 20_000_000
"""With less than this nothing is measured: start-up would decide."""

SHARE = 5
"""Of one source at most a SHARE-th of what is wanted, unless all of them together have too little."""

SUFFIXES = (
    ".py", ".pyi", ".go", ".rs", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".c", ".h", ".cc", ".cpp", ".hpp", ".java",
    ".rb", ".pl", ".pm", ".sh", ".sql", ".toml", ".yaml", ".yml", ".md", ".proto", ".hcl", ".tf", ".css", ".html",
    ".cs", ".php", ".lua", ".s", ".S",
)  # fmt: skip
LARGEST, LONGEST_LINE = 512 * 1024, 4096
_FORMAT = 1


def cache() -> Path:
    """Where benches keep what takes long to make, one folder a user."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "secretguard-bench"


def tree() -> tuple[Path, int]:
    """The folder and its bytes; made first where it is not there. Raises Needs on a machine with hardly any source."""
    folder = cache() / f"tree-{_FORMAT}-{WANTED}"
    if not folder.exists():
        cache().mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="tree-new-", dir=cache()))
        try:
            _gather(fresh)
            fresh.rename(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size < LEAST:
        raise Needs(f"{LEAST} bytes of source on this machine; there are {size}")
    return folder, size


def share(of: Path, into: Path, limit: int) -> int:
    """Copy files drawn from all over `of`, always the same, until there are `limit` bytes; returns how many."""
    paths = sorted(path for path in of.rglob("*") if path.is_file())
    random.Random(5).shuffle(paths)
    total = 0
    for number, path in enumerate(paths):
        if total >= limit:
            break
        place = into / f"d{number % 50}" / f"{number}-{path.name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        total += place.stat().st_size
    return total


def _gather(into: Path) -> None:
    total = 0
    taken: set[Path] = set()
    for most in (WANTED // SHARE, WANTED):
        for number, source in enumerate(sources()):
            own = 0
            for path in _files(source):
                if own >= most or total >= WANTED:
                    break
                if path in taken:
                    continue
                place = into / f"{number}-{source.name}" / path.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
                taken.add(path)
                size = place.stat().st_size
                own, total = own + size, total + size


def sources() -> list[Path]:
    """Folders with source, those that any machine with this project has first."""
    places = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), *_go()]
    places += [str(Path.home() / ".cargo/registry/src"), "/usr/include", "/usr/share/perl", "/usr/lib/python3"]
    return [Path(place) for place in dict.fromkeys(places) if place and Path(place).is_dir()]


def _go() -> list[str]:
    go = shutil.which("go")
    asked = [go, "env", "GOROOT", "GOMODCACHE"]
    if go is None:
        return []
    done = subprocess.run([str(word) for word in asked], capture_output=True, text=True, timeout=30, check=False)
    return [f"{place}/src" if number == 0 else place for number, place in enumerate(done.stdout.split())]


def _files(source: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if name not in ("site-packages", "node_modules", ".git", "cache"))
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix in SUFFIXES and not path.is_symlink() and _is_source(path):
                yield path


def _is_source(path: Path) -> bool:
    try:
        if not 0 < path.stat().st_size <= LARGEST:
            return False
        data = path.read_bytes()
    except OSError:
        return False
    return b"\0" not in data and max(map(len, data.split(b"\n"))) <= LONGEST_LINE


if __name__ == "__main__":
    print(*tree(), file=sys.stdout)
