"""What operators watch: requests, sockets, the log of events, the pool of connections."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from domain.kernel.work import Database

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LOG = """
    select unsealed_events() as unsealed, pg_snapshot_xmax(s)::text::bigint - pg_snapshot_xmin(s)::text::bigint as lag
    from pg_current_snapshot() s
"""


class Metrics:
    """The counters of one application."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self, database: Database) -> None:
        self._database = database
        self._registry = CollectorRegistry()
        kinds = ["transport", "type", "outcome"]
        here = self._registry
        self.requests = Counter("tradegraph_requests", "Operations that were answered.", kinds, registry=here)
        self.seconds = Histogram(
            "tradegraph_request_seconds",
            "How long queries and mutations took.",
            ["type"],
            buckets=BUCKETS,
            registry=here,
        )
        self.sockets = Gauge("tradegraph_sockets", "Open WebSockets.", registry=here)
        self.subscriptions = Gauge("tradegraph_subscriptions", "Running subscriptions.", registry=here)
        self._unsealed = Gauge(
            "tradegraph_events_unsealed", "Committed events without a place, to 1000.", registry=here
        )
        self._lag = Gauge(
            "tradegraph_horizon_lag",
            "Transaction ids between the oldest open transaction and the newest.",
            registry=here,
        )
        self._pool = Gauge("tradegraph_pool_connections", "Connections to the database.", ["state"], registry=here)

    async def page(self) -> bytes:
        """Everything in the format of Prometheus; figures of a database that does not answer are not a number."""
        unsealed, lag = await self._log()
        self._unsealed.set(unsealed)
        self._lag.set(lag)
        pool = self._database.engine.pool
        if isinstance(pool, QueuePool):
            self._pool.labels("in use").set(pool.checkedout())
            self._pool.labels("idle").set(pool.checkedin())
        return generate_latest(self._registry)

    async def _log(self) -> tuple[float, float]:
        try:
            row = await self._database.knock(_LOG)
        except (SQLAlchemyError, OSError):
            return float("nan"), float("nan")
        return row.unsealed, row.lag
