"""Finding one record by what stands on it."""

from __future__ import annotations

from sqlalchemy import select

from domain.kernel.documents import Document
from domain.kernel.errors import BadInput
from resolvers import nodes
from resolvers.context import Context
from resolvers.ids import ref
from resolvers.nodes import Nouns
from resolvers.scope import must_enter, visible
from resolvers.sources import Named


async def node(context: Context, nouns: Nouns, *, id: str) -> Named | None:
    """The record with this id, of whichever type."""
    return nodes.node(context, nouns, id, "id")


async def all_nodes(context: Context, nouns: Nouns, *, ids: list[str]) -> list[Named | None]:
    """The records with these ids, in their order."""
    return nodes.nodes(context, nouns, ids)


async def product_by_barcode(context: Context, nouns: Nouns, *, barcode: str) -> Named | None:
    """The product that a scanner means."""
    noun = nouns["product"]
    must_enter(noun, context.asking)
    table = noun.table
    wanted = table.c.barcode == barcode, table.c.archived_at.is_(None), *visible(noun, table, context.asking)
    found = await context.reading.rows(select(table.c.id).where(*wanted))
    return Named(noun.word, found[0]["id"]) if found else None


async def document_by_number(
    context: Context, nouns: Nouns, *, kind: str, number: str, company: str | None = None
) -> Named | None:
    """The paper of a kind with a number; a number that several companies used needs the company."""
    noun = nouns[Document.__tablename__]
    must_enter(noun, context.asking)
    table, conditions = noun.table, []
    if company is not None:
        key = await nodes.key_in(context.reading, nouns["company"], ref(company))
        conditions.append(table.c.company_id == key)
    statement = select(table.c.id).where(table.c.kind == kind, table.c.number == number, *conditions)
    found = await context.reading.rows(statement.where(*visible(noun, table, context.asking)).limit(2))
    if len(found) > 1:
        raise BadInput("Several companies have a paper with this number; say which one.", path=("company",))
    return Named(noun.word, found[0]["id"]) if found else None
