"""Who stands on a page: as they were when the paper was posted, or else as they are known now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.parties.company import Company
from domain.parties.partner import Address, Partner

PLACE = ("street", "postal_code", "city", "region", "country")
CODE_LAST = frozenset({"US", "CA", "AU", "GB", "IE", "IN", "NZ"})
"""Where the postal code stands behind the place."""
ROLES = ("legal", "invoice", "other", "delivery")
"""Which address is taken where there is none of the role that is asked for."""


@dataclass(frozen=True, kw_only=True)
class Party:
    """A firm with the one address that is written to."""

    name: str
    number: str | None = None
    tax_number: str | None = None
    place: Mapping[str, str] | None = None

    @property
    def country(self) -> str | None:
        return self.place.get("country") if self.place else None

    def lines(self, home: str | None, country: str | None) -> list[str]:
        """The address as on an envelope; the country, in words, only on its way abroad."""
        if not self.place:
            return []
        known = {name: self.place.get(name, "") for name in PLACE}
        found = [*known["street"].splitlines(), _town(known), country if known["country"] != home else None]
        return [one for one in found if one]


def frozen(paper: Any, who: str) -> Mapping[str, Any] | None:
    """What posting kept of the company, the partner or the place of delivery; None while the paper joins live data."""
    kept = getattr(paper, "frozen", None)
    found = kept.get(who) if isinstance(kept, Mapping) else None
    return found if isinstance(found, Mapping) and found else None


def kept(found: Mapping[str, Any]) -> Party:
    """A party as posting kept it: its name, its address by itself or among the rest, its tax number or the first."""
    inner = found.get("address")
    place = inner if isinstance(inner, Mapping) else found
    numbers = found.get("tax_number") or next(iter(found.get("tax_numbers") or ()), None)
    told = numbers.get("number") if isinstance(numbers, Mapping) else numbers
    return Party(name=str(found.get("name") or ""), number=found.get("number"), tax_number=told, place=_place(place))


def ours(company: Company) -> Party:
    """The company as it is known now."""
    columns = {name: getattr(company, name, None) for name in PLACE}
    return Party(name=company.name, tax_number=getattr(company, "tax_number", None), place=_place(columns))


def theirs(partner: Partner, role: str, chosen: Any = None) -> Party:
    """A partner as it is known now, at the address `chosen` by its id, else of a role, else the best there is."""
    address = _address(partner.addresses, role, chosen)
    place = {name: getattr(address, name) for name in PLACE} if address else {"country": partner.country}
    numbers = sorted(partner.tax_numbers, key=lambda one: (one.kind != "vat", one.country != partner.country))
    number = numbers[0].number if numbers else None
    return Party(name=partner.name, number=partner.number, tax_number=number, place=_place(place))


def _address(addresses: Iterable[Address], role: str, chosen: Any) -> Address | None:
    roles = [role, *ROLES]
    return min(addresses, key=lambda one: (one.id != chosen, roles.index(one.role), one.id), default=None)


def _place(found: Mapping[str, Any]) -> Mapping[str, str] | None:
    place = {name: str(found[name]) for name in PLACE if found.get(name)}
    return place or None


def _town(known: Mapping[str, str]) -> str:
    if known["country"] in CODE_LAST:
        behind = " ".join(one for one in (known["region"], known["postal_code"]) if one)
        return ", ".join(one for one in (known["city"], behind) if one)
    return " ".join(one for one in (known["postal_code"], known["city"]) if one)
