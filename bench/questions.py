"""What is asked: for each operation a document for us and one of the same shape for PostGraphile, and its variables.

Ours is also what the hand-written contender and plain Strawberry answer. Variables are drawn from a seed, the same for
all; ids are translated to what a contender calls them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from bench.driver import FRESH
from bench.store import Store
from resolvers.ids import global_id

SEED, MANY = 7, 200
STATES = ("confirmed", "closed", "approved", "cancelled")
FIRST, PAGES = 50, (10, 50, 250)
Variables = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its documents, and how its variables are drawn from what a firm has."""

    name: str
    ours: str
    theirs: str
    draw: Callable[[random.Random, Firm], Variables]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Firm:
    """What one firm has to ask about."""

    tenant: int
    key: str
    share: float
    orders: Sequence[UUID]
    vendors: Sequence[UUID]
    products: Sequence[UUID]
    places: Sequence[UUID]
    large: Sequence[str]


@dataclass(frozen=True, slots=True)
class Question:
    """An operation with its variables, asked on behalf of one firm."""

    operation: Operation
    variables: Variables
    firm: Firm


LINES = "lines { quantity unitPrice { amount } product { sku name } }"
THEIR_LINES = "lines(orderBy: [POSITION_ASC]) { quantity unitPrice product { sku name } }"
OWN, THEIR_OWN = "id number dated total { amount currency }", "id: rowId number dated total currency"


def page(name: str, inner: str, theirs: str) -> tuple[str, str]:
    """The documents of a page of orders, the newest first, with what is asked of each beside its own fields."""
    return (
        f"""query {name}($state: DocumentState!, $first: Int!) {{ purchaseOrders(filter: {{state: {{eq: $state}}}},
          orderBy: [{{field: DATED, direction: DESC}}], first: $first) {{
          edges {{ cursor node {{ {OWN} {inner} }} }} pageInfo {{ hasNextPage endCursor }} }} }}""",
        f"""query {name}($tenant: Int!, $state: String!, $first: Int!) {{ purchaseOrders: documents(
          condition: {{tenantId: $tenant, kind: "purchase_order", state: $state}},
          orderBy: [DATED_DESC, PRIMARY_KEY_ASC], first: $first) {{
          edges {{ cursor node {{ {THEIR_OWN} {theirs} }} }} pageInfo {{ hasNextPage endCursor }} }} }}""",
    )


VENDOR = "partner { name }"
PAGE = page("Page", f"{VENDOR} {LINES}", f"{VENDOR} {THEIR_LINES}")
DEPTHS = {
    1: page("DepthOne", "", ""),
    2: page(
        "DepthTwo",
        f"{VENDOR} lines {{ quantity unitPrice {{ amount }} }}",
        f"{VENDOR} lines(orderBy: [POSITION_ASC]) {{ quantity unitPrice }}",
    ),
    3: PAGE,
    4: page(
        "DepthFour",
        f"{VENDOR} {LINES.replace('name }', 'name unit { code } }')}",
        f"{VENDOR} {THEIR_LINES.replace('name }', 'name tenantUnit { code } }')}",
    ),
}
BY_ID = (
    """query One($id: ID!) { purchaseOrder(id: $id) { id number state dated total { amount currency }
      partner { id number name country }
      lines { position quantity unitPrice { amount } product { sku name } } } }""",
    """query One($tenant: Int!, $id: UUID!) { purchaseOrder: document(tenantId: $tenant, rowId: $id) {
      id: rowId number state dated total currency partner { id: rowId number name country }
      lines(orderBy: [POSITION_ASC]) { position quantity unitPrice product { sku name } } } }""",
)
SPEND = (
    """query Spend { partners(first: 100) { edges { cursor node { id name
      purchaseOrders { aggregates { count total { currency sum } } } } } pageInfo { hasNextPage endCursor } } }""",
    """query Spend($tenant: Int!) { partners(condition: {tenantId: $tenant}, orderBy: [PRIMARY_KEY_ASC], first: 100) {
      edges { cursor node { id: rowId name
        purchaseOrders: documentsByTenantIdAndPartnerId(condition: {kind: "purchase_order"}) {
          totalCount aggregates { sum { total } } } } } pageInfo { hasNextPage endCursor } } }""",
)
FILTERED = (
    """query Filtered($state: DocumentState!, $location: ID!, $least: Decimal!) { purchaseOrders(
      filter: {state: {eq: $state}, location: {id: {eq: $location}}, total: {gte: $least}},
      orderBy: [{field: DATED, direction: DESC}], first: 20) { totalCount
      edges { cursor node { id number dated total { amount currency } partner { name } } }
      pageInfo { hasNextPage endCursor } } }""",
    f"""query Filtered($tenant: Int!, $state: String!, $location: UUID!, $least: BigFloat!) {{
      purchaseOrders: documents(condition: {{tenantId: $tenant, kind: "purchase_order", state: $state}},
      filter: {{locationId: {{equalTo: $location}}, total: {{greaterThanOrEqualTo: $least}}}},
      orderBy: [DATED_DESC, PRIMARY_KEY_ASC], first: 20) {{ totalCount
      edges {{ cursor node {{ {THEIR_OWN} {VENDOR} }} }}
      pageInfo {{ hasNextPage endCursor }} }} }}""",
)
CREATE = (
    f"""mutation Create($input: CreatePurchaseOrderInput!) {{ createPurchaseOrder(input: $input) {{
      purchaseOrder {{ id number total {{ amount currency }} partner {{ name }} {LINES} }}
      errors {{ code message path }} }} }}""",
    f"""mutation Create($input: BenchCreatePurchaseOrderInput!) {{
      createPurchaseOrder: benchCreatePurchaseOrder(input: $input) {{
      purchaseOrder: result {{ id: rowId number total currency {VENDOR} {THEIR_LINES} }} }} }}""",
)


def _of_state(rng: random.Random, _: Firm) -> Variables:
    return {"state": rng.choice(STATES), "first": FIRST}


def _of_order(rng: random.Random, firm: Firm) -> Variables:
    return {"id": rng.choice(firm.orders)}


def _nothing(_: random.Random, __: Firm) -> Variables:
    return {}


def _of_filter(rng: random.Random, firm: Firm) -> Variables:
    return {"state": rng.choice(STATES), "location": rng.choice(firm.places), "least": rng.choice(firm.large)}


def _of_entry(rng: random.Random, firm: Firm) -> Variables:
    lines = [
        {"product": product, "quantity": str(rng.randint(1, 50)), "unitPrice": f"{rng.randint(100, 50_000) / 100:.2f}"}
        for product in rng.sample(firm.products, 5)
    ]
    return {"input": {"vendor": rng.choice(firm.vendors), "lines": lines}}


OPERATIONS = {
    one.name: one
    for one in (
        Operation("orders_page", *PAGE, _of_state),
        Operation("order_by_id", *BY_ID, _of_order),
        Operation("vendor_spend", *SPEND, _nothing),
        Operation("filtered_page", *FILTERED, _of_filter),
        Operation("create_order", *CREATE, _of_entry, writes=True),
    )
}


def pages() -> list[Operation]:
    """The page of orders, shorter and longer."""

    def of(size: int) -> Callable[[random.Random, Firm], Variables]:
        return lambda rng, firm: _of_state(rng, firm) | {"first": size}

    return [Operation(f"page of {size}", *PAGE, of(size)) for size in PAGES]


def depths() -> list[Operation]:
    """The page of orders, from the orders alone to the unit of the product of each line."""
    return [Operation(f"depth {depth}", *documents, _of_state) for depth, documents in DEPTHS.items()]


async def known(store: Store) -> list[Firm]:
    """What the firms of a store have, read as its owner."""
    connection = await asyncpg.connect(store.owner)
    try:
        tenants = [row["id"] for row in await connection.fetch("select id from tenant order by id")]
        shares = store.size.shares
        return [
            await _known(connection, tenant, key, float(share))
            for tenant, key, share in zip(tenants, store.keys, shares, strict=True)
        ]
    finally:
        await connection.close()


async def _known(connection: asyncpg.Connection, tenant: int, key: str, share: float) -> Firm:
    async def ids(question: str) -> list[Any]:
        return [row[0] for row in await connection.fetch(question, tenant)]

    mine = "tenant_id = $1 and kind = 'purchase_order'"
    return Firm(
        tenant, key, share,
        orders=await ids(f"select id from document where {mine} order by id limit 20000"),
        vendors=await ids("select id from partner where tenant_id = $1 order by id"),
        products=await ids("select id from product where tenant_id = $1 order by id"),
        places=await ids("select id from location where tenant_id = $1 and kind = 'internal' order by code"),
        large=await ids(
            f"""select percentile_disc(1 - place / 1000.0) within group (order by total)::text
            from document, generate_series(5, 30, 5) place where {mine} group by place order by place"""
        ),
    )  # fmt: skip


def asked(operation: Operation, firms: list[Firm], many: int = MANY) -> list[Question]:
    """So many questions, each of a firm: the larger one is, the more it asks."""
    rng = random.Random(f"{SEED} {operation.name}")
    shares = [firm.share for firm in firms]
    chosen = rng.choices(firms, shares, k=many)
    return [Question(operation, operation.draw(rng, firm), firm) for firm in chosen]


def request(contender: str, question: Question) -> str:
    """A question as HTTP has it, for one contender."""
    theirs = contender == "postgraphile"
    document = question.operation.theirs if theirs else question.operation.ours
    variables = _theirs(question) if theirs else _ours(question)
    body = json.dumps({"query": " ".join(document.split()), "variables": variables}, separators=(",", ":"))
    head = [
        "POST /graphql HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", "Accept: application/json",
        f"Authorization: Bearer {question.firm.key}", f"X-Tenant: {question.firm.tenant}",
        *([f"Idempotency-Key: {FRESH}"] if question.operation.writes else []),
        f"Content-Length: {len(body.encode())}",
    ]  # fmt: skip
    return "\r\n".join([*head, "", body])


TYPES = {"id": "purchase_order", "location": "location", "vendor": "partner", "product": "product"}


def _ours(question: Question) -> Variables:
    """States as the API has them, ids as global ones."""
    return _translated(question.variables, lambda name, key: global_id(TYPES[name], key), str.upper)


def _theirs(question: Question) -> Variables:
    given = _translated(question.variables, lambda _, key: str(key), str)
    if not question.operation.writes:
        return given | {"tenant": question.firm.tenant}
    entry = given["input"]
    lines = [{"productId": line.pop("product"), **line} for line in entry["lines"]]
    return {"input": {"tenant": question.firm.tenant, "vendor": entry["vendor"], "lines": lines}}


def _translated(value: Any, id_of: Callable[[str, UUID], str], state_of: Callable[[str], str], name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {inner: _translated(one, id_of, state_of, inner) for inner, one in value.items()}
    if isinstance(value, list):
        return [_translated(one, id_of, state_of, name) for one in value]
    if isinstance(value, UUID):
        return id_of(name, value)
    return state_of(value) if name == "state" else value
