"""Which tax each part of a paper bears: the one that is asked for or usual, as the paper's tax position has it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import selectinload

from domain.catalog.tax import ROUNDING, Tax
from domain.catalog.tax_position import TaxPosition, position_for
from domain.kernel import taxed
from domain.kernel.commands import Ref
from domain.kernel.decimals import PRICE_DIGITS, product_of, ratio, rounded
from domain.kernel.documents import Charge, Document, Line
from domain.kernel.errors import Archived, NotFound
from domain.kernel.totals import stated
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Address, Partner

Named = Ref | UUID | None


class Taxation:
    """Taxes the parts of one paper that is being written; it settles the paper's position and rounding first.

    `country` is where the goods go to or come from; if not given, that of the paper's delivery address, else the
    partner's.
    """

    def __init__(
        self, work: Work, paper: Document, *, company: Company, partner: Partner | None, country: str | None = None
    ) -> None:
        self._work, self._paper = work, paper
        self._before = _position(work, paper.tax_position_id)
        where = country or _delivered_to(work, paper)
        self.position = partner and position_for(
            work, company=company, partner=partner, direction=paper.direction, country=where
        )
        paper.tax_position_id = self.position.id if self.position else None
        paper.tax_rounding = ROUNDING.of(work, company.id)
        self._taxes: dict[Ref | UUID, Tax] = {}

    @property
    def changed(self) -> bool:
        """Whether the paper had another position; then parts that stay as they are must be taxed anew too."""
        return self._before is not self.position

    def know(self, taxes: Iterable[Named]) -> None:
        """Look up all taxes that parts will name, and what takes their place, in a few statements."""
        known = [one for position in (self._before, self.position) if position for one in position.taxes]
        replaced = [id for one in known for id in (one.tax_id, one.becomes_id)]
        found = self._work.find_all(Tax, [*taxes, *replaced])
        self._taxes |= found | {tax.id: tax for tax in found.values()}

    def levy(self, part: Line | Charge, asked: Named, *, usual: UUID | None = None) -> None:
        """Tax a part with what is asked for, else with what is usual, as the position has it. NotFound, Archived.

        Set the amount of a charge before. Where a part keeps the tax that an earlier position had put on it, that
        position is taken back first.
        """
        given = self._tax(asked)
        origin = given.id if given else usual
        if given and self._before and self.changed and given.id == part.tax_id:
            origin = self._before.origin(given.id, usual)
        bears = self.position.becomes(origin) if self.position else origin
        tax = self._tax(bears)
        taxed.levy(part, tax)

    def restated(self, price: Decimal, line: Line, *, holding: UUID) -> Decimal:
        """A price that was meant for one tax, for a line that bears another: without the one, with the other.

        What is asked of a customer before tax stays the same, whichever position they are in.
        """
        tax = self._tax(holding)
        if tax is None or tax.id == line.tax_id or not (tax.included or line.tax_included):
            return price
        net = ratio(price, with_tax(tax.rate)) if tax.included else price
        return rounded(product_of(net, with_tax(line.tax_rate)) if line.tax_included else net, PRICE_DIGITS)

    def levy_again(self, charges: Iterable[Charge]) -> None:
        """Tax charges that stay as they were given."""
        for charge in charges if self.changed else ():
            charge.amount = stated(charge)
            self.levy(charge, charge.tax_id)

    def _tax(self, named: Named) -> Tax | None:
        if named is None:
            return None
        tax = self._taxes.get(named)
        if tax is None:
            raise NotFound(path=("tax",))
        if tax.archived_at is not None:
            raise Archived(f"The tax {tax.code} is archived; restore it or choose another.", path=("tax",))
        return tax


def with_tax(rate: Decimal) -> Decimal:
    """By what a net amount is multiplied to hold a tax of this rate."""
    return 1 + rate / 100


def _delivered_to(work: Work, paper: Document) -> str | None:
    """The country to which a customer wants the goods; no paper by which we buy names an address."""
    return None if paper.delivery_address_id is None else work.find(Address, paper.delivery_address_id).country


def _position(work: Work, id: UUID | None) -> TaxPosition | None:
    return None if id is None else work.find(TaxPosition, id, options=[selectinload(TaxPosition.taxes)])
