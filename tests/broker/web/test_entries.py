"""The record behind the pages."""

from __future__ import annotations

import json
import re

import pytest
import sqlalchemy as sa

from broker.activity import records
from broker.log.proof import ProofError, check_proof, read_proof
from broker.store.tables import events, leaves
from broker.web.entries import fields
from secretguard.audit.merkle import leaf_hash
from tests.broker.web.site import Site
from tests.broker.web.test_growth import change


def stored(site: Site, seq: int) -> str:
    """The text that the store holds."""
    with site.sample.broker.database.read() as tx:
        return str(tx.execute(sa.select(events.c.payload).where(events.c.seq == seq)).scalar_one())


def test_the_record_is_listed_newest_first_in_pages(site: Site) -> None:
    """Every event of the store is on exactly one page, and a page does not move when events are added."""
    path, seen = "/activity/record", []
    while path:
        page = site.page(path)  # each visit signs in and so adds an event
        seen += [int(one) for one in re.findall(r'href="/activity/record/(\d+)">', page)]
        older = re.search(r'href="(\?[^"]*)" rel="next"', page)
        path = f"/activity/record{older[1]}" if older else ""
    assert seen == sorted(set(seen), reverse=True)
    assert set(range(1, max(seen) + 1)) == set(seen)


def test_one_kind_of_event(site: Site) -> None:
    """The list can be narrowed to an event, also one that belongs to no run."""
    page = site.page("/activity/record?event=broker:lease:uncertain")
    assert page.count('<li class="credential marked">') == 1
    assert "<option selected>broker:lease:uncertain</option>" in page
    assert "jwt:corp:olga" in site.page("/activity/record?event=broker:activity:opened")
    assert "No such event is recorded" in site.page("/activity/record?event=none")


def test_an_entry_shows_all_of_its_record(site: Site) -> None:
    """What it says field by field, and its exact text."""
    (one,) = records(site.sample.broker.database, event="broker:approval:granted")
    page = site.page(f"/activity/record/{one.seq}")
    assert "reviewed the plan in the change request" in page
    assert "A person approved exactly one request." in page
    assert f"<dd>{one.leaf}</dd>" in page
    assert one.hash in page


def test_the_exact_bytes_hash_to_the_leaf(site: Site) -> None:
    """What is downloaded is what the tree is made of, byte for byte, and is never run as a page."""
    (one,) = records(site.sample.broker.database, event="broker:approval:granted")
    with site.reviewer() as client:
        answer = client.get(f"/activity/record/{one.seq}/raw")
    assert leaf_hash(answer.content).hex() == one.hash
    assert answer.headers["content-type"] == "application/json"


def test_the_proof_holds_offline(site: Site) -> None:
    """The downloaded file proves with the log's key alone that this very record is in the log; with another it does
    not."""
    (one,) = records(site.sample.broker.database, event="broker:approval:granted")
    with site.reviewer() as client:
        answer = client.get(f"/activity/record/{one.seq}/proof")
    key = site.sample.broker.signer.key.public_key()
    proved = check_proof(read_proof(answer.text), key)
    assert (proved.origin, proved.index, proved.record) == ("test/log", one.leaf, one.payload)
    assert answer.headers["content-disposition"] == f'attachment; filename="entry-{one.seq}.tlog-proof"'
    with pytest.raises(ProofError):
        check_proof(read_proof(answer.text.replace(f"index {one.leaf}", "index 1")), key)


def test_what_has_no_number_yet_has_no_proof(site: Site) -> None:
    """It says so, and how long that takes, as entry and as proof."""
    site.sample.event("", "broker:kill:ordered", scope="all", by="olga", reason="drill")
    (one,) = records(site.sample.broker.database, event="broker:kill:ordered")
    assert "not numbered yet" in site.page(f"/activity/record/{one.seq}")
    with site.reviewer() as client:
        assert client.get(f"/activity/record/{one.seq}/proof").status_code == 409
        assert client.get("/activity/record/999999/raw").status_code == 404


def test_an_edited_entry_says_so_itself(site: Site) -> None:
    """The page of an entry whose text is no longer the one that was numbered carries an alarm; an erased one tells of
    the erasure instead."""
    one = records(site.sample.broker.database, event="broker:lease:revoked")[-1]
    before = stored(site, one.seq)
    change(site.sample, f"UPDATE events SET payload = '{{}}' WHERE seq = {one.seq}")
    assert "this record was edited" in site.page(f"/activity/record/{one.seq}")
    change(site.sample, f"INSERT INTO erasures (seq, turn, payload, at) VALUES ({one.seq}, 1, '{{}}', 1)")
    erased = site.page(f"/activity/record/{one.seq}")
    assert "this record was edited" not in erased
    assert "were erased at" in erased
    with site.sample.broker.database.write() as tx:
        tx.execute(events.update().where(events.c.seq == one.seq).values(payload=before))
        assert tx.execute(sa.select(leaves.c.hash).where(leaves.c.seq == one.seq)).scalar() == one.hash
    assert "this record was edited" not in site.page(f"/activity/record/{one.seq}")


@pytest.mark.parametrize("payload", ["", "[]", "nonsense", "1", "[" * 100_000, '{"a": ' * 5000])
def test_what_is_no_record_is_told(payload: str) -> None:
    """A text that cannot be read as a record has no fields, and breaks nothing."""
    assert fields(payload) is None


def test_nested_fields_are_spread_out() -> None:
    """Up to a depth; beyond it they stand as JSON."""
    deep = json.dumps({"a": {"b": {"c": {"d": {"e": 1}}}}, "list": [1, "x"], "none": {}, "text": "t"})
    assert fields(deep) == [("a.b.c.d", '{"e": 1}'), ("list", '[1, "x"]'), ("none", "{}"), ("text", "t")]
