"""How a tax position is entered and changed; none leads from tax to tax to tax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.catalog.tax import Tax
from domain.catalog.tax_position import DIRECTIONS, PLACES, TaxPosition, TaxSubstitution
from domain.kernel.archiving import archivable
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, given, said
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput, Refusals
from domain.kernel.fields import Values, as_given, whole
from domain.kernel.forms import Form
from domain.kernel.parts import Parts
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, country, line, one_of, paragraph
from domain.kernel.work import Work
from domain.parties.company import Company


@given
class TaxSubstitutionEntry:
    """What becomes of a tax."""

    tax: Ref = said("The tax that is usual, such as that of the product.")
    becomes: Ref | None = said("The tax in its place; none if not given.", default=None)


def countries(given: Sequence[str]) -> list[str]:
    """Countries, each once, by the alphabet."""
    found, refusals = set(), Refusals()
    for index, one in enumerate(given):
        with refusals.at(index):
            found.add(country(one))
    refusals.settle()
    return sorted(found)


def _lists_countries_where_it_asks_for_them(_: Work, __: Any, after: Values) -> None:
    listed, asked = after.get("countries"), after["place"] == "countries"
    if asked and not listed:
        raise BadInput("Say for which countries; or choose another place.", path=("countries",))
    if listed and not asked:
        raise BadInput("Countries are listed only for the place `countries`; choose it, or list none.", path=("place",))


def _leads_nowhere_twice(_: Work, __: Any, after: Values) -> None:
    """A paper that is written again must not have its taxes replaced again."""
    taxes = after.get("taxes", ())
    sources = {one["tax_id"] for one in taxes if one["becomes_id"] != one["tax_id"]}
    refusals = Refusals()
    for index, one in enumerate(taxes):
        with refusals.at("taxes", index, "becomes"):
            if one["becomes_id"] in sources:
                raise BadInput("This tax is itself replaced here; name the one that stands in the end.")
    refusals.settle()


FORM = Form(
    model=TaxPosition,
    fields={
        "code": code,
        "name": line,
        "company": Company,
        "priority": whole(-1000, 1000),
        "direction": one_of(*DIRECTIONS),
        "place": one_of(*PLACES),
        "countries": countries,
        "vat_number": as_given,
        "note": paragraph,
    },
    parts={"taxes": Parts(model=TaxSubstitution, fields={"tax": Tax, "becomes": Tax}, key=("tax_id",), distinct=True)},
    unique=(("code",),),
    rules=(_lists_countries_where_it_asks_for_them, _leads_nowhere_twice),
)


@command(right="master.write", answers=TaxPosition)
class CreateTaxPosition(Command):
    """Enter which taxes take the place of the usual ones in some trade, such as export, within the EU, reverse charge.

    A partner may have a position of its own, which goes before all others. Of several that apply, the one of higher
    priority goes first, then the company's own, then the one of the more special place (listed countries, home, EU,
    outside the EU, abroad, anywhere), the one that asks for a VAT number or for none, the one for one direction alone,
    and the one entered later. A paper keeps the position it was written in.
    """

    code: str = said("What people call it, such as EXPORT; unique.")
    name: str = said("Its name.")
    company: Ref | None = said("The company it is for; all companies if not given.", default=None)
    priority: int = said("Of several that apply, the highest goes first; from -1000 to 1000.", default=0)
    direction: str | None = said("Whether it is for what we buy or for what we sell; both if not given.", default=None)
    place: str = said("Where the goods go to, or come from.", default="anywhere")
    countries: Sequence[str] = said("For the place `countries`: which ones, by ISO 3166-1.", default=())
    vat_number: bool | None = said(
        "Whether the partner must have a VAT number there (in the EU, of any member state but our own), or must have "
        "none; it does not matter if not given.",
        default=None,
    )
    note: str | None = said("What papers must say, such as that the buyer owes the tax.", default=None)
    taxes: Sequence[TaxSubstitutionEntry] = said("What becomes of which tax; those not listed stay.", default=())
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> TaxPosition:
        return FORM.create(work, self)


UpdateTaxPosition = editable(CreateTaxPosition, FORM)
ArchiveTaxPosition, RestoreTaxPosition = archivable(TaxPosition)
