"""Price lists, their items and taxes with all they say come in from files, and are brought up to date by them."""

from __future__ import annotations

from pathlib import Path

from domain.catalog.price_list import PriceListItem
from domain.catalog.tax import Tax
from domain.intake.declaring import load
from domain.intake.run import run
from tests.domain.test_intake import tallies
from tests.domain.test_purchase import rows
from tests.firm import Firm

MAPPING = """
source = "shop"

[[section]]
name = "Taxes"
file = "taxes.csv"
kind = "tax"
key = "Code"
match = "code"
[section.columns]
code = "Code"
name = "Code"
rate = "Rate"
category = "Category"
reverse_charge_rate = "Reverse"
recoverable_percent = "Recovered"

[[section]]
name = "Lists"
file = "lists.csv"
kind = "price_list"
key = "List"
[section.columns]
code = "List"
name = "List"
currency = "Currency"
general = { constant = true }

[[section]]
name = "Prices"
file = "prices.csv"
kind = "price_list_item"
key = ["List", "Sku", "From"]
[section.columns]
price_list = { column = "List", do = [{ reference = "price_list" }] }
product = { column = "Sku", do = [{ reference = { kind = "product", by = "sku" } }] }
price = "Price"
minimum = "From"
"""


async def test_lists_and_taxes_come_in_from_files(firm: Firm, tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING)
    (tmp_path / "taxes.csv").write_text("Code,Rate,Category,Reverse,Recovered\nAE,0,AE,19,100\nS9,9,S,,0\nQ,0,E,,100\n")
    (tmp_path / "lists.csv").write_text("List,Currency\nRETAIL,EUR\n")
    prices = "List,Sku,From,Price\nRETAIL,BOLT,1,{}\nRETAIL,BOLT,100,2.25\n"
    (tmp_path / "prices.csv").write_text(prices.format("2.50") + "RETAIL,NONE,1,1\n")

    async def imported() -> dict[str, tuple[int, ...]]:
        report = await run(firm.database, firm.actor("administrator"), tmp_path, load(tmp_path / "mapping.toml"))
        return tallies(report)

    assert await imported() == {"Taxes": (2, 0, 0, 0, 1), "Lists": (1, 0, 0, 0, 0), "Prices": (2, 0, 0, 0, 1)}
    (kept,) = await rows(firm, Tax, code="AE")
    assert (kept.exemption_code, str(kept.reverse_charge_rate)) == ("VATEX-EU-AE", "19")
    assert sorted(str(one.price) for one in await rows(firm, PriceListItem)) == ["2.25", "2.50"]
    (tmp_path / "prices.csv").write_text(prices.format("2.60"))
    assert (await imported())["Prices"] == (0, 1, 1, 0, 0)
