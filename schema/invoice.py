"""What is owed: bills and invoices, what is claimed and credited, and when it is due."""

from __future__ import annotations

from datetime import date, datetime

from domain.invoicing import bill, instalment, invoice
from resolvers.selections import own_papers
from resolvers.sources import PRICE
from resolvers.values import JSON
from schema.declare import column, describes, many, money, one, word
from schema.document import INSIDE, OF_PAPER, Document
from schema.order import SEARCHED
from schema.record import Money, Node
from schema.words import CREDIT_STATES, PAYMENT_STATES

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
    frozen: JSON | None = column(
        "Names, addresses, tax numbers, terms and units as they were when it was posted, whatever became of them.",
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
