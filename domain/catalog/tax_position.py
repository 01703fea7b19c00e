"""A tax position says which taxes take the place of the usual ones: in trade with whom, and where."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from domain.kernel.base import Owned, Record, ref, to_many, to_one, unique
from domain.kernel.events import Part
from domain.kernel.text import EUROPEAN_UNION
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Address, Partner, TaxNumber

PLACES = {
    "anywhere": "Wherever the goods go to or come from, and where that is not known.",
    "abroad": "In any country but that of the company.",
    "outside_eu": "Abroad and outside the European Union.",
    "eu": "In another member state of the European Union.",
    "home": "In the country of the company.",
    "countries": "In one of the countries that it lists.",
}
"""Where a position may apply, the more special later."""
DIRECTIONS = {"purchase": "On what we buy.", "sale": "On what we sell."}
_RANK = {word: rank for rank, word in enumerate(PLACES)}


class TaxPosition(Record):
    """It applies where all that it asks for is so: `direction`, place, and whether the partner has a VAT number there.

    Null asks for nothing. `note` stands on papers, such as the words that a reverse charge needs.
    """

    __tablename__ = "tax_position"
    __table_args__ = (unique("code"),)

    code: Mapped[str]
    name: Mapped[str]
    company_id: Mapped[UUID | None] = ref("company", indexed=False)
    priority: Mapped[int] = mapped_column(default=0)
    direction: Mapped[str | None]
    place: Mapped[str] = mapped_column(default="anywhere")
    countries: Mapped[list[str]] = mapped_column(default=list)
    vat_number: Mapped[bool | None]
    note: Mapped[str | None]

    taxes: Mapped[list[TaxSubstitution]] = to_many(
        "TaxSubstitution.position_id", "TaxPosition", order="TaxSubstitution.id", back_populates="position"
    )

    def becomes(self, tax_id: UUID | None) -> UUID | None:
        """What takes the place of a tax: another or none; one that is not listed stays."""
        return next((one.becomes_id for one in self.taxes if one.tax_id == tax_id), tax_id)

    def origin(self, tax_id: UUID | None, usual: UUID | None = None) -> UUID | None:
        """What a tax took the place of: the usual one if it can be, else the only one there is, else itself."""
        origins = [one.tax_id for one in self.taxes if one.becomes_id == tax_id]
        if usual is not None and self.becomes(usual) == tax_id:
            return usual
        return origins[0] if len(origins) == 1 and tax_id is not None else tax_id


class TaxSubstitution(Owned, Part):
    """In a position, a tax becomes another one, or none."""

    __tablename__ = "tax_substitution"
    __table_args__ = (unique("position_id", "tax_id"),)
    whole = "position"

    position_id: Mapped[UUID] = ref("tax_position")
    tax_id: Mapped[UUID] = ref("tax", indexed=False)
    becomes_id: Mapped[UUID | None] = ref("tax", indexed=False)

    position: Mapped[TaxPosition] = to_one("TaxSubstitution.position_id", "TaxPosition", back_populates="taxes")


def position_for(
    work: Work, *, company: Company, partner: Partner, direction: str, country: str | None = None
) -> TaxPosition | None:
    """The position that holds for papers with a partner, with its taxes; None if no one does, and taxes stay.

    The partner's own goes before all that is found by conditions. Of those that apply, the one of higher priority goes
    first, then the company's own, the one of the more special place, the one that asks for a VAT number or for none,
    the one for this direction alone, and the one entered later. `country` is where the goods go to or come from; the
    partner's own if not given.
    """
    rows = _rows(work, company, direction)
    own = next((one for one in rows if one.id == partner.tax_position_id), None)
    if own is not None or not rows:
        return own
    where = country or _country(work, partner)
    numbers = _vat_countries(work, partner)
    return chosen(rows, company=company, country=where, vat_countries=numbers)


def chosen(
    rows: Iterable[TaxPosition], *, company: Company, country: str | None, vat_countries: Iterable[str]
) -> TaxPosition | None:
    """Of positions for the company and direction, the one that applies and goes before all others."""
    known = has_vat_number(country, vat_countries, home=company.country)
    there = [one for one in rows if is_there(one, country, home=company.country)]
    return max((one for one in there if one.vat_number in {None, known}), key=_precedence, default=None)


def is_there(position: TaxPosition, country: str | None, *, home: str) -> bool:
    """Whether a country is where the position applies; one that is not known is only anywhere."""
    if position.place == "anywhere":
        return True
    if country is None:
        return False
    abroad, european = country != home, country in EUROPEAN_UNION
    return {
        "abroad": abroad,
        "outside_eu": abroad and not european,
        "eu": abroad and european,
        "home": not abroad,
        "countries": country in position.countries,
    }[position.place]


def has_vat_number(country: str | None, vat_countries: Iterable[str], *, home: str) -> bool:
    """Whether one of the numbers is of the country; in another member state, of any but the company's own will do."""
    given = set(vat_countries)
    if country in given:
        return True
    return country != home and country in EUROPEAN_UNION and bool(given & EUROPEAN_UNION - {home})


def _rows(work: Work, company: Company, direction: str) -> list[TaxPosition]:
    statement = (
        select(TaxPosition)
        .where(TaxPosition.tenant_id == work.actor.tenant, TaxPosition.archived_at.is_(None))
        .where(or_(TaxPosition.company_id.is_(None), TaxPosition.company_id == company.id))
        .where(or_(TaxPosition.direction.is_(None), TaxPosition.direction == direction))
        .options(selectinload(TaxPosition.taxes))
    )
    return list(work.session.scalars(statement))


def _country(work: Work, partner: Partner) -> str | None:
    if partner.country is not None:
        return partner.country
    statement = (
        select(Address.country)
        .where(Address.tenant_id == work.actor.tenant, Address.partner_id == partner.id)
        .order_by(Address.role != "legal", Address.id)
        .limit(1)
    )
    return work.session.scalars(statement).first()


def _vat_countries(work: Work, partner: Partner) -> list[str]:
    statement = select(TaxNumber.country).where(
        TaxNumber.tenant_id == work.actor.tenant, TaxNumber.partner_id == partner.id, TaxNumber.kind == "vat"
    )
    return list(work.session.scalars(statement))


def _precedence(one: TaxPosition) -> tuple[int, bool, int, bool, bool, UUID]:
    own, asks, directed = one.company_id is not None, one.vat_number is not None, one.direction is not None
    return one.priority, own, _RANK[one.place], asks, directed, one.id
