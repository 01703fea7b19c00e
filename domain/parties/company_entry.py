"""How a company is changed; it is founded in `stock.founding`, since it needs places from the start."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import exists, select

from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.decimals import currency_digits
from domain.kernel.documents import Document
from domain.kernel.errors import BadInput
from domain.kernel.fields import Values, decimal
from domain.kernel.forms import Form
from domain.kernel.text import code, country, currency, line
from domain.kernel.work import Work
from domain.parties.company import BankAccount, Company, CompanyAddress, CompanyTaxNumber
from domain.parties.letterhead import (
    ELECTRONIC,
    SCHEME,
    AddressEntry,
    BankAccountEntry,
    TaxNumberEntry,
    addresses,
    bank_accounts,
    has_scheme_and_address,
    scheme,
    tax_numbers,
)  # fmt: skip


def time_zone(value: str) -> str:
    """A time zone by its name in the IANA database."""
    found = line(value)
    try:
        ZoneInfo(found)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"{found!r} is no time zone; use a name such as Europe/Vienna.") from None
    return found


def _threshold_in_minor_units(_: Work, __: Any, after: Values) -> None:
    threshold: Decimal = after["approval_threshold"]
    digits = currency_digits(after["currency"])
    if threshold != round(threshold, digits):
        raise BadInput(f"Too many decimals; {after['currency']} has {digits}.", path=("approvalThreshold",))


def _used_accounts_stay(work: Work, company: Company | None, after: Values) -> None:
    """An account by which a payment went is part of what happened."""
    if company is None or "bank_accounts" not in after:
        return
    kept = {one["number"] for one in after["bank_accounts"]}
    for account in company.bank_accounts:
        used = exists().where(Document.tenant_id == account.tenant_id, Document.bank_account_id == account.id)
        if account.number not in kept and work.session.scalar(select(used)):
            raise BadInput(f"Payments went by the account {account.number}; it stays.", path=("bankAccounts",))


FORM = Form(
    model=Company,
    fields={
        "code": code,
        "name": line,
        "country": country,
        "currency": currency,
        "time_zone": time_zone,
        "approval_threshold": decimal(digits=6, least=0),
        "electronic_address": code,
        "electronic_scheme": scheme,
    },
    parts={
        "addresses": addresses(CompanyAddress),
        "tax_numbers": tax_numbers(CompanyTaxNumber),
        "bank_accounts": bank_accounts(BankAccount),
    },
    unique=(("code",),),
    rules=(_threshold_in_minor_units, has_scheme_and_address, _used_accounts_stay),
)


@command(right="company.write", answers=Company)
class UpdateCompany(Command):
    """Change a company. What is not given stays as it is. Its code, country and currency are for good."""

    id: Ref = said("The company.")
    expected_version: int = said("The version you saw; refused if it has changed since.")
    name: str | Absent = said("Its name as it stands on papers.", default=ABSENT)
    time_zone: str | Absent = said(
        "The IANA time zone in which its business dates are reckoned, such as Europe/Vienna.", default=ABSENT
    )
    approval_threshold: Decimal | Absent = said(
        "Orders of this untaxed total or more, in the company's currency, need approval. "
        "It holds for what is submitted from now on.",
        default=ABSENT,
    )
    electronic_address: str | Absent | None = said(ELECTRONIC, default=ABSENT)
    electronic_scheme: str | Absent | None = said(SCHEME, default=ABSENT)
    addresses: Sequence[AddressEntry] | Absent = said(
        "Where it is, and what each place is for; replaces all there were.", default=ABSENT
    )
    tax_numbers: Sequence[TaxNumberEntry] | Absent = said("Its tax numbers; replaces all there were.", default=ABSENT)
    bank_accounts: Sequence[BankAccountEntry] | Absent = said(
        "The accounts to which customers pay; replaces all there were.", default=ABSENT
    )
    custom: dict[str, Any] | Absent = said("Fields that plugins add; those not given stay.", default=ABSENT)

    def act(self, work: Work) -> Company:
        return FORM.update(work, self)
