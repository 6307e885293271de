from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.policy.compiled import compile_set
from secretguard.policy.examples import expand
from secretguard.policy.glob import MAX_PATH
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, Decision, Request
from secretguard.policy.table import CELLS, LOOSENING, STRICTEST_DATA, STRICTEST_ENVIRONMENT, Policy, cell_index
from tests.secretguard.policy.sets import policy_set


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Policy:
    """The small set, for the user whose home is /home/dev."""
    monkeypatch.setenv("HOME", "/home/dev")
    return compile_set(str(policy_set(tmp_path / "set")))


def test_each_request_has_a_cell_of_its_own() -> None:
    """The look-up is a bijection in the order in which the table is filled."""
    keys = itertools.product(ACTIONS, EFFECTS, ENVIRONMENTS, DATA)
    assert [cell_index(Request(*key)) for key in keys] == list(range(CELLS))


def test_table_of_the_wrong_size_is_refused() -> None:
    """A table that does not answer every request is no table."""
    facts: dict[str, object] = {"protected": {"paths": []}}
    decision = Decision("allow", "x", "y")
    for cells in ([0] * (CELLS - 1), [1] * CELLS, [-1] * CELLS):
        with pytest.raises(ValueError, match="one decision for each cell"):
            Policy("d", [decision], cells, facts)


def test_every_label_has_its_rank() -> None:
    """No label of the vocabulary is forgotten where several apply."""
    assert set(STRICTEST_ENVIRONMENT) == set(ENVIRONMENTS)
    assert set(STRICTEST_DATA) == set(DATA)
    assert set(LOOSENING) <= {*ENVIRONMENTS, *DATA}


@pytest.mark.parametrize(
    ("path", "environment"),
    [
        ("/home/dev/live/shop", "production"),
        ("/home/dev/LIVE/shop", "production"),
        ("/home/dev/live", "production"),
        ("/home/eve/live", "development"),
        ("/srv/../srv/x", "production"),
        ("/sandboxes/1", "sandbox"),
        ("/SANDBOXES/1", "development"),
        ("/sandboxes/../home", "development"),
        ("/anything", "development"),
        ("/" + "a" * MAX_PATH, "production"),
    ],
)
def test_environment_of_a_project(policy: Policy, path: str, environment: str) -> None:
    """Labels follow the directory; tightening ones ignore case; what cannot be compared is production."""
    assert policy.environment(path) == environment


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/x/.env", "secret"),
        ("/x/.ENV", "secret"),
        ("/home/dev/.ssh/id_ed25519", "secret"),
        ("/x/customers/a.csv", "customer"),
        ("/x/customers/README.md", "public"),
        ("/x/readme.md", "internal"),
        ("/home/dev/.ssh/README.md", "secret"),
        ("/x/main.py", "internal"),
        ("/x/" + "a" * MAX_PATH, "customer"),
    ],
)
def test_data_class_of_a_file(policy: Policy, path: str, data: str) -> None:
    """The strictest label wins, and a loosening one must match exactly."""
    assert policy.data_class(path) == data


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("deploy/a.sh", True),
        ("./deploy/a.sh", True),
        ("src/../deploy/a.sh", True),
        ("Deploy/a.sh", True),
        ("k8s/prod/x.yaml", True),
        ("src/deploy/a.sh", False),
        ("../other/x", True),
        ("src/main.py", False),
    ],
)
def test_production_paths(policy: Policy, path: str, expected: bool) -> None:
    """A detour or another case does not lead around the review, nor does climbing out of the repository."""
    assert policy.production_path(path) is expected


def test_own_protection_cannot_be_configured_away(policy: Policy, own_home: Path) -> None:
    """Client settings, managed settings, policy, journal and keys are protected, whatever the facts say."""
    for path in (
        "/home/dev/.claude/settings.json",
        "/x/project/.claude/settings.local.json",
        "/x/.CLAUDE/Settings.json",
        "/etc/secretguard/policy/rules.cedar",
        "/etc/claude-code/managed-settings.json",
        f"{own_home}/config/policy/facts.toml",
        f"{own_home}/state/audit/journal.jsonl",
        f"{own_home}/state/digest.key",
        f"{own_home}/cache/policy-x.table",
        "/home/dev/.ssh/config",
    ):
        assert policy.protected_path(path), path
    assert not policy.protected_path("/x/project/settings.json")


@pytest.mark.parametrize(
    ("host", "environment"),
    [
        ("a.b.prod.example.com", "production"),
        ("DB.example.com.", "production"),
        ("prod.example.com", ""),
        ("evilprod.example.com", ""),
        ("db.example.com.evil.example", ""),
    ],
)
def test_environment_of_a_host(policy: Policy, host: str, environment: str) -> None:
    """A host matches by whole labels, in any case, with or without the final dot."""
    assert policy.host_environment(host) == environment


@given(st.text(max_size=60))
def test_any_path_has_labels(path: str) -> None:
    """Whatever a tool call names as a path, there is an answer."""
    facts: dict[str, object] = {
        "environment": {"default": "development", **{name: ["**/a*"] for name in ENVIRONMENTS}},
        "data": {"default": "internal", **{name: ["**/b*"] for name in DATA}},
        "production": {"paths": ["a/**"]},
        "protected": {"paths": []},
        "hosts": {name: ["*.x"] for name in ENVIRONMENTS},
    }
    policy = Policy("d", [Decision("allow", "x", "y")], [0] * CELLS, facts, "/home/dev")
    assert policy.environment(path) in ENVIRONMENTS
    assert policy.data_class(path) in DATA
    assert policy.production_path(path) in (True, False)
    assert policy.host_environment(path) in (*ENVIRONMENTS, "")


def test_every_request_is_decided(policy: Policy) -> None:
    """There is no request without a decision and no decision without a reason."""
    for request in expand("*/*/*/*"):
        assert policy.decide(request).reason
