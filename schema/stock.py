"""Places, what lies there, and how it moved."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.stock import count, location, move, reservation
from domain.warehouse import adjustment, transfer
from resolvers.papers import expired
from resolvers.selections import own_papers
from schema.declare import Connection, column, computed, connection, describes, one, word
from schema.document import Document
from schema.record import Node, Record
from schema.words import LOCATION_KINDS

if TYPE_CHECKING:
    from schema.access import User
    from schema.company import Company
    from schema.document import Line
    from schema.product import Product


@describes(location.Location, right="master.read")
class Location(Record):
    """A place where goods are; a vendor and a loss are places too, so that every move has two ends."""

    company: Company = one("company_id", "The company it belongs to.")
    code: str = column("A short code.")
    name: str = column("The name.")
    kind: str = word(LOCATION_KINDS, "Whose place it is, and what for.")
    receives: bool = column("Whether goods come in here unless a paper names another place.")
    positions: Connection[Position] = connection("location_id", "What lies here, and what is on its way.")


@describes(move.Position, right="stock.read")
class Position(Node):
    """What of a product lies at a place, and what is on its way there, in the product's stock unit."""

    company: Company = one("company_id", "The company whose goods they are.")
    product: Product = one("product_id", "The product.")
    location: Location = one("location_id", "The place.")
    on_hand: Decimal = column("What lies there.")
    reserved: Decimal = column("What of it is kept for somebody at this moment.")
    available: Decimal = column("What anybody may take: on hand less reserved.")
    incoming: Decimal = column("What is on its way here: open quantities of confirmed purchase orders.")
    outgoing: Decimal = column("What is promised to customers: open quantities of confirmed sales orders.")
    updated_at: datetime = column("When what lies there or is on its way changed last.")


@describes(reservation.Reservation, right="stock.read", owned=own_papers, searched=("number", "partner_reference"))
class Reservation(Document):
    """Goods that lie ready for a customer, and that nobody else may take until its time is over.

    Of a line, `quantity` was reserved, `openQuantity` is left, `closed` was let go; the rest went to the customer.
    """

    held_until: datetime = column("The moment from which on it keeps nothing any more.")
    expired: bool = computed(
        "Whether its time is over, though it is active: it keeps nothing.", expired, needs=("state", "held_until")
    )
    expired_at: datetime | None = column("When it was told, as an event, that its time is over.")


@describes(adjustment.StockAdjustment, right="stock.read", searched=("number",))
class StockAdjustment(Document):
    """What was found to be more or less than the books say, line by line, each with the reason.

    Of a line, `difference` came to its place or went from there, and `counted` and `booked` are what it follows from.
    """

    posted_at: datetime | None = column("When the books followed.")


@describes(transfer.StockTransfer, right="stock.read", searched=("number",))
class StockTransfer(Document):
    """Goods that go from one place of a company to another, at once or over transit.

    Of a line, `received` has arrived and `closed` was lost on the way; the rest of what was shipped is in transit.
    """

    destination: Location | None = one("destination_id", "Where the goods go.")
    posted_at: datetime | None = column("When the goods moved, where they went without transit.")


@describes(move.Move, right="stock.read")
class Move(Node):
    """A quantity of a product that was taken from one place and given to another. Never changed once made."""

    company: Company = one("company_id", "The company whose goods they are.")
    product: Product = one("product_id", "The product.")
    from_location: Location = one("from_location_id", "Where it was taken from.")
    to_location: Location = one("to_location_id", "Where it was given to.")
    quantity: Decimal = column("How much, in the product's stock unit.")
    dated: date = column("The day it counts for.")
    dated_inferred: bool = column("Whether that day is only the best that the source of an imported paper has.")
    line: Line | None = one("line_id", "The line of the paper behind it.")
    count: StockCount | None = one("count_id", "The count behind it.")
    reverses: Move | None = one("reverses_id", "The move that this one takes back.")
    moved_at: datetime = column("When it was made.")
    moved_by: User | None = one("moved_by", "Who made it; null if a program did.")


@describes(count.StockCount, right="stock.read")
class StockCount(Record):
    """What was counted of a product at a place, and what the books said; the difference was moved."""

    company: Company = one("company_id", "The company whose goods they are.")
    product: Product = one("product_id", "The product.")
    location: Location = one("location_id", "The place.")
    against: Location = one("against_id", "Where the difference came from or went to.")
    dated: date = column("The day of the count.")
    counted: Decimal = column("What lay there, in the product's stock unit.")
    booked: Decimal = column("What the books said.")
    reason: str | None = column("What the difference is, as far as anybody knows.")
    moves: Connection[Move] = connection("count_id", "The move of the difference, if there was one.")
