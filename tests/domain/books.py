"""Looking at the books of a firm, for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from domain.verification import verify
from tests.firm import Firm

ENTERED = """
    select e.journal, p.role, a.code, p.debit - p.credit as value, p.amount, p.currency, p.quantity, p.accounting_date,
      e.dated, e.postponed, e.document_id, e.id as entry, p.partner_id, p.line_id, p.settles_id, p.tax_base, p.due_on,
      p.item_id
    from posting p join entry e on e.id = p.entry_id join account a on a.id = p.account_id
    order by e.id, p.position"""
ZERO = Decimal(0)


async def entered(firm: Firm, **match: Any) -> list[Any]:
    """Every posting whose columns are these, in order."""
    async with firm.database.session(firm.actor("accountant")) as session:
        found = (await session.execute(text(ENTERED))).all()
    return [row for row in found if all(getattr(row, name) == value for name, value in match.items())]


async def told(firm: Firm, paper: UUID) -> dict[str, str]:
    """What a paper did to each role: debit is positive."""
    sums: dict[str, Decimal] = {}
    for row in await entered(firm, document_id=paper):
        sums[row.role] = sums.get(row.role, ZERO) + row.value
    return {role: str(value) for role, value in sums.items()}


async def balances(firm: Firm, *, memo: bool = False) -> dict[str, Decimal]:
    """What every account stands at, those at 0 left out."""
    sums: dict[str, Decimal] = {}
    for row in await entered(firm):
        if memo or row.journal != "commitment":
            sums[row.code] = sums.get(row.code, ZERO) + row.value
    return {code: value for code, value in sums.items() if value}


async def sound(firm: Firm) -> None:
    """Nothing is found where everything is verified."""
    async with firm.database.session(firm.actor("viewer")) as session:
        found = await session.run_sync(verify)
    assert not found, found
