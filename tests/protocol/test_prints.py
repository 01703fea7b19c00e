"""A paper's page over HTTP: who gets it, who does not, and that nobody waits for another's."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from domain.access.user import User
from domain.kernel.documents import Document
from domain.kernel.work import Work
from migrations.embedded import Cluster
from resolvers.ids import global_id, key_of
from tests.firm import Firm, found, standing
from tests.protocol.serving import Served, keys, serving
from tests.queries.api import Client, client, house, id_of
from transport import press, printing

MANY = 400
MISSING = "00000000-0000-7000-8000-000000000000"
PDF = "query ($id: ID!) { node(id: $id) { ... on Document { number pdf } } }"


@dataclass
class Office:
    """A server that prints, and papers by word."""

    served: Served
    neighbour: dict[str, str]
    papers: dict[str, str]

    async def take(self, paper: str, role: str | None = "buyer", **asked: Any) -> httpx.Response:
        headers = self.served.bearer(role) if role else {}
        address = f"/documents/{self.papers.get(paper, paper)}.pdf"
        return await self.served.http.get(address, headers=headers, **asked)

    async def refused(self, paper: str, role: str | None = "buyer", **asked: Any) -> tuple[int, str]:
        answer = await self.take(paper, role, **asked)
        assert answer.headers["cache-control"] == "no-store"
        return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


@pytest.fixture(scope="session")
async def office(cluster: Cluster) -> AsyncIterator[Office]:
    """A firm with papers, beside another firm."""
    async with standing(cluster) as firm:
        other = await found(firm.database, firm.owner_url, tenant=2)
        buyer = client(firm)
        await firm.database.transact(firm.actor("administrator"), lambda work: _furnish(work, firm))
        papers = {
            "draft": await written(buyer), "theirs": await written(client(other)), "order": await issued(buyer),
            "elsewhere": await issued(buyer, "other_vendor"), "long": await written(buyer, lines=MANY),
            "odd": await written(buyer), "partner": id_of(firm, "vendor", "partner"), "junk": "not-an-id",
            "missing": global_id("purchase_order", key_of(id_of(firm, "vendor", "partner"))[1]),
        }  # fmt: skip
        odd = key_of(papers["odd"])[1]
        await firm.database.transact(firm.actor("administrator"), lambda work: _renumber(work, odd))
        async with serving(firm, house()) as served:
            yield Office(served, await keys(other), papers)


def _furnish(work: Work, firm: Firm) -> None:
    work.find(User, firm["user:partner"]).partner_id = firm["vendor"]


def _renumber(work: Work, id: Any) -> None:
    work.find(Document, id).number = '../№ 7/"ü"\r\nX-Evil: 1'


async def written(who: Client, vendor: str = "vendor", lines: int = 1) -> str:
    line = {"product": id_of(who.firm, "bolt", "product"), "quantity": "10", "unitPrice": "1.25"}
    made = await who.do(
        "createPurchaseOrder", vendor=id_of(who.firm, vendor, "partner"), currency="USD", lines=[line] * lines,
        selection="purchaseOrder { id }",
    )  # fmt: skip
    assert made["errors"] == []
    return str(made["purchaseOrder"]["id"])


async def issued(who: Client, vendor: str = "vendor") -> str:
    made = await written(who, vendor)
    for verb in ("submitPurchaseOrder", "confirmPurchaseOrder"):
        assert (await who.do(verb, id=made))["errors"] == []
    return made


def text_of(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text[:500]
    return " ".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.content)).pages)


async def test_a_page_is_a_file_called_after_the_paper(office: Office) -> None:
    told = (await office.served.ask(PDF, variables={"id": office.papers["order"]})).json()["data"]["node"]
    assert told["pdf"] == f"/documents/{office.papers['order']}.pdf"
    answer = await office.served.http.get(told["pdf"], headers=office.served.bearer())
    assert told["number"] in text_of(answer)
    assert answer.headers["content-disposition"] == f'attachment; filename="{told["number"]}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await office.take("order")).content == answer.content


async def test_a_number_from_elsewhere_makes_no_path_and_no_header(office: Office) -> None:
    answer = await office.take("odd")
    assert "DRAFT" in text_of(answer)
    told = answer.headers["content-disposition"]
    assert told.startswith('attachment; filename="7-X-Evil-1.pdf"; filename*=UTF-8')
    assert "x-evil" not in answer.headers
    assert not {"/", "\\"} & set(told)


@pytest.mark.parametrize("name", ["", "...", "/", "№"])
def test_a_file_always_has_a_name(name: str) -> None:
    assert printing.file_name(name) == "document"


async def test_one_may_ask_for_another_language(office: Office) -> None:
    assert "Bestellung" in text_of(await office.take("order", params={"language": "de"}))
    assert "Innkj" not in text_of(await office.take("order", params={"language": "pl"}))
    for asked in ({"language": "xx"}, {"language": ""}, [("language", "de"), ("language", "fr")]):
        answer = await office.take("order", params=asked)
        error = answer.json()["errors"][0]
        assert (answer.status_code, error["extensions"]["path"]) == (400, ["language"])
    assert "choose one of de, en, es, fr, no, pl, pt" in (await office.take("order", params={"language": "xx"})).text


@pytest.mark.parametrize("paper", ["missing", "theirs", "partner", "junk"])
async def test_what_is_foreign_missing_or_no_paper_is_answered_alike(office: Office, paper: str) -> None:
    answer, other = await office.take(paper), await office.take("missing")
    assert (answer.status_code, answer.content) == (404, other.content)


async def test_strangers_and_people_without_the_right_get_none(office: Office) -> None:
    assert await office.refused("order", None) == (401, "NOT_AUTHENTICATED")
    without = replace(office.served, keys={"buyer": "tgk_nobody"})
    assert await replace(office, served=without).refused("order") == (401, "NOT_AUTHENTICATED")
    neighbour = replace(office, served=replace(office.served, keys=office.neighbour))
    assert await neighbour.refused("order") == (404, "NOT_FOUND")


async def test_whoever_may_not_see_prices_gets_none_on_paper(office: Office) -> None:
    assert "12.50" in text_of(await office.take("order", "buyer"))
    seen = text_of(await office.take("order", "storekeeper"))
    assert "Bolt M8" in seen
    assert "12.50" not in seen
    assert "Total" not in seen


async def test_a_vendor_gets_its_own_orders_once_they_are_issued(office: Office) -> None:
    assert "Bolt M8" in text_of(await office.take("order", "partner"))
    for paper in ("draft", "elsewhere", "missing"):
        assert await office.refused(paper, "partner") == (404, "NOT_FOUND")


async def test_other_methods_are_refused(office: Office) -> None:
    answer = await office.served.http.post(f"/documents/{office.papers['order']}.pdf", headers=office.served.bearer())
    assert answer.status_code == 405


async def test_a_large_page_keeps_nobody_waiting(office: Office) -> None:
    making = asyncio.create_task(office.take("long"))
    answered = 0
    while not making.done():
        assert (await office.served.http.get("/healthz")).status_code == 200
        answered += 1
    assert len(PdfReader(io.BytesIO((await making).content)).pages) > 10
    assert answered > 3


async def test_a_page_that_takes_too_long_is_given_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "PATIENCE", 0.01)
    answer = await office.take("long")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["errors"][0]["extensions"]["code"] == "BUSY"
    monkeypatch.undo()
    assert (await office.take("order")).status_code == 200


async def test_too_many_pages_at_once_are_put_off(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "AT_ONCE", 1)
    monkeypatch.setattr(press, "WAITING", 0)
    async with serving(office.served.firm, house()) as served:
        busy = replace(office, served=replace(served, keys=office.served.keys))
        answers = await asyncio.gather(*(busy.take("long") for _ in range(4)))
        assert {answer.status_code for answer in answers} == {200, 503}
        assert (await busy.take("order")).status_code == 200
