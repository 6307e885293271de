"""One entry of a baseline at a time: accept a finding, or call it real."""

from __future__ import annotations

from typing import Any

from secretguard.acceptance import Acceptance
from secretguard.accepted import Baseline, digests, entries, new_entry, normal
from secretguard.baseline_head import fresh
from secretguard.detect.registry import PEER_TYPES
from secretguard.report.located import Located


def accepted(baseline: Baseline, finding: Located, said: Acceptance) -> dict[str, Any]:
    """The document with `finding` accepted as `said`: every entry of that value in that file, else a new one."""
    return _labelled(baseline, finding, False, said)


def real(baseline: Baseline, finding: Located, said: Acceptance | None) -> dict[str, Any]:
    """The document with `finding` called a real secret, which is then reported until it is gone."""
    return _labelled(baseline, finding, True, said)


def _labelled(baseline: Baseline, finding: Located, label: bool, said: Acceptance | None) -> dict[str, Any]:
    known, place = set(digests(finding)), normal(finding.path)
    words = (said.fields() if said else {}) | {"is_secret": label}
    results: dict[str, list[dict[str, Any]]] = {}
    met = False
    for name, entry in entries(baseline.path, baseline.document):
        if name == place and entry["hashed_secret"] in known:
            entry = {field: value for field, value in entry.items() if field not in ("by", "why", "until")} | words
            met = True
        results.setdefault(name, []).append(entry)
    if not met:
        type_ = PEER_TYPES.get(finding.rule_id, finding.description)
        results.setdefault(place, []).append(new_entry(finding, type_, None, baseline.keyed) | words)
    document = dict(baseline.document or fresh())
    return document | {"results": dict(sorted(results.items()))}
