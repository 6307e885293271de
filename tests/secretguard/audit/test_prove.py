from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit import prove as proofs
from secretguard.audit.erase import erase
from secretguard.audit.pin import Pin
from secretguard.audit.prove import Proof, ProofError, check, prove, read
from secretguard.audit.prune import prune
from secretguard.errors import ConfigError
from tests.secretguard.audit.journals import pinned, small
from tests.secretguard.audit.test_prune import NOW


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of several files."""
    return small(tmp_path / "audit", 20)


def test_every_record_is_proved_without_the_journal(journal: Path) -> None:
    """From the document and the pin alone; across files; what other records say is not in it."""
    pin = pinned(journal)
    for seq in range(1, pin.seq + 1):
        document = prove(str(journal), seq, pin).text().encode()
        record = check(read(document, "proof"), pin)
        assert record["seq"] == seq
        assert document.count(b"session_id") == (1 if "session_id" in record else 0)


def test_anyone_can_check_it_with_sha256(journal: Path) -> None:
    """The steps that the guide gives, with nothing of this program."""
    pin = pinned(journal)
    proof = json.loads(prove(str(journal), 5, pin).text())
    own = proof["prev"]
    for text in (proof["envelope"], *proof["links"]):
        own = hashlib.sha256((own + text).encode()).hexdigest()
    assert own == pin.hash
    assert json.loads(([proof["envelope"], *proof["links"]])[-1])["seq"] == pin.seq
    assert json.loads(proof["envelope"])["fields"] == hashlib.sha256(proof["fields"].encode()).hexdigest()


def test_every_altered_proof_is_refused(journal: Path) -> None:
    """Another byte anywhere, a link less or more, other fields, another pin."""
    pin = pinned(journal)
    proof = prove(str(journal), 18, pin)
    assert proof.fields is not None
    for name in ("prev", "envelope", "fields"):
        text = getattr(proof, name)
        for at in range(len(text)):
            other = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
            with pytest.raises(ProofError):
                check(dataclasses.replace(proof, **{name: other}), pin)
    for links in (proof.links[1:], proof.links[:-1], (*proof.links, proof.links[-1]), ()):
        with pytest.raises(ProofError):
            check(dataclasses.replace(proof, links=links), pin)
    with pytest.raises(ProofError):
        check(proof, Pin(pin.journal, pin.seq, "0" * 64, pin.time))
    with pytest.raises(ProofError):
        check(proof, Pin(pin.journal, pin.seq - 1, pin.hash, pin.time))


def test_a_proof_of_another_journal_is_refused(journal: Path, tmp_path: Path) -> None:
    """A pin is of one journal."""
    with pytest.raises(ProofError):
        check(prove(str(journal), 5, pinned(journal)), pinned(small(tmp_path / "other", 20)))


def test_an_erased_record_is_proved_without_its_fields(journal: Path, own_home: Path) -> None:
    """That it was there, when, and which event; a proof from before the erasure still holds."""
    pin = pinned(journal)
    before = prove(str(journal), 3, pin)
    assert own_home
    erase(str(journal), str(check(before, pin)["session_id"]), "x")
    after = prove(str(journal), 3, pin)
    assert after.fields is None
    assert check(after, pin)["erased"] is True
    assert check(before, pin)["session_id"]


def test_what_the_journal_does_not_hold_is_an_expected_error(journal: Path) -> None:
    """After the pin, before a pruning, too far away, or in a journal that contradicts the pin."""
    pin = pinned(journal)
    for seq in (0, pin.seq + 1):
        with pytest.raises(ConfigError, match="later pin"):
            prove(str(journal), seq, pin)
    with pytest.raises(ConfigError, match="lie between"):
        prove(str(journal), 1, Pin(pin.journal, proofs.MAX_LINKS + 2, pin.hash, pin.time))
    with pytest.raises(ConfigError, match="does not hold"):
        prove(str(journal), 1, Pin(pin.journal, pin.seq + 1, pin.hash, pin.time))
    with pytest.raises(ProofError):
        prove(str(journal), 1, Pin(pin.journal, pin.seq, "0" * 64, pin.time))
    prune(str(journal), NOW)
    with pytest.raises(ConfigError, match="does not hold"):
        prove(str(journal), 2, pin)


@given(st.one_of(st.binary(max_size=200), st.just(b"")))
def test_any_bytes_are_a_proof_or_named(data: bytes) -> None:
    """No document ends in another exception."""
    with pytest.raises(ProofError, match="x: "):
        read(data, "x")


_TEXTS = st.one_of(st.none(), st.text(max_size=80), st.integers(), st.lists(st.text(max_size=8), max_size=3))


@given(_TEXTS, _TEXTS, _TEXTS, _TEXTS)
def test_hostile_documents_are_refused(prev: object, envelope: object, fields: object, links: object) -> None:
    """Whatever is in its places, it is read or refused, and then proved or refused."""
    document = {"version": 1, "prev": prev, "envelope": envelope, "fields": fields, "links": links}
    with pytest.raises(ProofError):
        check(read(json.dumps(document).encode(), "x"), Pin("a" * 64, 3, "b" * 64, "now"))


def test_a_proof_says_what_it_is_made_of() -> None:
    """One line of JSON with exactly the named members."""
    text = Proof("a" * 64, "{}", None, ()).text()
    assert sorted(json.loads(text)) == ["envelope", "fields", "links", "prev", "version"]
