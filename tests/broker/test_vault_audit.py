"""Vault's own log: real lines on a real Vault, and hostile files."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker import vault_audit
from broker.errors import SourceFailed
from broker.vault import Endpoint, Vault
from broker.vault_identity import FixedToken
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.servers.vault import VaultServer

ROLE = "auth/token/create/sg-task"


def entry(path: str = ROLE, at: int = 0, **parts: Any) -> dict[str, Any]:
    """One line of an audit device, in Vault's form."""
    request = {"path": path, "namespace": {"id": "root"}, "data": parts.pop("data", {})}
    return {"time": f"2026-11-25T01:00:{at:02d}.123456789Z", "type": "response", "request": request, **parts}


def creation(accessor: str, at: int = 0, **meta: str) -> dict[str, Any]:
    """A token's creation."""
    sealed = {"meta": {key: f"hmac-sha256:{value}" for key, value in meta.items()}}
    token = {"accessor": accessor, "metadata": meta, "policies": ["p"], "token_ttl": 60}
    maker = {"accessor": "maker", "policies": ["sg-issuer"]}
    return entry(at=at, data=sealed, response={"auth": token}, auth=maker)


def write(folder: Path, *lines: dict[str, Any] | bytes) -> str:
    """A log of these lines; bytes are taken as they are."""
    path = folder / "audit.log"
    path.write_bytes(b"".join(each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n" for each in lines))
    return str(path)


def test_creations_and_revocations_are_read(tmp_path: Path) -> None:
    """Also a wrapped token's creation; not requests, errors, other paths."""
    wrapped = entry("auth/token/create", 2, response={"wrap_info": {"wrapped_accessor": "inner", "accessor": "outer"}})
    revoke = {"data": {"accessor": "a"}}
    log = vault_audit.read(
        write(
            tmp_path, creation("a", 1, task="t"), wrapped,
            {**creation("asked", 3), "type": "request"}, {**creation("refused", 4), "error": "no"},
            entry("auth/approle/login", 5, response={"auth": {"accessor": "login"}}),
            entry("auth/token/revoke-accessor", 6, **revoke),
            entry("auth/token/revoke-accessor", 7, data={"accessor": "dead"}, error="1 error: invalid accessor"),
            entry("auth/token/revoke-accessor", 8, data={"accessor": "alive"}, error="permission denied"),
        )
    )  # fmt: skip
    first = log.made[0]
    assert [made.accessor for made in log.made] == ["a", "inner"]
    assert (first.line, first.maker, first.ttl) == (1, "maker", 60)
    assert (first.meta, first.sealed) == ({"task": "t"}, {"task": "hmac-sha256:t"})
    assert log.revoked == {"a", "dead"}
    assert (log.lines, log.unreadable, log.torn) == (8, (), False)
    assert round(log.last - log.first) == 7


def test_a_spent_token_is_as_good_as_revoked(tmp_path: Path) -> None:
    """The last call of a use-limited token ends it, also a refused one; an earlier call does not."""
    uses = {"a": 1, "b": 1, "c": 2, "d": "1", "e": True}
    lines = [entry("kv/x", auth={"accessor": name, "remaining_uses": left}) for name, left in uses.items()]
    lines[1]["error"] = "permission denied"
    log = vault_audit.read(write(tmp_path, *lines, entry("kv/y", auth={"accessor": "f"})))
    assert log.revoked == {"a", "b"}


@pytest.mark.vault
def test_a_real_vault_logs_the_last_use(vault_server: VaultServer, tmp_path: Path) -> None:
    """Two uses: dead in the log after the second, not after the first."""
    device, file = f"uses-{secrets.token_hex(4)}", vault_server.folder / f"{secrets.token_hex(4)}.log"
    vault_server.do("PUT", f"sys/audit/{device}", {"type": "file", "options": {"file_path": str(file)}})
    try:
        made = vault_server.do("POST", "auth/token/create", {"num_uses": 2, "policies": ["default"], "ttl": "60s"})
        hashed = vault_server.do("POST", f"sys/audit-hash/{device}", {"input": made["auth"]["accessor"]})
        for spent in (False, True):
            vault_server.call("GET", "secret/data/none", token=made["auth"]["client_token"])
            assert (hashed["data"]["hash"] in vault_audit.read(str(file)).revoked) is spent
    finally:
        vault_server.do("DELETE", f"sys/audit/{device}")


def test_another_namespaces_tokens_are_left_out(tmp_path: Path) -> None:
    """The same path in another namespace is another role."""
    other = creation("b")
    other["request"]["namespace"] = {"id": "x1", "path": "team-a/"}
    path = write(tmp_path, creation("a"), other)
    assert [made.accessor for made in vault_audit.read(path).made] == ["a"]
    assert [made.accessor for made in vault_audit.read(path, "team-a").made] == ["b"]


def test_a_torn_last_line_is_tolerated_and_said(tmp_path: Path) -> None:
    """It is being written; a whole last line without its end is taken."""
    torn = vault_audit.read(write(tmp_path, creation("a"), json.dumps(creation("b")).encode()[:-9]))
    assert ([made.accessor for made in torn.made], torn.torn, torn.unreadable) == (["a"], True, ())
    ended = vault_audit.read(write(tmp_path, creation("a"), json.dumps(creation("b")).encode()))
    assert (len(ended.made), ended.torn) == (2, False)


def test_lines_that_cannot_be_read_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No JSON, no entry, no time, and a line over the cap, which is never held whole."""
    monkeypatch.setattr(vault_audit, "MAX_LINE", 1000)
    huge = {**creation("b"), "padding": "x" * 3000}
    bad = (b"\xff\n", b"[]\n", b"\n", {"time": "never"}, huge)
    log = vault_audit.read(write(tmp_path, creation("a"), *bad, creation("c")))
    assert log.unreadable == (2, 3, 4, 5, 6)
    assert [made.accessor for made in log.made] == ["a", "c"]


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    """An empty file, another kind of file, none, a FIFO that nobody writes."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path in (write(tmp_path), write(tmp_path, b"hello\n"), str(tmp_path / "none"), str(fifo), str(tmp_path)):
        with pytest.raises(ConfigError, match=str(tmp_path)):
            vault_audit.read(path)


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=40) | st.sampled_from([json.dumps(creation("a")).encode()]), max_size=6))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    """Every good line is found, whatever is around it."""
    path = tmp_path_factory.mktemp("log") / "audit.log"
    path.write_bytes(b"\n".join(lines))
    good = sum(line == json.dumps(creation("a")).encode() for line in b"\n".join(lines).split(b"\n"))
    try:
        assert len(vault_audit.read(str(path)).made) == good
    except ConfigError:
        assert good == 0


@pytest.mark.vault
def test_hashes_are_those_of_the_log_with_one_right_and_no_more(vault_server: VaultServer) -> None:
    """The printed policy is all that an auditor needs; without it the error prints it; the values are in the log."""
    device = f"d{secrets.token_hex(4)}"
    log = vault_server.folder / f"{device}.log"
    vault_server.do("POST", f"sys/audit/{device}", {"type": "file", "options": {"file_path": str(log)}})
    try:
        hcl = vault_audit.AUDITOR_POLICY.format(device=device)
        vault_server.do("POST", f"sys/policies/acl/{device}", {"policy": hcl})
        answer = vault_server.do("POST", "auth/token/create", {"policies": [device], "meta": {"colour": "green"}})
        auditor = identity(vault_server, answer["auth"]["client_token"])
        hashed = vault_audit.hashes(auditor, device, ["green", answer["auth"]["accessor"], "green", ""])
        made = vault_audit.read(str(log)).made[-1]
        assert made.accessor == hashed[answer["auth"]["accessor"]]
        assert made.sealed["colour"] == hashed["green"]
        with pytest.raises(SourceFailed, match="no audit device at other"):
            vault_audit.hashes(vault_server.root(), "other", ["green"])
        with pytest.raises(SourceFailed, match=r"may not use(.|\n)*path \"sys/audit-hash/other\""):
            vault_audit.hashes(auditor, "other", ["green"])
        with pytest.raises(SourceFailed, match="take more than"):
            vault_audit.hashes(auditor, device, ["green"], seconds=-1)
        auditor.close()
    finally:
        vault_server.do("DELETE", f"sys/audit/{device}")


def test_too_many_values_are_refused_before_any_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent."""
    monkeypatch.setattr(vault_audit, "MAX_VALUES", 2)
    nowhere = Vault(Endpoint("http://127.0.0.1:1"), FixedToken(Secret("made-up")))
    with pytest.raises(SourceFailed, match="3 values"):
        vault_audit.hashes(nowhere, "file", ["a", "b", "c"])
    assert vault_audit.hashes(nowhere, "file", [""]) == {}


def identity(server: VaultServer, token: str) -> Vault:
    """The product's client with this token."""
    return Vault(Endpoint(server.address), FixedToken(Secret(token)))
