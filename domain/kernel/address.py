"""The way to a database: people and asyncpg say `sslmode`, the driver that SQLAlchemy asks says `ssl`."""

from __future__ import annotations

from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

PATIENCE = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
}
"""Asked for with each connection, so that a role which somebody else made need not carry them."""


def for_engine(address: str) -> URL:
    """The address for an engine of SQLAlchemy on asyncpg."""
    url = make_url(address).set(drivername="postgresql+asyncpg")
    mode = url.query.get("sslmode")
    return url if mode is None else url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def engine_at(url: str, *, size: int) -> AsyncEngine:
    """An engine with up to twice `size` connections, each bounded in what it may wait for and for how long."""
    return create_async_engine(
        for_engine(url),
        pool_size=size,
        max_overflow=size,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={"server_settings": PATIENCE},
    )
