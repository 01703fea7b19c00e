"""The desks of those who buy, sell, approve, and send and receive goods, as data."""

from __future__ import annotations

from domain.desks.desk import Desk
from domain.desks.worklist import Worklist

_MINE = {"id": {"eq": "$me"}}
_BY_DATE = ({"field": "EXPECTED_ON"}, {"field": "NUMBER"})
_NEWEST = ({"field": "DATED", "direction": "DESC"}, {"field": "NUMBER", "direction": "DESC"})

_LATE = {"expectedOn": {"lt": "$today"}}
_UNDELIVERED = {"state": {"eq": "CONFIRMED"}, "deliveryState": {"in": ["PENDING", "PARTIAL"]}}
_OPEN_AND_REFUSED = {"rejected": {"gt": "0"}, "openQuantity": {"gt": "0"}}

BUYER = Desk(
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
        Worklist(
            name="Requisitions to source",
            description="What colleagues need and is not ordered yet, or not all of it; ask vendors, or order.",
            on="purchaseRequisitions",
            filter={"state": {"eq": "APPROVED"}, "orderingState": {"in": ["PENDING", "PARTIAL"]}},
            order_by=_BY_DATE,
        ),
        Worklist(
            name="Offers received",
            description="Requests that vendors have answered and that were not ordered; order, or decline.",
            on="requestsForQuotation",
            filter={"state": {"eq": "OFFERED"}, "orderingState": {"in": ["PENDING", "PARTIAL"]}},
            order_by=({"field": "VALID_UNTIL"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="Dates proposed",
            description="Orders for which the vendor proposes other days; accept them, or talk to the vendor.",
            on="purchaseOrders",
            filter={"state": {"eq": "CONFIRMED"}, "lines": {"some": {"proposedOn": {"isNull": False}}}},
            order_by=_BY_DATE,
        ),
    ),
)


def uninvoiced() -> Worklist:
    """Sales of which something is to be invoiced, for the desks of those who do it."""
    return Worklist(
        name="To be invoiced",
        description="Orders with goods that were delivered and not invoiced, or not all of them.",
        on="salesOrders",
        filter={"billingState": {"in": ["PENDING", "PARTIAL"]}},
        order_by=({"field": "DATED"}, {"field": "NUMBER"}),
    )


SELLER = Desk(
    role="seller",
    title="Sales",
    description="From the quote to the invoice.",
    views=(
        Worklist(
            name="My quotes",
            description="Quotes you wrote that are not ordered yet, or not all of them; what ends first is first.",
            on="quotes",
            filter={
                "state": {"in": ["DRAFT", "SENT", "ACCEPTED"]},
                "orderingState": {"in": ["NONE", "PENDING", "PARTIAL"]},
                "createdBy": _MINE,
            },
            order_by=({"field": "VALID_UNTIL"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="Orders to confirm",
            description="Orders of customers that bind nobody yet; look through them and confirm them.",
            on="salesOrders",
            filter={"state": {"eq": "DRAFT"}},
            order_by=({"field": "DATED"}, {"field": "NUMBER"}),
        ),
        Worklist(
            name="To be delivered",
            description="Confirmed orders of which something has not gone to the customer.",
            on="salesOrders",
            filter=_UNDELIVERED,
            order_by=_BY_DATE,
        ),
        Worklist(
            name="Late to customers",
            description="Confirmed orders of which something should have gone before today; tell the customer.",
            on="salesOrders",
            filter={**_UNDELIVERED, **_LATE},
            order_by=_BY_DATE,
        ),
        uninvoiced(),
    ),
)

APPROVER = Desk(
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

STOREKEEPER = Desk(
    role="storekeeper",
    title="Goods in and out",
    description="What comes and goes, what should have, and what was not right.",
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
            name="To be delivered today",
            description="Confirmed orders of customers with something that is to go today, or should have gone.",
            on="salesOrders",
            filter={**_UNDELIVERED, "lines": {"some": {"expectedOn": {"lte": "$today"}, "openQuantity": {"gt": "0"}}}},
            order_by=_BY_DATE,
        ),
        Worklist(
            name="Announced shipments",
            description="What vendors say is on its way and is not here yet, or not all of it; the earliest first.",
            on="shipmentNotices",
            filter={"state": {"eq": "ANNOUNCED"}, "receiptState": {"in": ["PENDING", "PARTIAL"]}},
            order_by=_BY_DATE,
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
