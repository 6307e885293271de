"""The index of a project's known values on disk: digests and names, never a value. Hot path.

`state/known/PROJECT/index` (0600). One line `secretguard-known/1 BLAKE2b-256`, keyed, then what it covers: a line with
the sizes of the parts; the head (JSON: project, files with what the system said of each, what is missing); the records
(`detect/known.py`); the sources (JSON: of each record file, line, variable, when it was last there). The key is the
user's own, so an index that somebody else wrote, or of another project, is damaged. `synced` has the same form.
"""

from __future__ import annotations

import os

try:
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - interpreters without it
    from hashlib import blake2b

from secretguard.detect.known import RECORD, Known
from secretguard.keyed import first_key, hmac_sha256, sha256_hex
from secretguard.places import private_dir, state_dir
from secretguard.rawjson import JsonError, dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    File = list[object]
    """[path, kind, what the system said of it]."""
    Source = list[object]
    """[number of the file, line, variable, when it was last there (seconds since 1970)]."""
    Row = tuple[bytes, Source]

MAGIC = "secretguard-known/1"
LARGEST = 8 << 20
MOST = 8192
"""Values of one project."""
INDEX, SYNCED = "index", "synced"
OF = " of "
"""Between a variable and where it comes from, in what a person is told; and kept so, of a value from a store."""


class DamagedIndex(Exception):
    """An index that cannot be used; the message says why."""


class Index:
    """What is known in one project: `files` as they were when their values were read, a record and a source a value.

    `missing` says in words what was left out; `built` is when it was built, in seconds since 1970.
    """

    __slots__ = ("_sources", "built", "files", "missing", "project", "records", "stored")

    def __init__(
        self, project: str, files: list[File], records: bytes, sources: bytes, missing: list[str], built: int
    ) -> None:
        self.project = project
        self.files = files
        self.records = records
        self.missing = missing
        self.built = built
        self.stored = True
        self._sources: bytes | list[Source] = sources

    @property
    def sources(self) -> list[Source]:
        """The source of each record; read when first asked for: most calls find nothing."""
        if isinstance(self._sources, bytes):
            self._sources = loads(self._sources)  # type: ignore[assignment]
        return self._sources  # type: ignore[return-value]

    @property
    def rows(self) -> list[Row]:
        """(record, source) of each value."""
        pieces = [self.records[at : at + RECORD] for at in range(0, len(self.records), RECORD)]
        return list(zip(pieces, self.sources, strict=True))

    def known(self, key: bytes) -> Known:
        """What text is held against."""
        return Known(key, self.records, self.name)

    def name(self, number: int) -> tuple[str, str]:
        """(variable, `VARIABLE of FILE`) of a source; the file from the project's folder."""
        file, _, variable, _ = self.sources[number]
        path, kind, _ = self.files[int(str(file))]
        if kind == SYNCED:
            return str(variable).partition(OF)[0], str(variable)
        return str(variable), f"{variable}{OF}{shown(str(path), self.project)}"


def shown(path: str, project: str) -> str:
    """A file's name as a person is told it."""
    return path[len(project) + 1 :] if path.startswith(project + "/") else path


def of_rows(project: str, files: list[File], rows: list[Row], missing: list[str], built: int) -> Index:
    """The index of `rows`, each digest once, at most MOST of them: the rest is said to be missing."""
    distinct: dict[bytes, Row] = {}
    for one, source in rows:
        distinct.setdefault(one[:32], (one, source))
    kept = list(distinct.values())[:MOST]
    if len(distinct) > MOST:
        missing = [*missing, f"{len(distinct) - MOST} values beyond the first {MOST}"]
    records = b"".join(one[:40] + number.to_bytes(2, "little") + one[42:] for number, (one, _) in enumerate(kept))
    sources = dumps([source for _, source in kept]).encode("ascii")
    return Index(project, files, records, sources, missing, built)


def index_key() -> bytes:
    """The key of digests of known values. Raises GuardError: the caller fails closed."""
    return hmac_sha256(first_key(), b"known values\0")


def place(project: str, name: str = INDEX) -> str:
    """Where the index of `project` (absolute, links resolved) is kept."""
    return os.path.join(state_dir(), "known", sha256_hex(os.fsencode(project))[:24], name)


def save(index: Index, key: bytes, name: str = INDEX) -> None:
    """Write the index in the place of what was there. Raises OSError, GuardError."""
    from secretguard.whole_file import replace  # an ordinary call writes none

    path = place(index.project, name)
    folder = os.path.dirname(path)
    for private in (state_dir(), os.path.dirname(folder), folder):
        private_dir(private)
    head = {"project": index.project, "files": index.files, "missing": index.missing, "built": index.built}
    parts = dumps(head).encode("ascii"), index.records, dumps(index.sources).encode("ascii")
    body = f"{len(parts[0])} {len(parts[1])}\n".encode("ascii") + b"".join(parts)
    replace(path, f"{MAGIC} {_seal(key, body)}\n".encode("ascii") + body)


def stamp(path: str) -> list[int]:
    """What the system says of a file, so that a change shows; [] where there is none."""
    try:
        info = os.stat(path, follow_symlinks=False)
    except OSError:
        return []
    return [info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino]


def load(project: str, key: bytes, name: str = INDEX) -> Index:
    """The index of `project`. Raises FileNotFoundError where there is none, DamagedIndex for one that is no use."""
    index = load_at(place(project, name), key)
    if index.project != project:
        raise DamagedIndex("it is another project's")
    return index


def load_at(path: str, key: bytes) -> Index:
    """The index in the file `path`. Raises as `load`."""
    try:
        data = _read(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedIndex(f"it cannot be read: {error.strerror}") from None
    header, _, body = data.partition(b"\n")
    if header != f"{MAGIC} {_seal(key, body)}".encode("ascii"):
        raise DamagedIndex("its seal is wrong: it is damaged, or was made with another key")
    sizes, _, parts = body.partition(b"\n")
    first, second = map(int, sizes.split())
    try:
        head = loads(parts[:first])
    except JsonError:  # pragma: no cover - the seal was right
        raise DamagedIndex("its head is no JSON") from None
    if not isinstance(head, dict):  # pragma: no cover - the seal was right
        raise DamagedIndex("its head is no object")
    records, sources = parts[first : first + second], parts[first + second :]
    return Index(head["project"], head["files"], records, sources, head["missing"], head["built"])


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        info = os.fstat(fd)
        if info.st_uid != os.geteuid() or info.st_mode & 0o077 or info.st_size > LARGEST:
            raise DamagedIndex("it is not a private file of this user, or too large")
        parts = []
        while part := os.read(fd, info.st_size + 1):
            parts.append(part)
    finally:
        os.close(fd)
    return b"".join(parts)


def _seal(key: bytes, body: bytes) -> str:
    return str(blake2b(body, digest_size=32, key=key, person=b"known index").hexdigest())
