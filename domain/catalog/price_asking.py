"""Asking for a price without writing a paper."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import selectinload

from domain.catalog.pricing import Price, PriceBook
from domain.catalog.product import Product, conversion
from domain.catalog.unit import Unit, quantity
from domain.kernel import text
from domain.kernel.commands import Command, Ref, command, said
from domain.kernel.errors import Forbidden, NotFound, PriceMissing, at
from domain.kernel.work import Work
from domain.parties.company import company_of
from domain.parties.partner import Partner


@command(right="purchase.price", answers=Price, public=False)
class AskPrice(Command):
    """What a product is sold for. It writes nothing; people of another firm ask for that firm alone."""

    product: Ref = said("The product.")
    quantity: Decimal = said("How much of it.")
    unit: Ref | None = said("The unit of the quantity; that in which it is sold if not given.", default=None)
    partner: Ref | None = said(
        "The customer; anybody if not given, for people of a customer their own firm.", default=None
    )
    company: Ref | None = said("The company that sells; needed only if you work for several.", default=None)
    currency: str | None = said("ISO 4217 code; the customer's currency, else the company's.", default=None)
    dated: date | None = said("The day of the paper; today if not given.", default=None)

    def act(self, work: Work) -> dict[str, Any]:
        partner = _asked_for(work, self.partner)
        company = company_of(work, self.company, "company")
        product = work.find(Product, self.product, "product", options=[selectinload(Product.units)])
        unit = work.find(Unit, self.unit or product.sales_unit_id or product.unit_id, "unit")
        with at("quantity"):
            amount = quantity(self.quantity, unit)
        with at("currency"):
            usual = (partner.currency if partner else None) or company.currency
            currency = text.currency(self.currency) if self.currency else usual
        dated = self.dated or company.today(work.now)
        book = PriceBook(work, company=company, partner=partner, products=[product], currency=currency, dated=dated)
        with at("unit"):
            conversion(product, unit.id)
        price = _price(book, product, amount, unit)
        return {
            "unit_price": price.unit_price, "price_base": price.price_base, "currency": currency,
            "discount_percent": price.discount_percent, "source": price.source, "price_list_item_id": price.item,
            "unit_id": unit.id,
        }  # fmt: skip

    def told(self, answer: Any) -> Any:
        return answer


def _asked_for(work: Work, ref: Ref | None) -> Partner | None:
    """Whose price is asked for. Price lists are the house's: outsiders learn what their own firm pays, if it buys."""
    own = work.actor.partner
    if own is None:
        work.actor.must("master.read")
        return work.find(Partner, ref, "partner") if ref else None
    with at("partner"):
        partner = work.find(Partner, ref or own)
        if partner.id != own:
            raise NotFound
        if not partner.is_customer:
            raise Forbidden("Prices are for customers, and your firm is none; ask whom you deal with.")
        return partner


def _price(book: PriceBook, product: Product, amount: Decimal, unit: Unit) -> Price:
    try:
        return book.price(product, quantity=amount, unit_id=unit.id)
    except PriceMissing as missing:
        missing.path = ("product",)
        raise
