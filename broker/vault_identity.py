"""How the broker logs in to Vault: AppRole (its secret id in a file, or wrapped in one), a token of its platform (JWT,
Kubernetes), or a Vault token given on purpose.

Nothing is taken from the environment and nothing from the home folder. The files are read at each login, so that a
rotated one is picked up without a restart.
"""

from __future__ import annotations

import dataclasses
import re

from broker.errors import SourceFailed
from broker.private_file import OWNER_READS, OWNER_WRITES, begin
from broker.vault_answer import whole
from broker.vault_login import UNKNOWN_LIFE, Ask, Login, refuse_unfit, taken
from secretguard.errors import ConfigError
from secretguard.secret import Secret

FILE_CAP = 4096
JWT_CAP = 16 * 1024
KUBERNETES_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token"
"""Where the kubelet puts the token of a pod's service account."""

_PRINTABLE = re.compile(r"[!-~]+")


def private_text(path: str) -> Secret:
    """The one line in a file that only its owner may read. Raises ConfigError, naming the file and what to change."""
    return _one_line(path, OWNER_READS, "`broker vault setup` writes it", FILE_CAP)


def platform_token(path: str) -> Secret:
    """The one line in a file that only its owner may write: a platform shows its token to others of the same container
    (a kubelet writes it with mode 0644 where it does not know the user). Raises ConfigError."""
    return _one_line(path, OWNER_WRITES, "the platform puts it there: is it mounted?", JWT_CAP)


def _one_line(path: str, others: int, missing: str, cap: int) -> Secret:
    raw = begin(path, cap + 1, others, missing)
    text = raw.decode("ascii", errors="replace").strip()
    if len(raw) > cap or not _PRINTABLE.fullmatch(text):
        raise ConfigError(f"{path}: is not one line of printable characters", "write the value alone into it")
    return Secret(text)


def _login_path(mount: str) -> tuple[str, ...]:
    return ("auth", *mount.strip("/").split("/"), "login")


@dataclasses.dataclass(frozen=True, slots=True)
class AppRole:
    """Role id and secret id in files of mode 0600. `mount` is where the approle method lies."""

    role_id_file: str
    secret_id_file: str
    mount: str = "approle"
    renews = False

    def log_in(self, ask: Ask) -> Login:
        return _approle(ask, self.mount, private_text(self.role_id_file), private_text(self.secret_id_file))


class WrappedAppRole:
    """An AppRole whose secret id arrives wrapped: the file has a wrapping token, good for one unwrapping. The secret id
    is then held in memory alone; a new wrapping token in the file is taken at the next login. Renews first, because a
    secret id may be good for one login only."""

    renews = True

    def __init__(self, role_id_file: str, wrapped_file: str, role: str, mount: str = "approle") -> None:
        self._role_id_file, self._wrapped_file, self._mount = role_id_file, wrapped_file, mount
        self._made_at = f"auth/{mount.strip('/')}/role/{role}/secret-id"
        self._unwrapped: tuple[Secret, Secret] | None = None  # the wrapping token, and what was in it

    def log_in(self, ask: Ask) -> Login:
        wrapping = private_text(self._wrapped_file)
        if self._unwrapped is None or self._unwrapped[0].reveal() != wrapping.reveal():
            self._unwrapped = (wrapping, self._unwrap(ask, wrapping))
        return _approle(ask, self._mount, private_text(self._role_id_file), self._unwrapped[1])

    def _unwrap(self, ask: Ask, wrapping: Secret) -> Secret:
        """The secret id. Where it was made is looked at first: a thief who has unwrapped it can wrap it again, and then
        Vault names another path. (Measured: a used token is answered 400, and so is one that has expired.)"""
        looked = ask("post", "sys", "wrapping", "lookup", body={"token": wrapping.reveal()})
        if looked.says("wrapping token is not valid"):
            raise SourceFailed(
                f"login: {self._wrapped_file}: the wrapping token was used before, or has expired",
                "put a new one into the file; if nobody of yours used it, destroy the role's secret ids first",
                rule="vault-wrapped-secret-id",
            )
        if looked.or_failed("login: the wrapped secret id").data.get("creation_path") != self._made_at:
            raise SourceFailed(
                f"login: {self._wrapped_file}: was not wrapped by {self._made_at}: somebody may have read it",
                "destroy the role's secret ids, and put a new wrapping token into the file",
                rule="vault-wrapped-secret-id",
            )
        value = ask("post", "sys", "wrapping", "unwrap", token=wrapping).or_failed("login: unwrapping").data
        secret_id = value.get("secret_id")
        if not isinstance(secret_id, str) or not secret_id:
            raise SourceFailed("login: there is no secret id in the wrapping", "wrap a new one", rule="vault-login")
        return Secret(secret_id)


def _approle(ask: Ask, mount: str, role_id: Secret, secret_id: Secret) -> Login:
    body = {"role_id": role_id.reveal(), "secret_id": secret_id.reveal()}
    return taken(ask("post", *_login_path(mount), body=body))


@dataclasses.dataclass(frozen=True, slots=True)
class PlatformToken:
    """A JWT that the platform keeps fresh in a file (Vault's jwt and kubernetes methods take it alike)."""

    role: str
    jwt_file: str
    mount: str
    renews = False

    def log_in(self, ask: Ask) -> Login:
        body = {"role": self.role, "jwt": platform_token(self.jwt_file).reveal()}
        return taken(ask("post", *_login_path(self.mount), body=body))


@dataclasses.dataclass(frozen=True, slots=True)
class TokenFile:
    """A Vault token in a file of mode 0600, such as a Vault Agent's sink; read again when Vault refuses the old one. It
    must be allowed to look itself up: whether it is use-limited cannot be told otherwise."""

    path: str
    renews = True

    def log_in(self, ask: Ask) -> Login:
        token = private_text(self.path)
        seen = ask("get", "auth", "token", "lookup-self", token=token)
        if seen.status == 403:
            raise SourceFailed(
                f"login: {self.path}: Vault refuses this token, or it may not look itself up",
                "put a live one there; its policy needs read on auth/token/lookup-self",
                rule="vault-login",
            )
        data = seen.or_failed(f"login: {self.path}").data
        refuse_unfit(data.get("num_uses", 0), data.get("type", "service"))
        return Login(token, whole(data.get("ttl")) or UNKNOWN_LIFE, data.get("renewable") is True)


@dataclasses.dataclass(frozen=True, slots=True)
class FixedToken:
    """A token held in memory and taken as it is: an administrator's for `vault setup`, a development server's."""

    value: Secret
    renews = False

    def log_in(self, _ask: Ask) -> Login:
        return Login(self.value, UNKNOWN_LIFE)
