"""Whatever papers are made, in whichever order: the books balance, and what is taken back leaves no trace."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from decimal import Decimal
from uuid import UUID

import pytest

from domain.flow.taking import ReturnedLine
from domain.kernel.errors import Refused
from domain.parties.setting_entry import SetSetting
from tests.domain.books import balances, sound
from tests.domain.test_bookings import billed, bolts, bought, credited, invoiced, of_line
from tests.domain.test_papers import do, line, sold
from tests.domain.test_purchase import act, received, ref
from tests.firm import Firm

D = Decimal
REVERSED = {
    "receipt": ("storekeeper", "ReverseReceipt"),
    "return": ("storekeeper", "ReversePurchaseReturn"),
    "bill": ("accountant", "ReverseVendorBill"),
    "vendor credit": ("accountant", "ReverseVendorCreditNote"),
    "delivery": ("storekeeper", "ReverseDelivery"),
    "sales return": ("storekeeper", "ReverseSalesReturn"),
    "invoice": ("accountant", "ReverseCustomerInvoice"),
}
Made = list[tuple[str, UUID]]


class Life:
    """A firm that does anything it may, by chance."""

    def __init__(self, firm: Firm, seed: int) -> None:
        self.firm, self.chance, self.made = firm, random.Random(seed), Made()
        self.orders: list[UUID] = []

    def any(self, kind: str) -> UUID:
        return self.chance.choice([id for one, id in self.made if one == kind] or [self.orders[0]])

    def some(self) -> str:
        return str(self.chance.randint(1, 4))

    async def receipt(self) -> UUID:
        return await received(self.firm, self.chance.choice(self.orders), self.some())

    async def bill(self) -> UUID:
        price = self.chance.choice([None, None, "1.10", "1.40"])
        if self.chance.random() < 0.4:
            order = self.chance.choice(self.orders)
            lines = await of_line(self.firm, order, self.some(), price)
            return await billed(self.firm, order, "BillPurchaseOrder", lines=lines)
        receipt = self.any("receipt")
        return await billed(self.firm, receipt, lines=await of_line(self.firm, receipt, self.some(), price))

    async def goods_back(self) -> UUID:
        return await self._back(self.any("receipt"), "ReturnReceipt")

    async def vendor_credit(self) -> UUID:
        return await credited(self.firm, self.any("bill"), "1", self.chance.choice([None, "1.20"]))

    async def delivery(self) -> UUID:
        return await do(self.firm, "storekeeper", "DeliverSalesOrder", id=ref(await sold(self.firm, self.some())))

    async def goods_returned(self) -> UUID:
        return await self._back(self.any("delivery"), "ReturnDelivery")

    async def invoice(self) -> UUID:
        return await invoiced(self.firm, bolts(self.firm, self.some(), "2.55", tax=ref(self.firm["tax20"])))

    async def _back(self, paper: UUID, verb: str) -> UUID:
        of = ref((await line(self.firm, paper)).id)
        lines = [ReturnedLine(line=of, quantity=D(1), reason="bent", replace=self.chance.random() < 0.5)]
        return await do(self.firm, "storekeeper", verb, id=ref(paper), lines=lines)

    async def step(self) -> None:
        """One thing; or the last one is taken back, which leaves the books as they were before it."""
        ways: dict[str, Callable[[], Awaitable[UUID]]] = {
            "receipt": self.receipt, "bill": self.bill, "return": self.goods_back, "vendor credit": self.vendor_credit,
            "delivery": self.delivery, "sales return": self.goods_returned, "invoice": self.invoice,
        }  # fmt: skip
        kind = self.chance.choice([*ways, "receipt", "bill", "bill", "vendor credit"])
        before = await balances(self.firm)
        paper = await ways[kind]()
        if self.chance.random() < 0.3:
            role, verb = REVERSED[kind]
            await do(self.firm, role, verb, id=ref(paper), reason="wrong")
            assert await balances(self.firm) == before, kind
        else:
            self.made.append((kind, paper))


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(more, marks=pytest.mark.soak) for more in range(4, 16))])
async def test_books_of_a_random_life_balance(firm: Firm, seed: int) -> None:
    life = Life(firm, seed)
    if seed % 2:
        await firm.database.perform(firm.actor("administrator"), SetSetting(name="bill.by", value="ordered"))
    life.orders = [await bought(firm, bolts(firm, "40", price)) for price in ("1.25", "1.333333")]
    for _ in range(36):
        try:
            await life.step()
        except Refused:
            continue
    assert life.made
    await sound(firm)
    for order in life.orders:
        try:
            await act(firm, "buyer", "Close", order, reason="enough")
        except Refused:
            continue
    assert sum((await balances(firm, memo=True)).values()) == 0
    await sound(firm)
