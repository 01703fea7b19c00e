"""The desks that the house ships, as data."""

from __future__ import annotations

from domain.desks.desk import Desk, set_up
from domain.desks.worklist import Worklist

_MINE = {"id": {"eq": "$me"}}
_BY_DATE = ({"field": "EXPECTED_ON"}, {"field": "NUMBER"})
_NEWEST = ({"field": "DATED", "direction": "DESC"}, {"field": "NUMBER", "direction": "DESC"})

_LATE = {"expectedOn": {"lt": "$today"}}
_OPEN_AND_REFUSED = {"rejected": {"gt": "0"}, "openQuantity": {"gt": "0"}}

_BUYER = Desk(
    role="buyer",
    title="Purchasing",
    description="From the draft to the vendor's delivery.",
    views=(
        Worklist(
            name="My drafts",
            description="Orders you began or edited last; submit them.",
            on="purchaseOrders",
            filter={
                "state": {"eq": "DRAFT"},
                "approvalState": {"ne": "REJECTED"},
                "or": [{"createdBy": _MINE}, {"editedBy": _MINE}],
            },
            order_by=({"field": "UPDATED_AT", "direction": "DESC"},),
        ),
        Worklist(
            name="Rejected",
            description="Orders that were not approved; the reason says why. Change and submit them, or cancel them.",
            on="purchaseOrders",
            filter={"state": {"eq": "DRAFT"}, "approvalState": {"eq": "REJECTED"}},
            order_by=({"field": "UPDATED_AT", "direction": "DESC"},),
        ),
        Worklist(
            name="To be confirmed",
            description="Approved orders that the vendor does not have yet; confirm them.",
            on="purchaseOrders",
            filter={"state": {"eq": "APPROVED"}},
            order_by=({"field": "DATED"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="Late",
            description="Confirmed orders of which something should have come before today; ask the vendor.",
            on="expectedReceipts",
            filter=_LATE,
            order_by=_BY_DATE,
        ),
        Worklist(
            name="Due this week",
            description="Confirmed orders of which something should come today or in the six days after.",
            on="expectedReceipts",
            filter={"expectedOn": {"gte": "$today", "lt": "$today+7"}},
            order_by=_BY_DATE,
        ),
        Worklist(
            name="Awaiting the vendor",
            description="Confirmed orders of which nothing has come yet.",
            on="purchaseOrders",
            filter={"state": {"eq": "CONFIRMED"}, "receiptState": {"eq": "PENDING"}},
            order_by=_BY_DATE,
        ),
    ),
)

_APPROVER = Desk(
    role="approver",
    title="Approvals",
    description="What waits for a yes or a no.",
    views=(
        Worklist(
            name="Waiting for my approval",
            description="Papers you may decide on, each with the rule that asks; the oldest first.",
            on="awaitingMyApproval",
            order_by=({"field": "REQUESTED_AT"},),
        ),
    ),
)

_STOREKEEPER = Desk(
    role="storekeeper",
    title="Goods in",
    description="What comes, what should have come, and what was not right.",
    views=(
        Worklist(
            name="Expected today",
            description="Orders with lines that are due today and still open.",
            on="expectedReceipts",
            filter={"lines": {"some": {"expectedOn": {"eq": "$today"}, "openQuantity": {"gt": "0"}}}},
            order_by=({"field": "NUMBER"},),
        ),
        Worklist(
            name="Overdue",
            description="Orders of which something should have come before today.",
            on="expectedReceipts",
            filter=_LATE,
            order_by=_BY_DATE,
        ),
        Worklist(
            name="Refused of late",
            description="Receipts of the last 30 days with goods that inspection refused.",
            on="receipts",
            filter={
                "state": {"eq": "POSTED"},
                "dated": {"gte": "$today-30"},
                "not": {"reverses": {}},
                "lines": {"some": {"rejected": {"gt": "0"}}},
            },
            order_by=_NEWEST,
        ),
        Worklist(
            name="In transit",
            description="Transfers of which something has left and not arrived; receive it, or write it off.",
            on="stockTransfers",
            filter={"state": {"eq": "SHIPPED"}},
            order_by=({"field": "DATED"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="Reservations that end within a day",
            description="Reservations whose time is over within a day; give them more, or let the goods go.",
            on="reservations",
            filter={"state": {"eq": "ACTIVE"}, "heldUntil": {"gte": "$now", "lt": "$now+1"}},
            order_by=({"field": "HELD_UNTIL"},),
        ),
        Worklist(
            name="To be replaced",
            description="Confirmed orders with goods that inspection refused and that are still open.",
            on="purchaseOrders",
            filter={"state": {"eq": "CONFIRMED"}, "lines": {"some": _OPEN_AND_REFUSED}},
            order_by=_BY_DATE,
        ),
    ),
)


def _flagged(kind: str, name: str, what: str) -> Worklist:
    return Worklist(
        name=name,
        description=what,
        on="importExceptions",
        filter={"state": {"eq": "OPEN"}, "kind": {"eq": kind}},
        order_by=({"field": "FILE"}, {"field": "ROW"}),
    )


_ACCOUNTANT = Desk(
    role="accountant",
    title="Books",
    description="What was received and not billed, and what import could not know.",
    views=(
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

_ADMINISTRATOR = Desk(
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

for _desk in (_BUYER, _APPROVER, _STOREKEEPER, _ACCOUNTANT, _ADMINISTRATOR):
    set_up(_desk)
