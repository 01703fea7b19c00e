from __future__ import annotations

import asyncio

import asyncpg

from migrations.upgrade import application_url, upgrade

ROLE = "tradegraph_app"


async def test_another_process_may_start_while_people_work(database_url: str) -> None:
    """What stands is not built again: it would wait for everybody, or end their work as a deadlock."""
    mine = application_url(database_url, ROLE)
    await upgrade(database_url, application=mine)
    reader = await asyncpg.connect(mine)
    async with reader.transaction():
        await reader.fetch("select * from read.partner")
        await reader.execute("update partner set name = name")
        await asyncio.wait_for(upgrade(database_url, application=mine), 10)
    await reader.close()


async def test_what_does_not_stand_is_built(database_url: str) -> None:
    mine = application_url(database_url, ROLE)
    owner = await asyncpg.connect(database_url)
    for damage in (
        "drop schema read cascade",
        f"revoke usage on schema read from {ROLE}",
        "comment on schema read is 'x'",
    ):
        await owner.execute(damage)
        await upgrade(database_url, application=mine)
        plan = await owner.fetchval("select obj_description('read'::regnamespace, 'pg_namespace')")
        assert len(plan) == 64
    await owner.close()
    reader = await asyncpg.connect(mine)
    assert await reader.fetch("select * from read.partner") == []
    await reader.close()
