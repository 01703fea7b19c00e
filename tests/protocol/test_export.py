"""What a filter selects goes out as a file: streamed, by the same rights, from one moment."""

import asyncio
import csv
import gc
import io
import json
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from python_calamine import CalamineWorkbook

from domain.access.user import User
from domain.intake.reading import Format, Row, Table
from domain.kernel.work import Work
from domain.parties.partner import Partner
from migrations.embedded import Cluster
from resolvers import reading
from resolvers.reads import costing
from tests.beside import ASIDE
from tests.firm import Firm, found, standing
from tests.protocol.serving import Served, keys, serving
from tests.queries.api import client, house, id_of
from transport.exporting import endpoint, sheet

PARTNERS = 900
"""Four pages of them."""
NAMES = ["=1+1", "-2+3", "@SUM(A1)", "+49 228", "Läufer & Söhne", 'a,b\n"c"', "-12.50", "\ttab", "名前", "_x0041_"]
SIMPLE = "{ partners(orderBy: [{field: NUMBER}]) { nodes { number name rating createdAt } } }"
ORDERS = """query Orders($after: String) { purchaseOrders(orderBy: [{field: NUMBER}], after: $after) {
  totalCount pageInfo { hasNextPage endCursor } nodes { ...Head vendor: partner { name country } tax { amount }
  total { amount currency } lines { position product { sku } quantity unitPrice { amount } } } } }
fragment Head on Document { __typename number dated createdAt ... on PurchaseOrder { expectedOn } }"""
LONG = """{ partners(orderBy: [{field: NUMBER, direction: DESC}]) { nodes {
  number a: note b: note c: note d: note e: note f: note } } }"""
WIDE = """{ purchaseOrders { nodes { number lines { quantity } charges { text } } } }"""


@dataclass
class Outlet:
    """A server that exports, and how one asks it."""

    served: Served
    neighbour: dict[str, str]

    async def take(self, query: str, form: str = "csv", role: str = "buyer", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.served.keys[role]}"} | more.pop("headers", {})
        wanted = {"query": query, "format": form, **more}
        return await self.served.http.post("/export", json=wanted, headers=headers)

    async def refused(self, query: str, form: str = "csv", **more: Any) -> tuple[int, str, str]:
        answer = await self.take(query, form, **more)
        error = answer.json()["errors"][0]
        return answer.status_code, error["extensions"]["code"], error["message"]

    async def nodes(self, query: str, name: str = "purchaseOrders") -> list[Any]:
        """All rows as the query itself answers them, page by page."""
        after, nodes = None, []
        while True:
            answer = (await self.served.ask(query, variables={"after": after})).json()["data"][name]
            nodes += answer["nodes"]
            if not answer["pageInfo"]["hasNextPage"]:
                assert len(nodes) == answer["totalCount"]
                return nodes
            after = answer["pageInfo"]["endCursor"]

    @asynccontextmanager
    async def streamed(self, query: str, form: str = "jsonl", role: str = "buyer") -> AsyncIterator[httpx.Response]:
        stream = self.served.http.stream(
            "POST", "/export", json={"query": query, "format": form}, headers=self.served.bearer(role)
        )
        async with stream as answer:
            yield answer

    async def figure(self, outcome: str) -> float:
        page = (await self.served.http.get("/metrics")).text
        label = f'tradegraph_requests_total{{outcome="{outcome}",transport="export",type="query"}} '
        return float(next((line.removeprefix(label) for line in page.splitlines() if line.startswith(label)), 0))


@pytest.fixture(scope="session")
async def outlet(cluster: Cluster) -> AsyncIterator[Outlet]:
    """A firm with four pages of partners and some orders, beside another firm."""
    async with standing(cluster) as firm:
        neighbour = await found(firm.database, firm.owner_url, tenant=2)
        await firm.database.transact(firm.actor("administrator"), lambda work: _furnish(work, firm))
        await _order(firm)
        async with serving(firm, house(), TRADEGRAPH_EXPORTS="2") as served:
            yield Outlet(served, await keys(neighbour))


def _furnish(work: Work, firm: Firm) -> None:
    work.find(User, firm["user:partner"]).partner_id = firm["vendor"]
    for number in range(PARTNERS - 3):
        name = NAMES[number] if number < len(NAMES) else f"Partner {number}"
        note = "long " * 20_000 if number >= PARTNERS - 20 else None
        work.add(Partner(number=f"P{number:04}", name=name, is_vendor=True, note=note))


async def _order(firm: Firm) -> None:
    buyer = client(firm)
    for number in range(6):
        lines = [
            {"product": id_of(firm, "bolt", "product"), "quantity": str(place + 1), "unitPrice": f"{number}.25"}
            for place in range(number)
        ]
        vendor = id_of(firm, "vendor" if number % 2 else "other_vendor", "partner")
        made = await buyer.do(
            "createPurchaseOrder", vendor=vendor, currency="USD", lines=lines, selection="purchaseOrder { id }"
        )
        assert made["errors"] == []
        if number == 5:
            for verb in ("submitPurchaseOrder", "confirmPurchaseOrder"):
                assert (await buyer.do(verb, id=made["purchaseOrder"]["id"]))["errors"] == []


@dataclass
class Gate:
    """Whether somebody stands before it, and whether it is open."""

    reached: asyncio.Event
    opened: asyncio.Event


@contextmanager
def gate(page: int) -> Iterator[Gate]:
    """Nothing is read from the page of this number on until it is opened."""
    here, count = Gate(asyncio.Event(), asyncio.Event()), 0

    async def wait(statement: str) -> None:
        nonlocal count
        count += "FROM read.partner" in statement
        if count >= page and "FROM read.partner" in statement:
            here.reached.set()
            await here.opened.wait()

    with before_reading(wait):
        yield here


@contextmanager
def before_reading(act: Callable[[str], Awaitable[None]]) -> Iterator[None]:
    """Something is done before each statement that reads a page."""
    fetched = reading.fetched

    async def first(session: Any, statement: str, *more: Any) -> Any:
        if not ASIDE.get():
            await act(statement)
        return await fetched(session, statement, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "fetched", first)
        yield


async def settled(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what follows by itself."""
    async with asyncio.timeout(10):
        while not await holds():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)


def unfolded(nodes: list[Any]) -> list[dict[str, Any]]:
    """Orders as rows: one a line, or one without."""
    return [
        {**_flat({name: value for name, value in node.items() if name != "lines"}), **_flat({"lines": line})}
        for node in nodes
        for line in node["lines"] or [{}]
    ]


def _flat(value: dict[str, Any], path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in value.items():
        found |= _flat(one, f"{path}{name}.") if isinstance(one, dict) else {f"{path}{name}": one}
    return found


def table(answer: httpx.Response) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(answer.content.decode(), newline=""))]


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


async def test_json_lines_are_the_rows_of_the_query_itself(outlet: Outlet) -> None:
    nodes = await outlet.nodes(ORDERS)
    answer = await outlet.take(ORDERS, "jsonl")
    assert len(nodes) == 6
    assert [json.loads(line) for line in answer.text.splitlines()] == nodes
    assert answer.headers["content-type"] == "application/jsonl; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="Orders.jsonl"'
    assert (answer.headers["cache-control"], answer.headers["transfer-encoding"]) == ("no-store", "chunked")


async def test_csv_has_a_row_for_each_entry_of_the_list_within(outlet: Outlet) -> None:
    rows = unfolded(await outlet.nodes(ORDERS))
    answer = await outlet.take(ORDERS)
    assert len(rows) == 1 + 1 + 2 + 3 + 4 + 5
    assert answer.text.split("\r\n")[0].split(",") == [
        "__typename", "number", "dated", "createdAt", "expectedOn", "vendor.name", "vendor.country", "tax.amount",
        "total.amount", "total.currency", "lines.position", "lines.product.sku", "lines.quantity",
        "lines.unitPrice.amount",
    ]  # fmt: skip
    expected = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    assert [
        {name: value for name, value in row.items() if name in one}
        for row, one in zip(table(answer), expected, strict=True)
    ] == expected
    assert (answer.headers["content-type"], answer.text.endswith("\r\n")) == (
        "text/csv; charset=utf-8; header=present",
        True,
    )


async def test_a_workbook_has_numbers_dates_and_texts(outlet: Outlet) -> None:
    rows = unfolded(await outlet.nodes(ORDERS))
    answer = await outlet.take(ORDERS, "xlsx")
    ((name, (headings, *found)),) = sheets(answer.content).items()
    assert (name, len(found)) == ("purchaseOrders", len(rows))
    for row, cells in zip(rows, found, strict=True):
        shown = dict(zip(headings, cells, strict=True))
        assert shown["number"] == row["number"]
        assert shown["dated"] == date.fromisoformat(row["dated"])
        assert abs(shown["createdAt"].replace(tzinfo=UTC) - datetime.fromisoformat(row["createdAt"])) < timedelta(
            milliseconds=2
        )
        assert (Decimal(str(shown["total.amount"])), shown["total.currency"]) == (Decimal(row["total.amount"]), "USD")
        assert Decimal(str(shown["lines.quantity"] or -1)) == Decimal(row.get("lines.quantity", -1))


async def test_what_import_reads_is_what_export_wrote(outlet: Outlet, tmp_path: Path) -> None:
    """A circle: the file of each form, read as import reads files, says the same in each row."""
    found = {}
    for form in ("csv", "xlsx", "jsonl"):
        path = tmp_path / f"partners.{form}"
        path.write_bytes((await outlet.take(SIMPLE, form, raw=True)).content)
        rows = [row.values for row in Table(path, Format()).rows() if isinstance(row, Row)]
        found[form] = [(row["number"], row["name"], row["rating"], row["createdat"][:19]) for row in rows]
    assert len(found["csv"]) == PARTNERS
    assert found["csv"] == found["xlsx"] == found["jsonl"]


async def test_all_pages_come_each_row_once(outlet: Outlet) -> None:
    numbers = [row["number"] for row in table(await outlet.take(SIMPLE))]
    assert len(set(numbers)) == len(numbers) == PARTNERS
    assert numbers == sorted(numbers)
    some = "query ($most: Int) { rows: partners(first: $most) { edges { cursor node { number } } } }"
    for most, count in ((0, 0), (3, 3), (251, 251), (None, PARTNERS), (5000, PARTNERS)):
        answer = await outlet.take(some, "jsonl", variables={"most": most})
        assert len(answer.text.splitlines()) == count


async def test_what_a_filter_selects_is_what_comes(outlet: Outlet) -> None:
    query = """query ($with: PartnerFilter, $number: Boolean!) {
      partners(filter: $with) { nodes { number @include(if: $number) name @skip(if: $number) } } }"""
    given = {"with": {"number": {"in": ["P0001", "P0002", "V1"]}}, "number": True}
    assert {row["number"] for row in table(await outlet.take(query, variables=given))} == {"P0001", "P0002", "V1"}
    given["number"] = False
    assert (await outlet.take(query, variables=given)).text.startswith("name\r\n")


@pytest.mark.parametrize(("form", "beginning"), [("csv", b"number,name"), ("jsonl", b'{"number"'), ("xlsx", b"PK")])
async def test_first_bytes_come_before_the_last_rows_are_read(outlet: Outlet, form: str, beginning: bytes) -> None:
    with gate(page=3) as closed:
        async with outlet.streamed(SIMPLE, form) as answer:
            pieces = answer.aiter_raw()
            first = await anext(pieces)
            await closed.reached.wait()
            assert not closed.opened.is_set()
            closed.opened.set()
            content = first + b"".join([piece async for piece in pieces])
    assert content.startswith(beginning)
    assert content.startswith(first)
    assert content.count(b"P0896" if form != "xlsx" else b"worksheets/sheet1.xml") == (1 if form != "xlsx" else 2)


async def test_all_pages_show_one_moment(outlet: Outlet) -> None:
    firm = outlet.served.firm
    with gate(page=2) as closed:
        async with outlet.streamed("{ partners { nodes { number name } } }") as answer:
            lines = answer.aiter_lines()
            first = await anext(lines)
            await firm.database.transact(firm.actor("administrator"), lambda work: _change(work, firm))
            closed.opened.set()
            rows = [json.loads(line) for line in [first, *[line async for line in lines]]]
    assert len(rows) == PARTNERS
    assert {"late", "changed"} & {row["name"] for row in rows} == set()
    assert "changed" in {row["name"] for row in table(await outlet.take(SIMPLE))}
    await firm.database.transact(firm.actor("administrator"), _change_back)


def _change(work: Work, firm: Firm) -> None:
    work.find(Partner, firm["other_vendor"]).name = "changed"
    work.add(Partner(number="P9999", name="late", is_vendor=True))


def _change_back(work: Work) -> None:
    work.session.delete(work.session.query(Partner).filter_by(number="P9999").one())


async def test_an_export_ends_when_its_client_leaves(outlet: Outlet) -> None:
    database = outlet.served.firm.database
    before = await outlet.figure("gone")
    with gate(page=2) as closed:
        async with outlet.streamed(SIMPLE, "csv") as answer:
            await anext(answer.aiter_raw())
            await closed.reached.wait()
            assert database.engine.pool.checkedout() == 1  # type: ignore[attr-defined]

        async def is_over() -> bool:
            return await outlet.figure("gone") == before + 1

        await settled(is_over)
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert len(table(await outlet.take(SIMPLE))) == PARTNERS


async def test_a_client_that_takes_nothing_is_not_waited_for(outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "PATIENCE", 0.3)
    before = await outlet.figure("stalled")
    body = json.dumps({"query": LONG, "format": "jsonl"}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", outlet.served.port, limit=1024)
    head = f"POST /export HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"{head}Authorization: Bearer {outlet.served.keys['buyer']}\r\n\r\n".encode() + body)

    async def is_given_up() -> bool:
        return await outlet.figure("stalled") == before + 1

    await settled(is_given_up)
    writer.close()
    assert b"200 OK" in await reader.read(100)


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
async def test_what_breaks_in_the_middle_has_no_end(outlet: Outlet, form: str) -> None:
    firm = outlet.served.firm
    with gate(page=3) as closed:
        async with outlet.streamed(SIMPLE, form) as answer:
            await closed.reached.wait()
            other = await asyncpg.connect(firm.database.url)
            ended = await other.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction'"
                " and datname = current_database() and usename = current_user"
            )
            await other.close()
            closed.opened.set()
            content, is_whole = await all_of(answer)
    assert (answer.status_code, len(ended), is_whole) == (200, 1, False)
    if form == "jsonl":
        *rows, last = map(json.loads, content.splitlines())
        assert (len(rows), last["error"]["extensions"]["code"]) == (500, "INTERNAL")


async def all_of(answer: httpx.Response) -> tuple[bytes, bool]:
    """What came, and whether it came to its end."""
    pieces = []
    try:
        async for piece in answer.aiter_raw():
            pieces.append(piece)  # noqa: PERF401 - it may break off
    except httpx.RemoteProtocolError:
        return b"".join(pieces), False
    return b"".join(pieces), True


async def test_who_loses_a_right_gets_no_further_page(outlet: Outlet) -> None:
    firm = outlet.served.firm

    async def give(roles: list[str]) -> None:
        def set_roles(work: Work) -> None:
            work.find(User, firm["user:viewer"]).roles = roles

        await firm.database.transact(firm.actor("administrator"), set_roles)

    with gate(page=2) as closed:
        async with outlet.streamed(SIMPLE, "jsonl", "viewer") as answer:
            await closed.reached.wait()
            await give([])
            closed.opened.set()
            content, is_whole = await all_of(answer)
    await give(["viewer"])
    *rows, last = map(json.loads, content.splitlines())
    assert (is_whole, last["error"]["extensions"]["code"], len(rows)) == (False, "FORBIDDEN", 500)


async def test_prices_are_for_those_who_may_see_them_even_where_there_is_no_row(outlet: Outlet) -> None:
    priced = '{ purchaseOrders(filter: {number: {eq: "none"}}) { nodes { number total { amount } } } }'
    inner = "{ purchaseOrders { nodes { number lines { price: unitPrice { amount } } } } }"
    for form in ("csv", "xlsx", "jsonl"):
        for query in (priced, inner):
            assert (await outlet.refused(query, form, role="storekeeper"))[:2] == (403, "FORBIDDEN")
            assert (await outlet.take(query, form)).status_code == 200
    error = (await outlet.take(inner, role="storekeeper")).json()["errors"][0]
    assert error["extensions"]["path"] == ["lines", "price"]
    seen = await outlet.take("{ purchaseOrders { nodes { number lines { quantity } } } }", role="storekeeper")
    assert len(table(seen)) == 16


async def test_a_filter_by_what_one_may_not_see_is_refused(outlet: Outlet) -> None:
    sly = '{ purchaseOrders(filter: {total: {gt: "5"}}) { nodes { number } } }'
    assert (await outlet.refused(sly, role="storekeeper"))[:2] == (403, "FORBIDDEN")


async def test_an_outsider_gets_the_papers_of_their_own_firm_alone(outlet: Outlet) -> None:
    query = "{ purchaseOrders { nodes { number partner { number } } } }"
    assert [row["partner.number"] for row in table(await outlet.take(query, role="partner"))] == ["V1"]


async def test_another_firm_gets_nothing(outlet: Outlet) -> None:
    theirs = {"Authorization": f"Bearer {outlet.neighbour['buyer']}"}
    rows = table(await outlet.take(SIMPLE, headers=theirs))
    assert {row["number"] for row in rows} == {"V1", "V2", "C1"}
    orders = await outlet.take("{ purchaseOrders { nodes { number } } }", headers=theirs)
    assert orders.text == "number\r\n"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("{ me { name } }", "exactly one list"),
        ("{ __schema { types { name } } }", "exactly one list"),
        ("{ partners { totalCount } }", "Say once which fields a row has"),
        ("{ a: partners { nodes { number } } b: partners { nodes { number } } }", "exactly one list"),
        ("mutation { signOut { done } }", "Only a query can be exported"),
        ("subscription { events { type } }", "Only a query can be exported"),
        ("{ partners(last: 5) { nodes { number } } }", "leave out `last`"),
        ("{ partners(first: -1) { nodes { number } } }", "`first` as a number from 0"),
        ("{ partners { nodes { number } } ", "Syntax Error"),
        ("{ partners { nodes { nothing } } }", "Cannot query field 'nothing'"),
        ("query ($a: Int!) { partners(first: $a) { nodes { number } } }", "Variable '$a' has invalid value"),
        ("{ partners { nodes { number @skip(if: true) } } }", "no column"),
        ("{ partners { nodes { purchaseOrders { nodes { number } } } } }", "say how many with `first`"),
        (WIDE, "two lists, `lines` and `charges`"),
        ("{ partners(filter: {number: null}) { nodes { number } } }", "Leave the condition out"),
        ("{ " + "a { " * 30 + "b" + " }" * 31, "nest at most"),
    ],
)
async def test_what_cannot_be_exported_is_refused_before_the_first_byte(outlet: Outlet, query: str, told: str) -> None:
    status, code, message = await outlet.refused(query)
    assert (status, code in {"BAD_REQUEST", "BAD_INPUT", "TOO_MUCH"}) == (400, True)
    assert told in message


async def test_json_lines_keep_every_list(outlet: Outlet) -> None:
    found = [json.loads(line) for line in (await outlet.take(WIDE, "jsonl")).text.splitlines()]
    assert sorted(len(one["lines"]) for one in found) == [0, 1, 2, 3, 4, 5]
    orders = "purchaseOrders(first: 2) { totalCount nodes { number } }"
    some = f'{{ partners(filter: {{number: {{eq: "V1"}}}}) {{ nodes {{ number {orders} }} }} }}'
    (row,) = [json.loads(line) for line in (await outlet.take(some, "jsonl")).text.splitlines()]
    assert (len(row["purchaseOrders"]["nodes"]), row["purchaseOrders"]["totalCount"]) == (2, 3)
    assert len(table(await outlet.take(some))) == 2


@pytest.mark.parametrize("given", [{"format": "pdf"}, {"format": None}, {"raw": "yes"}, {"bom": 1}, {"query": 1}])
async def test_odd_wishes_are_refused(outlet: Outlet, given: dict[str, Any]) -> None:
    wanted = {"query": SIMPLE, "format": "csv"} | given
    answer = await outlet.served.http.post("/export", json=wanted, headers=outlet.served.bearer())
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_the_door_is_that_of_every_request(outlet: Outlet) -> None:
    http, body = outlet.served.http, {"query": SIMPLE, "format": "csv"}
    buyer = outlet.served.bearer()
    statuses = [
        (await http.post("/export", json=body)).status_code,
        (await http.post("/export", json=body, headers={"Authorization": "Bearer tgk_nobody"})).status_code,
        (await http.get("/export", headers=buyer)).status_code,
        (await http.post("/export", data={"query": SIMPLE}, headers=buyer)).status_code,
        (await http.post("/export", content=b'"' + b"x" * (9 << 20) + b'"', headers=buyer | JSON)).status_code,
        (
            await http.post("/export", json=body, headers={"Cookie": "tradegraph=a", "Origin": "https://evil.example"})
        ).status_code,
    ]
    assert statuses == [401, 401, 405, 415, 413, 403]
    allowed = {"Origin": "http://localhost:3000", **buyer}
    assert (
        "Content-Disposition"
        in (await http.post("/export", json=body, headers=allowed)).headers["access-control-expose-headers"]
    )


JSON = {"Content-Type": "application/json"}


async def test_only_so_many_run_at_once(outlet: Outlet) -> None:
    with gate(page=1) as closed:
        running = [asyncio.create_task(outlet.take(SIMPLE)) for _ in range(2)]
        await asyncio.sleep(0.3)
        refused = await outlet.take(SIMPLE)
        closed.opened.set()
        answers = await asyncio.gather(*running)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert refused.json()["errors"][0]["extensions"]["code"] == "BUSY"
    assert [len(table(one)) for one in answers] == [PARTNERS] * 2
    assert (await outlet.take(SIMPLE)).status_code == 200


async def test_pages_grow_smaller_where_rows_hold_much(outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = await outlet.nodes(ORDERS)
    monkeypatch.setattr(costing, "MOST", 300)
    answer = await outlet.take(ORDERS, "jsonl")
    assert [json.loads(line) for line in answer.text.splitlines()] == nodes
    monkeypatch.setattr(costing, "MOST", 0)
    assert (await outlet.refused(ORDERS))[:2] == (400, "TOO_MUCH")


async def test_cells_that_a_spreadsheet_would_run_are_made_harmless(outlet: Outlet) -> None:
    query = '{ partners(filter: {number: {startsWith: "P000"}}, orderBy: [{field: NUMBER}]) { nodes { name } } }'
    guarded = [row["name"] for row in table(await outlet.take(query))]
    assert guarded == [
        "'=1+1", "'-2+3", "'@SUM(A1)", "'+49 228", "Läufer & Söhne", 'a,b\n"c"', "-12.50", "'\ttab", "名前", "_x0041_"
    ]  # fmt: skip
    assert [row["name"] for row in table(await outlet.take(query, raw=True))] == NAMES
    ((_, *cells),) = sheets((await outlet.take(query, "xlsx")).content).values()
    assert [cell for (cell,) in cells] == NAMES
    marked = await outlet.take(query, bom=True)
    assert marked.content.startswith(b"\xef\xbb\xbfname\r\n")


async def test_a_sheet_that_is_full_is_followed_by_another(outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 401)
    found = sheets((await outlet.take(SIMPLE, "xlsx")).content)
    assert [(name, len(rows), rows[0][0]) for name, rows in found.items()] == [
        ("partners", 401, "number"),
        ("partners 2", 401, "number"),
        ("partners 3", 101, "number"),
    ]
    assert len({row[0] for rows in found.values() for row in rows[1:]}) == PARTNERS


async def test_actions_and_histories_can_be_read_from_one_moment_too(outlet: Outlet) -> None:
    """What rules work out of their own rows is read without writing any."""
    query = "{ purchaseOrders { nodes { number availableActions { action allowed } } } }"
    rows = table(await outlet.take(query))
    assert {row["availableActions.action"] for row in rows} >= {"SUBMIT", "CANCEL"}


async def test_who_exported_what_is_told_in_the_log(outlet: Outlet, capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    await outlet.take('query Audit { partners(filter: {name: {eq: "confidential"}}) { nodes { number name } } }')

    async def is_told() -> bool:
        lines.extend(capsys.readouterr().out.splitlines())
        return any("operation=Audit" in line for line in lines)

    await settled(is_told)
    (line,) = [one for one in lines if one.startswith("export ") and "operation=Audit" in one]
    for fact in ("list=partners", "rows=0", "format=csv", "actor=buyer", "tenant=1", "outcome=ok"):
        assert fact in line
    assert "confidential" not in line


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
async def test_memory_does_not_grow_with_what_is_exported(firm: Firm, form: str) -> None:
    owner = await asyncpg.connect(firm.owner_url)
    await owner.execute(
        "insert into partner (tenant_id, id, version, created_at, updated_at, custom, number, name, note,"
        " is_vendor, is_customer, preferred) select 1, gen_random_uuid(), 1, now(), now(), '{}', 'M' || i,"
        " 'Many ' || i, repeat(md5(i::text), 12), true, false, false"
        " from generate_series(1, 10000) i"
    )
    await owner.close()
    peaks, sizes = [], []
    async with serving(firm, house()) as served:
        for most in (1000, 10_000):
            query = f"{{ partners(first: {most}) {{ nodes {{ number name note createdAt }} }} }}"
            stream = served.http.stream(
                "POST", "/export", json={"query": query, "format": form}, headers=served.bearer(), timeout=300
            )
            with held() as peak:
                async with stream as answer:
                    sizes.append(sum([len(piece) async for piece in answer.aiter_raw()]))
            peaks.append(peak())
    assert sizes[1] > 7 * sizes[0]
    assert peaks[1] < peaks[0] + 300_000


@contextmanager
def held() -> Iterator[Callable[[], int]]:
    """The most memory that is held meanwhile, without what waits to be collected."""
    most = 0

    async def note(_: str) -> None:
        nonlocal most
        gc.collect()
        most = max(most, tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()

    tracemalloc.start()
    try:
        with before_reading(note):
            yield lambda: most
    finally:
        tracemalloc.stop()
