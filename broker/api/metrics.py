"""`/metrics`: numbers of this process and of the store, for Prometheus.

For operators and for who `[server] metrics` names: numbers tell how busy a broker is and what fails there, which is not
for every launcher. Prometheus sends its token by `authorization` in the scrape configuration; on the same machine a
Unix peer does. There is no label that names a task, a person or a secret.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from broker.api.caller import Callers
from broker.errors import Refused
from broker.service import Broker
from broker.telemetry.store_gauges import gauges
from broker.telemetry.vault_gauges import logins


def router(broker: Broker, callers: Callers) -> APIRouter:
    """The route, over one broker."""
    api = APIRouter()

    @api.get("/metrics")
    def metrics(request: Request) -> Response:
        """Prometheus text format."""
        caller = callers.identity(request)
        if not callers.is_operator(caller) and not any(map(caller.matches, broker.metrics)):
            raise Refused(
                f"{caller.id} may not read metrics", "see [server] metrics in the configuration", rule="metrics"
            )
        parts = [broker.observer.metrics.registry, gauges(broker.database), logins(broker.vaults)]
        return Response(b"".join(map(generate_latest, parts)), media_type=CONTENT_TYPE_LATEST)

    return api
