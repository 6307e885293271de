"""What one broker process counts, for Prometheus: requests, steps, refusals, and how it goes with recovery.

Every label has a small closed set of values: no task, lease, person or path is one, and what other people may name
(rules of a policy) is capped. Names follow https://prometheus.io/docs/practices/naming/, which a test holds them to.
What the store knows, the same from every replica, is in `broker/telemetry/store_gauges.py`.
"""

from __future__ import annotations

import threading

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
MOST_RULES = 100
"""Different rules that are counted by name; those beyond them are `other`."""
OTHER = "other"
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series a counter, which nobody reads


class Metrics:
    """The numbers of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # memory, open files, CPU: what a process that leaks shows first
        self._rules: set[str] = set()
        self._lock = threading.Lock()
        self._requests = Counter(
            "broker_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "broker_request_duration_seconds",
            "Time from a request's first byte to its answer's last.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._refused = Counter(
            "broker_refusals", "Requests that were refused, by the deciding rule.", ("rule",), registry=self.registry
        )
        self._steps = Histogram(
            "broker_pipeline_duration_seconds",
            "Time of one step of the pipeline; step=issue is the credential source's own time.",
            ("step", "source"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._failures = Counter(
            "broker_pipeline_failures",
            "Steps that ended in an error, by its class.",
            ("step", "source", "error"),
            registry=self.registry,
        )
        self._recovered = Gauge(
            "broker_recovery_timestamp_seconds",
            "When this process last finished a round of recovery (Unix time; 0: never).",
            registry=self.registry,
        )
        self._lines = Counter("broker_log_lines_dropped", "Log lines nobody took in time.", registry=self.registry)

    def answered(self, route: str, method: str, status: int, seconds: float, rule: str) -> None:
        """One request; `route` is the template of its path, `rule` that of a refusal or empty."""
        self._requests.labels(route, method if method in METHODS else OTHER, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if rule:
            self._refused.labels(self._known(rule)).inc()

    def step(self, step: str, source: str, seconds: float, error: str) -> None:
        """One step of the pipeline took this long; `error` is the class of what it raised, or empty."""
        self._steps.labels(step, source).observe(seconds)
        if error:
            self._failures.labels(step, source, error).inc()

    def recovered(self, now: float) -> None:
        """A round of recovery is done."""
        self._recovered.set(now)

    def dropped(self) -> None:
        """A log line was not written."""
        self._lines.inc()

    def _known(self, rule: str) -> str:
        with self._lock:
            if rule not in self._rules and len(self._rules) >= MOST_RULES:
                return OTHER
            self._rules.add(rule)
        return rule
