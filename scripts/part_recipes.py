"""How each part is found on a machine, and how it is got: by Go, cargo, pip, npm or apt-get.

Standard library only. Whatever is fetched is held to digests: those of a lock under `tests/parts/`, those that a
Rust program was published with, or those of the Debian archive.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

RECIPES = Path(__file__).resolve().parent.parent / "tests" / "parts"
VAULT_VERSION = "1.14.1"
GITLEAKS_VERSION = "8.30.1"
CLAUDE_VERSION = "2.1.330"
SARIF_VERSION = "5.7.0"
OIDC_VERSION = "9.13.3"
GO_AT_LEAST = (1, 26)
NODE_AT_LEAST = (18,)
POSTGRES_AT_LEAST = 15

PACKAGES = {
    "postgres": "postgresql",
    "bwrap": "bubblewrap",
    "sshd": "openssh-server",
    "curl": "curl",
    "chromium": "chromium",
    "rsyslog": "rsyslog-openssl",
}
"""Part → the Debian package that brings it."""

SERVICES = {
    "postgresql": ["postgresql.service"],
    "openssh-server": ["ssh.service", "ssh.socket"],
    "rsyslog-openssl": ["rsyslog.service", "syslog.socket"],
}
"""Package → the services that Debian starts on installation, and that nobody asked for here."""

TORCHWOOD_VERSION = "0.9.0"
GITLEAKS = "github.com/zricethezav/gitleaks/v8"
GO_PARTS = {
    "vault": (VAULT_VERSION, ".", ""),
    "gitleaks": (GITLEAKS_VERSION, GITLEAKS, f" -X {GITLEAKS}/version.Version={GITLEAKS_VERSION}"),
    "litewitness": (TORCHWOOD_VERSION, "filippo.io/torchwood/cmd/litewitness", ""),
}
"""Part → version, the package to build in the module `tests/parts/NAME`, and linker flags beside the usual."""

NPM_PARTS = {
    "claude": (CLAUDE_VERSION, "@anthropic-ai/claude-code-*/claude"),
    "claude-2.1.121": ("2.1.121", "@anthropic-ai/claude-code-*/claude"),  # the oldest that can be protected
    "claude-2.1.197": ("2.1.197", "@anthropic-ai/claude-code-*/claude"),  # what npm on Node 20 installs
    "sarif": (SARIF_VERSION, "@microsoft/sarif-multitool-*/Sarif.Multitool"),
    "oidc": (OIDC_VERSION, "oidc-provider/lib/index.js"),
}
"""Part → version, and where in node_modules its native program lies, or the module that Node is to load."""

WHEEL_PARTS = {
    "kingfisher": ("2.14.0", "kingfisher/bin/kingfisher"),
    "betterleaks": ("2.0.0", "betterleaks/bin/betterleaks"),
}
"""Part → version, and where in site-packages its native program lies; the wheels are those of `peers.lock`."""

CARGO_PARTS = {"ripsecrets": "0.1.11"}
"""Part → version of the crate of that name, built with the lock that it was published with."""

BUILD_SECONDS = 45 * 60
INSTALL_SECONDS = 15 * 60


class PartMissing(Exception):
    """A part cannot be had on this machine; the message says why and what would help."""


# ---- where each part is ----


def cache() -> Path:
    """The folder of built and downloaded parts, one a user."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "secretguard-parts"


def _find_vault() -> Path | None:
    for program in ("vault", "bao"):
        on_path = shutil.which(program)
        if on_path and f"v{VAULT_VERSION} " in _output([on_path, "version"]) + " ":
            return Path(on_path)
    return _find_built("vault")


def _find_built(name: str) -> Path | None:
    built = cache() / _go_name(name)
    return built if built.exists() else None


def _find_postgres() -> Path | None:
    """`postgres` itself, newest first; initdb, pg_ctl and psql are beside it."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin/postgres") if path.parts[4].isdigit()]
    fit = [path for path in versions if int(path.parts[4]) >= POSTGRES_AT_LEAST]
    if fit:
        return max(fit, key=lambda path: int(path.parts[4]))
    on_path = shutil.which("postgres")
    version = _output([on_path, "--version"]).split() if on_path else []
    wanted = any(word.split(".")[0].isdigit() and int(word.split(".")[0]) >= POSTGRES_AT_LEAST for word in version)
    return Path(on_path) if on_path and wanted else None


def _find_npm(name: str) -> Path | None:
    found = sorted(_npm_folder(name).glob(f"node_modules/{NPM_PARTS[name][1]}"))
    return next((path for path in found if "musl" not in path.parent.name), None)


def _find_rsyslog() -> Path | None:
    """`rsyslogd`, where its OpenSSL driver is there, too, which is a package of its own."""
    return _on_path("rsyslogd") if any(Path("/usr/lib").glob("**/rsyslog/lmnsd_ossl.so")) else None


def _find_wheel(name: str) -> Path | None:
    found = _wheels("peers").glob(f"lib/python*/site-packages/{WHEEL_PARTS[name][1]}")
    return next((path for path in found if os.access(path, os.X_OK)), None)


def _find_script(name: str) -> Path | None:
    """A program that a wheel of `NAME.lock` installs."""
    found = _wheels(name) / "bin" / name
    return found if os.access(found, os.X_OK) else None


def _find_cargo(name: str) -> Path | None:
    built = _cargo_folder(name) / "bin" / name
    return built if built.exists() else None


def _cargo_folder(name: str) -> Path:
    return cache() / f"{name}-{CARGO_PARTS[name]}"


def _wheels(name: str) -> Path:
    """The private environment of the wheels in `NAME.lock`; a changed lock makes it another one."""
    lock = (RECIPES / f"{name}.lock").read_bytes()
    return cache() / f"{name}-{hashlib.sha256(lock).hexdigest()[:12]}"


def _on_path(*programs: str) -> Path | None:
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"
    return next((Path(found) for name in programs if (found := shutil.which(name, path=path))), None)


def _go_name(name: str) -> str:
    """The file name of a built part: its version, and the digest of its recipe, so that a changed one is built anew."""
    recipe = b"".join(path.read_bytes() for path in sorted((RECIPES / name).iterdir()))
    return f"{name}-{GO_PARTS[name][0]}-{hashlib.sha256(recipe).hexdigest()[:12]}"


def _npm_folder(name: str) -> Path:
    lock = (RECIPES / name / "package-lock.json").read_bytes()
    return cache() / f"{name}-{NPM_PARTS[name][0]}-{hashlib.sha256(lock).hexdigest()[:12]}"


# ---- how each part is got ----


def _build_go(name: str) -> None:
    """Build a part from its published modules; Vault takes minutes and about 3 GB of Go's caches the first time."""
    version, package, flags = GO_PARTS[name]
    with _locked(name):
        if FINDERS[name]():
            return
        print(f"parts: building {name} {version} (may take minutes the first time)", file=sys.stderr, flush=True)
        fresh = cache() / (_go_name(name) + ".new")
        settings = {"CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local"}
        command = ["build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", f"-s -w{flags}"]
        _run([_go(), *command, "-o", str(fresh), package], BUILD_SECONDS, cwd=RECIPES / name, settings=settings)
        itself = [str(fresh), "version"]
        asked = [_go(), "version", "-m", str(fresh)] if name == "litewitness" else itself  # it has no such subcommand
        if version not in _output(asked):
            fresh.unlink(missing_ok=True)
            raise PartMissing(f"the built {name} does not run")
        fresh.rename(cache() / _go_name(name))


def _install_npm(name: str) -> None:
    """Install a part with `npm ci`: each archive is held to the digest in the lock, no install script runs."""
    with _locked(name):
        if FINDERS[name]():
            return
        fresh = Path(tempfile.mkdtemp(prefix=f"{name}-new-", dir=cache()))
        try:
            for file in ("package.json", "package-lock.json"):
                shutil.copy(RECIPES / name / file, fresh / file)
            path = f"{Path(node()).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
            quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
            _run(["npm", "ci", "--ignore-scripts", *quiet], INSTALL_SECONDS, cwd=fresh, settings={"PATH": path})
            for program in fresh.glob(f"node_modules/{NPM_PARTS[name][1]}"):
                program.chmod(0o755)  # one of them leaves that to the install script that is not run
            fresh.rename(_npm_folder(name))
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    found = FINDERS[name]()
    if found is None or NPM_PARTS[name][0] not in _npm_version(found):
        machine = f"{platform.system()} {platform.machine()}"
        raise PartMissing(f"npm has no {name} {NPM_PARTS[name][0]} that runs on {machine}")


def _npm_version(found: Path) -> str:
    """What a native program says, or the package of a module."""
    if found.suffix != ".js":
        return _output([str(found), "--version"])
    return (found.parent.parent / "package.json").read_text(encoding="utf-8")


def install_packages(packages: list[str]) -> None:
    """Install Debian packages and stop the services that came with them. Raises PartMissing where it cannot."""
    if not packages:
        return
    as_root = _root_prefix(packages)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    if os.geteuid() != 0:
        as_root = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive"]
    _run([*as_root, "apt-get", "-qq", "update"], INSTALL_SECONDS, settings=quiet)
    command = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *packages]
    _run([*as_root, *command], INSTALL_SECONDS, settings=quiet)
    if Path("/run/systemd/system").is_dir():
        for service in (service for package in packages for service in SERVICES.get(package, [])):
            subprocess.run([*as_root, "systemctl", "disable", "--now", service], check=False, timeout=60)


def _root_prefix(packages: list[str]) -> list[str]:
    """What to put before apt-get: nothing for root, sudo for others (which asks only where somebody can answer)."""
    if shutil.which("apt-get") is None:
        raise PartMissing(f"this machine has no apt-get: install {' '.join(packages)} in its own way")
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        raise PartMissing(f"neither root nor sudo: have somebody run apt-get install {' '.join(packages)}")
    return ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]


def _go() -> str:
    go = shutil.which("go")
    version = _output([go, "env", "GOVERSION"]).removeprefix("go") if go else ""
    if go and _numbers(version) >= GO_AT_LEAST:
        return go
    return str(_toolchains() / "go")


def node() -> str:
    """The program `node`, from a private environment where this machine has none that is new enough."""
    here = shutil.which("node")
    if here and shutil.which("npm") and _numbers(_output([here, "--version"]).lstrip("v")) >= NODE_AT_LEAST:
        return here
    return str(_toolchains() / "node")


def _toolchains() -> Path:
    """The `bin` folder of a private environment with Go and Node as Python wheels, held to the digests in a lock."""
    return _install_wheels("toolchains", "no fitting Go or Node here: installing their wheels") / "bin"


def _install_wheels(name: str, why: str) -> Path:
    """The environment of `NAME.lock`, made first if it is not whole. A wheel brings no program that is run for it."""
    folder = _wheels(name)
    with _locked(name):
        if not (folder / "ready").exists():
            print(f"parts: {why}", file=sys.stderr, flush=True)
            _run([sys.executable, "-m", "venv", "--clear", str(folder)], INSTALL_SECONDS)
            wheels = ["--require-hashes", "--only-binary=:all:", "-r", str(RECIPES / f"{name}.lock")]
            install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wheels]
            _run([str(folder / "bin" / "python"), *install], INSTALL_SECONDS)
            (folder / "ready").touch()
    return folder


def _install_peer(name: str) -> None:
    """Unpack the wheels of the peers; each holds one native program, which must run and be of its version."""
    _install_wheels("peers", "installing the wheels of the scanners that benches measure against")
    found, version = FINDERS[name](), WHEEL_PARTS[name][0]
    if found is None or version not in _output([str(found), "--version"]):
        raise PartMissing(f"the wheel of {name} {version} has no program that runs on {platform.machine()}")


def _build_cargo(name: str) -> None:
    """Build a published crate with its own lock."""
    version, folder = CARGO_PARTS[name], _cargo_folder(name)
    with _locked(name):
        if FINDERS[name]():
            return
        print(f"parts: building {name} {version} (may take minutes)", file=sys.stderr, flush=True)
        fresh = folder.with_name(folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        where = ["--root", str(fresh), "--target-dir", str(fresh / "target")]
        _run(["cargo", "install", "--quiet", "--locked", *where, name, "--version", version], BUILD_SECONDS)
        shutil.rmtree(fresh / "target", ignore_errors=True)
        fresh.rename(folder)


# ---- running things ----


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str], seconds: int, *, cwd: Path | None = None, settings: dict[str, str] | None = None) -> None:
    """Run an installer, progress on standard error. Raises PartMissing when it fails, is missing or takes too long."""
    environment = {**os.environ, **(settings or {})}
    program = shutil.which(command[0], path=environment.get("PATH")) or command[0]
    try:
        done = subprocess.run(
            [program, *command[1:]], cwd=cwd, env=environment, stdout=sys.stderr, check=False, timeout=seconds
        )
    except FileNotFoundError as error:
        raise PartMissing(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise PartMissing(f"{Path(command[0]).name} took longer than {seconds // 60} minutes") from error
    if done.returncode:
        raise PartMissing(f"`{' '.join([Path(command[0]).name, *command[1:3]])}` ended with {done.returncode}")


def _output(command: list[str]) -> str:
    """What a version command prints, on whichever stream; empty when it cannot run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout + done.stderr).strip()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


FINDERS = {
    "vault": _find_vault,
    "postgres": _find_postgres,
    "bwrap": lambda: _on_path("bwrap"),
    "sshd": lambda: _on_path("sshd"),
    "curl": lambda: _on_path("curl"),
    "chromium": lambda: _on_path("chromium", "chromium-browser"),
    "rsyslog": _find_rsyslog,
    "claude": lambda: _find_npm("claude"),
    "claude-2.1.121": lambda: _find_npm("claude-2.1.121"),
    "claude-2.1.197": lambda: _find_npm("claude-2.1.197"),
    "sarif": lambda: _find_npm("sarif"),
    "oidc": lambda: _find_npm("oidc"),
    "gitleaks": lambda: _find_built("gitleaks"),
    "kingfisher": lambda: _find_wheel("kingfisher"),
    "betterleaks": lambda: _find_wheel("betterleaks"),
    "ripsecrets": lambda: _find_cargo("ripsecrets"),
    "litewitness": lambda: _find_built("litewitness"),
    "prek": lambda: _find_script("prek"),
}
BUILDERS = {
    "vault": lambda: _build_go("vault"),
    "gitleaks": lambda: _build_go("gitleaks"),
    "kingfisher": lambda: _install_peer("kingfisher"),
    "betterleaks": lambda: _install_peer("betterleaks"),
    "ripsecrets": lambda: _build_cargo("ripsecrets"),
    "litewitness": lambda: _build_go("litewitness"),
    "claude": lambda: _install_npm("claude"),
    "claude-2.1.121": lambda: _install_npm("claude-2.1.121"),
    "claude-2.1.197": lambda: _install_npm("claude-2.1.197"),
    "sarif": lambda: _install_npm("sarif"),
    "oidc": lambda: _install_npm("oidc"),
    "prek": lambda: _install_wheels("prek", "installing the wheel of prek, which runs hooks as pre-commit does"),
}
