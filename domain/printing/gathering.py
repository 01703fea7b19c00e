"""Everything that a page needs of one paper, fetched in a few statements however many lines it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from domain.catalog.product import Product
from domain.catalog.tax import Tax
from domain.catalog.tax_position import TaxPosition
from domain.catalog.unit import Unit
from domain.invoicing.allocation import Allocation
from domain.invoicing.standing import stand
from domain.kernel.documents import Document, Line, LineLink
from domain.kernel.papers import kinds
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Partner
from domain.parties.payment_term import PaymentTerm
from domain.printing.form import Form, form_of
from domain.stock.location import Location

REVERSES = "reverses"


@dataclass(frozen=True)
class Settled:
    """A paper that a payment settles, and what that `used` of the payment; the others are in the paper's currency."""

    kind: str
    number: str
    reference: str | None
    dated: date
    currency: str
    amount: Decimal
    discount: Decimal
    used: Decimal


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """A paper with all that its page may show.

    `origins` are the numbers of the papers it was made from, by kind; `settled` what a payment settles.
    """

    kind: str
    form: Form
    paper: Document
    company: Company
    partner: Partner | None
    locations: Mapping[Any, Location]
    term: PaymentTerm | None
    position: TaxPosition | None
    products: Mapping[Any, Product]
    units: Mapping[Any, Unit]
    taxes: Mapping[Any, Tax]
    origins: Mapping[str, list[str]]
    reverses: str | None
    settled: Sequence[Settled] = ()

    @property
    def is_reversal(self) -> bool:
        return self.paper.reverses_id is not None

    def signed(self, value: Decimal) -> Decimal:
        """An amount or quantity as it stands on the page: what a reversal takes back is less than nothing."""
        return -value if value and self.is_reversal else value


def gather(work: Work, kind: str, id: UUID) -> Gathered:
    """The paper of a kind with an id, and what belongs to it. NotFound if the actor does not see it.

    All of it is taken out of the session, so that the page can be made elsewhere and later.
    """
    model: type[Document] = kinds()[kind]
    form = form_of(kind)
    options = [selectinload(part) for part in (Document.lines, Document.charges, Document.taxes)]
    paper = work.find(model, id, options=options)
    parts: list[Any] = [*paper.lines, *paper.charges, *paper.taxes]
    people = [selectinload(Partner.addresses), selectinload(Partner.tax_numbers)]
    us = [selectinload(part) for part in (Company.addresses, Company.tax_numbers, Company.bank_accounts)]
    found = Gathered(
        kind=kind,
        form=form,
        paper=paper,
        company=work.find(Company, paper.company_id, options=us),
        partner=work.find(Partner, paper.partner_id, options=people) if paper.partner_id else None,
        locations=work.find_all(
            Location, [paper.location_id, paper.destination_id, *(line.location_id for line in paper.lines)]
        ),
        term=work.find(PaymentTerm, paper.payment_term_id) if paper.payment_term_id else None,
        position=work.find(TaxPosition, paper.tax_position_id) if paper.tax_position_id else None,
        products=work.find_all(Product, [line.product_id for line in paper.lines]),
        units=work.find_all(Unit, [line.unit_id for line in paper.lines]),
        taxes=work.find_all(Tax, [part.tax_id for part in parts]),
        origins=_origins(work, paper, form),
        reverses=_number(work, paper.reverses_id),
        settled=_settled(work, paper) if form.settles else (),
    )
    work.session.expunge_all()
    return found


def _origins(work: Work, paper: Document, form: Form) -> dict[str, list[str]]:
    """The numbers of papers to which the lines of this one are linked, of the kinds that the form names."""
    mine, theirs, other = Line.__table__.alias("mine"), Line.__table__.alias("theirs"), Document.__table__.alias()
    link, tenant = LineLink.__table__, work.actor.tenant
    statement = (
        select(other.c.kind, other.c.number)
        .distinct()
        .select_from(
            mine.join(link, (link.c.from_line_id == mine.c.id) & (link.c.tenant_id == tenant))
            .join(theirs, (theirs.c.id == link.c.to_line_id) & (theirs.c.tenant_id == tenant))
            .join(other, (other.c.id == theirs.c.document_id) & (other.c.tenant_id == tenant))
        )
        .where(mine.c.tenant_id == tenant, mine.c.document_id == paper.id, link.c.relation != REVERSES)
        .where(other.c.kind.in_(form.origins), other.c.number.is_not(None), other.c.id != paper.id)
        .order_by(other.c.kind, other.c.number)
    )
    found: dict[str, list[str]] = {kind: [] for kind in form.origins}
    for kind, number in work.session.execute(statement):
        found[kind].append(number)
    return found


def _settled(work: Work, paper: Document) -> list[Settled]:
    """The papers at the other ends of the allocations of a payment that count, the oldest first."""
    mine, made, other = stand(paper), Allocation.__table__, Document.__table__
    if mine is None:
        return []
    ours, theirs = (made.c.debt_id, made.c.credit_id) if mine.is_debt else (made.c.credit_id, made.c.debt_id)
    amount, used = (made.c.used, made.c.amount) if mine.is_debt else (made.c.amount, made.c.used)
    of = (other.c.kind, other.c.number, other.c.partner_reference, other.c.dated, other.c.currency)
    statement = (
        select(*of, *(func.sum(one) for one in (amount, made.c.discount, used)))
        .join(made, (made.c.tenant_id == other.c.tenant_id) & (theirs == other.c.id))
        .where(made.c.tenant_id == work.actor.tenant, ours == paper.id, made.c.released_on.is_(None))
        .group_by(other.c.id, *of)
        .order_by(other.c.dated, other.c.number)
    )
    return [Settled(*row) for row in work.session.execute(statement)]


def _number(work: Work, id: UUID | None) -> str | None:
    table = Document.__table__
    return (
        work.session.scalar(select(table.c.number).where(table.c.tenant_id == work.actor.tenant, table.c.id == id))
        if id
        else None
    )
