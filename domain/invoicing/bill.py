"""A vendor bill says what is owed to a vendor; their credit note what of it is not, after all."""

from __future__ import annotations

from domain.drafts.lives import Reason, has_lines, issued, keep_reason, nothing_done, posting
from domain.invoicing.posting import charge, claim_number, discharge, stands_once, unsettled
from domain.kernel.actions import verbs
from domain.kernel.documents import Document, Progress
from domain.kernel.workflow import Workflow, step


class VendorBill(Document):
    """What a vendor charges for goods or services. `partnerReference` is the vendor's own number of it."""

    __mapper_args__ = {"polymorphic_identity": "vendor_bill"}
    series = "VB{year}-{number:05d}"
    numbered_at = "posting"
    numbered_by_date = False
    progress = Progress(done="credited", column="credit_state", complete="credited")
    workflow = posting(
        "bill", "invoice.post", writing="invoice.write", means="It is owed to the vendor.",
        guards=[stands_once], effects=[claim_number, charge], undoing=[unsettled], undone=[discharge],
    )  # fmt: skip


class VendorCreditNote(Document):
    """What a vendor gives back of a bill, such as for goods that were returned, or prices that were too high."""

    __mapper_args__ = {"polymorphic_identity": "vendor_credit_note"}
    series = "VC{year}-{number:05d}"
    numbered_at = "posting"
    numbered_by_date = False
    workflow = posting(
        "credit note", "invoice.post", writing="invoice.write", means="The vendor owes it to the company.",
        guards=[stands_once], effects=[claim_number, charge], undoing=[unsettled], undone=[discharge],
    )  # fmt: skip


class DebitNote(Document):
    """A claim on a vendor for what was billed and should not have been. Their credit note settles it."""

    __mapper_args__ = {"polymorphic_identity": "debit_note"}
    series = "DB{year}-{number:05d}"
    progress = Progress(
        done="credited", column="credit_state", complete="credited", awaits=frozenset({"issued", "closed"})
    )
    workflow = Workflow(
        "draft",
        {
            "draft": "Being written; nothing follows from it yet.",
            "issued": "The vendor was told, and is to send a credit note.",
            "closed": "Finished: what the vendor did not credit was given up.",
            "cancelled": "The claim was given up.",
        },
        [
            step(
                "post", "draft", "issued", event="issued", right="invoice.write",
                description="Claim it of the vendor.", guards=[has_lines], effects=[issued],
            ),
            step(
                "close", "issued", "closed", event="closed", right="invoice.write",
                description="Finish the claim; what was not credited is given up.", effects=[keep_reason], shape=Reason,
            ),
            step(
                "cancel", "draft|issued", "cancelled", event="cancelled", right="invoice.write",
                description="Give the claim up.", guards=[nothing_done], effects=[keep_reason], shape=Reason,
            ),
        ],
    )  # fmt: skip


verbs(VendorBill, besides=frozenset({"reverse"}))
verbs(VendorCreditNote, besides=frozenset({"reverse"}))
verbs(DebitNote)
