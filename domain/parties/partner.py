"""A partner is a firm or person one trades with; vendor and customer are roles of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Owned, Record, personal, prefixed, ref, to_many, to_one, unique
from domain.kernel.errors import PartnerOnHold
from domain.kernel.events import Part


class Partner(Record):
    """A business partner, known once for buying and for selling. `preferred` and `rating` speak of it as a vendor."""

    __tablename__ = "partner"
    __table_args__ = (unique("number"), Index(None, "tenant_id", "name"), prefixed("partner", "name"))

    number: Mapped[str]
    name: Mapped[str]
    is_vendor: Mapped[bool] = mapped_column(default=False)
    is_customer: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None]
    country: Mapped[str | None]
    website: Mapped[str | None]
    currency: Mapped[str | None]
    preferred: Mapped[bool] = mapped_column(default=False)
    rating: Mapped[int | None]
    payment_term_id: Mapped[UUID | None] = ref("payment_term", indexed=False)
    over_receipt_percent: Mapped[Decimal | None]
    lead_days: Mapped[int | None]
    note: Mapped[str | None]
    electronic_address: Mapped[str | None]
    electronic_scheme: Mapped[str | None]
    buyer_reference: Mapped[str | None]
    price_list_id: Mapped[UUID | None] = ref("price_list", indexed=False)
    tax_position_id: Mapped[UUID | None] = ref("tax_position", indexed=False)
    hold_reason: Mapped[str | None]

    addresses: Mapped[list[Address]] = to_many(
        "Address.partner_id", "Partner", order="Address.id", back_populates="partner"
    )
    contacts: Mapped[list[Contact]] = to_many(
        "Contact.partner_id", "Partner", order="Contact.id", back_populates="partner"
    )
    tax_numbers: Mapped[list[TaxNumber]] = to_many(
        "TaxNumber.partner_id", "Partner", order="TaxNumber.id", back_populates="partner"
    )
    contracts: Mapped[list[ContractTerm]] = to_many(
        "ContractTerm.partner_id", "Partner", order="ContractTerm.valid_from", back_populates="partner"
    )
    delivery_days: Mapped[list[DeliveryDay]] = to_many(
        "DeliveryDay.partner_id", "Partner", order="DeliveryDay.weekday", back_populates="partner"
    )

    def must_do_business(self, *path: str) -> None:
        """Refuse new business that is on hold."""
        if self.hold_reason is not None:
            raise PartnerOnHold(
                f"{self.name} is on hold: {self.hold_reason}. Whoever may edit the partner can lift it "
                "(`updatePartner` with `holdReason: null`).",
                path=path,
            )  # fmt: skip


class Address(Owned, Part):
    """Where a partner is, and what for: `role` is legal, invoice, delivery or other."""

    __tablename__ = "address"
    whole = "partner"

    partner_id: Mapped[UUID] = ref("partner")
    role: Mapped[str]
    street: Mapped[str]
    postal_code: Mapped[str | None]
    city: Mapped[str]
    region: Mapped[str | None]
    country: Mapped[str]

    partner: Mapped[Partner] = to_one("Address.partner_id", "Partner", back_populates="addresses")


class Contact(Owned, Part):
    """A person (or a desk) at a partner. `job` is what to reach them for: orders, billing, delivery or sales."""

    __tablename__ = "contact"
    whole = "partner"

    partner_id: Mapped[UUID] = ref("partner")
    name: Mapped[str] = personal()
    job: Mapped[str | None]
    email: Mapped[str | None] = personal()
    phone: Mapped[str | None] = personal()

    partner: Mapped[Partner] = to_one("Contact.partner_id", "Partner", back_populates="contacts")


class TaxNumber(Owned, Part):
    """A tax number of a partner in a country, checked by that country's rule. `kind` is vat or other."""

    __tablename__ = "tax_number"
    __table_args__ = (unique("partner_id", "country", "number"),)
    whole = "partner"

    partner_id: Mapped[UUID] = ref("partner")
    country: Mapped[str]
    kind: Mapped[str]
    number: Mapped[str]

    partner: Mapped[Partner] = to_one("TaxNumber.partner_id", "Partner", back_populates="tax_numbers")


class ContractTerm(Owned, Part):
    """What was agreed with a partner, in words, for a time: warranty, liability, minimum volume, delivery terms."""

    __tablename__ = "contract_term"
    whole = "partner"

    partner_id: Mapped[UUID] = ref("partner")
    title: Mapped[str]
    text: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    partner: Mapped[Partner] = to_one("ContractTerm.partner_id", "Partner", back_populates="contracts")


class DeliveryDay(Owned, Part):
    """A weekday (1 Monday … 7 Sunday) on which a vendor delivers. A vendor without any delivers on all."""

    __tablename__ = "delivery_day"
    __table_args__ = (unique("partner_id", "weekday"), CheckConstraint("weekday between 1 and 7", name="weekday"))
    whole = "partner"

    partner_id: Mapped[UUID] = ref("partner")
    weekday: Mapped[int]

    partner: Mapped[Partner] = to_one("DeliveryDay.partner_id", "Partner", back_populates="delivery_days")

    @property
    def place(self) -> str:
        return str(self.weekday)
