"""When a bill is due: instalments of n days, from the date or the end of its month, with a discount for haste."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.archiving import archivable
from domain.kernel.base import Record, unique
from domain.kernel.commands import ABSENT, Absent, Command, command, given, said
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput, Refusals
from domain.kernel.fields import Values, decimal, whole
from domain.kernel.forms import Form
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import line
from domain.kernel.work import Work

HUNDRED = Decimal(100)
MOST_INSTALMENTS = 60


class PaymentTerm(Record):
    """`instalments` are rows of {percent, days, endOfMonth}; a percent of null, on the last, takes the remainder."""

    __tablename__ = "payment_term"
    __table_args__ = (unique("name"),)

    name: Mapped[str]
    instalments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    discount_percent: Mapped[Decimal | None]
    discount_days: Mapped[int | None]


@given
class InstalmentEntry:
    """One instalment of a payment term."""

    percent: Decimal | None = said(
        "Its share of the amount in per cent. Leave it out on the last one to take the remainder.", default=None
    )
    days: int = said("Days after the date of the bill on which it is due.")
    end_of_month: bool = said("Whether the days are counted from the end of the bill's month.", default=False)


def instalments(given: Sequence[InstalmentEntry]) -> list[dict[str, Any]]:
    """Instalments as they are kept; BadInput unless they make up the whole amount."""
    if not 1 <= len(given) <= MOST_INSTALMENTS:
        raise BadInput(f"Give 1 to {MOST_INSTALMENTS} instalments.")
    refusals = Refusals()
    rows = []
    for index, one in enumerate(given):
        with refusals.at(index):
            rows.append(_instalment(one, last=index == len(given) - 1))
    refusals.settle()
    _must_make_up_the_whole([one.percent for one in given])
    return rows


def _instalment(one: InstalmentEntry, *, last: bool) -> dict[str, Any]:
    refusals = Refusals()
    with refusals.at("days"):
        whole(0, 3650)(one.days)
    with refusals.at("percent"):
        if one.percent is not None:
            _PERCENT(one.percent)
        elif not last:
            raise BadInput("Only the last instalment can take the remainder; give a percentage.")
    refusals.settle()
    percent = None if one.percent is None else str(one.percent)
    return {"percent": percent, "days": one.days, "endOfMonth": one.end_of_month}


def _must_make_up_the_whole(percents: list[Decimal | None]) -> None:
    total = sum((percent for percent in percents if percent is not None), Decimal(0))
    if percents[-1] is None and total >= HUNDRED:
        raise BadInput(f"The instalments before the last come to {total} %; leave it a remainder.")
    if percents[-1] is not None and total != HUNDRED:
        raise BadInput(f"The instalments come to {total} %; make it 100, or leave the last one's percentage out.")


def _discount_is_whole(_: Work, __: Any, after: Values) -> None:
    if (after.get("discount_percent") is None) != (after.get("discount_days") is None):
        raise BadInput("A discount needs both its percentage and its days.", path=("discountDays",))


_PERCENT = decimal(digits=4, above=0, most=100)
FORM = Form(
    model=PaymentTerm,
    fields={
        "name": line,
        "instalments": instalments,
        "discount_percent": decimal(digits=4, above=0, most=100),
        "discount_days": whole(0, 3650),
    },
    unique=(("name",),),
    rules=(_discount_is_whole,),
)


@command(right="master.write", answers=PaymentTerm)
class CreatePaymentTerm(Command):
    """Enter terms of payment, to be named by partners and orders."""

    name: str = said("What people call it, such as 30 days net; unique.")
    instalments: Sequence[InstalmentEntry] = said("What is due when; together they make up the whole amount.")
    discount_percent: Decimal | None = said("The discount for paying early, in per cent.", default=None)
    discount_days: int | None = said(
        "Days after the date of the bill in which the discount may be taken.", default=None
    )
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> PaymentTerm:
        return FORM.create(work, self)


UpdatePaymentTerm = editable(CreatePaymentTerm, FORM)
ArchivePaymentTerm, RestorePaymentTerm = archivable(PaymentTerm)
