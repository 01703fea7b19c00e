"""A tax by its rate and category."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.archiving import archivable
from domain.kernel.base import Record, unique
from domain.kernel.commands import ABSENT, Absent, Command, command, said
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput
from domain.kernel.fields import Values, decimal
from domain.kernel.forms import Form
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, line, one_of
from domain.kernel.work import Work


class Tax(Record):
    """`category` is the UN/CEFACT 5305 code (S standard, Z zero, E exempt, AE reverse charge, G export, O none)."""

    __tablename__ = "tax"
    __table_args__ = (unique("code"), CheckConstraint("rate >= 0", name="rate_not_negative"))

    code: Mapped[str]
    name: Mapped[str]
    rate: Mapped[Decimal]
    category: Mapped[str] = mapped_column(default="S")


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


def _rate_fits_category(_: Work, __: Any, after: Values) -> None:
    if after["rate"] and after["category"] not in TAXING:
        meaning = CATEGORIES[after["category"]]
        raise BadInput(f"A tax of category {after['category']} ({meaning}) has the rate 0.", path=("rate",))


FORM = Form(
    model=Tax,
    fields={
        "code": code,
        "name": line,
        "rate": decimal(digits=4, least=0, most=100),
        "category": one_of(*CATEGORIES),
    },
    unique=(("code",),),
    rules=(_rate_fits_category,),
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
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> Tax:
        return FORM.create(work, self)


UpdateTax = editable(CreateTax, FORM)
ArchiveTax, RestoreTax = archivable(Tax)
