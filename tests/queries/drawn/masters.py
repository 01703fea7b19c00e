"""What people enter about partners and goods, what import left behind, and who has a key: some of each there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.access.user import ApiKey, User
from domain.catalog.price_list import PriceList, PriceListItem
from domain.catalog.product import Category, Product
from domain.catalog.tax_position import TaxPosition, TaxSubstitution
from domain.catalog.unit import Unit
from domain.exceptions.exception import KINDS, SourceRow, flag
from domain.intake.job import Import, ImportFile, ImportRefusal, ImportReport
from domain.kernel.base import uuid7
from domain.kernel.documents import Document
from domain.kernel.references import ExternalKey, attach
from domain.kernel.work import Work
from domain.parties.company import BankAccount, CompanyAddress, CompanyTaxNumber
from domain.parties.partner import Address, Contact, ContractTerm, DeliveryDay, Partner, TaxNumber
from domain.parties.payment_term import PaymentTerm
from domain.parties.rate import Rate
from tests.firm import TODAY, Firm

D = Decimal
SOURCE = "past"
"""Where the keys are from by which records are known elsewhere."""


def furnish(work: Work, firm: Firm) -> None:
    """All of that, in one stroke; what can be put away is so here and there."""
    known = {"vendor": Partner, "customer": Partner, "bolt": Product, "wire": Product, "piece": Unit}
    rows = {word: work.find(model, firm[word]) for word, model in known.items()}
    for made in (_letters, _goods, _prices):
        rows |= made(firm, rows)
        for row in rows.values():
            work.add(row)
        work.session.flush()
    for word in ("vendor", "bolt", "list"):
        attach(work, rows[word], ExternalKey(source=SOURCE, key=word))
    for one in (*_partners(firm), *_company(firm), *_keys(firm), *_rates(), *_imports(firm)):
        work.add(one)
    rows["draft"] = work.find(Document, firm["draft"])
    for place, (kind, word) in enumerate(zip(KINDS, ["vendor", "bolt", "wire", "draft"] * 3, strict=False)):
        flag(work, kind, rows[word], SourceRow(SOURCE, "all.csv", place + 2), f"Something about {word}.")
    firm.ids |= {word: row.id for word, row in rows.items()}


def _letters(_firm: Firm, rows: dict[str, Any]) -> dict[str, Any]:
    """How to write to partners, and when they want to be paid."""
    halves = [{"percent": "50", "days": 14, "endOfMonth": False}, {"percent": None, "days": 30, "endOfMonth": True}]
    term = PaymentTerm(name="Half and half", instalments=halves, discount_percent=D(2), discount_days=10)
    for word in ("vendor", "customer"):
        one: Partner = rows[word]
        one.language, one.rating, one.preferred, one.website = "en", 2, word == "vendor", "https://bolts.example"
        one.note, one.lead_days, one.over_receipt_percent = "Ring twice.", 7, D("2.5")
    gone = Partner(number="V9", name="Gone_100% Ltd", is_vendor=True, hold_reason="bankrupt", archived_at=TODAY)
    return {"term": term, "gone": gone}


def _goods(firm: Firm, rows: dict[str, Any]) -> dict[str, Any]:
    """How goods are grouped and taxed."""
    parts = Category(code="PARTS", name="Parts", tax_id=firm["tax8"], unit_id=firm["piece"])
    small = Category(code="SMALL", name="Small parts")
    bolt: Product = rows["bolt"]
    bolt.description, bolt.list_price, bolt.standard_cost = "M8, 40 mm, ñ", D("2.95"), D("1.204")
    abroad = TaxPosition(
        code="EXPORT", name="Abroad", direction="sale", place="abroad", countries=["NO", "CH"], note="Free."
    )
    abroad.taxes.append(TaxSubstitution(tax_id=firm["tax20"], becomes_id=firm["tax8"]))
    abroad.taxes.append(TaxSubstitution(tax_id=firm["tax8"], becomes_id=None))
    old = Product(sku="OLD", name="Old bolt", unit_id=firm["piece"], archived_at=TODAY)
    return {"parts": parts, "small": small, "abroad": abroad, "old": old}


def _prices(firm: Firm, rows: dict[str, Any]) -> dict[str, Any]:
    rows["small"].parent_id, rows["bolt"].category_id = rows["parts"].id, rows["small"].id
    rows["vendor"].payment_term_id, rows["customer"].tax_position_id = rows["term"].id, rows["abroad"].id
    general = PriceList(code="ALL", name="For all", currency="USD", general=True)
    few = PriceList(code="FEW", name="For a few", currency="EUR", company_id=firm.company, valid_to=date(2026, 12, 31))
    items = {
        f"item {place}": PriceListItem(price_list_id=(general if place < 3 else few).id, **told)
        for place, told in enumerate([
            {"product_id": firm["bolt"], "price": D("2.5")},
            {"product_id": firm["bolt"], "price": D(240), "price_base": D(100), "minimum": D(50)},
            {"category_id": rows["parts"].id, "discount_percent": D("12.5")},
            {"product_id": firm["wire"], "price": D(4), "partner_id": firm["customer"], "company_id": firm.company},
        ])
    }  # fmt: skip
    return {"list": general, "few": few, **items}


def _partners(firm: Firm) -> Iterator[Any]:
    """What is told of partners: where they are, whom to reach, what was agreed."""
    for word in ("vendor", "customer"):
        partner = firm[word]
        for role, city in (("legal", "Springfield"), ("delivery", "Shelbyville")):
            yield Address(partner_id=partner, role=role, street="1 Main St\nDock 4", city=city, country="US")
        yield Contact(partner_id=partner, name="Ann Orr", job="orders", email="ann@bolts.example", phone="555 0100")
        yield TaxNumber(partner_id=partner, country="US", kind="other", number="00-1234567")
        yield ContractTerm(partner_id=partner, title="Warranty", text="Two years.", valid_from=date(2024, 1, 1))
        for day in (4, 2):
            yield DeliveryDay(partner_id=partner, weekday=day)


def _company(firm: Firm) -> Iterator[Any]:
    yield CompanyAddress(company_id=firm.company, role="legal", street="9 Side St", city="Portland", country="US")
    yield CompanyTaxNumber(company_id=firm.company, country="US", kind="other", number="00-7654321")
    yield BankAccount(company_id=firm.company, bank="Savings Bank", number="4000 1234", bic=None, currency="USD")


def _keys(firm: Firm) -> Iterator[Any]:
    """Keys of programs, and a colleague who left."""
    for name in ("vendor", "customer", "program"):
        partner = firm.ids.get(name)
        ends = None if partner else TODAY + timedelta(days=30)
        roles = ["partner"] if partner else []
        yield ApiKey(name=f"{name}'s key", digest=name.encode(), hint="tgk", roles=roles, rights=["master.read"],
                     companies=[str(firm.company)], partner_id=partner, expires_at=ends)  # fmt: skip
    yield User(account="left", name="Left Long-Ago", roles=["viewer"], companies=[], archived_at=TODAY)


def _rates() -> Iterator[Any]:
    for day in range(1, 9):
        yield Rate(base="EUR", quote="USD", dated=date(2026, 2, day), rate=D("1.08") + D(day) / 1000)
        yield Rate(base="JPY", quote="USD", dated=date(2026, 2, day), rate=D("0.0067"))


def _imports(firm: Firm) -> Iterator[Any]:
    job = Import(
        id=uuid7(), name="Old books", mapping="mine.toml", state="finished", company_id=firm.company, started_at=TODAY
    )
    job.files.append(ImportFile(name="all.csv", size=120, sha256="0" * 64, uploaded_at=TODAY))
    job.files.append(ImportFile(name="mine.toml", size=9, sha256="1" * 64, rights=["master.write"], uploaded_at=TODAY))
    yield job
    yield ImportReport(job_id=job.id, text="1 row of 2.", content={"refused": [{"row": 3, "code": "BAD_ROW"}]})
    wrong = {"heading": "Price", "value": "1,2,3", "code": "BAD_INPUT", "message": "Not a price."}
    for place in (1, 2):
        yield ImportRefusal(job_id=job.id, position=place, file="all.csv", row=place + 1, **wrong)
    yield Import(name="New books", mapping="adventureworks", state="collecting", dry_run=True)
