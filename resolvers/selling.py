"""What a customer would be asked for a product."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from domain.catalog.price_asking import AskPrice
from resolvers.context import Context
from resolvers.ids import ref
from resolvers.nodes import Nouns


async def sales_price(
    context: Context, _nouns: Nouns, *, product: str, quantity: Decimal, currency: str | None = None,
    dated: date | None = None, **named: str | None,
) -> dict[str, Any]:  # fmt: skip
    """The price, in the unit asked for."""
    others: dict[str, Any] = {name: ref(id) for name, id in named.items() if id is not None}
    asked = AskPrice(product=ref(product), quantity=quantity, currency=currency, dated=dated, **others)
    async with context.database.session(context.asking) as session:
        found: dict[str, Any] = await context.database.attempt(session, context.asking, asked)
    return found
