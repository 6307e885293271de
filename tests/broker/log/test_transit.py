"""The log's key in a real Vault: signed there with the issuer's narrow right, verified here, and never fatal."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker import vault_check, vault_plan, vault_setup
from broker.errors import SourceFailed
from broker.log.transit import TransitKey, TransitSigner, pinned_key, public_key_of, signature_of
from broker.service import Broker
from broker.store.log import append, newest_note, sequence
from broker.store.verify import INCOMPLETE, INTACT, verify
from broker.testing import memory_broker
from broker.vault import Endpoint, Vault
from broker.vault_config import connect
from broker.vault_identity import FixedToken
from secretguard.audit.checkpoint import verifier_key
from secretguard.audit.checkpoint import verify as verify_checkpoint
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.broker.scenario import recorded
from tests.servers.provision import Provisioned, provision
from tests.servers.vault import VaultServer

ORIGIN = "broker.example/log"


@dataclasses.dataclass(frozen=True)
class Site:
    """A Vault that `vault setup` made ready with a log key, and the signer that the broker makes of it."""

    ready: Provisioned
    mount: str
    vkey: Path
    signer: TransitSigner

    @property
    def key(self) -> TransitKey:
        return self.signer._key


@pytest.fixture
def site(vault_server: VaultServer, tmp_path: Path) -> Iterator[Site]:
    """Set up by the product's own steps, with an engine of its own."""
    mount, vkey = f"transit-{secrets.token_hex(4)}", tmp_path / "keys" / "log.vkey"
    ready = provision(vault_server, None, tmp_path)
    wanted = vault_plan.plan(ready.table, (ready.token_grant,), 3600, (mount, "log"))
    admin = vault_server.root()
    assert "missing" in [step.done for step in vault_setup.apply(admin, wanted)]  # the engine is its owner's to enable
    vault_server.do("POST", f"sys/mounts/{mount}", {"type": "transit"})
    assert [step.thing for step in vault_setup.apply(admin, wanted) if step.done == "written"] == [
        f"transit key {mount}/keys/log"
    ]
    assert vault_setup.write_log_key(admin, mount, "log", ORIGIN, vkey).done == "written"
    assert vault_setup.write_log_key(admin, mount, "log", ORIGIN, vkey).done == "unchanged"
    admin.close()
    vaults = connect(ready.table)
    yield Site(
        ready,
        mount,
        vkey,
        TransitSigner(ORIGIN, TransitKey(vaults.issuer, mount, "log", pinned_key(str(vkey), ORIGIN))),
    )
    vaults.close()
    ready.vaults.close()


def broker_with(signer: TransitSigner, folder: Path) -> Broker:
    """A broker in memory whose log is signed so; it has said so in the log, as `broker serve` does."""
    broker = dataclasses.replace(memory_broker(str(folder / "s"), {}, {}), signer=signer)
    broker.tasks.server_started({"signer": "transit"})
    return broker


def grow(broker: Broker, count: int) -> None:
    """Record, without numbering."""
    for _ in range(count):
        with broker.database.write() as tx:
            append(tx, "broker:task:created", "task-1", 1.0, {})


def test_checkpoints_signed_in_vault_verify_with_the_pinned_key(site: Site, tmp_path: Path) -> None:
    """An ordinary C2SP checkpoint: whoever verifies need not know where the key is."""
    broker = broker_with(site.signer, tmp_path)
    grow(broker, 4)
    assert sequence(broker.database, site.signer, broker.clock) == 5
    with broker.database.read() as tx:
        note = newest_note(tx) or ""
    assert verify_checkpoint(note, pinned_key(str(site.vkey), ORIGIN))[:2] == (ORIGIN, 5)
    assert verify(broker.database, site.signer.public_key(), None).code == INTACT
    assert sequence(broker.database, site.signer, broker.clock) == 0


def test_the_issuer_may_sign_with_this_key_and_do_nothing_else_of_the_engine(site: Site) -> None:
    """`vault check` finds so on the server itself, and its drill signs."""
    vaults = connect(site.ready.table)
    probes = list(vault_check.check(site.ready.table, vaults, (site.mount, "log"), site.key))
    assert [(probe.name, probe.problem) for probe in probes if probe.problem] == []
    assert "signs" in probes[-1].name
    for method, path, body in (
        ("get", ("keys", "log"), None),
        ("post", ("keys", "log", "rotate"), {}),
        ("post", ("keys", "other"), {"type": "ed25519"}),
        ("post", ("sign", "other"), {"input": "AAAA"}),
        ("post", ("sign", "log", "sha2-512"), {"input": "AAAA"}),
        ("post", ("sign", "log"), {"input": "AAAA", "prehashed": True}),
        ("post", ("sign", "log"), {"batch_input": [{"input": "AAAA"}]}),
    ):
        assert vaults.issuer.ask(method, site.mount, *path, body=body).status == 403, path
    assert vaults.revoker.ask("post", site.mount, "sign", "log", body={"input": "AAAA"}).status == 403
    vaults.close()


def test_more_than_the_one_right_is_told(site: Site, vault_server: VaultServer) -> None:
    """`vault check` refuses an issuer that could read or rotate the key."""
    name = site.ready.table.issuer_role
    hcl = vault_server.do("GET", f"sys/policies/acl/{name}")["data"]["policy"]
    more = f'path "{site.mount}/keys/*" {{ capabilities = ["read"] }}'
    vault_server.do("POST", f"sys/policies/acl/{name}", {"policy": f"{hcl}\n{more}"})
    vaults = connect(site.ready.table)
    problems = [probe.problem for probe in vault_check.check(site.ready.table, vaults, (site.mount, "log"), site.key)]
    assert any("more than it needs" in problem for problem in problems)
    vaults.close()


def test_a_key_that_was_rotated_signs_nothing_here(site: Site, vault_server: VaultServer, tmp_path: Path) -> None:
    """Its signatures are not the log's; records and numbers go on, and the reason is said."""
    broker = broker_with(site.signer, tmp_path)
    vault_server.do("POST", f"{site.mount}/keys/log/rotate", {})
    grow(broker, 2)
    with pytest.raises(SourceFailed, match="another key"):
        sequence(broker.database, site.signer, broker.clock)
    assert "another key" in site.signer.problem
    admin = vault_server.root()
    with pytest.raises(SourceFailed, match="was rotated"):
        public_key_of(admin, site.mount, "log")
    admin.close()


def test_without_vault_records_go_on_and_the_checkpoint_waits(site: Site, tmp_path: Path) -> None:
    """Numbered, unsigned, told as incomplete; when Vault answers again one checkpoint covers all of it."""
    away = Vault(Endpoint("http://127.0.0.1:1", seconds=1.0), FixedToken(Secret("made-up")))
    down = TransitSigner(ORIGIN, TransitKey(away, site.mount, "log", site.signer.public_key()))
    broker = broker_with(down, tmp_path)
    for count in (3, 2):
        grow(broker, count)
        with pytest.raises(SourceFailed, match="could not be reached"):
            sequence(broker.database, down, broker.clock)
    assert down.problem
    result = verify(broker.database, down.public_key(), None)
    assert (result.code, result.size, result.waiting) == (INCOMPLETE, 6, 0)
    assert result.findings == ("unsigned: no checkpoint states entries 0 to 5",)
    assert len(recorded(broker)) == 6
    assert sequence(broker.database, site.signer, broker.clock) == 0
    assert verify(broker.database, down.public_key(), None).code == INTACT
    away.close()


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "vault:v1:",
        "vault:v1:AAAA",
        "vault:v0:" + "A" * 86 + "==",
        "v1:" + "A" * 86 + "==",
        "vault:v1:" + "A" * 88,
    ],
)
def test_a_signature_in_another_form_is_none(text: object) -> None:
    """An RSA or ECDSA key's, or an answer that is no signature."""
    with pytest.raises(SourceFailed, match="no Ed25519 signature"):
        signature_of(text)


def test_the_pinned_key_is_of_this_log(tmp_path: Path) -> None:
    """Another origin, a damaged file or none is a configuration error, before anything is signed."""
    file = tmp_path / "log.vkey"
    with pytest.raises(ConfigError, match="cannot be read"):
        pinned_key(str(file), ORIGIN)
    file.write_text(verifier_key("other/log", Ed25519PrivateKey.generate().public_key()))
    with pytest.raises(ConfigError, match="other/log"):
        pinned_key(str(file), ORIGIN)


def test_a_second_key_is_not_pinned_over_the_first(site: Site, vault_server: VaultServer) -> None:
    """`vault setup` does not choose which of two keys is the log's."""
    admin = vault_server.root()
    vault_server.do("POST", f"{site.mount}/keys/second", {"type": "ed25519"})
    with pytest.raises(ConfigError, match="another key"):
        vault_setup.write_log_key(admin, site.mount, "second", ORIGIN, site.vkey)
    vault_server.do("POST", f"{site.mount}/keys/wrong", {"type": "ecdsa-p256"})
    with pytest.raises(SourceFailed, match="not of type ed25519"):
        public_key_of(admin, site.mount, "wrong")
    admin.close()
