"""The address of a database: people and asyncpg say `sslmode`, the driver that SQLAlchemy asks says `ssl`."""

from __future__ import annotations

from sqlalchemy.engine import URL, make_url


def for_engine(address: str) -> URL:
    """The address for an engine of SQLAlchemy on asyncpg."""
    url = make_url(address).set(drivername="postgresql+asyncpg")
    mode = url.query.get("sslmode")
    return url if mode is None else url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
