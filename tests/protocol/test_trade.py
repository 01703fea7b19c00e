"""A small trade over real HTTP, with keys, while a front end listens on a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.kernel.plugin import discover
from resolvers.hub import Hub
from resolvers.sealing import Sealing
from schema.build import build
from tests.domain.test_purchase import confirmed, received
from tests.firm import Firm
from tests.protocol.serving import Served, Talk, serving
from tests.queries.api import id_of

HEAR = (
    "subscription { events(filter: {kind: [SALES_ORDER, DELIVERY, CUSTOMER_INVOICE]}) { type document { id state } } }"
)


@pytest.fixture(name="house")
async def a_house_that_trades(firm: Firm) -> AsyncIterator[Served]:
    """The real API before a firm of its own, with sealer and hub."""
    hub, sealing = Hub(firm.database), Sealing(firm.database)
    await sealing.start()
    await hub.start()
    async with serving(firm, build(discover()), hub) as served:
        yield served
    await hub.stop()
    await sealing.stop()


async def do(house: Served, role: str, verb: str, noun: str, **given: Any) -> Any:
    """Take a step twice under one key, which does it once; answers with the paper."""
    shape = f"{verb[0].upper()}{verb[1:]}Input"
    chosen = "id state lines { id quantity openQuantity } availableActions { action allowed }"
    query = f"mutation ($input: {shape}!) {{ {verb}(input: $input) {{ {noun} {{ {chosen} }} errors {{ message }} }} }}"
    headers = {"Idempotency-Key": f"{verb} {given}"}
    answers = [await house.ask(query, role, variables={"input": given}, headers=headers) for _ in range(2)]
    told = [one.json()["data"][verb] for one in answers]
    assert told[0]["errors"] == [], told
    assert told[0][noun]["id"] == told[1][noun]["id"]
    return told[1][noun]


async def heard(talk: Talk, count: int) -> list[str]:
    return [(await talk.hear())["payload"]["data"]["events"]["type"] for _ in range(count)]


async def test_an_order_is_delivered_and_invoiced_while_somebody_listens(house: Served) -> None:
    firm, piece = house.firm, {"quantity": "5"}
    await received(firm, await confirmed(firm, "10"), "10")
    async with house.socket("viewer") as talk:
        await talk.ask("1", HEAR)
        lines = [{"product": id_of(firm, "bolt", "product"), "unitPrice": "2.50", **piece}]
        customer = id_of(firm, "customer", "partner")
        order = await do(house, "seller", "createSalesOrder", "salesOrder", customer=customer, lines=lines)
        order = await do(house, "seller", "confirmSalesOrder", "salesOrder", id=order["id"])
        assert {"action": "DELIVER", "allowed": False} in order["availableActions"]
        delivery = await do(house, "storekeeper", "deliverSalesOrder", "delivery", id=order["id"])
        assert (delivery["state"], delivery["lines"][0]["quantity"]) == ("POSTED", "5")
        invoice = await do(house, "accountant", "invoiceDelivery", "customerInvoice", id=delivery["id"])
        invoice = await do(house, "accountant", "postCustomerInvoice", "customerInvoice", id=invoice["id"])
        assert invoice["state"] == "POSTED"
        told = await heard(talk, 9)
    assert [one for one in told if one.startswith("sales_order.")] == [
        f"sales_order.{step}" for step in ("created", "confirmed", "delivered", "invoiced")
    ]
    assert {"delivery.posted", "customer_invoice.posted"} <= set(told)
