"""The desks of those who keep the books and the house, as data."""

from __future__ import annotations

from domain.desks.desk import Desk
from domain.desks.trade import uninvoiced
from domain.desks.worklist import Worklist

_NEWEST = ({"field": "DATED", "direction": "DESC"}, {"field": "NUMBER", "direction": "DESC"})


def _flagged(kind: str, name: str, what: str) -> Worklist:
    return Worklist(
        name=name,
        description=what,
        on="importExceptions",
        filter={"state": {"eq": "OPEN"}, "kind": {"eq": kind}},
        order_by=({"field": "FILE"}, {"field": "ROW"}),
    )


ACCOUNTANT = Desk(
    role="accountant",
    title="Books",
    description="What is to be paid, billed, invoiced and credited, and what import could not know.",
    views=(
        Worklist(
            name="Overdue invoices",
            description="Invoices of which something should have been paid before today; remind the customer.",
            on="customerInvoices",
            filter={"dueOn": {"lt": "$today"}, "residual": {"gt": "0"}},
            order_by=({"field": "DUE_ON"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="Bills due this week",
            description="Bills of which something is due within the next seven days, or should have been paid before.",
            on="vendorBills",
            filter={"dueOn": {"lt": "$today+7"}, "residual": {"gt": "0"}},
            order_by=({"field": "DUE_ON"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="Payments to be posted",
            description="Payments that are written and did not take effect yet.",
            on="payments",
            filter={"state": {"eq": "DRAFT"}},
            order_by=({"field": "DATED"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="Unallocated payments",
            description="Payments of which something is left; say what it settles, or keep it as the partner's credit.",
            on="payments",
            filter={"state": {"eq": "POSTED"}, "residual": {"gt": "0"}},
            order_by=({"field": "DATED"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="Received, not billed",
            description="Orders with goods that the vendor has not billed, or not all of them.",
            on="purchaseOrders",
            filter={"billingState": {"in": ["PENDING", "PARTIAL"]}},
            order_by=({"field": "DATED"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="Received, billing unknown",
            description="Imported orders whose source does not say whether the goods were billed.",
            on="purchaseOrders",
            filter={"billingState": {"eq": "UNKNOWN"}},
            order_by=_NEWEST,
        ),
        Worklist(
            name="Bills to post",
            description="Drafted bills of vendors; compare each with the vendor's paper and post it.",
            on="vendorBills",
            filter={"state": {"eq": "DRAFT"}},
            order_by=({"field": "DATED"}, {"field": "ID"}),
        ),
        uninvoiced(),
        Worklist(
            name="Invoices to post",
            description="Drafted invoices; look through them and post them.",
            on="customerInvoices",
            filter={"state": {"eq": "DRAFT"}},
            order_by=({"field": "DATED"}, {"field": "ID"}),
        ),
        Worklist(
            name="Claims waiting",
            description="Claims that vendors have not credited, or not all of them; the oldest first.",
            on="debitNotes",
            filter={"state": {"eq": "ISSUED"}, "creditState": {"in": ["PENDING", "PARTIAL"]}},
            order_by=({"field": "DATED"}, {"field": "NUMBER"}),
        ),
        _flagged("UNKNOWN_PRICE", "Without a price", "Products of which the source knew neither price nor cost."),
        _flagged("MISSING_TAX_NUMBER", "Without a tax number", "Partners that came without a tax number."),
        _flagged("MISSING_ADDRESS", "Without an address", "Partners that came without an address."),
        _flagged("MISSING_UNIT", "Without a unit", "Products whose unit was assumed."),
        _flagged(
            "RECEIVED_BEFORE_APPROVAL",
            "Received before approval",
            "Lines received while their order still waited for a yes.",
        ),
        _flagged(
            "RECEIVED_BEFORE_ORDERED", "Received before ordered", "Goods that came before their order was written."
        ),
        _flagged("OVER_RECEIVED", "More than ordered", "Lines of which more was accepted than is tolerated."),
        _flagged("DUE_BEFORE_ORDERED", "Due before ordered", "Lines that were due before their order was written."),
        _flagged(
            "ON_ORDER_MISMATCH", "Not what was on order", "Vendor prices whose open quantity in the source is not ours."
        ),
    ),
)

ADMINISTRATOR = Desk(
    role="administrator",
    title="The house",
    description="What is brought in and what import flagged, and who can come in.",
    views=(
        Worklist(
            name="Open exceptions",
            description="All that import flagged and nobody has settled.",
            on="importExceptions",
            filter={"state": {"eq": "OPEN"}},
            order_by=({"field": "KIND"}, {"field": "FILE"}, {"field": "ROW"}),
        ),
        Worklist(
            name="Imports at work",
            description="Imports that run, or wait for their turn.",
            on="imports",
            filter={"state": {"in": ["QUEUED", "RUNNING"]}},
            order_by=({"field": "QUEUED_AT"},),
        ),
        Worklist(
            name="Imports that failed",
            description="Imports that could not go on, each with the reason; put it right and start them again.",
            on="imports",
            filter={"state": {"eq": "FAILED"}},
            order_by=({"field": "ENDED_AT", "direction": "DESC"},),
        ),
        Worklist(
            name="Locked out",
            description="People whom an administrator has locked out; let them in again, or archive them.",
            on="users",
            filter={"lockedAt": {"isNull": False}},
            order_by=({"field": "LOCKED_AT"},),
        ),
        Worklist(
            name="Keys that end soon",
            description="Keys of programs that end within 30 days; make new ones in time.",
            on="apiKeys",
            filter={"revokedAt": {"isNull": True}, "expiresAt": {"gte": "$now", "lt": "$now+30"}},
            order_by=({"field": "EXPIRES_AT"},),
        ),
        Worklist(
            name="Keys without an end",
            description="Keys of programs that hold until somebody revokes them; see that each is still in use.",
            on="apiKeys",
            filter={"revokedAt": {"isNull": True}, "expiresAt": {"isNull": True}},
            order_by=({"field": "CREATED_AT"},),
        ),
    ),
)
