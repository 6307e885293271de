from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.calls import NO, UNKNOWN, YES, reaches, told

RECORD: dict[str, object] = {
    "hosts": [
        {"via": "WebFetch", "how": "observed", "host": "docs.example", "scheme": "https"},
        {"via": "curl", "how": "inferred", "host": "api.example", "port": 8443},
        {"via": "ssh", "how": "inferred", "unknown": "a host that is not a literal"},
        {"via": "nc", "how": "inferred", "host": "[2001:db8::1]"},
    ],
    "hosts_left_out": 3,
}


def test_calls_in_words() -> None:
    """Observed or inferred, from what, and how many more there were."""
    assert told(RECORD) == (
        "docs.example (observed)",
        "api.example:8443 (inferred from curl)",
        "a host that is not a literal (inferred from ssh)",
        "[2001:db8::1] (inferred from nc)",
        "3 more that are not listed",
    )
    assert told({}) == ()


@pytest.mark.parametrize(
    ("hosts", "wanted", "answer"),
    [
        (["api.example"], "api.example", YES),
        (["api.example"], "API.example.", YES),
        (["v1.api.example"], "api.example", YES),
        (["v1.api.example"], "*.api.example", YES),
        (["[2001:db8::1]"], "2001:db8::1", YES),
        (["api.example"], "pi.example", NO),
        (["api.example"], "v1.api.example", NO),
        (["other.example", ""], "api.example", UNKNOWN),
        ([""], "api.example", UNKNOWN),
        ([], "api.example", NO),
    ],
)
def test_who_called_a_host(hosts: list[str], wanted: str, answer: str) -> None:
    """A host, or any below a domain, by whole names; a call that does not say whom leaves it open."""
    rows = [{"via": "x", "how": "inferred", **({"host": host} if host else {"unknown": "u"})} for host in hosts]
    assert reaches({"hosts": rows}, wanted) == answer


def test_a_list_that_was_cut_leaves_it_open() -> None:
    """What was left out may be the one."""
    assert reaches(RECORD, "nowhere.example") == UNKNOWN
    assert reaches({"hosts": [], "hosts_left_out": 1}, "nowhere.example") == UNKNOWN


@given(st.one_of(st.none(), st.integers(), st.text(), st.lists(st.one_of(st.none(), st.dictionaries(
    st.sampled_from(["host", "via", "how", "port", "unknown"]), st.one_of(st.none(), st.integers(), st.text())
)))))  # fmt: skip
def test_no_record_breaks_it(hosts: object) -> None:
    """Whatever stands in a record's `hosts`."""
    assert all(isinstance(words, str) for words in told({"hosts": hosts}))
    assert reaches({"hosts": hosts}, "a.example") in (YES, NO, UNKNOWN)
