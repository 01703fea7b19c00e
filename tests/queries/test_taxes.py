"""Taxes, tax positions and what stands at the head of papers, over the API."""

from __future__ import annotations

from tests.firm import Firm
from tests.queries.api import client, id_of


async def test_an_import_within_the_law_is_taxed_by_its_position(firm: Firm) -> None:
    """A US company buys of a German vendor who has no position of its own: what is bought abroad is reverse-charged."""
    buyer = client(firm, "buyer")
    reverse = {"code": "AE", "name": "Reverse charge", "rate": "0", "category": "AE", "reverseChargeRate": "7.5"}
    made = await buyer.do("createTax", selection="tax { id exemptionCode recoverablePercent included }", **reverse)
    assert made["tax"]["exemptionCode"] == "VATEX-EU-AE"
    taxes = [{"tax": id_of(firm, "tax8", "tax"), "becomes": made["tax"]["id"]}]
    position = {"code": "RC", "name": "RC", "place": "ABROAD", "direction": "PURCHASE", "taxes": taxes}
    selection = "taxPosition { id place countries direction vatNumber taxes { tax { code } becomes { code } } }"
    abroad = (await buyer.do("createTaxPosition", selection=selection, **position))["taxPosition"]
    assert abroad["taxes"] == [{"tax": {"code": "S8"}, "becomes": {"code": "AE"}}]
    lines = [{"product": id_of(firm, "bolt", "product"), "quantity": "10", "unitPrice": "10"}]
    selection = """purchaseOrder { total { amount } taxPosition { code } taxRounding lines { taxCategory tax { code } }
        taxes { tax { code } category base { amount } amount { amount } selfAssessed { amount }
            unrecoverable { amount } } }"""
    order = {"vendor": id_of(firm, "other_vendor", "partner"), "currency": "USD", "lines": lines}
    written = (await buyer.do("createPurchaseOrder", selection=selection, **order))["purchaseOrder"]
    assert written == {
        "total": {"amount": "100.00"},
        "taxPosition": {"code": "RC"},
        "taxRounding": "DOCUMENT",
        "lines": [{"taxCategory": "AE", "tax": {"code": "AE"}}],
        "taxes": [
            {
                "tax": {"code": "AE"}, "category": "AE", "base": {"amount": "100.00"}, "amount": {"amount": "0.00"},
                "selfAssessed": {"amount": "7.50"}, "unrecoverable": {"amount": "0.00"},
            }
        ],
    }  # fmt: skip


async def test_positions_and_heads_can_be_asked_for(firm: Firm) -> None:
    keeper = client(firm, "administrator")
    made = await keeper.do(
        "createTaxPosition", selection="taxPosition { countries }", code="X", name="X", place="COUNTRIES",
        countries=["us", "CA"],
    )  # fmt: skip
    assert made["taxPosition"]["countries"] == ["CA", "US"]
    refused = await keeper.do("createTaxPosition", code="Y", name="Y", place="COUNTRIES")
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [("BAD_INPUT", ["countries"])]
    found = await keeper.ask("{ taxPositions(filter: { place: { eq: COUNTRIES } }) { nodes { code company { id } } } }")
    assert found["taxPositions"]["nodes"] == [{"code": "X", "company": None}]
    companies = (await keeper.ask("{ companies { nodes { id version } } }"))["companies"]["nodes"]
    change = {
        "id": companies[0]["id"], "expectedVersion": companies[0]["version"],
        "addresses": [{"role": "LEGAL", "street": "1 Mill Road", "city": "Bath", "country": "GB"}],
        "taxNumbers": [{"country": "DE", "number": "DE 136 695 976"}],
        "bankAccounts": [{"bank": "Bank", "number": "GB82 WEST 1234 5698 7654 32"}],
        "electronicAddress": "1", "electronicScheme": "0088",
    }  # fmt: skip
    head = "addresses { role city } taxNumbers { kind number } bankAccounts { number bic } electronicScheme"
    answered = await keeper.do("updateCompany", selection=f"company {{ {head} }}", **change)
    assert answered["company"] == {
        "addresses": [{"role": "LEGAL", "city": "Bath"}],
        "taxNumbers": [{"kind": "VAT", "number": "DE136695976"}],
        "bankAccounts": [{"number": "GB82WEST12345698765432", "bic": None}],
        "electronicScheme": "0088",
    }
