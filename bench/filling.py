"""What the firms trade, written straight into the tables: as it would be had they worked with us for four years.

Of ten orders one is a draft, one approved, one cancelled; two are confirmed and awaited, two confirmed and three closed
with all goods received. So half of all lines came in: each by a line of a receipt, with a move. Nothing is left to
chance: what a row says follows from its number, so that every database of a size holds the same.

Columns that are not named here take the default that the rules would give them; `server.py verify` finds all of it
in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import Table
from sqlalchemy.orm import configure_mappers

from bench.firms import PLACES, RATE, Firm
from domain.catalog.product import Product
from domain.kernel.documents import Line, LineLink, TaxAmount
from domain.parties.partner import Address, Partner
from domain.purchase.order import PurchaseOrder
from domain.stock.move import Move, Position

BEGAN, DAYS = "2021-01-01 06:00+00", 1461
LINES = 10
PATIENCE = 3600
FUNCTIONS = """
create function pg_temp.key(house int, what text, n bigint, at timestamptz) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || left(digits, 3) || '8'
    || substr(digits, 4, 15))::uuid from (select md5(house || what || n) as digits) d $$;
create function pg_temp.chosen(digits text, first int, among int) returns int language sql immutable as $$
  select ('x' || substr(digits, first, 7))::bit(28)::int % among $$;
"""
"""A key of version 7 for the n-th of its kind, and a figure below `among` from the digits that stand for chance."""

HOUSE = """
create temp table house as
select t.id as tenant, c.id as our_company, u.id as our_unit, x.id as our_tax, v.id as vendor_place,
  (select array_agg(id order by code) from location where tenant_id = t.id and kind = 'internal') as places
from tenant t join company c on c.tenant_id = t.id join unit u on u.tenant_id = t.id join tax x on x.tenant_id = t.id
  join location v on v.tenant_id = t.id and v.kind = 'vendor' where t.id = {tenant};
"""

ORDERS = f"""
create temp table ordered as
select n, at, at::date as dated, pg_temp.key({{tenant}}, 'order', n, at) as id, digits,
  (array['draft', 'approved', 'cancelled', 'confirmed', 'confirmed', 'confirmed', 'confirmed', 'closed', 'closed',
    'closed'])[1 + n % 10] as state, n % 10 >= 5 as came,
  1 + pg_temp.chosen(digits, 1, {{vendors}}) as vendor, 1 + pg_temp.chosen(digits, 8, {PLACES}) as place
from generate_series(1, {{orders}}) n, md5({{tenant}} || 'order' || n) as c(digits),
  lateral (select timestamptz '{BEGAN}' + (n - 1) * (interval '{DAYS} days' / {{orders}}) as at) a;
create temp table asked as
select o.n, o.id as order_id, o.at, o.came, o.state, o.place, p as position,
  pg_temp.key({{tenant}}, 'line', o.n * 100 + p, o.at) as id, 1 + pg_temp.chosen(chance, 1, {{products}}) as product,
  1 + pg_temp.chosen(chance, 8, 50) as quantity,
  round((100 + pg_temp.chosen(chance, 15, 50000)) / 100.0, 2) as price
from ordered o, generate_series(1, {LINES}) p, md5({{tenant}} || 'line' || (o.n * 100 + p)) as c(chance);
create temp table summed as
select n, sum(amount) as untaxed, round(sum(amount) * {RATE} / 100, 2) as tax
from (select n, round(quantity * price, 2) as amount from asked) a group by n;
analyze ordered; analyze asked; analyze summed;
"""

LAID = """
create temp table laid as
select product, place, sum(quantity) filter (where came) as on_hand,
  sum(quantity) filter (where state = 'confirmed' and not came) as incoming from asked
where came or state = 'confirmed' group by product, place;
"""


async def pour(owner: str, firms: list[Firm]) -> None:
    """Fill the tables for all firms, and have the database survey them."""
    configure_mappers()
    connection = await asyncpg.connect(owner, server_settings={"statement_timeout": "0"}, command_timeout=PATIENCE)
    try:
        for firm in firms:
            await _pour(connection, firm)
        await connection.execute("vacuum (analyze, freeze)")
    finally:
        await connection.close()


async def _pour(connection: asyncpg.Connection, firm: Firm) -> None:
    given = {"tenant": firm.tenant, "vendors": firm.vendors, "products": firm.products, "orders": firm.orders}
    async with connection.transaction():
        await connection.execute(FUNCTIONS)
        for statement in (HOUSE, ORDERS, LAID, *_masters(), *_orders(), *_receipts(), *_stock()):
            await connection.execute(statement.format(**given))
        await connection.execute("drop table house, ordered, asked, summed, laid")
        await connection.execute("drop function pg_temp.key, pg_temp.chosen")


def _masters() -> list[str]:
    named = {"at": f"timestamptz '{BEGAN}' + n * interval '1 second'"}
    vendor, product = _key("vendor", "n", named["at"]), _key("product", "n", named["at"])
    return [
        _rows(
            Partner, f"house, generate_series(1, {{vendors}}) n, lateral (select {named['at']} as at) a",
            id=vendor, number="'V' || lpad(n::text, 5, '0')", name="'Vendor ' || left(md5('vendor' || n), 10)",
            is_vendor="true", country="(array['DE', 'FR', 'AT', 'IT', 'PL'])[1 + n % 5]", **_signed("at"),
        ),
        _rows(
            Address, f"house, generate_series(1, {{vendors}}) n, lateral (select {named['at']} as at) a",
            id=_key("address", "n", "at"), partner_id=vendor, role="'legal'", street="n || ' Main Street'",
            city="(array['Berlin', 'Lyon', 'Wien', 'Milano', 'Gdynia'])[1 + n % 5]",
            country="(array['DE', 'FR', 'AT', 'IT', 'PL'])[1 + n % 5]",
        ),
        _rows(
            Product, f"house, generate_series(1, {{products}}) n, lateral (select {named['at']} as at) a",
            id=product, sku="'SKU-' || lpad(n::text, 6, '0')", name="'Product ' || left(md5('product' || n), 16)",
            unit_id="our_unit", purchase_tax_id="our_tax", **_signed("at"),
        ),
    ]  # fmt: skip


def _orders() -> list[str]:
    binding = "case when o.state in ('confirmed', 'closed') then o.at + interval '1 hour' end"
    return [
        _rows(
            PurchaseOrder, "house, ordered o join summed s using (n)",
            id="o.id", kind="'purchase_order'", company_id="our_company",
            number="'PO' || to_char(o.dated, 'YYYY') || '-' || lpad(n::text, 7, '0')", state="o.state",
            dated="o.dated", partner_id=_master("vendor", "o.vendor"), currency="'EUR'", exchange_rate="1",
            location_id="places[o.place]", expected_on="case o.state when 'confirmed' then o.dated + 14 end",
            lines_amount="s.untaxed", charges_amount="0.00", untaxed="s.untaxed", tax="s.tax",
            total="s.untaxed + s.tax", company_untaxed="s.untaxed", issued_at=binding, confirmed_at=binding,
            receipt_state="case when o.came then 'received' when o.state = 'confirmed' then 'pending' else 'none' end",
            billing_state="case when o.came then 'pending' else 'none' end", **_signed("o.at"),
        ),
        _rows(
            Line, "house, asked a",
            id="a.id", document_id="a.order_id", position="a.position", **_ware(), **_priced(),
            **_received("case when a.came then a.quantity else 0 end"),
            open_quantity="case when a.state = 'confirmed' and not a.came then a.quantity else 0 end",
        ),
        _rows(
            TaxAmount, "house, ordered o join summed s using (n)",
            id=_key("tax", "n", "o.at"), document_id="o.id", tax_id="our_tax", rate=f"{RATE}", category="'S'",
            base="s.untaxed", amount="s.tax",
        ),
    ]  # fmt: skip


def _receipts() -> list[str]:
    came = "o.at + interval '10 days'"
    receipt, line = _key("receipt", "o.n", came), _key("received", "a.n * 100 + a.position", "a.at")
    return [
        _rows(
            PurchaseOrder, "house, ordered o where o.came",
            id=receipt, kind="'receipt'", company_id="our_company",
            number=f"'GR' || to_char({came}, 'YYYY') || '-' || lpad(n::text, 7, '0')", state="'posted'",
            dated=f"({came})::date", partner_id=_master("vendor", "o.vendor"), currency="'EUR'", exchange_rate="1",
            location_id="places[o.place]", billing_state="'pending'", posted_at=came, **_signed(came),
        ),
        _rows(
            Line, "house, asked a where a.came",
            id=line, document_id=_key("receipt", "a.n", "a.at + interval '10 days'"), position="a.position",
            **_ware(), **_received("a.quantity"),
        ),
        _rows(
            LineLink, "house, asked a where a.came",
            id=_key("link", "a.n * 100 + a.position", "a.at"), from_line_id=line, to_line_id="a.id",
            relation="'receives'", quantity="a.quantity",
        ),
        _rows(
            Move, "house, asked a where a.came",
            id=_key("move", "a.n * 100 + a.position", "a.at"), company_id="our_company",
            product_id=_master("product", "a.product"), from_location_id="vendor_place",
            to_location_id="places[a.place]", quantity="a.quantity", dated="(a.at + interval '10 days')::date",
            line_id=line, moved_at="a.at + interval '10 days'",
        ),
    ]  # fmt: skip


def _stock() -> list[str]:
    return [
        _rows(
            Position, "house, laid",
            id=_key("position", "product * 100 + place", f"timestamptz '{BEGAN}'"), company_id="our_company",
            product_id=_master("product", "product"), location_id="places[place]", on_hand="coalesce(on_hand, 0)",
            incoming="coalesce(incoming, 0)", updated_at=f"timestamptz '{BEGAN}'",
        )
    ]  # fmt: skip


def _ware() -> dict[str, str]:
    """What a line of an order and of its receipt have in common."""
    return {
        "product_id": _master("product", "a.product"),
        "text": "'Product ' || left(md5('product' || a.product), 16)",
        "quantity": "a.quantity",
        "unit_id": "our_unit",
        "tax_id": "our_tax",
        "tax_rate": f"{RATE}",
        "tax_category": "'S'",
    }


def _priced() -> dict[str, str]:
    return {"unit_price": "a.price", "price_source": "'given'", "amount": "round(a.quantity * a.price, 2)"}


def _received(quantity: str) -> dict[str, str]:
    return {"received": quantity, "accepted": quantity}


def _signed(at: str) -> dict[str, str]:
    return {"created_at": at, "updated_at": at}


def _master(what: str, number: str) -> str:
    return _key(what, number, f"timestamptz '{BEGAN}' + {number} * interval '1 second'")


def _key(what: str, number: str, at: str) -> str:
    return f"pg_temp.key({{tenant}}, '{what}', {number}, {at})"


def _rows(model: Any, source: str, **given: str) -> str:
    """Rows of a class: what is given as SQL, and defaults for the rest.

    The table is surveyed at once, or every row that refers to it would be checked by reading it from end to end.
    """
    table, (columns, values) = model.__table__.name, written(model, {"tenant_id": "{tenant}"} | given)
    return f"insert into {table} ({columns}) select {values} from {source}; analyze {table}"


def written(model: Any, given: Mapping[str, str]) -> tuple[str, str]:
    """The columns of a new row of a class and what to write into them: what is given as SQL, defaults for the rest."""
    values = {**_defaults(model.__table__), **given}
    return ", ".join(values), ", ".join(values.values())


def _defaults(table: Table) -> dict[str, str]:
    """The defaults that rows get from the rules and not from the database."""
    found = {}
    for column in table.columns:
        default = column.default
        if default is None or column.primary_key or column.server_default is not None:
            continue
        if default.is_scalar:
            value = default.arg
            found[column.name] = repr(value) if isinstance(value, str) else str(value).lower()
        elif not column.nullable:
            empty = default.arg(None)
            found[column.name] = "'{{}}'::jsonb" if empty == {} else "'[]'::jsonb"
    return found
