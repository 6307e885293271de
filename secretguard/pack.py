"""The pack: every rule compiled into one file of this user's cache, so that a hook loads them in under 5 ms.

Its key covers what it was made from: the rule files, the native module, the interpreter, the machine. The digest finds
damage; what keeps a stranger's pack out is the private folder. A pack that is missing, damaged, foreign or writable by
others is built again, never trusted. Hot path: imports neither the rules nor the `hyperscan` package.
"""

from __future__ import annotations

import os
import sys

from secretguard import rawjson
from secretguard.detect.engine import Engine
from secretguard.detect.hyperscan import HyperscanMatcher, Refused
from secretguard.detect.rows import Rows
from secretguard.errors import GuardError
from secretguard.keyed import sha256_hex
from secretguard.pack_file import MAGIC, MAX_BYTES, PackError, split
from secretguard.places import cache_dir, private_dir

SELF_TEST = b"k: AKIA" + b"Q3EXHZ5W2N7VKLTR ghp" + b"_" + b"aB3" * 12 + b"\n-----BEGIN RSA PRIVATE" + b" KEY-----\n"
SELF_TEST_RULES = ("aws-access-key-id", "github-token", "private-key")
"""A text with planted tokens, and the rules whose stage 1 must mark it after every load: an engine that the CPU or a
new version runs wrongly is found out here, not by a leak. Stage 2 needs no such test."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.detect.engine import Table


def open_engine() -> Engine:
    """The engine of this installation's rules, from the cached pack, which is built first where it has to be.

    Raises GuardError when there is no way to scan: the caller must fail closed.
    """
    native = native_module()
    if native is None:
        return _fallback_engine()
    key = pack_key(native)
    path = pack_path(key)
    try:
        return _load(native, path, key)
    except (OSError, PackError):
        from secretguard.pack_build import build

        build(native, path, key)
    try:
        return _load(native, path, key)
    except (OSError, PackError) as error:
        raise GuardError(f"the rule pack {path} cannot be used: {error}", "run `secretguard rules build`") from None


def pack_path(key: str) -> str:
    """Where the pack for `key` is kept."""
    return os.path.join(cache_dir(), "pack", f"{key[:32]}.pack")


def pack_key(native: object) -> str:
    """Digest of all that a pack depends on; cheap, because a hook computes it on every run."""
    here = os.path.dirname(__file__)
    parts = [MAGIC, sys.version, *os.uname()[1:2], os.uname()[4], _stamp(str(native.__file__))]  # type: ignore[attr-defined]
    detect = os.path.join(here, "detect")
    parts += [_folder(detect), _folder(os.path.join(detect, "rules"))]
    if os.path.exists(os.path.join(here, "..", ".git")):
        parts += _files(detect)
    return sha256_hex("\n".join(parts).encode())


def _files(folder: str) -> list[str]:
    """In a checkout code is edited in place. Not looked at, for 4 us each: the rule files (`rules build` does)."""
    return sorted(
        f"{entry.name} {entry.stat().st_size} {entry.stat().st_mtime_ns}"
        for entry in os.scandir(folder)
        if entry.name.endswith(".py")
    )


def _folder(folder: str) -> str:
    """An installer removes and writes files, which moves their folder's times, whatever times it gives the files."""
    info = os.stat(folder)
    return f"{info.st_ino} {info.st_mtime_ns} {info.st_ctime_ns}"


def _stamp(path: str) -> str:
    info = os.stat(path)
    return f"{info.st_size} {info.st_mtime_ns}"


def native_module() -> object | None:
    """Hyperscan's extension module itself: the package's `__init__` would import `typing` and cost a hook 6 ms."""
    if "_hs_ext" in sys.modules:
        return sys.modules["_hs_ext"]
    for folder in sys.path:
        package = os.path.join(folder, "hyperscan")
        if not os.path.isabs(folder) or not os.path.isdir(package):
            continue  # a relative entry is the current folder: the project that is being looked at, not ours
        sys.path.insert(0, package)
        before = sys.getdlopenflags()
        sys.setdlopenflags(os.RTLD_LAZY)  # of its two hundred functions a hook calls ten: 0.2 ms
        try:
            import _hs_ext
        except ImportError:
            continue
        else:
            return _hs_ext  # type: ignore[no-any-return]
        finally:
            sys.setdlopenflags(before)
            sys.path.remove(package)
    return None


def _load(native: object, path: str, key: str) -> Engine:
    flat, codes, database = _read(path, key)
    try:
        table = table_of(flat)
        matcher = HyperscanMatcher(native, database)
        engine = Engine(matcher, table, codes)
        marked = {table["rules"][table["shapes"][number][0]][0] for _, number in matcher.hits(SELF_TEST)}
    except (rawjson.JsonError, IndexError, Refused, ValueError) as error:
        raise PackError(f"it cannot be loaded ({type(error).__name__})") from None
    if not marked.issuperset(SELF_TEST_RULES):
        raise PackError("its self-test missed a planted token")
    return engine


def table_of(flat: bytes) -> Table:
    """The table that `pack_build.table_bytes` wrote; its rows are read when a text needs them."""
    lines = flat.split(b"\n")
    shapes = int(lines[1])
    return {"shapes": Rows(lines[2 : 2 + shapes]), "rules": Rows(lines[2 + shapes :]), "version": lines[0].decode()}


def _read(path: str, key: str) -> tuple[bytes, bytes, bytes]:
    """Table, codes and database of the pack at `path`. Raises OSError, PackError; GuardError for an unsafe folder."""
    try:
        private_dir(os.path.dirname(path))
    except GuardError as error:
        raise GuardError(f"the pack folder is not safe: {error.message}", error.fix) from None
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        info = os.fstat(fd)
        if info.st_uid != os.geteuid() or info.st_mode & 0o022:
            raise PackError("others could have written it")
        if info.st_size > MAX_BYTES:
            raise PackError(f"it is larger than {MAX_BYTES} bytes")
        return split(lambda at, size: os.pread(fd, size, at), info.st_size, key)
    finally:
        os.close(fd)


def _fallback_engine() -> Engine:
    """No Hyperscan wheel: google-re2 with the same rules, compiled in this process."""
    try:
        from secretguard.detect.re2 import Re2Matcher
    except ImportError:
        raise GuardError("neither hyperscan nor google-re2 is installed", "pip install hyperscan") from None
    from secretguard.pack_build import flatten, stage1

    return Engine(Re2Matcher(stage1()), *flatten())
