"""What was paid last for the same product: of all lines of an operation in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Select, Uuid, any_, literal, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from domain.kernel.decimals import PRICE_DIGITS, product_of, ratio, rounded
from domain.kernel.documents import Line
from domain.kernel.tenancy import view
from resolvers.reading import Reading
from resolvers.scope import visible
from resolvers.sources import Found, Noun

AGREED = ("confirmed", "closed")
_COLUMNS = (
    "id", "document_id", "unit_id", "unit_price", "price_base", "discount_percent",
    "stock_numerator", "stock_denominator",
)  # fmt: skip


async def last_paid(reading: Reading, rows: Sequence[Found]) -> list[dict[str, Any] | None]:
    """By whichever vendor."""
    return await _last(reading, rows)


async def last_paid_here(reading: Reading, rows: Sequence[Found]) -> list[dict[str, Any] | None]:
    """By the vendor of the paper."""
    return await _last(reading, rows, "partner_id")


async def _last(reading: Reading, rows: Sequence[Found], *same: str) -> list[dict[str, Any] | None]:
    statement = _statement(reading, rows, same)
    found = {row["line"]: row for row in await reading.rows(statement)}
    return [_told(row, found[row["id"]]) if row["id"] in found else None for row in rows]


def _statement(reading: Reading, rows: Sequence[Found], same: Sequence[str]) -> Select[Any]:
    """For each line, the line of the latest order before its own paper that the reader may see.

    All earlier lines of the products are joined and the latest kept: asked line by line with a limit, the database
    would go through the orders by date until it met the product, which it may never do.
    """
    papers: Noun = rows[0].of.fields["document"].leads_to
    mine, paper = view(Line).alias("mine"), papers.table.alias("paper")
    theirs, order = view(Line).alias("theirs"), papers.table.alias("ordered")
    ids = literal([row["id"] for row in rows], ARRAY(Uuid()))
    return (
        select(mine.c.id.label("line"), *(theirs.c[name] for name in _COLUMNS))
        .add_columns(order.c.currency, order.c.dated, order.c.partner_id)
        .ext(distinct_on(mine.c.id))
        .select_from(
            mine.join(paper, paper.c.id == mine.c.document_id)
            .join(theirs, theirs.c.product_id == mine.c.product_id)
            .join(order, order.c.id == theirs.c.document_id)
        )
        .where(mine.c.id == any_(ids), order.c.kind == "purchase_order", order.c.state.in_(AGREED))
        .where(tuple_(order.c.dated, order.c.id) < tuple_(paper.c.dated, paper.c.id))
        .where(*(order.c[name] == paper.c[name] for name in same), *visible(papers, order, reading.actor))
        .order_by(mine.c.id, order.c.dated.desc(), order.c.id.desc(), theirs.c.position.desc())
    )


def _told(line: Found, earlier: Any) -> dict[str, Any]:
    price = earlier["unit_price"] if earlier["unit_id"] == line["unit_id"] else _converted(line, earlier)
    return {**earlier, "line_id": earlier["id"], "unit_price": price, "unit_id": line["unit_id"]}


def _converted(line: Found, earlier: Any) -> Decimal:
    """The price of so many of the line's units, by way of the stock unit."""
    here = product_of(line["stock_numerator"], earlier["stock_denominator"])
    there = product_of(line["stock_denominator"], earlier["stock_numerator"])
    return rounded(ratio(product_of(earlier["unit_price"], here), there), PRICE_DIGITS)
