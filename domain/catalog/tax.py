"""A tax: its rate and category, whether prices include it, and what a buyer has of it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.archiving import archivable
from domain.kernel.base import Record, unique
from domain.kernel.commands import ABSENT, Absent, Command, command, said
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput, Refusals
from domain.kernel.fields import Values, as_given, decimal
from domain.kernel.forms import Form
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.setting import one_word, setting
from domain.kernel.text import code, line, one_of
from domain.kernel.work import Work

ROUNDING = setting(
    "tax.rounding",
    "When tax is rounded: once for each tax over the whole paper (document), or once for each line of it (line).",
    one_word("document", "line"),
    default="document",
    scope="company",
)


class Tax(Record):
    """`category` is the UN/CEFACT 5305 code (S standard, Z zero, E exempt, AE reverse charge, G export, O none).

    `included`: prices hold it. Of what a buyer pays, `recoverable_percent` is deducted and the rest is cost. At
    `reverse_charge_rate` the buyer reckons it in the seller's place; it is owed and deductible, and on no total.
    """

    __tablename__ = "tax"
    __table_args__ = (
        unique("code"),
        CheckConstraint("rate >= 0", name="rate_not_negative"),
        CheckConstraint("recoverable_percent between 0 and 100", name="recoverable"),
        CheckConstraint("reverse_charge_rate > 0", name="reverse_charge_rate_positive"),
    )

    code: Mapped[str]
    name: Mapped[str]
    rate: Mapped[Decimal]
    category: Mapped[str] = mapped_column(default="S")
    included: Mapped[bool] = mapped_column(default=False, server_default=false())
    recoverable_percent: Mapped[Decimal] = mapped_column(default=Decimal(100), server_default="100")
    reverse_charge_rate: Mapped[Decimal | None]
    exemption_code: Mapped[str | None]
    exemption_reason: Mapped[str | None]


CATEGORIES = {
    "S": "standard or reduced rate",
    "Z": "zero rate",
    "E": "exempt",
    "AE": "reverse charge",
    "K": "supply within the European Union",
    "G": "export",
    "O": "not subject to tax",
    "L": "Canary Islands",
    "M": "Ceuta and Melilla",
}
TAXING = frozenset({"S", "L", "M"})
SELF_ASSESSED = frozenset({"AE", "K"})
USUAL_CODES = {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}
"""The one code of a category in the list VATEX; for exemptions there are many."""
EXEMPT = frozenset({"E", *USUAL_CODES})
_VATEX = re.compile(r"VATEX-[A-Z]{2}(-[A-Z0-9]+)+")


def vatex(value: str) -> str:
    """A code as the list VATEX of the European Commission forms them."""
    found = value.strip().upper()
    if not _VATEX.fullmatch(found):
        raise BadInput(f"{value!r} is no code of the list VATEX; one looks like VATEX-EU-132-1A.")
    return found


def _rates_fit_category(_: Work, __: Any, after: Values) -> None:
    category, refusals = after["category"], Refusals()
    named = f"A tax of category {category} ({CATEGORIES[category]})"
    with refusals.at("rate"):
        if after["rate"] and category not in TAXING:
            raise BadInput(f"{named} has the rate 0.")
    with refusals.at("reverseChargeRate"):
        if after.get("reverse_charge_rate") and category not in SELF_ASSESSED:
            raise BadInput(f"{named} is not reckoned by the buyer; only AE and K are.")
    refusals.settle()


def _says_why_nothing_is_charged(_: Work, __: Any, after: Values) -> None:
    category, given, reason = after["category"], after.get("exemption_code"), after.get("exemption_reason")
    if category not in EXEMPT:
        if given or reason:
            raise BadInput(f"Category {category} ({CATEGORIES[category]}) takes no reason.", path=("exemptionCode",))
        return
    if not (given or reason):
        usual = f", {USUAL_CODES[category]}," if category in USUAL_CODES else ""
        raise BadInput(
            f"Category {category} ({CATEGORIES[category]}) needs a reason: give the code{usual} or the text.",
            path=("exemptionCode",),
        )
    if given in USUAL_CODES.values() and given != USUAL_CODES.get(category):
        raise BadInput(f"{given} is not for category {category} ({CATEGORIES[category]}).", path=("exemptionCode",))


_PERCENT = decimal(digits=4, least=0, most=100)
FORM = Form(
    model=Tax,
    fields={
        "code": code,
        "name": line,
        "rate": _PERCENT,
        "category": one_of(*CATEGORIES),
        "included": as_given,
        "recoverable_percent": _PERCENT,
        "reverse_charge_rate": decimal(digits=4, above=0, most=100),
        "exemption_code": vatex,
        "exemption_reason": line,
    },
    unique=(("code",),),
    rules=(_rates_fit_category, _says_why_nothing_is_charged),
)


@command(right="master.write", answers=Tax)
class CreateTax(Command):
    """Enter a tax, to be named by products, categories and the lines of papers.

    A paper keeps the rate it was written with; a changed rate holds for what is written from then on.
    """

    code: str = said("What people call it, such as S20; unique.")
    name: str = said("Its name as it stands on papers, such as VAT 20 %.")
    rate: Decimal = said("In per cent of the untaxed amount, with at most 4 decimals.")
    category: str = said(
        "Its category by UN/CEFACT 5305: S standard or reduced, Z zero, E exempt, AE reverse charge, K within the EU, "
        "G export, O not subject to tax, L Canary Islands, M Ceuta and Melilla. Only S, L and M have a rate above 0.",
        default="S",
    )
    included: bool = said(
        "Whether prices of lines and amounts of charges include it; papers then show them without it, and keep the "
        "total.",
        default=False,
    )
    recoverable_percent: Decimal = said(
        "How much of it a buyer gets back, in per cent; the rest is part of what the goods cost. 0 for a sales tax.",
        default=Decimal(100),
    )
    reverse_charge_rate: Decimal | None = said(
        "For AE and K, where we are the buyer: the rate at which we reckon the tax in the seller's place. It is owed "
        "and deductible at once, and not on the paper's total.",
        default=None,
    )
    exemption_code: str | None = said(
        "Why nothing is charged, by the list VATEX, such as VATEX-EU-132-1A. AE, K, G and O get the code of their "
        "own if neither code nor reason is given; E needs one of the two.",
        default=None,
    )
    exemption_reason: str | None = said("Why nothing is charged, in words as they stand on papers.", default=None)
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> Tax:
        unsaid = not (self.exemption_code or self.exemption_reason)
        usual = USUAL_CODES.get(self.category.strip().upper()) if unsaid else self.exemption_code
        return FORM.create(work, replace(self, exemption_code=usual))


UpdateTax = editable(CreateTax, FORM)
ArchiveTax, RestoreTax = archivable(Tax)
