"""The numbers of one process: their names and labels, and what keeps them few."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from broker.telemetry.metrics import MOST_RULES, OTHER, Metrics
from broker.telemetry.store_gauges import gauges
from broker.telemetry.vault_gauges import logins
from broker.testing import memory_broker
from tests.broker.telemetry.logins import vaults

KINDS = ("counter", "gauge", "histogram", "summary")
NOT_BASE = ("milliseconds", "minutes", "hours", "days", "ms", "kilobytes", "megabytes", "percent", "celsius_degrees")


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def lint(text: str) -> list[str]:
    """promtool's rules (prometheus/client_golang: prometheus/testutil/promlint/validations), on an exposition."""
    found = []
    for family in text_string_to_metric_families(text):
        name, words = family.name, family.name.split("_")
        counter = family.type == "counter"
        found += [f"{name}: no help"] if not family.documentation.strip() else []
        found += [f"{name}: {family.type}"] if family.type not in KINDS else []
        found += [f"{name}: {word}" for word in NOT_BASE if word in words]
        found += (
            [f"{name}: its kind is in its name"] if set(words) & {*KINDS, "total"} else []
        )  # the parser drops _total
        found += [f"{name}: camel case, or a colon"] if not re.fullmatch(r"[a-z][a-z0-9_]*", name) else []
        ends = ("_count", "_sum", "_bucket", "_info")
        found += [f"{name}: ends as a part of a histogram"] if family.type == "gauge" and name.endswith(ends) else []
        for one in family.samples:
            found += [f"{one.name}: a counter without _total"] if counter and not one.name.endswith("_total") else []
            found += [f"{one.name}: label {key}" for key in one.labels if not re.fullmatch(r"[a-z][a-z_]*|le", key)]
            found += [f"{one.name}: label is in the name"] if set(one.labels) & set(words) else []
    return found


def test_the_names_are_as_prometheus_wants_them(tmp_path: Path) -> None:
    """Every number that can be exposed, by promtool's rules; the same rules find what is wrong."""
    metrics = Metrics()
    metrics.answered("/v1/tasks", "POST", 201, 0.1, "narrow-only")
    metrics.step("issue", "memory", 0.1, "SourceFailed")
    metrics.dropped()
    broker = memory_broker(str(tmp_path), {}, {})
    parts = (metrics.registry, gauges(broker.database), logins(vaults({"issuer": "sealed"})))
    text = b"".join(map(generate_latest, parts)).decode()
    assert lint(text) == []
    assert len(re.findall(r"^# TYPE broker_", text, re.MULTILINE)) >= 15
    wrong = "# HELP broker_took_ms \n# TYPE broker_took_ms gauge\nbroker_took_ms 1\n"
    assert lint(wrong) == ["broker_took_ms: no help", "broker_took_ms: ms"]


def test_a_refusal_is_counted_by_its_rule_and_the_rules_are_capped() -> None:
    """Rules of a policy are other people's words: beyond a hundred of them the rest is one number."""
    metrics = Metrics()
    for _ in range(3):
        metrics.answered("/v1/tasks", "POST", 403, 0.1, "narrow-only")
    assert sample(metrics, "broker_refusals_total", rule="narrow-only") == 3
    for _ in range(MOST_RULES + 50):
        metrics.answered("/v1/tasks", "POST", 403, 0.1, secrets.token_hex(8))
    assert sample(metrics, "broker_refusals_total", rule=OTHER) == 51
    metrics.answered("/v1/tasks", "POST", 403, 0.1, "narrow-only")
    assert sample(metrics, "broker_refusals_total", rule="narrow-only") == 4
    rules = [
        line for line in generate_latest(metrics.registry).decode().splitlines() if "broker_refusals_total{" in line
    ]
    assert len(rules) == MOST_RULES + 1


def test_a_method_of_somebodys_invention_is_no_label() -> None:
    """A client may send any word as a method."""
    metrics = Metrics()
    metrics.answered("unmatched", "BREW", 405, 0.1, "")
    assert sample(metrics, "broker_requests_total", route="unmatched", method=OTHER, status="405") == 1
    assert "BREW" not in generate_latest(metrics.registry).decode()


def test_steps_tell_time_and_failures() -> None:
    """One histogram a step and source; failures by the class of the error."""
    metrics = Metrics()
    metrics.step("issue", "memory", 0.02, "")
    metrics.step("issue", "memory", 0.02, "SourceFailed")
    assert sample(metrics, "broker_pipeline_duration_seconds_count", step="issue", source="memory") == 2
    assert sample(metrics, "broker_pipeline_failures_total", step="issue", source="memory", error="SourceFailed") == 1


def test_recovery_tells_when_it_was() -> None:
    """0 before the first round: an alert on its age sees that, too."""
    metrics = Metrics()
    assert sample(metrics, "broker_recovery_timestamp_seconds") == 0
    metrics.recovered(1_800_000_000.5)
    assert sample(metrics, "broker_recovery_timestamp_seconds") == 1_800_000_000.5
