"""A paper on its page: what stands there, in which words and figures, and what never gets there."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from babel.numbers import parse_decimal
from hypothesis import given, settings
from hypothesis import strategies as some
from pypdf import PdfReader

from domain.catalog.tax import Tax
from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.receiving import CreateReceipt, ReceivedLine
from domain.flow.reversing import ReverseReceipt
from domain.kernel.documents import Line
from domain.kernel.errors import BadInput, NotFound
from domain.kernel.papers import kinds
from domain.parties.company import BankAccount, Company, CompanyAddress, CompanyTaxNumber
from domain.parties.partner import Address, Partner, TaxNumber
from domain.parties.payment_term import PaymentTerm
from domain.printing import party, press, words
from domain.printing.figures import Figures, locale_of
from domain.printing.form import FORMS, Formless, form_of
from domain.printing.gathering import gather
from domain.printing.page import EXEMPTIONS, STAMPS, WAYS, Page, page
from domain.printing.press import pdf
from domain.printing.terms import terms
from domain.printing.words import LANGUAGES, Wordless, chosen, gaps
from domain.purchase.writing import CreatePurchaseOrder, UpdatePurchaseOrder
from tests.domain.test_purchase import act, paper, ref, rows
from tests.domain.test_reservations import release, reserved
from tests.domain.test_stock_papers import found, sent, stocked
from tests.firm import Firm

SEVEN = ("de", "en", "es", "fr", "no", "pl", "pt")
HOSTILE = (
    '#panic("caught")', "$ x^2 $ and $", "@nobody and @preview/evil:1.0.0", "back\\slash \\ \\u{41}",
    '"quotes" \'and\' `ticks`',
    "*bold* _thin_ = heading", "<label> [content] {code}", "// comment /* and */",
    '#import "/etc/passwd": *', "~ -- --- ...",
)  # fmt: skip
ABROAD = ("שלום עולם", "مرحبا بالعالم", "Zażółć gęślą jaźń", "Ærlig øl på Å", "Ελλάδα Київ", "€ £ ¥ ₹ ₺ ₽ zł kr")
REASON = "two were bent"


def told(made: bytes) -> str:
    """The text of all pages, with the spaces that setting it has put between letters and lines made one."""
    return re.sub(r"\s+", " ", " ".join(each(made)))


def each(made: bytes) -> list[str]:
    """The text of each page."""
    return [one.extract_text().replace("\u200b", "") for one in PdfReader(io.BytesIO(made)).pages]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


async def printed(firm: Firm, id: UUID, kind: str = "purchase_order", *, priced: bool = True, **asked: Any) -> Page:
    known = await firm.database.transact(firm.actor("buyer"), lambda work: gather(work, kind, id))
    return page(known, priced=priced, **asked)


async def text_of(firm: Firm, id: UUID, kind: str = "purchase_order", **asked: Any) -> str:
    return told(pdf(await printed(firm, id, kind, **asked)))


async def changed(firm: Firm, act: Any) -> Any:
    return await firm.database.transact(firm.actor("administrator"), act)


async def ordered(firm: Firm, **asked: Any) -> UUID:
    """An order of three lines with a charge and an allowance."""
    lines = asked.pop("lines", None) or [
        OrderLine(product=ref(firm["bolt"]), quantity=Decimal(1200)),
        OrderLine(
            product=ref(firm["bolt"]), unit=ref(firm["box"]), quantity=Decimal(4), unit_price=Decimal("13.5"),
            discount_percent=Decimal("7.5"), expected_on=date(2026, 4, 1),
        ),
        OrderLine(
            product=ref(firm["wire"]), quantity=Decimal("12.25"), unit_price=Decimal("0.123456"),
            price_base=Decimal(100), text="Copper wire",
        ),
    ]  # fmt: skip
    command = CreatePurchaseOrder(
        vendor=ref(firm["vendor"]), lines=lines, note=asked.pop("note", "Before noon, please."),
        charges=[
            OrderCharge(text="Freight", amount=Decimal("35.00"), tax=ref(firm["tax20"])),
            OrderCharge(text="Allowance", amount=Decimal("-5.00")),
        ],
        **asked,
    )  # fmt: skip
    return await firm.database.perform(firm.actor("buyer"), command)


async def settled(firm: Firm) -> UUID:
    order = await ordered(firm)
    await act(firm, "buyer", "Submit", order)
    if (await paper(firm, order)).state == "submitted":
        await act(firm, "approver", "Approve", order, expected_version=(await paper(firm, order)).version)
    await act(firm, "buyer", "Confirm", order)
    return order


async def received(firm: Firm, order: UUID) -> UUID:
    first = next(row for row in await rows(firm, Line, document_id=order) if row.position == 1)
    line = ReceivedLine(line=ref(first.id), quantity=Decimal(10), rejected=Decimal(2), reason=REASON)
    return await firm.database.perform(firm.actor("storekeeper"), CreateReceipt(delivery_note="DN-77", lines=[line]))


@pytest.fixture
async def vendor(firm: Firm) -> Partner:
    """The vendor with an address for everything, and a tax number."""

    def write(work: Any) -> Partner:
        found = work.find(Partner, firm["vendor"])
        for role in ("legal", "invoice", "delivery"):
            work.add(
                Address(
                    partner_id=found.id, role=role, street=f"{role.title()} Street 1\nBack yard", city="Graz",
                    postal_code="8010", country="AT",
                )
            )  # fmt: skip
        work.add(TaxNumber(partner_id=found.id, country="AT", kind="vat", number="ATU13585627"))
        return found  # type: ignore[no-any-return]

    return await changed(firm, write)  # type: ignore[no-any-return]


def test_every_kind_of_paper_has_a_page() -> None:
    for kind in kinds():
        form_of(kind)


def test_a_kind_without_a_page_is_told_what_it_needs() -> None:
    with pytest.raises(Formless, match=r"'pigeon' in every file of domain/printing/words/"):
        form_of("pigeon")


def test_every_kind_that_is_to_come_has_one() -> None:
    asked = """quote sales_order purchase_order request_for_quotation purchase_requisition delivery receipt vendor_bill
        customer_invoice credit_note vendor_credit_note debit_note purchase_return sales_return stock_transfer
        stock_adjustment"""
    assert set(asked.split()) <= FORMS.keys()


@pytest.mark.parametrize("kind", FORMS)
def test_whatever_a_form_names_has_words(kind: str) -> None:
    form = FORMS[kind]
    named = {kind, *form.facts, *form.columns, *form.origins} - {"their_tax_number"}
    named |= {one for one in (form.partner, form.signature) if one}
    assert named <= words.words("en").keys(), f"write what is missing into domain/printing/words/*.toml for {kind}"
    assert set(form.origins) <= FORMS.keys()


def test_stamps_exemptions_and_ways_of_money_have_words() -> None:
    assert {*STAMPS.values(), *EXEMPTIONS.values(), *WAYS.values()} <= words.words("en").keys()


@pytest.mark.parametrize("kind", FORMS)
def test_nobody_promises_sums_without_columns_of_money(kind: str) -> None:
    form = FORMS[kind]
    assert form.totals == ("amount" in form.columns)
    assert not form.terms or form.totals


def test_there_are_seven_languages() -> None:
    assert LANGUAGES == SEVEN


@pytest.mark.parametrize("language", SEVEN)
def test_every_language_has_every_word(language: str) -> None:
    assert words.words(language).keys() == words.words("en").keys()


@pytest.mark.parametrize(
    ("text", "lesson"),
    [
        ('total = "Summe"', "lacks per; translate"),
        ('total = "Summe"\nper = "je {quantity}"\npigeon = "Taube"', "has pigeon, which words/en.toml has not"),
        ('total = "Summe"\nper = "je {amount}"', "per must have a text with the gaps of"),
        ('total = " "\nper = "je {quantity}"', "total must have a text"),
    ],
)
def test_a_language_that_lacks_words_is_told_which(
    text: str, lesson: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en.toml").write_text('total = "Total"\nper = "per {quantity}"')
    (tmp_path / "xx.toml").write_text(text)
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    with pytest.raises(Wordless, match=lesson):
        words.words("xx")


def test_a_gap_is_a_name_in_braces() -> None:
    assert gaps("{a} of {b}") == {"a", "b"}


@pytest.mark.parametrize(
    ("asked", "known", "found"),
    [
        (None, None, "en"), (None, "de-CH", "de-CH"), (None, "ja", "en"), ("pl", "de", "pl"), (None, "nb", "nb"),
        ("no", None, "no"), ("pt-BR", None, "pt-BR"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_asked_for_or_the_partner_s_or_english(
    asked: str | None, known: str | None, found: str
) -> None:
    assert chosen(asked, known) == found


@pytest.mark.parametrize("asked", ["ja", "", "../en", "x" * 10_000])
def test_a_language_that_nobody_translated_is_refused_with_those_there_are(asked: str) -> None:
    with pytest.raises(BadInput, match="choose one of de, en, es, fr, no, pl, pt") as refused:
        chosen(asked, None)
    assert refused.value.path == ("language",)


@given(
    value=some.decimals(-(10**14), 10**14, places=6),
    digits=some.integers(0, 6),
    tag=some.sampled_from(SEVEN),
    country=some.sampled_from(["AT", "CH", "US", "PT", "NO", None]),
)
def test_a_number_is_read_as_it_was_written(value: Decimal, digits: int, tag: str, country: str | None) -> None:
    value = value.quantize(Decimal(1).scaleb(-digits))
    locale = locale_of(tag, country)
    written = Figures(locale, "EUR").number(value, digits)
    assert parse_decimal(written, locale=locale) == value
    assert len(re.split(r"[.,](?=\d*$)", written)[-1]) == digits or not digits


@pytest.mark.parametrize(
    ("tag", "country", "money", "day"),
    [
        ("en", "US", "€1,234.50", "Mar 2, 2026"), ("de", "DE", "1.234,50 €", "02.03.2026"),
        ("de", "AT", "€ 1.234,50", "02.03.2026"), ("fr", None, "1 234,50 €", "2 mars 2026"),
        ("es", "ES", "1.234,50 €", "2 mar 2026"), ("pl", None, "1 234,50 €", "2 mar 2026"),
        ("pt", None, "1 234,50 €", "02/03/2026"), ("pt", "BR", "€ 1.234,50", "2 de mar. de 2026"),
        ("no", "NO", "1 234,50 €", "2. mars 2026"),
        ("de", "JP", "1.234,50 €", "02.03.2026"), ("de-CH", "DE", "EUR 1\u2019234.50", "02.03.2026"),
    ],
)  # fmt: skip
def test_figures_are_written_as_one_writes_there(tag: str, country: str, money: str, day: str) -> None:
    figures = Figures(locale_of(tag, country), "EUR")
    written = figures.money(Decimal("1234.5")), figures.day(date(2026, 3, 2))
    assert tuple(map(plain, written)) == (plain(money), day)


def test_the_decimals_of_a_currency_are_those_of_iso_4217() -> None:
    assert Figures(locale_of("en", None), "BHD").amount(Decimal("1.2")) == "1.200"
    assert Figures(locale_of("en", None), "JPY").amount(Decimal(1200)) == "1,200"
    assert Figures(locale_of("en", None), "UGX").money(Decimal(1200)).endswith("1,200")


def test_points_of_a_column_stand_in_one_line() -> None:
    figures = Figures(locale_of("de", None), "EUR")
    column = figures.column([(Decimal(12), 0), (Decimal("1.25"), 3), (Decimal("7.5"), 1)])
    assert column == [("12", ",000"), ("1,250", ""), ("7,5", "00")]


def test_a_rate_has_no_superfluous_zeros() -> None:
    figures = Figures(locale_of("en", None), "EUR")
    assert [figures.percent(Decimal(one)) for one in ("20.0000", "7.5", "0")] == ["20%", "7.5%", "0%"]


def test_each_instalment_is_a_sentence() -> None:
    figures, said = Figures(locale_of("en", None), "EUR"), words.words("en")
    term = PaymentTerm(
        name="house words",
        instalments=[
            {"percent": "40", "days": 0, "endOfMonth": False},
            {"percent": None, "days": 30, "endOfMonth": True},
        ],
        discount_percent=Decimal(2),
        discount_days=10,
    )
    assert terms(None, term, said, figures) == [
        "40%: Payable at once.",
        "The rest: Payable 30 days after the end of the month.",
        "2% discount within 10 days.",
    ]


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("30 days net", ["30 days net"]),
        ({"text": "30 days net"}, ["30 days net"]),
        ({"instalments": [{"days": 14}]}, ["Payable within 14 days."]),
        ([{"dueOn": "2026-04-01", "amount": "12.5", "percent": "100"}], ["Due on Apr 1, 2026 €12.50"]),
        (None, []),
    ],
)
def test_terms_that_posting_kept_go_before_live_ones(kept: Any, told: list[str]) -> None:
    assert terms(kept, None, words.words("en"), Figures(locale_of("en", None), "EUR")) == told


@pytest.mark.parametrize("language", SEVEN)
async def test_it_says_all_that_is_agreed(firm: Firm, vendor: Partner, language: str) -> None:
    order, said = await ordered(firm, vendor_reference="Q-2291"), words.words(language)
    text = await text_of(firm, order, language=language)
    figures = Figures(locale_of(language, "AT"), "USD")
    row = await paper(firm, order)
    wanted = [
        said["purchase_order"], row.number, "Main Ltd", vendor.name, "Legal Street 1", "8010 Graz", "Q-2291", "V1",
        figures.day(date(2026, 3, 2)), figures.country("AT"), figures.number(Decimal(1200), 0), "Piece",
        figures.number(Decimal("0.123456"), 6), figures.number(Decimal("12.250"), 3), figures.percent(Decimal("7.5")),
        figures.amount(Decimal("1500.00")), said["per"].format(quantity="100 Kilogram"), "Freight", "Allowance",
        figures.amount(Decimal("-5.00")), said["untaxed"], figures.money(row.total), said["note"],
        "Before noon, please.", said["page"].format(page=1, pages=1), said["draft"].upper(),
        said["item_number"].format(number="BOLT"), said["their_item_number"].format(number="B-8"),
    ]  # fmt: skip
    squeezed = text.replace(" ", "")
    assert [one for one in wanted if re.sub(r"\s+", "", one) not in squeezed] == []


async def test_the_partner_s_language_and_country_decide(firm: Firm, vendor: Partner) -> None:
    await changed(firm, lambda work: setattr(work.find(Partner, vendor.id), "language", "de"))
    shown = (await printed(firm, await ordered(firm))).content
    assert (shown["title"], shown["language"], shown["region"]) == ("Bestellung", "de", "AT")


async def test_whoever_may_not_see_prices_gets_a_page_without(firm: Firm) -> None:
    order = await ordered(firm)
    text = await text_of(firm, order, priced=False)
    row = await paper(firm, order)
    figures = Figures(locale_of("en", "US"), "USD")
    hidden = ["1.25", "13.5", "0.1234", "Freight", "35.00", "Total", "7.5", "Unit price", figures.amount(row.total)]
    assert [one for one in hidden if one in text] == []
    assert "Bolt M8" in text
    assert "1,200" in text


async def test_a_draft_is_stamped_and_a_binding_order_is_not(firm: Firm) -> None:
    order = await ordered(firm)
    assert "DRAFT" in await text_of(firm, order)
    assert "DRAFT" not in await text_of(firm, await settled(firm))
    await act(firm, "buyer", "Cancel", order, reason="no longer needed")
    text = await text_of(firm, order)
    assert "CANCELLED" in text
    assert "no longer needed" not in text


async def test_a_long_one_repeats_its_heads_and_counts_its_pages(firm: Firm) -> None:
    lines = [
        OrderLine(product=ref(firm["bolt"]), quantity=Decimal(1), text=f"Bolt number {one}.") for one in range(200)
    ]
    pages = each(pdf(await printed(firm, await ordered(firm, lines=lines))))
    assert len(pages) > 4
    for number, text in enumerate(pages, start=1):
        assert plain(f"Page {number} of {len(pages)}") in plain(text)
        assert "PO2026-" in text
    assert all("Description" in text for text in pages[:-1])
    found = re.findall(r"Bolt number (\d+)\.", told_all(pages))
    assert found == [str(one) for one in range(200)]


async def test_the_address_is_the_best_there_is(firm: Firm) -> None:
    order = await ordered(firm)
    assert (await printed(firm, order)).content["partner"]["lines"] == ["Bolt & Sons"]
    address = Address(partner_id=firm["vendor"], role="delivery", street="Dock 1", city="Reno", region="NV",
                      postal_code="89501", country="US")  # fmt: skip
    await changed(firm, lambda work: work.add(address))
    assert (await printed(firm, order)).content["partner"]["lines"] == ["Bolt & Sons", "Dock 1", "Reno, NV 89501"]


async def test_of_another_tenant_or_nobody_is_not_found(firm: Firm) -> None:
    with pytest.raises(NotFound):
        await printed(firm, firm["bolt"])


def test_what_posting_kept_goes_before_live_data() -> None:
    class Posted:
        frozen = {
            "company": {"name": "Main Ltd", "country": "US"},
            "partner": {
                "name": "Bolt & Daughters", "number": "V9", "address": None,
                "taxNumbers": [{"kind": "other", "number": "0"}, {"kind": "vat", "number": "ATU1"}],
            },
            "delivery": {"street": "Gate 2", "postalCode": "4020", "city": "Linz", "region": None, "country": "AT"},
        }  # fmt: skip

    live = party.Party(name="Live", number="L1", tax_number="US-1", place={"street": "Now 1", "country": "US"})
    company, partner, delivery = (party.shown(Posted(), who, live) for who in ("company", "partner", "delivery"))
    assert company == replace(live, name="Main Ltd")
    assert partner == party.Party(name="Bolt & Daughters", number="V9", tax_number="ATU1", tax_word="vat_number")
    assert delivery is not None
    assert (delivery.name, delivery.lines("US", "Austria")) == ("Live", ["Gate 2", "4020 Linz", "Austria"])
    assert party.shown(object(), "partner", live) is live


def told_all(pages: list[str]) -> str:
    return plain(" ".join(pages))


async def test_it_says_what_came_and_what_was_refused(firm: Firm) -> None:
    order = await settled(firm)
    receipt = await received(firm, order)
    shown = (await printed(firm, receipt, "receipt")).content
    cells = {one["label"]: one["cells"][0]["text"] for one in shown["columns"]}
    assert cells == {
        "No.": "1", "Description": "Bolt M8", "Received": "10", "Rejected": "2", "Accepted": "8", "": "Piece",
    }  # fmt: skip
    assert f"Reason: {REASON}" in shown["columns"][1]["cells"][0]["under"]
    facts = dict(shown["facts"])
    assert facts["Purchase order"] == (await paper(firm, order)).number
    assert (facts["Vendor\u2019s reference"], facts["Place"]) == ("DN-77", "Receiving")
    assert (shown["totals"], shown["stamp"]) == ([], None)
    assert "Inspected: date, name, signature" in await text_of(firm, receipt, "receipt")


async def test_a_reversal_names_what_it_reverses(firm: Firm) -> None:
    order = await settled(firm)
    receipt = await received(firm, order)
    back = await firm.database.perform(
        firm.actor("storekeeper"), ReverseReceipt(id=ref(receipt), reason="counted wrongly")
    )
    taken_back, reversal = [await printed(firm, one, "receipt") for one in (receipt, back)]
    assert taken_back.content["stamp"] == "Reversed"
    assert dict(reversal.content["facts"])["Reverses"] == (await paper(firm, receipt)).number


async def test_texts_stay_texts_whatever_they_say(firm: Firm) -> None:
    lines = [
        OrderLine(product=ref(firm["bolt"]), quantity=Decimal(1), text=text) for text in (*HOSTILE, *ABROAD, "🚲🚀")
    ]
    text = await text_of(firm, await ordered(firm, lines=lines, note="\n".join(HOSTILE)))
    squeezed = text.replace(" ", "")
    assert [one for one in HOSTILE if squeezed.count(one.replace(" ", "")) != 2] == []
    assert [one for one in ABROAD[2:] if one.replace(" ", "") not in squeezed] == []


async def test_a_note_of_ten_thousand_letters_runs_on_over_pages(firm: Firm) -> None:
    note = "".join(f"{one:05d}" for one in range(2000))
    pages = each(pdf(await printed(firm, await ordered(firm, note=note))))
    found = re.sub(r"\s", "", "".join(pages))
    assert len(pages) > 1
    assert all(f"{one:05d}" in found for one in range(100, 1900, 100))


@settings(max_examples=60)
@given(text=some.text(some.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_can_be_printed(text: str) -> None:
    content = dict(BARE, title=text, partner={"label": text, "lines": [text]}, remarks=[(text, [text])])
    content["company"] = {"name": text, "lines": [text], "foot": [text]}
    content["columns"] = [{"label": text, "of": "text", "cells": [{"text": text, "under": [text]}]}]
    assert pdf(Page(content=content, name="x", made_at=MADE)).startswith(b"%PDF")


async def test_the_same_page_gives_the_same_bytes(firm: Firm) -> None:
    order = await ordered(firm)
    first, again = pdf(await printed(firm, order)), pdf(await printed(firm, order))
    assert first == again
    await firm.database.perform(firm.actor("buyer"), _edit(await paper(firm, order)))
    assert pdf(await printed(firm, order)) != first


def test_fonts_come_from_packages_alone() -> None:
    found = {one.path for one in press._fonts().fonts() if one.path}
    assert {Path(one).parent.parent.name for one in found} == {press.FONTS}
    used = {str(font["/BaseFont"]) for font in _fonts_of(pdf(Page(content=BARE, name="x", made_at=MADE)))}
    assert all("SourceSans3" in one for one in used)


def test_it_says_when_the_paper_was_written_not_when_it_was_printed() -> None:
    reader = PdfReader(io.BytesIO(pdf(Page(content=BARE, name="x", made_at=MADE))))
    assert reader.metadata is not None
    assert reader.metadata.creation_date == MADE
    assert reader.metadata.title == "Paper 1"


MADE = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BARE: dict[str, Any] = {
    "language": "en", "region": "US", "paper": "a4", "title": "Paper", "number": "1", "stamp": None,
    "company": {"name": "Main", "lines": [], "foot": ["Main"]}, "partner": None, "goods_to": None, "facts": [],
    "columns": [], "totals": [], "remarks": [], "signature": None, "page": "Page {page} of {pages}",
}  # fmt: skip


def _edit(order: Any) -> Any:
    return UpdatePurchaseOrder(id=ref(order.id), expected_version=order.version, note="After noon, please.")


def _fonts_of(made: bytes) -> Iterator[Any]:
    for one in PdfReader(io.BytesIO(made)).pages:
        yield from (font.get_object() for font in one["/Resources"]["/Font"].values())


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.usefixtures("vendor")
async def test_a_page_of_every_kind_can_be_printed_in_every_language(firm: Firm, kind: str) -> None:
    """Kinds that nobody can write yet are tried with the rows of an order."""
    order = await ordered(firm)
    known = await firm.database.transact(firm.actor("buyer"), lambda work: gather(work, "purchase_order", order))
    origins = {one: ["NUMBER-1", "NUMBER-2"] for one in FORMS[kind].origins}
    tried = replace(known, kind=kind, form=FORMS[kind], origins=origins)
    for language in SEVEN:
        made, said = page(tried, language=language, priced=True), words.words(language)
        text = told(pdf(made)).replace(" ", "")
        assert said[kind].replace(" ", "") in text
        assert ("NUMBER-1,NUMBER-2" in text) == bool(origins)
        assert (said["total"].replace(" ", "") in text) == FORMS[kind].totals


async def test_why_there_is_no_tax_is_said_as_the_paper_keeps_it(firm: Firm) -> None:
    def found(work: Any) -> UUID:
        tax = Tax(code="EX", name="Export", rate=Decimal(0), category="G", exemption_reason="outside the Union")
        return work.add(tax).id  # type: ignore[no-any-return]

    exempt = await changed(firm, found)
    line = OrderLine(product=ref(firm["bolt"]), quantity=Decimal(10), tax=ref(exempt))
    order = await ordered(firm, lines=[line])
    known = await firm.database.transact(firm.actor("buyer"), lambda work: gather(work, "purchase_order", order))
    shown = page(replace(known, kind="customer_invoice", form=FORMS["customer_invoice"]), priced=True).content
    assert ("", ["Tax-free export. (outside the Union)"]) in shown["remarks"]
    assert ("Export on 12.50", "0.00") in shown["totals"]
    assert all(title for title, _ in page(known, priced=True).content["remarks"])


async def test_the_company_says_where_it_is_and_where_it_is_paid(firm: Firm) -> None:
    def settle(work: Any) -> None:
        of = {"company_id": firm.company}
        work.add(CompanyAddress(**of, role="other", street="Yard 1", city="Reno", country="US"))
        work.add(
            CompanyAddress(**of, role="legal", street="Head Street 1", city="Wien", postal_code="1010", country="AT")
        )
        work.add(CompanyTaxNumber(**of, country="AT", kind="vat", number="ATU13585627"))
        work.add(BankAccount(**of, bank="Erste", number="AT611904300234573201", bic="GIBAATWW", currency="USD"))
        work.add(BankAccount(**of, bank="Zweite", number="12-34", currency="EUR"))

    await changed(firm, settle)
    order = await ordered(firm)
    known = await firm.database.transact(firm.actor("buyer"), lambda work: gather(work, "purchase_order", order))
    shown = page(replace(known, kind="customer_invoice", form=FORMS["customer_invoice"]), priced=True).content
    assert shown["company"]["foot"] == ["Main Ltd", "Head Street 1", "1010 Wien", "VAT number: ATU13585627"]
    assert shown["paper"] == "a4"
    account = "To our account AT61 1904 3002 3457 3201, Erste, BIC GIBAATWW"
    assert ("Payment", [account]) in shown["remarks"]
    assert account not in str(page(known, priced=True).content)


async def test_a_price_that_holds_the_tax_says_so(firm: Firm) -> None:
    def found(work: Any) -> UUID:
        return work.add(Tax(code="IN", name="VAT 20 %", rate=Decimal(20), included=True)).id  # type: ignore[no-any-return]

    line = OrderLine(product=ref(firm["bolt"]), quantity=Decimal(10), unit_price=Decimal(12), price_base=Decimal(10),
                     tax=ref(await changed(firm, found)))  # fmt: skip
    columns = (await printed(firm, await ordered(firm, lines=[line]))).content["columns"]
    prices = next(one for one in columns if one["label"] == "Unit price")
    assert prices["cells"][0]["under"] == ["per 10 Piece", "incl. tax"]


async def test_a_reservation_says_until_when_and_where_goods_are_kept(firm: Firm) -> None:
    await received(firm, await settled(firm))
    kept = await reserved(firm, "3")
    shown = (await printed(firm, kept, "reservation")).content
    assert ("Kept until", "Mar 3, 2026") in shown["facts"]
    assert ("Place", "Receiving") in shown["facts"]
    assert (shown["partner"]["lines"], shown["stamp"]) == (["Wheel Store"], None)
    await release(firm, kept)
    assert (await printed(firm, kept, "reservation")).content["stamp"] == "Cancelled"


async def test_an_adjustment_says_what_was_counted_and_a_transfer_where_to(firm: Firm) -> None:
    await stocked(firm)
    counted = await found(firm, {"counted": Decimal(7)}, {"location": ref(firm["shelf"]), "difference": Decimal(2)})
    shown = (await printed(firm, counted, "stock_adjustment")).content
    cells = {one["label"]: [cell["text"] for cell in one["cells"]] for one in shown["columns"]}
    assert [cells[name] for name in ("Books", "Counted", "Difference")] == [["10", ""], ["7", ""], ["-3", "2"]]
    assert "At: Shelf A1" in shown["columns"][1]["cells"][1]["under"]
    lost = await found(firm, {"difference": Decimal(-1)})
    labels = [one["label"] for one in (await printed(firm, lost, "stock_adjustment")).content["columns"]]
    assert labels == ["No.", "Description", "Difference", ""]
    shown = (await printed(firm, await sent(firm, "2"), "stock_transfer")).content
    assert shown["facts"][1:] == [("Place", "Receiving"), ("To", "Shelf A1")]


def test_a_posted_invoice_tells_the_accounts_it_was_posted_with() -> None:
    class Posted:
        frozen = {"company": {"bankAccounts": [{"bank": "Old", "number": "1", "bic": None, "currency": None}]}}

    company = Company(name="Main")
    assert [one["bank"] for one in party.accounts(Posted(), company)] == ["Old"]
    assert party.accounts(object(), company) == []
