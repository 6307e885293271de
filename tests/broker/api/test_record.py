"""Heads of journals elsewhere, over the API and by the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.cli import cli
from broker.errors import BadRequest, Conflict, Refused
from secretguard.audit.journal import FILE, HEAD, user_journal
from secretguard.audit.verify import verify
from secretguard.errors import ConfigError
from tests.broker.api.running import ME, Running

A, B = "a" * 64, "b" * 64


def heads(running: Running, *arguments: str) -> Result:
    """`broker log heads` in this process."""
    return CliRunner().invoke(cli, ["log", "heads", "--broker", f"unix:{running.socket}", *arguments])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a user's journal with three records."""
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path))
    for _ in range(3):
        user_journal().append("policy:set:compiled", {"digest": "d"})
    return next(tmp_path.rglob(FILE)).parent


def test_a_head_is_sent_and_seen_by_operators(running: Running) -> None:
    """Anybody who is known sends; who may look are operators; the sender is whom the transport names."""
    operator = running.client(running.token("grace", "operators"))
    with running.client() as mine, running.client(running.token("ada")) as ada, operator:
        assert mine.send_head("box", A, 3, B) is True
        assert mine.send_head("box", A, 3, B) is False
        assert ada.send_head("box", B, 1, B) is True
        for one in (mine, ada):
            with pytest.raises(Refused):
                one.heads()
        found = {(one["caller"], one["source"], one["seq"]) for one in operator.heads()}
    assert {(ME, "box", 3), ("jwt:corp:ada", "box", 1)} <= found


def test_a_contradiction_is_a_conflict(running: Running) -> None:
    """409 with a problem document that names what is wrong and the way on."""
    with running.client() as mine, running.raw() as raw:
        mine.send_head("rolled", A, 3, B)
        body = {"source": "rolled", "journal": A, "seq": 2, "hash": B}
        answer = raw.post("/v1/log/heads", json=body)
        assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
        assert answer.json()["rule"] == "journal-head"
        with pytest.raises(Conflict, match="another hash"):
            mine.send_head("rolled", A, 3, A)


@pytest.mark.parametrize(
    "change",
    [
        {"source": ""},
        {"source": "x" * 65},
        {"source": "../x"},
        {"source": "a\n"},
        {"seq": 0},
        {"seq": -1},
        {"seq": 2**63},
        {"seq": "3"},
        {"seq": True},
        {"hash": "A" * 64},
        {"hash": A + "\n"},
        {"journal": ""},
        {"caller": "unix:0"},
    ],
)
def test_a_head_that_is_none(change: dict[str, object], running: Running) -> None:
    """Refused for its shape; nobody names themselves in the body."""
    with running.raw() as raw:
        body = {"source": "odd", "journal": A, "seq": 3, "hash": B} | change
        assert raw.post("/v1/log/heads", json=body).status_code == 400


def test_the_command_sends_the_users_journal(home: Path, running: Running) -> None:
    """Its number and hash are those of the journal; again is `as before`; a further record is news."""
    first = heads(running, "--send")
    assert first.exit_code == 0, first.output
    assert first.output.endswith(f": record {verify(str(home)).records}\n")
    assert "as before" in heads(running, "--send").output
    user_journal().append("policy:set:compiled", {"digest": "e"})
    assert "as before" not in heads(running, "--send").output
    token = home / "token"
    token.write_text(running.token("grace", "operators").reveal())
    token.chmod(0o600)
    shown = json.loads(heads(running, "--token-file", str(token), "--format", "json").output)
    own = next(one for one in shown if one["caller"] == ME and one["pin"]["journal"] == verify(str(home)).first)
    assert own["pin"]["hash"] == verify(str(home)).last
    table = heads(running, "--token-file", str(token)).output
    assert table.split()[:5] == ["caller", "source", "seq", "age", "conflicts"]


def test_a_journal_that_was_cut_off_is_refused(home: Path, running: Running) -> None:
    """Records and head file taken back together are consistent in themselves: the broker knows better."""
    lines, head = (home / FILE).read_bytes(), (home / HEAD).read_bytes()
    user_journal().append("policy:set:compiled", {"digest": "e"})
    assert heads(running, "--send", "--source", "cut").exit_code == 0
    (home / FILE).write_bytes(lines)
    (home / HEAD).write_bytes(head)
    refused = heads(running, "--send", "--source", "cut")
    assert isinstance(refused.exception, Conflict)
    assert "goes back" in refused.exception.message


def test_a_broken_journal_is_not_sent(home: Path, running: Running) -> None:
    """Its own `verify` has the word; nor is one sent that is not there."""
    (home / FILE).write_bytes((home / FILE).read_bytes().replace(b'"d"', b'"x"', 1))
    assert isinstance(heads(running, "--send", "--source", "broken").exception, ConfigError)
    os.unlink(home / FILE)
    os.unlink(home / HEAD)
    assert isinstance(heads(running, "--send", "--source", "broken").exception, ConfigError)


@pytest.mark.parametrize("call", ["entries?start=", "entries?count=", "proof?leaf=0&size=", "proof?size=1&leaf="])
@pytest.mark.parametrize("number", ["-1", "9007199254740992", "1" + "0" * 40, "x"])
def test_a_number_that_no_store_holds_is_a_bad_request(call: str, number: str, running: Running) -> None:
    """And no failure of the store."""
    with running.client(running.token("grace", "operators")) as operator, pytest.raises(BadRequest):
        operator._get(f"/v1/log/{call}{number}")
