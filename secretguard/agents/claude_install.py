"""Install the guard into Claude Code and take it out again: the launcher, the settings file, the way back.

What the settings were is kept (0600) with its digest, so that `uninstall` gives the bytes back. What is put in is kept
as well: by that the guard knows, while the client runs, whether its settings still hold all of it.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from secretguard.agents import claude_client
from secretguard.agents import claude_settings as settings
from secretguard.agents.claude_launcher import launcher_path, remove_launcher, write, write_launcher
from secretguard.agents.claude_layers import Layers, added, refuse, remove_mod, write_mod
from secretguard.errors import ConfigError
from secretguard.guard.settings import record_path
from secretguard.keyed import sha256_hex
from secretguard.places import private_dir, state_dir

_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True)
class Change:
    """One settings file before and after; None where there is no file. `entries` (event → hook) and `added` are what is
    ours in it; `left_out` says what was asked for and is not put in, because a person has set it otherwise."""

    path: Path
    before: bytes | None
    after: bytes | None
    entries: dict[str, object]
    added: settings.Added
    left_out: list[str]
    mod: bool = False


def plan_install(scope: str, project: Path, layers: Layers | None = None) -> Change:
    """What `install` would change. Raises ConfigError for a broken settings file."""
    path = settings.settings_path(scope, project)
    before = read(path)
    layers = layers or Layers()
    versions = claude_client.versions()
    refuse(scope, layers, versions[-1] if versions else None)
    version, launcher = versions[0] if versions else None, launcher_path(scope)
    wanted, left_out = added(scope, layers, settings.parse(before or b"", path))
    earlier = _added(_record(path))  # of an installation that may have had other options
    cleaned = settings.removed(before or b"", path, earlier)
    for place in settings.conflicts(cleaned, path, wanted):
        left_out.append(f"{path} has its own {'.'.join(map(str, place))}, which stays")
        wanted = [item for item in wanted if item[0] != place]
    clean = settings.parse(cleaned, path)
    wanted = [item for item in wanted if not settings.present(clean, *item)]  # what a person has already is theirs
    stands = settings.holds(before or b"", path, launcher, version, wanted) and all(item in wanted for item in earlier)
    after = before if stands else settings.installed(cleaned, path, launcher, version, wanted)
    entries: dict[str, object] = {event: settings.entry(launcher, event, version) for event in settings.EVENTS}
    return Change(path, before, after, entries, wanted, left_out, layers.mod)


def plan_uninstall(scope: str, project: Path) -> Change:
    """What `uninstall` would change: the bytes from before the installation where nobody touched the file since."""
    path = settings.settings_path(scope, project)
    now = read(path)
    record = _record(path)
    if now is None:
        return Change(path, None, None, {}, [], [])
    known, before = _before(path, record)
    if record and known and record.get("after_sha256") == sha256_hex(now):
        return Change(path, now, before, {}, [], [])
    return Change(path, now, settings.removed(now, path, _added(record)), {}, [], [])


def install(change: Change, scope: str) -> None:
    """Write the launcher, keep the way back, then the settings. Raises ConfigError when a file cannot be written."""
    records = os.path.dirname(record_path(""))
    private_dir(state_dir())
    private_dir(records)
    write_launcher(scope, records)
    if change.mod:
        write_mod(scope)
    _keep(change)
    if change.after is not None and change.after != change.before:
        write(change.path, change.after, None)


def uninstall(change: Change, scope: str) -> None:
    """Write the settings back, or delete the file that installing made, then the record, the launcher with the last."""
    if change.after is None:
        change.path.unlink(missing_ok=True)
        if (_record(change.path) or {}).get("made_folder") is True:
            with contextlib.suppress(OSError):  # something of somebody else is in it by now
                change.path.parent.rmdir()
    elif change.after != change.before:
        write(change.path, change.after, None)
    record = Path(record_path(str(change.path)))
    for path in (record, record.with_suffix(".before"), record.with_suffix(".undo")):
        path.unlink(missing_ok=True)
    if scope == "managed" or not any(record.parent.glob("*.json")):
        remove_mod(scope, settings.settings_path("user", Path("/")).parent)
        remove_launcher(scope)


def read(path: Path) -> bytes | None:
    """A settings file's bytes, None where there is none. Raises ConfigError when it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise ConfigError(f"{path}: larger than {_LARGEST} bytes")
    return data


def _keep(change: Change) -> None:
    """Remember what was there before the first installation, what is ours now, and by what a later look knows it."""
    record = _record(change.path)
    known, before = _before(change.path, record)
    if record and known and change.before is not None and record.get("after_sha256") == sha256_hex(change.before):
        pass  # installing again over our own work: the way back is the first one
    elif change.before is None:
        before = None
    else:  # a file that was touched since an earlier installation may hold entries of ours: they are not the way back
        before = settings.removed(change.before, change.path, _added(record))
    digest = sha256_hex(change.after or b"")
    kept = {
        "path": str(change.path),
        "before_sha256": None if before is None else sha256_hex(before),
        "after_sha256": digest,
        "made_folder": not change.path.parent.exists() or (record or {}).get("made_folder") is True,
        "hooks": change.entries,
        "added": change.added,
    }
    place = Path(record_path(str(change.path)))
    if before is None:
        place.with_suffix(".before").unlink(missing_ok=True)
    else:
        write(place.with_suffix(".before"), before, 0o600)
    if "\n" not in str(change.path):  # two lines for the shell that has no Python
        write(place.with_suffix(".undo"), f"{digest}\n{change.path}\n".encode("utf-8", "surrogateescape"), 0o600)
    write(place, json.dumps(kept).encode(), 0o600)


def _record(path: Path) -> dict[str, object] | None:
    """What was remembered of an installation; None where there is nothing that can be used."""
    try:
        record = json.loads(Path(record_path(str(path))).read_bytes())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _before(path: Path, record: dict[str, object] | None) -> tuple[bool, bytes | None]:
    """(Whether it is known, the bytes before the installation: None for no file)."""
    if record is None or "before_sha256" not in record:
        return False, None
    if record["before_sha256"] is None:
        return True, None
    try:
        before = Path(record_path(str(path))).with_suffix(".before").read_bytes()
    except OSError:
        return False, None
    return sha256_hex(before) == record["before_sha256"], before


def _added(record: dict[str, object] | None) -> settings.Added:
    """What an installation put in beside its hooks."""
    items = record.get("added") if record else None
    good = [item for item in items if isinstance(item, list) and len(item) == 2] if isinstance(items, list) else []
    return [(place, value) for place, value in good if isinstance(place, list) and place]
