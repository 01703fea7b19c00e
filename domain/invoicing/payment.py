"""A payment is money that came in or went out: of a customer, to a vendor, or back again."""

from __future__ import annotations

from typing import Any

from domain.drafts.lives import posting
from domain.invoicing.allocating import release_all
from domain.invoicing.freezing import frozen
from domain.invoicing.posting import open_to_settle
from domain.invoicing.standing import OWN_WAY
from domain.kernel.actions import verbs
from domain.kernel.decimals import checked, currency_digits
from domain.kernel.documents import ZERO, Document
from domain.kernel.errors import BadInput, NotReady, at
from domain.kernel.work import Work
from domain.parties.company import BankAccount, Company
from domain.parties.partner import Partner
from domain.parties.rate import rate_on


def has_happened(work: Work, payment: Document) -> None:
    """Guard: money that is to move some day has not moved yet."""
    if payment.dated > work.find(Company, payment.company_id).today(work.now):
        raise NotReady("This cannot have happened in the future; post it on its day.", path=("dated",))


def fits_the_account(work: Work, payment: Document) -> None:
    """Guard: an account that is kept in one currency takes no other."""
    if payment.bank_account_id is None:
        return
    account = work.find(BankAccount, payment.bank_account_id)
    if account.currency not in {None, payment.currency}:
        raise BadInput(f"That account is kept in {account.currency}; choose another.", path=("bankAccount",))


def receive(work: Work, payment: Document, _: Any) -> None:
    """Effect: names and account are copied onto the payment, and all of it is there to settle something with."""
    company = work.find(Company, payment.company_id)
    with at("currency"):
        payment.exchange_rate = rate_on(work, payment.currency, company.currency, payment.dated)
    payment.accounting_date = payment.dated
    payment.frozen = {**frozen(work, payment, company), "bankAccount": _account(work, payment)}
    open_to_settle(work, payment, company, None)


def unsettle(work: Work, payment: Document, _: Any) -> None:
    """Effect of reversal: what it settled is open again, and nothing is left to settle anything with."""
    release_all(work, payment)


class Payment(Document):
    """Money that came in or went out. What it settles is said by allocations; what of it is left is the partner's."""

    __mapper_args__ = {"polymorphic_identity": "payment"}
    series = "PY{year}-{number:05d}"
    sells = {"payment_direction": "in", "payment_side": "receivables"}
    workflow = posting(
        "payment", "invoice.post", writing="invoice.write", means="The money was received or paid.",
        needs=has_happened, guards=[fits_the_account], effects=[receive], undone=[unsettle],
    )  # fmt: skip


def reckoned(work: Work, payment: Document, company: Company, partner: Partner) -> None:
    """Write what follows from the head of a payment: its rate, and what it settles if nobody says."""
    with at("currency"):
        digits = currency_digits(payment.currency)
        payment.exchange_rate = rate_on(work, payment.currency, company.currency, payment.dated)
    with at("amount"):
        payment.total = checked(payment.total, digits=digits, above=ZERO)
    if payment.payment_side is None:
        payment.payment_side = _usual(payment, partner)
    role = "vendor" if payment.payment_side == "payables" else "customer"
    if not getattr(partner, f"is_{role}"):
        raise BadInput(f"{partner.name} is no {role}; give the partner that role first.", path=("side",))


def _usual(payment: Document, partner: Partner) -> str:
    if partner.is_vendor and partner.is_customer:
        return next(side for side, way in OWN_WAY.items() if way == payment.payment_direction)
    return "payables" if partner.is_vendor else "receivables"


def _account(work: Work, payment: Document) -> dict[str, Any] | None:
    if payment.bank_account_id is None:
        return None
    account = work.find(BankAccount, payment.bank_account_id)
    return {"bank": account.bank, "number": account.number, "bic": account.bic, "currency": account.currency}


verbs(Payment, besides=frozenset({"post", "reverse"}))
