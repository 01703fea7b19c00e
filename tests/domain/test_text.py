"""What people type is trimmed, bounded and known, or refused with what to do."""

import unicodedata
from datetime import date

import pytest
from babel import Locale
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.kernel.errors import BadInput
from domain.kernel.fields import camel, day, whole
from domain.kernel.text import COUNTRIES, code, country, currency, email, language, line, one_of, paragraph, website

NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


def test_countries_are_those_the_locale_data_knows() -> None:
    known = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()}
    assert known - NO_COUNTRIES == COUNTRIES
    assert country(" at ") == "AT"


@pytest.mark.parametrize("value", ["", "A", "AUT", "UK", "EU", "ZZ", "1"])
def test_other_countries_are_refused(value: str) -> None:
    with pytest.raises(BadInput, match="ISO 3166-1"):
        country(value)


def test_currencies_are_by_iso_4217() -> None:
    assert currency(" eur") == "EUR"
    for value in ("", "EURO", "XXX", "XTS", "€"):
        with pytest.raises(BadInput):
            currency(value)


@pytest.mark.parametrize(
    ("tag", "kept"), [("EN", "en"), ("de_at", "de-AT"), (" pt-BR ", "pt-BR"), ("zh-hant", "zh-Hant")]
)
def test_languages_are_kept_as_tags(tag: str, kept: str) -> None:
    assert language(tag) == kept


@pytest.mark.parametrize("tag", ["", "xx", "english", "de-XX-YY-ZZ", "../../etc"])
def test_what_is_no_language_is_refused(tag: str) -> None:
    with pytest.raises(BadInput):
        language(tag)


@pytest.mark.parametrize("value", ["a@b.c", " ada.l+x@mail.example.com "])
def test_mail_addresses_are_taken(value: str) -> None:
    assert email(value) == value.strip()


@pytest.mark.parametrize("value", ["a", "a@b", "a b@c.d", "a@@b.c", "a@b.c, d@e.f", "@b.c", "a@b.c\n"[:-2] + "\x00c"])
def test_what_is_no_mail_address_is_refused(value: str) -> None:
    with pytest.raises(BadInput):
        email(value)


@pytest.mark.parametrize("value", ["www.example.com/", "https://example.com/a?b=c", "HTTP://example.com:8080"])
def test_web_addresses_are_taken_as_they_are(value: str) -> None:
    assert website(value) == value


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "ftp://x", "a b.example"]
)
def test_no_other_scheme_is_let_in(value: str) -> None:
    with pytest.raises(BadInput):
        website(value)


@drawn(st.text(max_size=300))
def test_a_line_is_trimmed_bounded_and_printable_or_refused(value: str) -> None:
    try:
        kept = line(value)
    except BadInput:
        trimmed = value.strip()
        odd = any(ord(letter) < 32 or 127 <= ord(letter) < 160 or "\ud800" <= letter <= "\udfff" for letter in trimmed)
        seen = [letter for letter in trimmed if not letter.isspace() and unicodedata.category(letter) != "Cf"]
        assert not seen or len(trimmed) > 200 or odd
        return
    assert kept == value.strip()
    assert 0 < len(kept) <= 200
    assert not any(letter in kept for letter in "\x00\n\r\x7f")


@pytest.mark.parametrize("value", ["", " \n", "\N{ZERO WIDTH SPACE}", "\ufeff \N{ZERO WIDTH JOINER}", "\u202e"])
def test_what_shows_nothing_is_empty(value: str) -> None:
    for check in (line, paragraph):
        with pytest.raises(BadInput, match="Empty"):
            check(value)
    assert line(f"{value}a").strip().endswith("a")


def test_a_paragraph_has_lines() -> None:
    assert paragraph(" a\r\nb\n\tc ") == "a\nb\n\tc"
    for value in ("a\x00b", "x" * 10_001, "\ud800"):
        with pytest.raises(BadInput):
            paragraph(value)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(BadInput):
        code(7)  # type: ignore[arg-type]


def test_one_of_several_words_in_any_case() -> None:
    assert one_of("S", "AE")(" ae ") == "AE"
    with pytest.raises(BadInput, match="choose one of S, AE"):
        one_of("S", "AE")("X")


def test_days_are_those_of_our_time() -> None:
    assert day(date(1900, 1, 1)) == date(1900, 1, 1)
    for value in (date.min, date(1899, 12, 31), date(3000, 1, 1)):
        with pytest.raises(BadInput):
            day(value)


@pytest.mark.parametrize("value", [0, 8, True, 1.0, "1", 10**30])
def test_whole_numbers_have_bounds(value: object) -> None:
    with pytest.raises(BadInput):
        whole(1, 7)(value)
    assert whole(1, 7)(7) == 7


def test_names_are_written_as_the_api_has_them() -> None:
    names = {"name": "name", "tax_numbers": "taxNumbers", "over_receipt_percent": "overReceiptPercent"}
    assert {name: camel(name) for name in names} == names
