"""Tax numbers are checked by the rule of the country that gave them, and kept in one form."""

from __future__ import annotations

from stdnum import get_cc_module
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError

from domain.kernel.errors import BadInput
from domain.kernel.fields import Values


def confirmed(values: Values) -> Values:
    """The values of a tax number, its number checked and compact."""
    if values["kind"] == "other":
        return values
    return {**values, "number": vat_number(values["country"], values["number"])}


def vat_number(country: str, number: str) -> str:
    """A VAT number in its compact form, in the European Union with its prefix: DE136695976, EL094259216.

    BadInput with the reason if the country's rule does not hold, or is not known.
    """
    rule = get_cc_module(country, "vat")
    if rule is None:
        raise BadInput(f"No rule for VAT numbers of {country} is known; give it as kind `other`.", path=("kind",))
    try:
        found = str(rule.validate(number))
    except ValidationError as wrong:
        raise BadInput(f"Not a VAT number of {country}: {_reason(wrong)}", path=("number",)) from None
    prefix = _prefix(country)
    return found if found.startswith(prefix) else prefix + found


def _prefix(country: str) -> str:
    """What stands before numbers in the Union's directory: the country's code, but EL for Greece."""
    if country.lower() not in european.MEMBER_STATES:
        return ""
    return "EL" if country == "GR" else country


def _reason(wrong: ValidationError) -> str:
    return str(wrong)[:1].lower() + str(wrong)[1:]
