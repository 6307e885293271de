"""What each answer of Vault means."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import MaybeIssued, SourceFailed
from broker.vault_answer import Outcome, understood, unix


@pytest.mark.parametrize(
    ("status", "document", "outcome"),
    [
        (200, {"data": {}}, Outcome.DONE),
        (204, None, Outcome.DONE),
        (200, b"<html>", Outcome.UNCLEAR),
        (200, b'{"auth": 1, "auth": 2}', Outcome.UNCLEAR),
        (200, [], Outcome.UNCLEAR),
        (201, {}, Outcome.UNCLEAR),
        (400, {"errors": ["child policies must be subset of parent"]}, Outcome.REFUSED),
        (400, {"errors": ["failed to persist accessor index entry: leadership lost"]}, Outcome.UNCLEAR),
        (403, {"errors": ["permission denied"]}, Outcome.REFUSED),
        (404, {"errors": []}, Outcome.REFUSED),
        (405, {"errors": []}, Outcome.REFUSED),
        (412, {}, Outcome.REFUSED),
        (413, b"", Outcome.REFUSED),
        (429, {"errors": ["rate limit quota exceeded"]}, Outcome.REFUSED),
        (500, {"errors": ["internal error"]}, Outcome.UNCLEAR),
        (501, {}, Outcome.REFUSED),
        (502, b"bad gateway", Outcome.UNCLEAR),
        (503, {"errors": ["Vault is sealed"]}, Outcome.REFUSED),
        (503, b"upstream connect error or disconnect/reset before headers", Outcome.UNCLEAR),
        (504, b"", Outcome.UNCLEAR),
        (418, {}, Outcome.UNCLEAR),
    ],
)
def test_what_each_answer_means_for_a_mint(status: int, document: object, outcome: Outcome) -> None:
    """Refused is certain; an answer that may hide a minted credential is unclear."""
    body = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
    answer = understood(status, body)
    assert answer.outcome is outcome
    if outcome is Outcome.REFUSED:
        with pytest.raises(SourceFailed):
            answer.or_maybe("x")
    if outcome is Outcome.UNCLEAR:
        with pytest.raises(MaybeIssued):
            answer.or_maybe("x")
        with pytest.raises(SourceFailed):
            answer.or_failed("x")


@given(
    st.integers(100, 599),
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(
                        ["auth", "data", "errors", "warnings", "lease_id", "lease_duration", "client_token", "x"]
                    ),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_no_answer_is_too_odd_to_be_judged(status: int, body: bytes) -> None:
    """Whatever arrives becomes an Answer: nothing is raised, only 2xx is done, a token is always a Secret."""
    answer = understood(status, body)
    assert answer.outcome in Outcome
    if answer.outcome is Outcome.DONE:
        assert status in (200, 202, 204)
    assert "client_token" not in answer.auth
    assert answer.lease_seconds >= 0
    assert all(isinstance(text, str) for text in (*answer.errors, *answer.warnings))


def test_vaults_times_are_read_with_their_zone_and_nanoseconds() -> None:
    """An unreadable one is in the far future, so that what is of unknown age is looked at."""
    assert unix("1970-01-01T01:00:01.500000001+01:00") == 1.5
    assert unix("1970-01-01T00:00:02Z") == 2
    for odd in ("", None, "yesterday", "1970-13-01T00:00:00Z", 5):
        assert unix(odd) == float("inf")
