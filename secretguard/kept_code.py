"""The hook's own modules from one file of this user's cache: to find and open fifty files costs an event 2 ms.

In place of Python's `__pycache__`, and with the same promise: a module whose source has another time or size than when
it was kept is imported as ever, and the file is thrown away. It is built where it is missing (`kept_code_build.py`),
and lies in the private folder of the cache, where the compiled rules are. Nothing depends on it: whatever is wrong with
it, the import goes on without it. Hot path: imports nothing else of the project but where the cache is.

The file: MAGIC, the length of the index (8 bytes, little-endian), the index, the code of each module. The index is a
`marshal` of the interpreter's own version, and for each module whether it is a package, its source's path, time
(nanoseconds) and size (bytes), and where behind the index its code is, how long and with what checksum.
"""

from __future__ import annotations

import _imp
import marshal
import os
import sys

from secretguard.errors import GuardError
from secretguard.places import cache_dir, private_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    Entry = tuple[bool, str, int, int, int, int, bytes]

MAGIC = b"secretguard-code/2\n"
_LONGEST_INDEX = 1 << 20
_CHECKSUM_KEY = int.from_bytes(b"code", "little")


class Damaged(Exception):
    """The file is not what was written, or not for this interpreter."""


def use(root: str) -> None:
    """Import the modules of the package folder below `root` from the kept code from now on, where that can be had."""
    path = path_of(root)
    try:
        sys.meta_path.insert(0, opened(path))
        return
    except (OSError, GuardError, Damaged):
        pass
    try:
        from secretguard.kept_code_build import build

        build(root, path)
    except Exception:  # noqa: S110  # a cache that cannot be written costs time, and nothing else
        pass


def path_of(root: str) -> str:
    """Where the code of the installation at `root` is kept: its own file for each place and interpreter."""
    place = root.strip("/").replace("/", "+")[-150:]
    return os.path.join(cache_dir(), "code", f"{place}.{sys.implementation.cache_tag}")


def checksum(code: bytes) -> bytes:
    """Eight bytes that tell damage (SipHash, as CPython has it for its own caches, PEP 552)."""
    return _imp.source_hash(_CHECKSUM_KEY, code)


def opened(path: str) -> KeptCode:
    """The code kept at `path`. Raises OSError, GuardError for a folder that is not private, Damaged."""
    private_dir(os.path.dirname(path))
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        info = os.fstat(fd)
        if info.st_uid != os.geteuid() or info.st_mode & 0o022:
            raise Damaged
        return KeptCode(path, fd, *_index(fd))
    except BaseException:
        os.close(fd)
        raise


def _index(fd: int) -> tuple[Mapping[str, Entry], int]:
    """The modules, and where in the file their code begins."""
    head = os.pread(fd, len(MAGIC) + 16, 0)
    size = int.from_bytes(head[len(MAGIC) : len(MAGIC) + 8], "little")
    if not head.startswith(MAGIC) or size > _LONGEST_INDEX:
        raise Damaged
    data = os.pread(fd, size, len(head))
    if len(data) != size or checksum(data) != head[len(MAGIC) + 8 :]:
        raise Damaged
    version, entries = marshal.loads(data)  # noqa: S302  # private, ours by its checksum, as a .pyc is
    if version != sys.version:
        raise Damaged
    return entries, len(head) + size


class KeptCode:
    """A finder and loader of modules (PEP 451) over an open file of kept code."""

    def __init__(self, path: str, fd: int, entries: Mapping[str, Entry], start: int) -> None:
        self._path = path
        self._fd = fd
        self._entries = entries
        self._start = start

    def find_spec(self, name: str, _path: object = None, _target: object = None, /) -> ModuleSpec | None:
        """The module's spec; None for one that is not kept, or whose source is another now."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        package, source = entry[:2]
        try:
            info = os.stat(source)
        except OSError:
            self._dropped()
            return None
        if (info.st_mtime_ns, info.st_size) != entry[2:4]:
            self._dropped()
            return None
        kind = type(sys.__spec__)  # `importlib.machinery` costs more to import than all of this
        spec: ModuleSpec = kind(name, self, origin=source, is_package=package)  # type: ignore[arg-type]
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [os.path.dirname(source)]
        return spec

    def create_module(self, spec: object) -> None:
        """None: a module like any other."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's kept code; its source, where that is damaged."""
        exec(self._code(module.__name__), module.__dict__)  # noqa: S102  # this is what importing is

    def get_resource_reader(self, name: str) -> object:
        """What `importlib.resources` reads a package's other files by: from where its source is."""
        from importlib.machinery import SourceFileLoader

        return SourceFileLoader(name, self._entries[name][1]).get_resource_reader(name)

    def _code(self, name: str) -> CodeType:
        _, source, _, _, at, size, expected = self._entries[name]
        data = os.pread(self._fd, size, self._start + at)
        if len(data) == size and checksum(data) == expected:
            return marshal.loads(data)  # type: ignore[no-any-return]  # noqa: S302  # as above
        self._dropped()
        with open(source, "rb") as file:
            return compile(file.read(), source, "exec", dont_inherit=True)

    def _dropped(self) -> None:
        """What is kept is of no use any more: the next hook builds it anew, this one goes on without."""
        self._entries = {name: entry for name, entry in self._entries.items() if name in sys.modules}
        try:  # noqa: SIM105  # contextlib is not for the hot path
            os.unlink(self._path)
        except OSError:
            pass  # a cache that cannot be written
