"""What stands at the head of papers, of partners and of one's own companies alike: addresses and numbers."""

from __future__ import annotations

import re
from typing import Any

from stdnum import bic as swift
from stdnum import iban
from stdnum.exceptions import ValidationError

from domain.kernel.base import Owned
from domain.kernel.commands import given, said
from domain.kernel.errors import BadInput
from domain.kernel.fields import Values
from domain.kernel.parts import Parts
from domain.kernel.text import code, country, currency, line, one_of, paragraph
from domain.kernel.work import Work
from domain.parties.tax_number import confirmed

ELECTRONIC = "Where electronic papers go to: its number in the scheme, such as a GLN or a VAT number."
SCHEME = (
    "The scheme of that number by the code list EAS, as in Peppol: four digits, such as 0088 for a GLN, or EM for mail."
)
_EAS = re.compile(r"[0-9]{4}|A[NQSU]|EM")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}")


@given
class AddressEntry:
    """An address of a partner, or of a company of one's own."""

    role: str = said("What it is for: legal, invoice, delivery or other.")
    street: str = said("Street and number; further lines, such as a building, after a line break.")
    postal_code: str | None = said("The postal code.", default=None)
    city: str = said("Town or city.")
    region: str | None = said("State, province or the like, where addresses have one.", default=None)
    country: str = said("ISO 3166-1 code, such as US.")


@given
class TaxNumberEntry:
    """A tax number of a partner, or of a company of one's own."""

    country: str = said("The country that gave the number, by ISO 3166-1, such as DE.")
    kind: str = said(
        "`vat`: a VAT number, checked by the country's rule; `other`: any other number, kept as it is.", default="vat"
    )
    number: str = said("The number; blanks, dots and dashes in it do not matter. Kept in its compact form.")


@given
class BankAccountEntry:
    """An account to which customers pay."""

    bank: str = said("What the bank is called.")
    number: str = said("The IBAN, which is checked; or the number that the bank's country uses.")
    bic: str | None = said("The bank's code by ISO 9362, which is checked.", default=None)
    currency: str | None = said("The currency it is kept in, by ISO 4217; any if not given.", default=None)


def addresses(model: type[Owned]) -> Parts:
    """The addresses of a class of records."""
    fields = {
        "role": one_of("legal", "invoice", "delivery", "other"),
        "street": paragraph,
        "postal_code": code,
        "city": line,
        "region": line,
        "country": country,
    }
    return Parts(model=model, fields=fields, key=("role",))


def tax_numbers(model: type[Owned]) -> Parts:
    """The tax numbers of a class of records."""
    fields = {"country": country, "kind": one_of("vat", "other"), "number": code}
    return Parts(model=model, fields=fields, key=("country", "number"), distinct=True, tidy=confirmed)


def bank_accounts(model: type[Owned]) -> Parts:
    """The bank accounts of a class of records."""
    fields = {"bank": line, "number": account_number, "bic": bic, "currency": currency}
    return Parts(model=model, fields=fields, key=("number",), distinct=True)


def account_number(value: str) -> str:
    """An IBAN, its check digits right and without blanks; or a number that looks like none, as it is."""
    found = code(value)
    compact = found.replace(" ", "").upper()
    if not _IBAN.match(compact):
        return found
    try:
        return str(iban.validate(compact))
    except ValidationError:
        raise BadInput(f"{found} is not an IBAN: its length or check digits are wrong. Read it again.") from None


def bic(value: str) -> str:
    """The code of a bank by ISO 9362."""
    try:
        return str(swift.validate(value))
    except ValidationError:
        raise BadInput(f"{value!r} is not a BIC; it has 8 or 11 letters and digits, such as DEUTDEFF.") from None


def scheme(value: str) -> str:
    """A scheme of electronic addresses, as the code list EAS forms them."""
    found = value.strip().upper()
    if not _EAS.fullmatch(found):
        raise BadInput(f"{value!r} is no scheme of the code list EAS; use four digits such as 0088, or EM.")
    return found


def has_scheme_and_address(_: Work, __: Any, after: Values) -> None:
    """Rule: an electronic address says nothing without its scheme, nor the scheme without it."""
    if (after.get("electronic_address") is None) != (after.get("electronic_scheme") is None):
        raise BadInput("Give both the electronic address and its scheme, or neither.", path=("electronicScheme",))
