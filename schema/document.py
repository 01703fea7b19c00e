"""What all business papers have in common: head, lines, charges, taxes, approvals and what can be done with them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.kernel import documents
from resolvers import lineage
from resolvers.actions import available
from resolvers.prices import last_paid, last_paid_here
from resolvers.printing import links
from resolvers.selections import not_left, unless_archived
from resolvers.sources import COST, PRICE
from resolvers.values import CurrencyCode
from schema.comment import ARCHIVED
from schema.declare import Connection, column, computed, connection, describes, many, money, one, shape, value, word
from schema.record import ExternalReference, Money, Node, Record
from schema.words import ACTIONS, APPROVAL_STATES, KINDS, PRICE_SOURCES, RELATIONS, STATES, TAX_ROUNDINGS

if TYPE_CHECKING:
    from schema.access import User
    from schema.accounting import Entry
    from schema.approval import ApprovalRequest
    from schema.comment import Comment, Follower
    from schema.company import Company
    from schema.exception import ImportException
    from schema.order import PurchaseOrder
    from schema.partner import Partner, PaymentTerm
    from schema.price import PriceListItem
    from schema.product import Category, Product, Tax, TaxPosition, Unit, VendorPrice
    from schema.stock import Location, Move

INSIDE = "master.read"
"""What people of the house have, and people from elsewhere have not."""
OF_PAPER = "document.currency"
STOCKED = ("unit_id", "stock_numerator", "stock_denominator")
"""How a line's unit stands to that of the stock."""


@describes(documents.Document, searched=("number", "partner_reference"), interface=True)
class Document(Record):
    """A business paper of any kind."""

    kind: str = word(KINDS, "Which kind of paper it is.")
    number: str | None = column("Its number within company, kind and year; none while it is only tried.")
    state: str = word(STATES, "Where it is in its life.")
    company: Company = one("company_id", "The company whose paper it is.")
    partner: Partner | None = one("partner_id", "The firm it was exchanged with.")
    partner_reference: str | None = column(
        "The number that firm gave it: of its order, its confirmation, its delivery note …"
    )
    note: str | None = column("A remark; it stands on the paper, so the other side reads it.")
    reason: str | None = column("Why it was rejected, closed, cancelled or reversed.", guard=INSIDE)
    dated: date = column("The day it is dated.")
    dated_inferred: bool = column("Whether that day is only the best that the source of an imported paper has.")
    expected_on: date | None = column("The first day on which something that is open should come.")
    currency: CurrencyCode = column("The currency of its amounts.")
    exchange_rate: Decimal = column("What one unit of it is worth in the company's currency.", guard=INSIDE)
    payment_term: PaymentTerm | None = one("payment_term_id", "When it is to be paid.")
    location: Location | None = one("location_id", "Where its goods go to, or are.")
    lines_amount: Money = money("The sum of its lines, untaxed.", guard=PRICE)
    charges_amount: Money = money("The sum of its charges and allowances, untaxed.", guard=PRICE)
    untaxed: Money = money("What it comes to before tax.", guard=PRICE)
    tax: Money = money("All taxes on it.", guard=PRICE)
    total: Money = money("What it comes to.", guard=PRICE)
    company_untaxed: Money = money(
        "`untaxed` in the company's currency.", currency="company.currency", guard=(PRICE, INSIDE)
    )
    approval_state: str = word(APPROVAL_STATES, "Whether it was approved.", guard=INSIDE)
    submitted_by: User | None = one("submitted_by", "Who asked for approval.", guard=INSIDE)
    edited_by: User | None = one("edited_by", "Who edited it last; may not approve it.", guard=INSIDE)
    assignee: User | None = one("assignee_id", "The person of the house who has it now.", guard=INSIDE)
    lines: list[Line] = many("document_id", "Its positions.", order="position")
    charges: list[Charge] = many("document_id", "Charges and allowances on the whole paper.", order="position")
    taxes: list[TaxAmount] = many("document_id", "Its taxes, one row for each.", order="rate")
    tax_position: TaxPosition | None = one("tax_position_id", "By which its taxes took the place of the usual ones.")
    tax_rounding: str = word(TAX_ROUNDINGS, "How often tax on it is rounded.")
    approvals: list[ApprovalRequest] = many("document_id", "Every request for approval, oldest first.")
    provenance: Provenance | None = one(
        "provenance_id", "What its source says of it, if it was imported.", guard=INSIDE
    )
    available_actions: list[AvailableAction] = computed(
        "What can be done with it in this state; each allowed, or with the reason why not.", available
    )
    issued_at: datetime | None = column("When the other side learned of it; null while it has not.")
    origins: list[Lineage] = computed("The papers that it was made from, as far as you may see them.", lineage.origins)
    begets: list[Lineage] = computed("The papers that were made from it, as far as you may see them.", lineage.begotten)
    reverses: Document | None = one("reverses_id", "The paper that this one takes back.")
    reversals: Connection[Document] = connection("reverses_id", "The papers that take this one back.")
    pdf: str = computed(
        "The path of its page on paper, such as /documents/….pdf: GET it, with the same credentials, to print or to "
        "send it. `?language=de` asks for another language than the partner's.",
        links,
    )
    comments: Connection[Comment] = connection(
        "document_id", "What the house says about it, oldest first.", where=unless_archived, arguments=ARCHIVED
    )
    followers: Connection[Follower] = connection("document_id", "Who follows it.", where=not_left)
    exceptions: Connection[ImportException] = connection("record_id", "What import flagged about it.")
    entries: Connection[Entry] = connection("document_id", "What it did to the books.")


@describes(documents.Provenance)
class Provenance:
    """What the source of an imported order says of it and, with it, of what came. Amounts are in its currency."""

    source: str = column("The system or file.")
    key: str = column("The key of the order there.")
    status: str | None = column("What the source calls its state.")
    lines_amount: Decimal | None = column("What it makes of all lines, with all its decimals.", guard=(PRICE, COST))
    charges_amount: Decimal | None = column("What it makes of all charges.", guard=(PRICE, COST))
    tax: Decimal | None = column("What it makes of the taxes.", guard=(PRICE, COST))
    total: Decimal | None = column("What it makes of the order.", guard=(PRICE, COST))
    recorded_at: datetime = column("When the order was entered here.")


@shape
class Lineage:
    """That papers were made from each other: the one at the other end, and what the later does to the earlier."""

    relation: str = value("What the later lines do to the earlier ones.", words=RELATIONS)
    document: Document | None = one("document_id", "The paper at the other end.")


@shape
class LineLineage:
    """That lines were made from each other: the one at the other end, what the later does to the earlier, how much."""

    relation: str = value("What the later line does to the earlier one.", words=RELATIONS)
    quantity: Decimal = value("How much, in the unit of the earlier line.")
    line: Line | None = one("line_id", "The line at the other end.")


@shape
class AvailableAction:
    """Something that can be done with a paper in its state."""

    action: str = value("The action.", words=ACTIONS)
    allowed: bool = value("Whether you can do it now.")
    reason: Obstacle | None = value("Why not, if you cannot.")
    description: str = value("What it does.")


@shape
class Obstacle:
    """Why something cannot be done."""

    code: str = value("A word for programs, such as FORBIDDEN.")
    message: str = value("What is in the way, and what to do about it.")


@describes(documents.Line, part_of=("document_id", "Document"))
class Line(Node):
    """One position of a paper: a product, or a category with text. Quantities are in the line's unit."""

    document: Document = one("document_id", "The paper.")
    position: int = column("Its place on the paper, from 1.")
    product: Product | None = one("product_id", "The product.")
    category: Category | None = one("category_id", "The group of products, if no product is named.")
    location: Location | None = one("location_id", "Where its goods are, if the line says so for itself.")
    text: str = column("What stands on the paper.")
    partner_item_number: str | None = column("The partner's number of the product.")
    quantity: Decimal = column("What the paper asks for or tells of.")
    counted: Decimal | None = column("What was counted, on an adjustment.")
    booked: Decimal | None = column("What the books said as it was counted.")
    difference: Decimal | None = column("What comes to the place or, if negative, goes from there, on an adjustment.")
    unit: Unit = one("unit_id", "The unit of all quantities of the line.")
    unit_price: Money = money(
        "What `priceBase` units cost, before discount; with the tax in it, if that is included.",
        currency=OF_PAPER,
        guard=PRICE,
    )
    price_base: Decimal = column("How many units the price buys.")
    discount_percent: Decimal = column("What comes off, in per cent.", guard=PRICE)
    price_source: str | None = word(
        PRICE_SOURCES, "Where its price is from; null if it has none, as on a request for quotation before the offer."
    )
    vendor_price: VendorPrice | None = one("vendor_price_id", "The agreement that price and date were taken from.")
    price_list_item: PriceListItem | None = one("price_list_item_id", "The item of a price list it was taken from.")
    tax: Tax | None = one("tax_id", "The tax on it.")
    tax_rate: Decimal = column("The rate of the tax, in per cent, as it was when written.")
    tax_category: str | None = column("The category of the tax by UN/CEFACT 5305, as it was when written.")
    tax_included: bool = column("Whether the price as given includes the tax.")
    amount: Money = money("What the line comes to, untaxed.", currency=OF_PAPER, guard=PRICE)
    source_amount: Decimal | None = column(
        "What the source of an imported line makes of it, with all its decimals.", guard=(PRICE, INSIDE)
    )
    expected_on: date | None = column("When it should come.")
    proposed_on: date | None = column("When the vendor proposes to deliver it instead.")
    origins: list[LineLineage] = computed(
        "The lines that it was made from, as far as you may see their papers.", lineage.line_origins
    )
    begets: list[LineLineage] = computed(
        "The lines that were made from it, as far as you may see their papers.", lineage.line_begotten
    )
    reason: str | None = column("Why something of it was rejected or closed.")
    received: Decimal = column("What came, rejected goods included.")
    rejected: Decimal = column("What of it was refused at inspection.")
    accepted: Decimal = column("What was kept: received less rejected.")
    ordered: Decimal = column("What of it has been ordered; of requisitions, requests for quotation and quotes.")
    announced: Decimal = column("What the vendor has announced as being on its way.")
    delivered: Decimal = column("What was delivered; of sales orders.")
    returned: Decimal = column("What went back later.")
    to_replace: Decimal = column("What of that is to come again.")
    billed: Decimal = column("What was billed or invoiced.")
    credited: Decimal = column("What of that was credited.")
    claimed: Decimal = column("What was claimed back by debit notes.")
    closed: Decimal = column("What was given up, or went back for good.")
    open_quantity: Decimal = column("What is still to come.")
    moves: Connection[Move] = connection("line_id", "The moves of goods behind it.")
    external_references: list[ExternalReference] = many("record_id", "Its keys in other systems.", order="source")
    last_price_paid: PricePaid | None = computed(
        "What the latest order before this paper, to any vendor, had agreed for the product.",
        last_paid,
        needs=STOCKED,
        guard=(PRICE, COST),
    )
    last_price_paid_here: PricePaid | None = computed(
        "What the latest order before this paper, to the same vendor, had agreed for the product.",
        last_paid_here,
        needs=STOCKED,
        guard=(PRICE, COST),
    )


@shape
class PricePaid:
    """The price that a confirmed or closed order had agreed for a product, in the unit of the line that asks."""

    unit_price: Money = money("What `priceBase` units cost, before discount.")
    price_base: Decimal = value("How many units the price buys.")
    discount_percent: Decimal = value("What came off, in per cent.")
    unit: Unit = one("unit_id", "The unit: that of the line which asks; a price in another one is converted.")
    dated: date = value("The day of the order.")
    vendor: Partner | None = one("partner_id", "Whom it was ordered from.")
    order: PurchaseOrder | None = one("document_id", "The order.")
    line: Line | None = one("line_id", "Its line.")


@describes(documents.Charge, part_of=("document_id", "Document"))
class Charge(Node):
    """A charge (freight, packing) or, if negative, an allowance on the whole paper, with its own tax."""

    document: Document = one("document_id", "The paper.")
    position: int = column("Its place on the paper, from 1.")
    origin: Charge | None = one("origin_id", "The charge of another paper that it was made from.")
    text: str = column("What it is for.")
    amount: Money = money("How much, untaxed.", currency=OF_PAPER, guard=PRICE)
    gross: Decimal | None = column("What was stated, with the tax in it; null where the tax comes on top.", guard=PRICE)
    tax: Tax | None = one("tax_id", "The tax on it.")
    tax_rate: Decimal = column("The rate of the tax, in per cent, as it was when written.")
    tax_category: str | None = column("The category of the tax by UN/CEFACT 5305, as it was when written.")
    tax_included: bool = column("Whether the price as given includes the tax.")


@describes(documents.TaxAmount, part_of=("document_id", "Document"))
class TaxAmount(Node):
    """One tax of a paper, over all lines and charges that bear it: its terms are those of the day it was written."""

    document: Document = one("document_id", "The paper.")
    tax: Tax | None = one("tax_id", "The tax; null on papers of old, where several of one rate stand together.")
    rate: Decimal = column("The rate in per cent.")
    category: str | None = column("The category by UN/CEFACT 5305.")
    included: bool = column("Whether the prices as given include it.")
    recoverable_percent: Decimal = column("How much of it the buyer gets back, in per cent.", guard=INSIDE)
    reverse_charge_rate: Decimal | None = column("The rate at which the buyer reckons it in the seller's place.")
    exemption_code: str | None = column("Why nothing is charged, by the list VATEX.")
    exemption_reason: str | None = column("Why nothing is charged, in words.")
    base: Money = money("What the rate is taken of.", currency=OF_PAPER, guard=PRICE)
    amount: Money = money("The tax; part of the total.", currency=OF_PAPER, guard=PRICE)
    self_assessed: Money = money(
        "What the buyer reckons in the seller's place: owed and deductible, no part of the total.",
        currency=OF_PAPER,
        guard=PRICE,
    )
    unrecoverable: Money = money(
        "What of both the buyer cannot deduct, and so is part of the cost.", currency=OF_PAPER, guard=(PRICE, INSIDE)
    )
