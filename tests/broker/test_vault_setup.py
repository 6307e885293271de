"""Writing credential files, and steps that Vault refuses; the rest of `vault setup` is tried on a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker import vault_setup
from broker.errors import SourceFailed
from broker.vault import Endpoint, Vault
from broker.vault_config import IdentityTable, VaultTable
from broker.vault_identity import FixedToken
from broker.vault_plan import plan
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.servers.loopback import Request, loopback, reply


def admin(address: str) -> Vault:
    """An administrator at a loopback server."""
    return Vault(Endpoint(address), FixedToken(Secret("x")))


def table(folder: Path) -> VaultTable:
    """A table whose four files lie under `folder`."""
    issuer, revoker = (
        IdentityTable(role_id_file=str(folder / f"{who}.r"), secret_id_file=str(folder / f"{who}.s"))
        for who in ("issuer", "revoker")
    )
    return VaultTable(address="http://127.0.0.1:1", issuer=issuer, revoker=revoker)


def ids(request: Request) -> list[bytes]:
    """Vault's answers to both questions."""
    kind = "role_id" if request.path.endswith("/role-id") else "secret_id"
    return reply(200, {"data": {kind: f"{kind}-value"}})


def test_files_are_private_and_never_written_over(tmp_path: Path) -> None:
    """A second run keeps what is there; a link in the place of a file is not followed."""
    outside = tmp_path / "outside"
    folder = tmp_path / "new"
    with loopback(ids) as server:
        first = [step.done for step in vault_setup.write_credentials(admin(server.address), table(folder))]
        second = [step.done for step in vault_setup.write_credentials(admin(server.address), table(folder))]
        (folder / "issuer.s").unlink()
        (folder / "issuer.s").symlink_to(outside)
        with pytest.raises(ConfigError, match=r"issuer\.s: cannot be written"):
            list(vault_setup.write_credentials(admin(server.address), table(folder)))
    assert (first, second) == (["written"] * 4, ["unchanged"] * 4)
    assert not outside.exists()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir() if not path.is_symlink()} == {0o600}
    assert (folder / "revoker.s").read_text() == "secret_id-value\n"


def test_an_answer_without_the_id_writes_no_file(tmp_path: Path) -> None:
    """Not the word None, not an empty file."""
    with loopback(lambda _: reply(200, {"data": {}})) as server, pytest.raises(SourceFailed):
        list(vault_setup.write_credentials(admin(server.address), table(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_a_login_by_token_file_has_no_files_to_write() -> None:
    """Said, not skipped."""
    token = IdentityTable(token_file="/t")
    by_token = VaultTable(address="http://127.0.0.1:1", issuer=token, revoker=token)
    with pytest.raises(ConfigError, match="token file"):
        list(vault_setup.write_credentials(admin("http://127.0.0.1:1"), by_token))


def test_a_step_that_is_refused_stops_the_run(tmp_path: Path) -> None:
    """An administrator's token that may not write policies is told so at the first one."""
    with loopback(lambda _: reply(403, {"errors": ["permission denied"]})) as server:
        steps = vault_setup.apply(admin(server.address), plan(table(tmp_path), (), 60))
        with pytest.raises(SourceFailed, match="reading policy secretguard-issuer"):
            next(steps)


def test_a_wrapped_secret_id_is_asked_for_wrapped_and_only_its_wrapping_is_written(tmp_path: Path) -> None:
    """The secret id itself never passes through; a login by the platform's token has no file."""

    def play(request: Request) -> list[bytes]:
        if request.path.endswith("/role-id"):
            return reply(200, {"data": {"role_id": "the-role"}})
        wrapped = request.headers.get("x-vault-wrap-ttl") == "1800s"
        return reply(200, {"wrap_info": {"token": "wrapping"}} if wrapped else {"data": {"secret_id": "bare"}})

    issuer = IdentityTable(
        role_id_file=str(tmp_path / "r"), wrapped_secret_id_file=str(tmp_path / "w"), mount="team/approle"
    )
    both = VaultTable(address="http://127.0.0.1:1", issuer=issuer, revoker=IdentityTable(method="kubernetes"))
    with loopback(play) as server:
        done = list(vault_setup.write_credentials(admin(server.address), both))
    assert [step.done for step in done] == ["written", "written"]
    assert "30 minutes" in done[1].thing
    assert (tmp_path / "w").read_text() == "wrapping\n"
    assert all("auth/team/approle/role/secretguard-issuer/" in request.path for request in server.requests)


def test_a_server_that_does_not_wrap_is_told(tmp_path: Path) -> None:
    """A gateway that strips the header must not make a bare secret id out of it."""
    issuer = IdentityTable(role_id_file=str(tmp_path / "r"), wrapped_secret_id_file=str(tmp_path / "w"))
    both = VaultTable(address="http://127.0.0.1:1", issuer=issuer, revoker=issuer)
    with loopback(ids) as server, pytest.raises(SourceFailed, match="did not wrap"):
        list(vault_setup.write_credentials(admin(server.address), both))
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    ("answer", "done"),
    [
        ((404, {"errors": []}), "missing"),
        ((200, {"data": {}}), "weak"),
        ((200, {"data": {"token_policies": ["root"]}}), "weak"),
        ((200, {"data": {"token_policies": ["secretguard-issuer"], "token_num_uses": 5}}), "weak"),
        ((200, {"data": {"token_policies": ["secretguard-issuer"], "token_num_uses": 0}}), "unchanged"),
    ],
)
def test_a_login_that_is_its_owners_is_looked_at_and_not_written(answer: tuple[int, object], done: str) -> None:
    """Whose token it takes is not ours to say; what it must give is."""
    pod = IdentityTable(method="kubernetes")
    both = VaultTable(address="http://127.0.0.1:1", issuer=pod, revoker=IdentityTable(token_file="/t"))

    def play(request: Request) -> list[bytes]:
        if "/kubernetes/" in request.path:
            assert request.method == "GET"
            return reply(*answer)
        return reply(200, {"data": {}})

    with loopback(play) as server:
        steps = list(vault_setup.apply(admin(server.address), plan(both, (), 60)))
    assert [step.done for step in steps if "kubernetes" in step.thing] == [done]
