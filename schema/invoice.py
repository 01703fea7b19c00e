"""What is owed: bills and invoices, what is claimed and credited, and when it is due."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.invoicing import allocation, bill, instalment, invoice, payment
from resolvers.selections import own_papers
from resolvers.sources import PRICE
from resolvers.values import JSON
from schema.declare import Connection, column, connection, describes, many, money, one, word
from schema.document import INSIDE, OF_PAPER, Document
from schema.order import SEARCHED
from schema.record import Money, Node
from schema.words import CREDIT_STATES, OWED_SIDES, PAYMENT_DIRECTIONS, PAYMENT_STATES

if TYPE_CHECKING:
    from schema.access import User
    from schema.accounting import Entry
    from schema.company import BankAccount, Company

READ = "invoice.read"


class Owed(Document):
    """What bills, invoices and credit notes have in common."""

    posted_at: datetime | None = column("When it took effect; from then on it can only be reversed.")
    accounting_date: date | None = column("The day that it counts for in the books.", guard=INSIDE)
    payment_state: str = word(PAYMENT_STATES, "How much of it has been paid or otherwise settled.")
    residual: Money = money("What of it is still open.", guard=PRICE)
    due_on: date | None = column("The first day on which something that is open is due.")
    buyer_reference: str | None = column("What the buyer wants to read on it, such as a cost centre.")
    instalments: list[Instalment] = many("document_id", "What of it is due when.", order="position")
    settled_by: Connection[Allocation] = connection("debt_id", "What it was settled with, taken back or not.")
    settles: Connection[Allocation] = connection("credit_id", "Of a credit note: what it settles.")
    frozen: JSON | None = column(
        "Names, addresses, tax numbers, units and terms as they were when it was posted, whatever became of them: "
        "`units` by their codes, each with the positions of its `lines`; the terms with `discountUntil` and "
        "`discountedTotal`, what is enough until then, where the terms let off something.",
        compared=False,
    )


@describes(bill.VendorBill, right=READ, owned=own_papers, searched=SEARCHED)
class VendorBill(Owed):
    """What a vendor charges for goods or services. `partnerReference` is the vendor's own number of it."""

    credit_state: str = word(CREDIT_STATES, "How much of it has been credited.")


@describes(bill.VendorCreditNote, right=READ, owned=own_papers, searched=SEARCHED)
class VendorCreditNote(Owed):
    """What a vendor gives back of a bill, such as for goods that were returned, or prices that were too high."""


@describes(bill.DebitNote, right=READ, owned=own_papers, searched=SEARCHED)
class DebitNote(Document):
    """A claim on a vendor for what was billed and should not have been. Their credit note settles it."""

    credit_state: str = word(CREDIT_STATES, "How much of it has been credited.")


@describes(invoice.CustomerInvoice, right=READ, owned=own_papers, searched=SEARCHED)
class CustomerInvoice(Owed):
    """What a customer owes for goods or services. Once posted it is never edited, only credited or reversed."""

    credit_state: str = word(CREDIT_STATES, "How much of it has been credited.")


@describes(invoice.CreditNote, right=READ, owned=own_papers, searched=SEARCHED)
class CreditNote(Owed):
    """What a customer is given back of an invoice, at the rates of tax that the invoice had."""


@describes(payment.Payment, right=READ, owned=own_papers, searched=SEARCHED)
class Payment(Document):
    """Money that came in or went out. `total` is how much; `partnerReference` is what stands on the statement."""

    direction: str = word(PAYMENT_DIRECTIONS, "Which way the money went.", of="payment_direction")
    side: str = word(OWED_SIDES, "What it settles.", of="payment_side")
    bank_account: BankAccount | None = one("bank_account_id", "The account that it came to, or went out from.")
    payment_method: str | None = column("How it was paid, such as bank transfer.")
    posted_at: datetime | None = column("When it took effect; from then on it can only be reversed.")
    accounting_date: date | None = column("The day that it counts for in the books.", guard=INSIDE)
    payment_state: str = word(PAYMENT_STATES, "How much of it was used; of a refund, how much of it is settled.")
    residual: Money = money("What of it is left: the partner's credit. Of a refund: what is not settled.", guard=PRICE)
    settles: Connection[Allocation] = connection("credit_id", "What it settles, taken back or not.")
    settled_by: Connection[Allocation] = connection("debt_id", "Of a refund: the credits that it pays out.")
    frozen: JSON | None = column(
        "Names, addresses, tax numbers and the account as they were when it was posted.", compared=False
    )


@describes(allocation.Allocation, part_of=("credit_id", "Document"))
class Allocation(Node):
    """That a credit (payment, credit note) settles so much of a debt (bill, invoice, refund)."""

    company: Company = one("company_id", "Whose papers.")
    credit: Document = one("credit_id", "What settles: a payment or a credit note.")
    debt: Document = one("debt_id", "What is settled: a bill, an invoice, or a payment that is a refund.")
    instalment: Instalment = one("debt_instalment_id", "The instalment of it.")
    dated: date = column("The day that it counts for.")
    amount: Money = money("What was paid, in the currency of the debt.", currency="debt.currency", guard=PRICE)
    used: Money = money("What that took of the credit.", currency="credit.currency", guard=PRICE)
    discount: Money = money("What was let off for paying early.", currency="debt.currency", guard=PRICE)
    written_off: Money = money("What little was left of the debt and given up.", currency="debt.currency", guard=PRICE)
    credit_written_off: Money = money(
        "What little was left of the credit and given up.", currency="credit.currency", guard=PRICE
    )
    debt_value: Money = money(
        "What all that stood in the books at, as owed.", currency="company.currency", guard=(PRICE, INSIDE)
    )
    credit_value: Money = money(
        "What it stood in the books at, as credit.", currency="company.currency", guard=(PRICE, INSIDE)
    )
    exchange_gain: Money = money(
        "What the rates of the two days made of it: less than nothing is a loss.",
        currency="company.currency",
        guard=(PRICE, INSIDE),
    )
    entry: Entry | None = one("entry_id", "What it did to the books.", guard=INSIDE)
    allocated_at: datetime = column("When it was said.")
    allocated_by: User | None = one("allocated_by", "Who said so; null if a program did.", guard=INSIDE)
    released_on: date | None = column("The day from which on it counts no more; null if it counts.")
    released_by: User | None = one("released_by", "Who took it back.", guard=INSIDE)


@describes(instalment.Instalment, part_of=("document_id", "Document"))
class Instalment(Node):
    """A part of a posted bill or invoice that is due on one day."""

    document: Document = one("document_id", "The paper.")
    position: int = column("Its place among the instalments, from 1.")
    due_on: date = column("The day on which it is due.")
    amount: Money = money("How much is due.", currency=OF_PAPER, guard=PRICE)
    residual: Money = money("What of it is still open.", currency=OF_PAPER, guard=PRICE)
    discount_until: date | None = column("Until when the discount for haste may be taken; null if there is none.")
    discount: Money = money("What may be taken off until then.", currency=OF_PAPER, guard=PRICE)
    value: Money = money(
        "What was due, in the company's currency, at the rate of the paper.", currency="document.company.currency",
        guard=(PRICE, INSIDE),
    )  # fmt: skip
    open_value: Money = money(
        "What of that is still open.", currency="document.company.currency", guard=(PRICE, INSIDE)
    )
