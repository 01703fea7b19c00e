"""Plain Strawberry as most people write it: a type for each table, ORM rows, a dataloader for each relation.

The same tables and the same documents as ours, with lean classes of its own that name only the columns it reads. It
knows no keys, no rights and no row security: it connects as the tables' owner and is told the tenant in a header.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import strawberry
import uvicorn
from sqlalchemy import Numeric, Text, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.requests import HTTPConnection
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from bench.firms import RATE
from bench.telling import told
from domain import rows
from domain.kernel.address import engine_at
from domain.kernel.documents import Line
from domain.parties.company import Company
from domain.purchase.order import PurchaseOrder
from resolvers.ids import global_id, key_of
from transport.app import listen
from transport.settings import Settings

engine = engine_at(os.environ.get("DATABASE_URL", "postgresql://nobody@127.0.0.1/nowhere"), size=10)
Session = async_sessionmaker(engine, expire_on_commit=False)
DocumentState = strawberry.enum(
    Enum("DocumentState", {word.upper(): word for word in ("draft", "approved", "confirmed", "closed", "cancelled")})
)
Tenant = int
__all__ = ["rows"]


class Base(DeclarativeBase):
    """A row of one tenant."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Text, Decimal: Numeric}
    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)


class PartnerRow(Base):
    __tablename__ = "partner"
    number: Mapped[str]
    name: Mapped[str]
    country: Mapped[str | None]


class ProductRow(Base):
    __tablename__ = "product"
    sku: Mapped[str]
    name: Mapped[str]
    unit_id: Mapped[UUID]
    purchase_tax_id: Mapped[UUID | None]


class OrderRow(Base):
    __tablename__ = "document"
    kind: Mapped[str]
    number: Mapped[str | None]
    state: Mapped[str]
    dated: Mapped[date]
    partner_id: Mapped[UUID]
    location_id: Mapped[UUID | None]
    currency: Mapped[str]
    total: Mapped[Decimal]


class LineRow(Base):
    __tablename__ = "line"
    document_id: Mapped[UUID]
    position: Mapped[int]
    product_id: Mapped[UUID]
    quantity: Mapped[Decimal]
    unit_price: Mapped[Decimal]


@strawberry.type
class Money:
    amount: Decimal
    currency: str


@strawberry.type
class Product:
    sku: str
    name: str


@strawberry.type(name="Line")
class LineType:
    row: strawberry.Private[Any]
    position: int
    quantity: Decimal
    currency: strawberry.Private[str] = ""

    @strawberry.field
    def unit_price(self) -> Money:
        return Money(amount=self.row.unit_price, currency=self.currency)

    @strawberry.field
    async def product(self, info: Info) -> Product:
        return await info.context["products"].load(self.row.product_id)


@strawberry.type
class Sum:
    currency: str
    sum: Decimal


@strawberry.type
class Aggregates:
    count: int
    total: list[Sum]


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class OrdersOfPartner:
    partner: strawberry.Private[UUID]

    @strawberry.field
    async def aggregates(self, info: Info) -> Aggregates:
        found = await info.context["spend"].load(self.partner)
        total = [Sum(currency=one, sum=sum_) for one, _, sum_ in found]
        return Aggregates(count=sum(count for _, count, _ in found), total=total)


@strawberry.type
class Partner:
    key: strawberry.Private[UUID]
    number: str
    name: str
    country: str | None

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(global_id("partner", self.key))

    @strawberry.field
    def purchase_orders(self) -> OrdersOfPartner:
        return OrdersOfPartner(partner=self.key)


@strawberry.type(name="PurchaseOrder")
class Order:
    row: strawberry.Private[Any]
    number: str | None
    state: DocumentState
    dated: date

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(global_id("purchase_order", self.row.id))

    @strawberry.field
    def total(self) -> Money:
        return Money(amount=self.row.total, currency=self.row.currency)

    @strawberry.field
    async def partner(self, info: Info) -> Partner:
        return await info.context["partners"].load(self.row.partner_id)

    @strawberry.field
    async def lines(self, info: Info) -> list[LineType]:
        lines: list[LineType] = await info.context["lines"].load(self.row.id)
        for line in lines:
            line.currency = self.row.currency
        return lines


@strawberry.type
class OrderEdge:
    cursor: str
    node: Order


@strawberry.type
class OrderConnection:
    met: strawberry.Private[Any]
    edges: list[OrderEdge]
    page_info: PageInfo

    @strawberry.field
    async def total_count(self) -> int:
        async with Session() as session:
            return await session.scalar(select(func.count()).select_from(OrderRow).where(*self.met)) or 0


@strawberry.type
class PartnerEdge:
    cursor: str
    node: Partner


@strawberry.type
class PartnerConnection:
    edges: list[PartnerEdge]
    page_info: PageInfo


@strawberry.input
class StateComparison:
    eq: DocumentState


@strawberry.input
class IdComparison:
    eq: strawberry.ID


@strawberry.input
class LocationFilter:
    id: IdComparison


@strawberry.input
class DecimalComparison:
    gte: Decimal


@strawberry.input
class PurchaseOrderFilter:
    state: StateComparison | None = None
    location: LocationFilter | None = None
    total: DecimalComparison | None = None


@strawberry.enum
class PurchaseOrderOrderField(Enum):
    DATED = "dated"


@strawberry.enum
class Direction(Enum):
    ASC = "asc"
    DESC = "desc"


@strawberry.input
class PurchaseOrderOrder:
    field: PurchaseOrderOrderField
    direction: Direction


def _order(row: Any) -> Order:
    return Order(row=row, number=row.number, state=DocumentState(row.state), dated=row.dated)


def _cursor(*place: Any) -> str:
    return urlsafe_b64encode("|".join(map(str, place)).encode()).decode()


@strawberry.type
class Query:
    @strawberry.field
    async def purchase_orders(
        self, info: Info, filter: PurchaseOrderFilter, order_by: list[PurchaseOrderOrder], first: int
    ) -> OrderConnection:
        del order_by
        met = [OrderRow.tenant_id == info.context["tenant"], OrderRow.kind == "purchase_order"]
        if filter.state:
            met.append(OrderRow.state == filter.state.eq.value)
        if filter.location:
            met.append(OrderRow.location_id == key_of(filter.location.id.eq)[1])
        if filter.total:
            met.append(OrderRow.total >= filter.total.gte)
        statement = select(OrderRow).where(*met).order_by(OrderRow.dated.desc(), OrderRow.id).limit(first + 1)
        async with Session() as session:
            found = (await session.scalars(statement)).all()
        edges = [OrderEdge(cursor=_cursor(row.dated, row.id), node=_order(row)) for row in found[:first]]
        info_ = PageInfo(has_next_page=len(found) > first, end_cursor=edges[-1].cursor if edges else None)
        return OrderConnection(met=met, edges=edges, page_info=info_)

    @strawberry.field
    async def purchase_order(self, info: Info, id: strawberry.ID) -> Order | None:
        async with Session() as session:
            row = await session.get(OrderRow, (info.context["tenant"], key_of(id)[1]))
        return None if row is None else _order(row)

    @strawberry.field
    async def partners(self, info: Info, first: int) -> PartnerConnection:
        mine = select(PartnerRow).where(PartnerRow.tenant_id == info.context["tenant"])
        async with Session() as session:
            found = (await session.scalars(mine.order_by(PartnerRow.id).limit(first + 1))).all()
        edges = [PartnerEdge(cursor=_cursor(row.id), node=_partner(row)) for row in found[:first]]
        info_ = PageInfo(has_next_page=len(found) > first, end_cursor=edges[-1].cursor if edges else None)
        return PartnerConnection(edges=edges, page_info=info_)


@strawberry.input
class OrderLineInput:
    product: strawberry.ID
    quantity: Decimal
    unit_price: Decimal


@strawberry.input
class CreatePurchaseOrderInput:
    vendor: strawberry.ID
    lines: list[OrderLineInput]


@strawberry.type
class Refusal:
    code: str
    message: str
    path: list[str]


@strawberry.type
class CreatePurchaseOrderPayload:
    purchase_order: Order | None
    errors: list[Refusal]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_purchase_order(self, info: Info, input: CreatePurchaseOrderInput) -> CreatePurchaseOrderPayload:
        tenant, now = info.context["tenant"], datetime.now(UTC)
        async with Session() as session, session.begin():
            company = (await session.scalars(select(Company).where(Company.tenant_id == tenant))).one()
            wanted = [key_of(line.product)[1] for line in input.lines]
            known = select(ProductRow).where(ProductRow.tenant_id == tenant, ProductRow.id.in_(wanted))
            products = {row.id: row for row in await session.scalars(known)}
            order = PurchaseOrder(
                tenant_id=tenant, company_id=company.id, state="draft", dated=now.date(), currency=company.currency,
                exchange_rate=Decimal(1), partner_id=key_of(input.vendor)[1], created_at=now, updated_at=now,
                lines=[_line(tenant, place, line, products) for place, line in enumerate(input.lines, start=1)],
            )  # fmt: skip
            order.number = f"PS{order.id.hex}"
            order.untaxed = order.lines_amount = order.company_untaxed = sum(
                (line.amount for line in order.lines), Decimal(0)
            )
            order.tax = round(order.untaxed * RATE / 100, 2)
            order.total = order.untaxed + order.tax
            session.add(order)
        return CreatePurchaseOrderPayload(purchase_order=_order(order), errors=[])


def _line(tenant: int, place: int, given: OrderLineInput, products: dict[UUID, ProductRow]) -> Line:
    product = products[key_of(given.product)[1]]
    return Line(
        tenant_id=tenant, position=place, product_id=product.id, text=product.name, quantity=given.quantity,
        unit_id=product.unit_id, unit_price=given.unit_price, price_source="given",
        amount=round(given.quantity * given.unit_price, 2), tax_id=product.purchase_tax_id, tax_rate=RATE,
        tax_category="S",
    )  # fmt: skip


def _partner(row: PartnerRow) -> Partner:
    return Partner(key=row.id, number=row.number, name=row.name, country=row.country)


class Loaders:
    """One set a request."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    def context(self) -> dict[str, Any]:
        loads = {"partners": self.partners, "products": self.products, "lines": self.lines, "spend": self.spend}
        return {"tenant": self.tenant, **{name: DataLoader(load) for name, load in loads.items()}}

    async def partners(self, ids: Sequence[UUID]) -> list[Partner]:
        return [_partner(row) for row in await self._by_id(PartnerRow, ids)]

    async def products(self, ids: Sequence[UUID]) -> list[Product]:
        return [Product(sku=row.sku, name=row.name) for row in await self._by_id(ProductRow, ids)]

    async def lines(self, ids: Sequence[UUID]) -> list[list[LineType]]:
        statement = select(LineRow).where(LineRow.tenant_id == self.tenant, LineRow.document_id.in_(ids))
        found: defaultdict[UUID, list[LineType]] = defaultdict(list)
        async with Session() as session:
            for row in await session.scalars(statement.order_by(LineRow.document_id, LineRow.position)):
                found[row.document_id].append(LineType(row=row, position=row.position, quantity=row.quantity))
        return [found[id] for id in ids]

    async def spend(self, ids: Sequence[UUID]) -> list[list[tuple[str, int, Decimal]]]:
        statement = (
            select(OrderRow.partner_id, OrderRow.currency, func.count(), func.sum(OrderRow.total))
            .where(OrderRow.tenant_id == self.tenant, OrderRow.kind == "purchase_order", OrderRow.partner_id.in_(ids))
            .group_by(OrderRow.partner_id, OrderRow.currency)
        )
        found: defaultdict[UUID, list[tuple[str, int, Decimal]]] = defaultdict(list)
        async with Session() as session:
            for partner, currency, count, total in await session.execute(statement):
                found[partner].append((currency, count, total))
        return [found[id] for id in ids]

    async def _by_id(self, model: Any, ids: Sequence[UUID]) -> list[Any]:
        async with Session() as session:
            found = await session.scalars(select(model).where(model.tenant_id == self.tenant, model.id.in_(ids)))
            rows_ = {row.id: row for row in found}
        return [rows_[id] for id in ids]


class Api(GraphQL[Any, Any]):
    async def get_context(self, request: HTTPConnection, response: Any) -> dict[str, Any]:  # type: ignore[override]
        del response
        return Loaders(int(request.headers["x-tenant"])).context()


def main() -> None:
    """Serve until stopped."""
    app = Api(strawberry.Schema(Query, Mutation), graphql_ide=None)
    with listen(Settings.read()) as listener:
        told(listener.getsockname()[1])
        config = uvicorn.Config(app, http="httptools", loop="uvloop", access_log=False, log_level="warning")
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
