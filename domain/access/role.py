"""What a role may do. Nobody may do anything that does not stand here."""

from __future__ import annotations

from collections.abc import Iterable

RIGHTS: dict[str, str] = {
    "master.read": "See partners, products, units, taxes, locations and rates.",
    "master.write": "Create, change and archive partners, products, prices and other master records.",
    "company.write": "Rename the tenant; found and change companies; set number series and settings.",
    "purchase.read": "See purchase orders and receipts of one's companies.",
    "purchase.read.own": "See the papers of one's own firm, as a vendor or customer.",
    "purchase.request": "Write, edit and submit purchase requisitions.",
    "purchase.write": "Write, edit, submit, confirm, close and cancel purchase orders.",
    "purchase.approve": "Approve or reject purchase orders that one neither asked for nor edited last.",
    "purchase.price": "See prices and amounts; on papers of buying with `cost.read` alone.",
    "cost.read": "See what things cost: vendor prices, standard costs, amounts on papers of buying.",
    "vendor.answer": "As a vendor, or for them: acknowledge orders, propose dates, offer prices, announce shipments.",
    "sales.read": "See quotes, sales orders, deliveries and sales returns of one's companies.",
    "sales.write": "Write, edit, send, confirm, close and cancel quotes and sales orders.",
    "invoice.read": "See bills, invoices, credit notes, debit notes and payments of one's companies.",
    "invoice.write": "Write and edit bills, invoices, credit notes, debit notes and payments.",
    "invoice.post": "Post and reverse them.",
    "stock.read": "See what lies where and what is on its way.",
    "stock.receive": "Receive goods, from vendors and back from customers, and take that back.",
    "stock.ship": "Send goods out, to customers and back to vendors, and take that back.",
    "stock.adjust": "Adjust the books to what was found, write off what was lost, and take that back.",
    "stock.move": "Move goods from place to place within the house, and take that back.",
    "stock.reserve": "Reserve goods for customers, for longer or shorter, and let them go.",
    "accounting.read": "See accounts, entries and reports of one's companies.",
    "accounting.write": "Change the chart of accounts; lay out fiscal years, close periods, lock the books.",
    "event.read": "See the log of events and subscribe to it.",
    "access.read": "See users, roles and API keys.",
    "access.write": "Make users and API keys, give them any role, also one that one has not; lock, archive, revoke.",
    "access.self": "Change one's own password; every signed-in person may, without being given it.",
    "import.write": "Import records from files, and see the reports.",
    "history.record": "Bring in papers of the past as their source states them, by import alone.",
    "exception.write": "Resolve or waive what import flagged.",
    "desk.keep": "Keep views of one's own.",
    "desk.share": "Share views with everybody in the firm, and change those that are shared.",
    "paper.comment": "Comment on papers, follow and assign them; find colleagues to mention.",
    "paper.moderate": "Put away comments that others wrote.",
}

PERSONAL = frozenset({"access.self"})
"""What comes with being a person who signed in; no role and no key holds it."""
OUTSIDERS = frozenset({"partner"})
"""Roles of people from another firm: given with that firm, and with no other role."""

_LOOK = {"master.read", "purchase.read", "sales.read", "stock.read", "event.read", "desk.keep"}

_WORK = _LOOK | {"paper.comment"}

ROLES: dict[str, frozenset[str]] = {
    "buyer": frozenset(
        _WORK
        | {"purchase.request", "purchase.write", "purchase.price", "cost.read", "vendor.answer", "invoice.read"}
        | {"master.write", "exception.write", "desk.share"}
    ),
    "seller": frozenset(
        _WORK | {"sales.write", "stock.reserve", "purchase.price", "purchase.request", "invoice.read", "invoice.write"}
    ),
    "approver": frozenset(_WORK | {"purchase.approve", "purchase.price", "cost.read", "invoice.read"}),
    "storekeeper": frozenset(
        _WORK | {"stock.receive", "stock.ship", "stock.adjust", "stock.move", "stock.reserve", "purchase.request"}
    ),
    "accountant": frozenset(
        _WORK
        | {"purchase.price", "cost.read", "invoice.read", "invoice.write", "invoice.post", "exception.write"}
        | {"accounting.read", "accounting.write"}
    ),
    "viewer": frozenset(_LOOK | {"invoice.read"}),
    "administrator": frozenset(
        _WORK
        | {"accounting.read", "master.write", "company.write", "purchase.price", "cost.read", "invoice.read"}
        | {"access.read", "access.write"}
        | {"import.write", "history.record", "exception.write", "paper.moderate", "desk.share"}
    ),
    "partner": frozenset({"purchase.read.own", "purchase.price", "cost.read", "vendor.answer", "desk.keep"}),
}


def rights_of(roles: Iterable[str]) -> frozenset[str]:
    """Every right of the given roles; an unknown role gives none."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))
