"""What a posted paper says of both sides, of the goods' place and of its terms, whatever becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from domain.catalog.tax_position import TaxPosition
from domain.catalog.unit import Unit, must_have_codes
from domain.invoicing.instalment import Instalment
from domain.kernel.documents import ZERO, Document
from domain.kernel.errors import NotReady
from domain.kernel.fields import camel
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Partner
from domain.parties.payment_term import PaymentTerm

INVOICE, DELIVERY, LEGAL = "invoice", "delivery", "legal"
NEEDS_VAT_NUMBER = {"K": "a supply within the European Union", "AE": "reverse charge"}
"""Categories of tax that the buyer's VAT number must stand beside (EN 16931, BR-IC-3, BR-AE-3)."""
PLACE = ("street", "postal_code", "city", "region", "country")


def frozen(work: Work, paper: Document, company: Company) -> dict[str, Any]:
    """Names, addresses, numbers, bank accounts and units as they are now."""
    work.session.refresh(company, ["addresses", "tax_numbers", "bank_accounts"])
    partner = _partner(work, paper)
    position = work.find(TaxPosition, paper.tax_position_id) if paper.tax_position_id else None
    return {
        "company": _firm(company, LEGAL) | {"currency": company.currency, "bankAccounts": _accounts(company)},
        "partner": _firm(partner, INVOICE, paper.invoice_address_id) | {"number": partner.number} if partner else None,
        "delivery": _address(partner.addresses, DELIVERY, paper.delivery_address_id) if partner else None,
        "taxNote": position.note if position else None,
        "units": {one.code: _unit(one, paper) for one in _units(work, paper)},
    }


def frozen_terms(term: PaymentTerm | None, rows: Sequence[Instalment]) -> dict[str, Any] | None:
    """Terms of payment as they are now, and what the discount for haste comes to with these instalments of them."""
    if term is None:
        return None
    found = {"name": term.name, "instalments": term.instalments}
    until = rows[0].discount_until
    if until is None:
        return found
    return found | {
        "discountPercent": str(term.discount_percent),
        "discountDays": term.discount_days,
        "discountUntil": until.isoformat(),
        "discountedTotal": str(sum((row.amount - row.discount for row in rows), ZERO)),
    }


def fit_for_an_invoice(work: Work, paper: Document) -> None:
    """Guard: units have the codes, and the customer the VAT number, that an electronic invoice needs."""
    must_have_codes(_units(work, paper))
    partner = _partner(work, paper)
    if partner is not None and any(one.kind == "vat" for one in partner.tax_numbers):
        return
    for tax in paper.taxes:
        if tax.category in NEEDS_VAT_NUMBER:
            told = NEEDS_VAT_NUMBER[tax.category]
            raise NotReady(f"The tax is that of {told}; enter the customer's VAT number first.", path=("partner",))


def _partner(work: Work, paper: Document) -> Partner | None:
    partner = work.find(Partner, paper.partner_id) if paper.partner_id else None
    if partner is not None:
        work.session.refresh(partner, ["addresses", "tax_numbers"])
    return partner


def _units(work: Work, paper: Document) -> list[Unit]:
    return list(work.find_all(Unit, [line.unit_id for line in paper.lines]).values())


def _unit(unit: Unit, paper: Document) -> dict[str, Any]:
    """What it is called, and the positions of the lines that are in it."""
    lines = [line.position for line in paper.lines if line.unit_id == unit.id]
    return {"name": unit.name, "unece": unit.unece, "lines": lines}


def _firm(firm: Company | Partner, role: str, chosen: Any = None) -> dict[str, Any]:
    return {
        "name": firm.name,
        "country": firm.country,
        "address": _address(firm.addresses, role, chosen),
        "electronicAddress": firm.electronic_address,
        "electronicScheme": firm.electronic_scheme,
        "taxNumbers": [{"country": one.country, "kind": one.kind, "number": one.number} for one in firm.tax_numbers],
    }


def _accounts(company: Company) -> list[dict[str, Any]]:
    return [
        {"bank": one.bank, "number": one.number, "bic": one.bic, "currency": one.currency}
        for one in company.bank_accounts
    ]


def _address(addresses: Iterable[Any], role: str, chosen: Any) -> dict[str, Any] | None:
    """The address that the paper names, else that of the role, else the legal one."""
    ranked = sorted(
        (one for one in addresses if one.id == chosen or one.role in {role, LEGAL}),
        key=lambda one: (one.id != chosen, one.role != role, one.id),
    )
    return {camel(name): getattr(ranked[0], name) for name in PLACE} if ranked else None
