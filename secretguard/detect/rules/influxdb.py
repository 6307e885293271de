"""InfluxDB: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(88, "influxdb-api-token")

RULES = (
    Rule(
        id="influxdb-api-token",
        description="InfluxDB API token",
        patterns=(near("influx", "[A-Za-z0-9+/]{88}"),),
        url="https://docs.influxdata.com/influxdb/v2/admin/tokens/",
        revoke="Delete the API token in InfluxDB's settings, and make a new one.",
        examples=named("influx", _KEY),
        near_misses=one_off("influx", _KEY),
        judge="beside",
    ),
)
