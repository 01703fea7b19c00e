"""Every business paper is a document with lines and charges; what kind it is decides its workflow, not its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from domain.kernel.base import Owned, Record, personal, prefixed, ref, to_many, to_one, unique
from domain.kernel.decimals import product_of, ratio, rounded
from domain.kernel.events import Part
from domain.kernel.taxed import Taxed, levy_as
from domain.kernel.workflow import Workflow

if TYPE_CHECKING:
    from domain.kernel.actor import Actor

ZERO = Decimal(0)
End = str | UUID
"""Where goods come from or go to: a kind of location, HERE, or a location."""
HERE = "here"
"""In a route: the paper's own location, or its line's."""
IDLE = frozenset({"draft", "cancelled", "reversed"})
"""States, of whichever kind, in which nothing follows from a paper for those that it was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a paper is: `done` is the quantity of a line that serves it, `column` says how much of all lines is.

    It says `complete` when nothing is missing, and pending in the states of `awaits` when nothing is done. What is open
    of a confirmed paper is on its `way`, incoming or outgoing. What is done may be `billed`.
    """

    done: str
    column: str | None = None
    complete: str = ""
    awaits: frozenset[str] = frozenset()
    way: str | None = None
    billed: bool = False


class Provenance(Owned):
    """What the source said of an imported paper, kept beside what we make of it; never changed.

    `status` is the source's own word, amounts are the source's own figures with all their decimals.
    """

    __tablename__ = "provenance"

    source: Mapped[str]
    key: Mapped[str]
    status: Mapped[str | None]
    lines_amount: Mapped[Decimal | None]
    charges_amount: Mapped[Decimal | None]
    tax: Mapped[Decimal | None]
    total: Mapped[Decimal | None]
    recorded_at: Mapped[datetime]


class Document(Record):
    """A paper. Amounts are in `currency`; `company_untaxed` is in the company's, at `exchange_rate`.

    `receipt_state`, `billing_state`, `approval_state` and the quantities of the lines are projections: written only by
    `flow` and the approvals, in the transaction that changes what they follow from. A paper with a `provenance` was
    imported. The other side knows of it since `issued_at`. Where `dated_inferred`, its date is the best the source has,
    not what the source says.

    `numbered_at` says when a kind takes its number: "start", as it is written, or "posting", in a series without gaps.
    In that of papers we write (`numbered_by_date`) none is dated before the last; those of vendors come as they come.
    `route` is how the goods of a kind move once it is in force, from a kind of location to another; HERE is the
    paper's own. `progress` says how one knows how much of it is done.

    A payment goes in or out (`payment_direction`), by an account of the company, and settles what vendors are owed or
    what customers owe (`payment_side`).

    A reservation holds goods until `held_until`; `expired_at` is when it was told that this was over.

    `direction` says whether we buy or sell by it, or for a kind by which we do either, `sells` which words in which
    columns say that we sell: only who buys recovers tax, or reckons it for the seller. A kind that `asks` for prices
    states none of ours: they would tell the other side what we are ready to pay. Tax is rounded once a rate over
    the whole paper, or once a line, as `tax_rounding` says.
    """

    __tablename__ = "document"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_abstract": True}
    __table_args__ = (
        unique("company_id", "kind", "number"),
        Index(None, "tenant_id", "kind", "state", "dated"),
        Index(None, "tenant_id", "kind", "dated"),
        Index(None, "tenant_id", "kind", "receipt_state", "expected_on"),
        Index(None, "tenant_id", "kind", "billing_state"),
        Index(None, "tenant_id", "kind", "total"),
        Index(None, "tenant_id", "kind", "partner_id", postgresql_include=["company_id", "currency", "total"]),
        Index(None, "tenant_id", "held_until", postgresql_where=text("state = 'active'")),
        Index(None, "custom", postgresql_using="gin", postgresql_ops={"custom": "jsonb_path_ops"}),
        prefixed("document", "number"),
    )
    open_to_references = True
    workflow: ClassVar[Workflow]
    series: ClassVar[str]
    direction: ClassVar[str] = "purchase"
    sells: ClassVar[Mapping[str, str]] = {}
    asks: ClassVar[bool] = False
    numbered_at: ClassVar[str] = "start"
    numbered_by_date: ClassVar[bool] = True
    route: ClassVar[tuple[str, str] | None] = None
    progress: ClassVar[Progress | None] = None

    kind: Mapped[str]
    company_id: Mapped[UUID] = ref("company", indexed=False)
    number: Mapped[str | None]
    state: Mapped[str]
    dated: Mapped[date]
    dated_inferred: Mapped[bool] = mapped_column(default=False, server_default=false())
    partner_id: Mapped[UUID | None] = ref("partner")
    partner_reference: Mapped[str | None]
    note: Mapped[str | None]
    currency: Mapped[str]
    exchange_rate: Mapped[Decimal]
    tax_position_id: Mapped[UUID | None] = ref("tax_position", indexed=False)
    tax_rounding: Mapped[str] = mapped_column(default="document", server_default="document")
    buyer_reference: Mapped[str | None]
    valid_until: Mapped[date | None]
    invoice_address_id: Mapped[UUID | None] = ref("address", indexed=False)
    delivery_address_id: Mapped[UUID | None] = ref("address", indexed=False)
    payment_method: Mapped[str | None]
    payment_direction: Mapped[str | None]
    payment_side: Mapped[str | None]
    bank_account_id: Mapped[UUID | None] = ref("bank_account", indexed=False)
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None]
    payment_term_id: Mapped[UUID | None] = ref("payment_term", indexed=False)
    location_id: Mapped[UUID | None] = ref("location", indexed=False)
    expected_on: Mapped[date | None]
    destination_id: Mapped[UUID | None] = ref("location", indexed=False)
    held_until: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    edited_by: Mapped[UUID | None]
    submitted_by: Mapped[UUID | None]
    approved_digest: Mapped[str | None]
    lines_amount: Mapped[Decimal] = mapped_column(default=ZERO)
    charges_amount: Mapped[Decimal] = mapped_column(default=ZERO)
    untaxed: Mapped[Decimal] = mapped_column(default=ZERO)
    tax: Mapped[Decimal] = mapped_column(default=ZERO)
    total: Mapped[Decimal] = mapped_column(default=ZERO)
    company_untaxed: Mapped[Decimal] = mapped_column(default=ZERO)
    approval_state: Mapped[str] = mapped_column(default="none")
    receipt_state: Mapped[str] = mapped_column(default="none")
    delivery_state: Mapped[str] = mapped_column(default="none", server_default="none")
    billing_state: Mapped[str] = mapped_column(default="none", server_default="none")
    ordering_state: Mapped[str] = mapped_column(default="none", server_default="none")
    credit_state: Mapped[str] = mapped_column(default="none", server_default="none")
    payment_state: Mapped[str] = mapped_column(default="none", server_default="none")
    residual: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    due_on: Mapped[date | None]
    issued_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    accounting_date: Mapped[date | None]
    frozen: Mapped[dict[str, Any] | None] = personal(type_=JSONB(none_as_null=True))
    copied_from_id: Mapped[UUID | None] = ref("document", indexed=False)
    reverses_id: Mapped[UUID | None] = ref("document")
    provenance_id: Mapped[UUID | None] = ref("provenance")
    assignee_id: Mapped[UUID | None] = ref("user_account")

    partner: Mapped[Any] = to_one("Document.partner_id", "Partner", viewonly=True)
    lines: Mapped[list[Line]] = to_many(
        "Line.document_id", "Document", order="Line.position", back_populates="document"
    )
    charges: Mapped[list[Charge]] = to_many(
        "Charge.document_id", "Document", order="Charge.position", back_populates="document"
    )
    taxes: Mapped[list[TaxAmount]] = to_many(
        "TaxAmount.document_id", "Document", order="TaxAmount.rate", back_populates="document"
    )

    @classmethod
    def whole(cls) -> list[Any]:
        """Loader options for everything that guards and effects may look at, a statement each for any number."""
        lines = selectinload(cls.lines)
        return [lines, lines.joinedload(Line.links), *map(selectinload, (cls.charges, cls.taxes, cls.partner))]

    def seen_by(self, actor: Actor) -> bool:
        """Whether it is of a company the actor works for and, for people from elsewhere, was issued to their firm."""
        theirs = actor.partner is None or (self.partner_id == actor.partner and self.issued_at is not None)
        return theirs and super().seen_by(actor)

    def ends(self, line: Line) -> tuple[End, End] | None:
        """From where to where the goods of a line move once it is in force; None if they do not."""
        del line
        return self.route

    @property
    def in_force(self) -> bool:
        """Whether it counts for the papers that it was made from."""
        return self.state not in IDLE


class Line(Taxed, Owned, Part):
    """One position of a paper: a product, or a category with text. Quantities are in the line's unit.

    `quantity` is what the paper asks for or tells of (ordered; received). One unit of the line is
    `stock_numerator / stock_denominator` stock units, which have `stock_digits` decimals. `price_base` is the quantity
    that `unit_price` buys; `price_source` says where the price is from. `source_amount` is what the source of an
    imported paper made of the line. `location_id` is where its goods are, if the line says so for itself.
    Of an adjustment, `difference` is what comes to that place or goes, be it what was `counted` less what was `booked`.
    accepted = received - rejected. Of an order, with accepted (from a vendor) or delivered (to a customer) for done:
    quantity + over = done - returned + open + closed. Of what was `returned`, `to_replace` is to come again and so is
    open; the rest is closed.
    """

    __tablename__ = "line"
    __table_args__ = (
        unique("document_id", "position"),
        CheckConstraint("quantity > 0 or (counted is not null and quantity = 0)", name="quantity_positive"),
        CheckConstraint("open_quantity >= 0 and closed >= 0 and rejected >= 0", name="projections_not_negative"),
        Index(
            None,
            "tenant_id",
            "product_id",
            "location_id",
            postgresql_where=text("location_id is not null and open_quantity > 0"),
        ),
    )
    whole = "document"

    document_id: Mapped[UUID] = ref("document")
    position: Mapped[int]
    product_id: Mapped[UUID | None] = ref("product")
    category_id: Mapped[UUID | None] = ref("category", indexed=False)
    location_id: Mapped[UUID | None] = ref("location", indexed=False)
    text: Mapped[str]
    partner_item_number: Mapped[str | None]
    quantity: Mapped[Decimal]
    counted: Mapped[Decimal | None]
    booked: Mapped[Decimal | None]
    difference: Mapped[Decimal | None]
    unit_id: Mapped[UUID] = ref("unit", indexed=False)
    stock_numerator: Mapped[Decimal] = mapped_column(default=Decimal(1))
    stock_denominator: Mapped[Decimal] = mapped_column(default=Decimal(1))
    stock_digits: Mapped[int] = mapped_column(default=0)
    unit_price: Mapped[Decimal] = mapped_column(default=ZERO)
    price_base: Mapped[Decimal] = mapped_column(default=Decimal(1))
    discount_percent: Mapped[Decimal] = mapped_column(default=ZERO)
    price_source: Mapped[str | None]
    price_list_item_id: Mapped[UUID | None] = ref("price_list_item", indexed=False)
    vendor_price_id: Mapped[UUID | None] = ref("vendor_price", indexed=False)
    amount: Mapped[Decimal] = mapped_column(default=ZERO)
    source_amount: Mapped[Decimal | None]
    expected_on: Mapped[date | None]
    proposed_on: Mapped[date | None]
    reason: Mapped[str | None]
    received: Mapped[Decimal] = mapped_column(default=ZERO)
    rejected: Mapped[Decimal] = mapped_column(default=ZERO)
    accepted: Mapped[Decimal] = mapped_column(default=ZERO)
    ordered: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    announced: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    delivered: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    returned: Mapped[Decimal] = mapped_column(default=ZERO)
    to_replace: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    billed: Mapped[Decimal] = mapped_column(default=ZERO)
    credited: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    claimed: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    closed: Mapped[Decimal] = mapped_column(default=ZERO)
    open_quantity: Mapped[Decimal] = mapped_column(default=ZERO)

    document: Mapped[Document] = to_one("Line.document_id", "Document", back_populates="lines")
    links: Mapped[list[LineLink]] = to_many("LineLink.from_line_id", "Line", order="LineLink.id")

    def in_stock_units(self, quantity: Decimal) -> Decimal:
        """A quantity of this line in the product's stock unit, rounded to that unit's digits.

        What a part adds is the difference of two such figures, so that the parts sum to the whole.
        """
        return rounded(self._converted(quantity), self.stock_digits)

    def measured(self, quantity: Decimal) -> Decimal:
        """The same to six decimals, for what is reckoned and moves no goods: a third of a rod is billed as such."""
        return rounded(self._converted(quantity), 6)

    def _converted(self, quantity: Decimal) -> Decimal:
        return ratio(product_of(quantity, self.stock_numerator), self.stock_denominator)

    def again(self, *, position: int, quantity: Decimal, reason: str | None = None) -> Line:
        """A line of another paper about the same, in the same unit; without a price."""
        same = {name: getattr(self, name) for name in _SAME}
        return Line(position=position, quantity=quantity, reason=reason, links=[], **same)

    def on_terms_of(self, other: Line) -> None:
        """Take price, discount and tax of another line."""
        for name in _TERMS:
            setattr(self, name, getattr(other, name))
        levy_as(self, other)

    def leave_price_open(self) -> None:
        """Have no price, which the other side is asked for."""
        self.unit_price, self.price_base, self.discount_percent = ZERO, Decimal(1), ZERO
        self.price_source = self.vendor_price_id = self.price_list_item_id = None

    @property
    def place(self) -> str:
        return str(self.position)


_SAME = (
    "product_id", "category_id", "location_id", "text", "partner_item_number", "unit_id", "stock_numerator",
    "stock_denominator", "stock_digits",
)  # fmt: skip
_TERMS = ("unit_price", "price_base", "discount_percent", "price_source", "vendor_price_id", "price_list_item_id")


class Charge(Taxed, Owned, Part):
    """A charge (freight, packing) or, if negative, an allowance (discount) on the whole paper, with its own tax.

    `amount` is without tax; `gross`, where the tax is included, what was stated with it. `origin_id` is the charge of
    another paper that it was made from.
    """

    __tablename__ = "charge"
    __table_args__ = (unique("document_id", "position"),)
    whole = "document"

    document_id: Mapped[UUID] = ref("document")
    position: Mapped[int]
    origin_id: Mapped[UUID | None] = ref("charge", ondelete="SET NULL (origin_id)")
    text: Mapped[str]
    amount: Mapped[Decimal]
    gross: Mapped[Decimal | None]

    document: Mapped[Document] = to_one("Charge.document_id", "Document", back_populates="charges")

    def again(self, amount: Decimal, *, position: int) -> Charge:
        """The same charge on another paper, or so much of it, as stated."""
        found = Charge(position=position, text=self.text, amount=amount, origin_id=self.id)
        levy_as(found, self)
        return found

    @property
    def place(self) -> str:
        return str(self.position)


class TaxAmount(Owned):
    """One tax of a paper, over all lines and charges that bear it at the same terms.

    `amount` is `rate` per cent of `base`, or, where the tax is `included`, what it is of the gross amounts; it is part
    of the total. `self_assessed` is what the buyer reckons in the seller's place: owed and deductible, and no part of
    the total. Of both together `unrecoverable` is what the buyer cannot deduct, a cost.
    """

    __tablename__ = "tax_amount"

    document_id: Mapped[UUID] = ref("document")
    tax_id: Mapped[UUID | None] = ref("tax", indexed=False)
    rate: Mapped[Decimal]
    category: Mapped[str | None]
    included: Mapped[bool] = mapped_column(default=False, server_default=false())
    recoverable_percent: Mapped[Decimal] = mapped_column(default=Decimal(100), server_default="100")
    reverse_charge_rate: Mapped[Decimal | None]
    exemption_code: Mapped[str | None]
    exemption_reason: Mapped[str | None]
    base: Mapped[Decimal]
    amount: Mapped[Decimal]
    self_assessed: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    unrecoverable: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")

    document: Mapped[Document] = to_one("TaxAmount.document_id", "Document", back_populates="taxes")


class LineLink(Owned):
    """What one line has to do with another: `quantity`, in the unit of the line it points to.

    A receipt line `receives` order lines; a reversal's line `reverses` a receipt line. Several to several. What was
    `rejected` is part of what was received; what shall be `replaced` is part of what was returned.
    """

    __tablename__ = "line_link"
    __table_args__ = (
        unique("from_line_id", "to_line_id", "relation"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    from_line_id: Mapped[UUID] = ref("line", indexed=False)
    to_line_id: Mapped[UUID] = ref("line")
    relation: Mapped[str]
    quantity: Mapped[Decimal]
    rejected: Mapped[Decimal] = mapped_column(default=ZERO)
    replaced: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
