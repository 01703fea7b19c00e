"""What a trader needs: wares in awkward units, taxes of all sorts, and a look at all that follows from papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from domain.access.role import RIGHTS
from domain.catalog.product import Product, ProductUnit
from domain.catalog.tax import Tax
from domain.catalog.unit import Unit
from domain.kernel.actor import Actor
from domain.kernel.commands import Ref
from domain.kernel.work import Work
from domain.parties.partner import Partner
from domain.parties.rate import Rate
from tests.firm import TODAY, Firm

D = Decimal
GOODS = (
    ("bolt", "piece", 0), ("bolt", "box", 0), ("wire", "kilogram", 3), ("rod", "cut", 0), ("advice", "piece", 0),
)  # fmt: skip
"""Product, unit, and its digits."""


async def furnish(firm: Firm) -> None:
    """What the trader needs beside the small firm."""
    made = await firm.database.transact(_any(firm), _furnish)
    firm.ids |= made


def _furnish(work: Work) -> dict[str, UUID]:

    piece = work.session.scalars(select(Unit).where(Unit.code == "PCE")).one()
    rows: dict[str, Any] = {
        "cut": Unit(code="CUT", name="Cut", digits=0, unece="NMP"),
        "included": Tax(code="INC", name="VAT 19 %, included", rate=D(19), included=True),
        "half": Tax(code="HALF", name="VAT 7 %, half recovered", rate=D(7), recoverable_percent=D(50)),
        "reverse": Tax(code="AE", name="Reverse charge", rate=D(0), category="AE", reverse_charge_rate=D(20)),
        "yen_customer": Partner(number="C2", name="Wheel KK", is_customer=True, country="JP", currency="JPY"),
        "advice": Product(sku="ADVICE", name="Advice", unit_id=piece.id, is_stocked=False),
    }
    for row in rows.values():
        work.add(row)
    work.session.flush()
    rod = Product(sku="ROD", name="Rod", unit_id=piece.id)
    rod.units.append(ProductUnit(unit_id=rows["cut"].id, numerator=D(1), denominator=D(3)))
    work.add(rod)
    work.add(Rate(base="JPY", quote="USD", dated=TODAY.date(), rate=D("0.0067")))
    work.session.flush()
    return {word: row.id for word, row in (rows | {"rod": rod}).items()}


def ref(id: UUID) -> Ref:
    return Ref(id=id)


def _any(firm: Firm) -> Actor:
    return replace(firm.actor("administrator"), rights=frozenset(RIGHTS))


def actor(firm: Firm, verb: str) -> Actor:
    """Somebody who may do it; who says yes or no is not who asked."""
    if verb.startswith(("Approve", "Reject")):
        return firm.actor("approver")
    return _any(firm)


DERIVED = {
    "document": """
        select id::text, concat_ws(' ', state, receipt_state, delivery_state, billing_state, ordering_state,
          credit_state, payment_state, residual, total, expected_on, due_on) from document""",
    "line": """
        select l.id::text, concat_ws(' ', trim_scale(received), trim_scale(rejected), trim_scale(accepted),
          trim_scale(ordered), trim_scale(announced), trim_scale(delivered), trim_scale(returned),
          trim_scale(to_replace), trim_scale(billed), trim_scale(credited), trim_scale(claimed), trim_scale(closed),
          trim_scale(open_quantity))
        from line l
        join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id) where not d.id::text = any(:new)""",
    "position": """
        select concat_ws(' ', product_id, location_id), concat_ws(' ', trim_scale(on_hand), trim_scale(incoming),
          trim_scale(outgoing)) from position where (on_hand, incoming, outgoing) <> (0, 0, 0)""",
    "books": """
        select concat_ws(' ', p.account_id, p.partner_id, p.currency),
          concat_ws(' ', trim_scale(sum(debit - credit)), trim_scale(sum(amount)))
        from posting p group by p.account_id, p.partner_id, p.currency
        having (sum(debit - credit), sum(amount)) <> (0, 0)""",
}
"""What follows from papers: by table a query of keys and what is said of them."""


async def derived(firm: Firm, papers: Sequence[Any]) -> dict[str, dict[str, str]]:
    """All that follows from papers, for those that are known."""
    known = {str(one.id) for one in papers}
    found: dict[str, dict[str, str]] = {}
    async with firm.database.session(firm.actor("viewer")) as session:
        everything = [str(id) for id in await session.scalars(text("select id from document"))]
        new = [id for id in everything if id not in known]
        for table, query in DERIVED.items():
            asked = {"new": new} if ":new" in query else {}
            rows = await session.execute(text(query), asked)
            found[table] = {key: told for key, told in rows if table != "document" or key in known}
    return found
