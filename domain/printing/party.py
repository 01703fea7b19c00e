"""Who stands on a page: as they were when the paper was posted, or else as they are known now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel.fields import camel
from domain.parties.company import Company
from domain.parties.partner import Partner

PLACE = ("street", "postal_code", "city", "region", "country")
CODE_LAST = frozenset({"US", "CA", "AU", "GB", "IE", "IN", "NZ"})
"""Where the postal code stands behind the place."""
ROLES = ("legal", "invoice", "other", "delivery")
"""Which address is taken where there is none of the role that is asked for."""


@dataclass(frozen=True, kw_only=True)
class Party:
    """A firm with the one address that is written to, and its tax number under the word for such a one."""

    name: str
    number: str | None = None
    tax_number: str | None = None
    tax_word: str = "tax_number"
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


def shown(paper: Any, who: str, live: Party | None) -> Party | None:
    """A party as posting kept it, as far as it did, else as it is known now."""
    found = frozen(paper, who)
    return _kept(found, live or Party(name="")) if found else live


def _kept(found: Mapping[str, Any], live: Party) -> Party:
    """The address is by itself or among the rest; of tax numbers, that for VAT comes first."""
    inner = found if "street" in found else found.get("address") or {}
    place = {name: inner.get(camel(name)) for name in PLACE}
    numbers = sorted(found.get("taxNumbers") or (), key=lambda one: one["kind"] != "vat")
    tax = _taxed(numbers[0]["kind"], numbers[0]["number"]) if numbers else {}
    return Party(
        name=found.get("name", live.name),
        number=found.get("number", live.number),
        place=_place(place) if "street" in found or "address" in found else live.place,
        **(tax if "taxNumbers" in found else {"tax_number": live.tax_number, "tax_word": live.tax_word}),
    )


def ours(company: Company, role: str = "legal") -> Party:
    """The company as it is known now, at its address of a role, else the best there is."""
    return Party(name=company.name, place=_where(company, role), **_tax_number(company))


def theirs(partner: Partner, role: str, chosen: Any = None) -> Party:
    """A partner as it is known now, at the address `chosen` by its id, else of a role, else the best there is."""
    return Party(
        name=partner.name,
        number=partner.number,
        place=_where(partner, role, chosen),
        **_tax_number(partner),
    )


def accounts(paper: Any, company: Company) -> list[Mapping[str, Any]]:
    """The company's accounts as posting kept them, or as they are now."""
    found = (frozen(paper, "company") or {}).get("bankAccounts")
    names = ("bank", "number", "bic", "currency")
    live: list[Mapping[str, Any]] = [{name: getattr(one, name) for name in names} for one in company.bank_accounts]
    return live if found is None else list(found)


def _where(firm: Company | Partner, role: str, chosen: Any = None) -> Mapping[str, str] | None:
    roles = [role, *ROLES]
    addresses: list[Any] = list(firm.addresses)
    best = min(addresses, key=lambda one: (one.id != chosen, roles.index(one.role), one.id), default=None)
    return _place({name: getattr(best, name) for name in PLACE} if best else {"country": firm.country})


def _tax_number(firm: Company | Partner) -> dict[str, str]:
    """That for VAT at home, or what comes nearest."""
    numbers: list[Any] = list(firm.tax_numbers)
    best = min(numbers, key=lambda one: (one.kind != "vat", one.country != firm.country, one.id), default=None)
    return _taxed(best.kind, best.number) if best else {}


def _taxed(kind: str, number: str) -> dict[str, str]:
    return {"tax_number": number, "tax_word": "vat_number" if kind == "vat" else "tax_number"}


def _place(found: Mapping[str, Any]) -> Mapping[str, str] | None:
    place = {name: str(found[name]) for name in PLACE if found.get(name)}
    return place or None


def _town(known: Mapping[str, str]) -> str:
    if known["country"] in CODE_LAST:
        behind = " ".join(one for one in (known["region"], known["postal_code"]) if one)
        return ", ".join(one for one in (known["city"], behind) if one)
    return " ".join(one for one in (known["postal_code"], known["city"]) if one)
