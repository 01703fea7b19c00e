"""What the source says of the whole is held against its parts: a check that writes down only what does not agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from domain.catalog.product import Product, conversion
from domain.catalog.unit import Unit
from domain.catalog.vendor_price import VendorPrice
from domain.exceptions.exception import SourceRow, flag
from domain.intake.composing import composed
from domain.intake.drafting import Draft, traced
from domain.intake.links import Links
from domain.intake.mapping import Section
from domain.intake.report import UNCHANGED, Outcome
from domain.intake.transforms import Reference
from domain.kernel.base import uuid7
from domain.kernel.commands import Ref, given, said
from domain.kernel.decimals import product_of, ratio, rounded
from domain.kernel.documents import Document, Line
from domain.kernel.errors import Refused, at
from domain.kernel.recall import once, recall, recall_one
from domain.kernel.references import ExternalReference, referred
from domain.kernel.work import Work
from domain.parties.company import Company, company_of

ON_ORDER = "on_order"
WAITING = ("submitted", "confirmed")
"""In which states an order is still open."""


@given
class OnOrder:
    """How much of a vendor price's product a company has on order with its vendor, as the source has it."""

    vendor_price: Ref = said("The vendor's price for the product.")
    company: Ref | None = said("The buying company; needed only if you work for several.", default=None)
    quantity: Decimal = said("How much is on order, in the price's unit.")


def check_on_order(work: Work, section: Section, drafts: Sequence[Draft]) -> list[Outcome]:
    """Flag each vendor price of which something else is on order than the source says.

    Each key is checked once: orders live on, and what was right on its day need not be right on another.
    """
    checked = referred(work.session, ON_ORDER, section.source, [draft.key for draft in drafts])
    fresh = [draft for draft in drafts if draft.key not in checked]
    compared, refused = _compared(work, section, fresh)
    for key in _claimed(work, section, compared.keys()):
        one = compared[key]
        if one.says != one.have:
            message = f"The source has {one.says:f} {one.unit} on order, its open orders come to {one.have:f}."
            where = SourceRow(section.source, section.file, one.row)
            flag(work, "on_order_mismatch", one.price, where, message, company=one.company)
    return [refused.get(draft.key, UNCHANGED) for draft in drafts]


@dataclass(frozen=True, slots=True)
class _Compared:
    """What a row says is on order, and what the orders come to, in the product's stock unit."""

    row: int
    company: UUID
    price: VendorPrice
    says: Decimal
    have: Decimal
    unit: str


def _compared(work: Work, section: Section, drafts: Sequence[Draft]) -> tuple[dict[str, _Compared], dict[str, Outcome]]:
    """What the drafts come to, by key; and which of them are refused."""
    links = Links(work, section.source)
    links.follow(one for draft in drafts for one in draft.values.values() if isinstance(one, Reference))
    told: dict[str, OnOrder] = {}
    refused: dict[str, Outcome] = {}
    for draft in drafts:
        try:
            told[draft.key] = OnOrder(**composed(section, draft, links.ref))
        except Refused as error:
            refused[draft.key] = traced(section, draft, error)
    prices = recall(work, VendorPrice, [one.vendor_price for one in told.values()])
    books, found = _Books(work, prices.values()), dict[str, _Compared]()
    for draft in (one for one in drafts if one.key in told):
        one = told[draft.key]
        price = prices[one.vendor_price]
        try:
            company = _company(work, one.company)
            found[draft.key] = _Compared(draft.row.line, company, price, *books.both(company, price, one.quantity))
        except Refused as error:
            refused[draft.key] = traced(section, draft, error)
    return found, refused


def _company(work: Work, ref: Ref | None) -> UUID:
    if ref is not None:
        return recall_one(work, Company, ref, "company").id
    return once(work, "the only company", lambda: company_of(work, None, "company")).id


class _Books:
    """What the orders say of the products of some vendor prices."""

    def __init__(self, work: Work, prices: Iterable[VendorPrice]) -> None:
        pairs = {(price.partner_id, price.product_id) for price in prices}
        products = recall(work, Product, [product for _, product in pairs], selectinload(Product.units))
        self._products = {product.id: product for product in products.values()}
        units = recall(work, Unit, [product.unit_id for product in self._products.values()])
        self._units = {unit.id: unit for unit in units.values()}
        self._open = _open(work, pairs)

    def both(self, company: UUID, price: VendorPrice, stated: Decimal) -> tuple[Decimal, Decimal, str]:
        """What the source says, and what the company's orders come to, in the product's stock unit."""
        product = self._products[price.product_id]
        unit = self._units[product.unit_id]
        with at("vendorPrice"):
            numerator, denominator = conversion(product, price.unit_id)
        says = ratio(product_of(stated, numerator), denominator)
        have = self._open.get((company, price.partner_id, price.product_id), Decimal(0))
        return rounded(says, unit.digits), rounded(have, unit.digits), unit.code


def _open(work: Work, pairs: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID, UUID], Decimal]:
    """By company, vendor and product: what was ordered and has not come, in stock units."""
    rest = func.greatest(Line.quantity - Line.received, 0) * Line.stock_numerator / Line.stock_denominator
    statement = (
        select(Document.company_id, Document.partner_id, Line.product_id, func.sum(rest))
        .join(Line, (Line.tenant_id == Document.tenant_id) & (Line.document_id == Document.id))
        .where(Document.tenant_id == work.actor.tenant, Document.company_id.in_(work.actor.companies))
        .where(Document.kind == "purchase_order", Document.state.in_(WAITING))
        .where(tuple_(Document.partner_id, Line.product_id).in_(pairs))
        .group_by(Document.company_id, Document.partner_id, Line.product_id)
    )
    found: list[Any] = [*work.session.execute(statement)] if pairs else []
    return {(company, partner, product): quantity for company, partner, product, quantity in found}


def _claimed(work: Work, section: Section, keys: Iterable[str]) -> list[str]:
    """Those of the keys that nobody else is checking or has checked; kept like those of records, they lead to none."""
    rows = [
        {"tenant_id": work.actor.tenant, "id": uuid7(), "record_id": uuid7(), "type": ON_ORDER,
         "source": section.source, "key": key}
        for key in sorted(keys)
    ]  # fmt: skip
    statement = insert(ExternalReference).on_conflict_do_nothing().returning(ExternalReference.key)
    return [*work.session.scalars(statement, rows)] if rows else []
