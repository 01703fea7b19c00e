"""A paper as it stands on its page: nothing but texts, in the order and the language in which they are printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from stdnum import iban

from domain.kernel.documents import TaxAmount
from domain.printing import party
from domain.printing.column import Columns
from domain.printing.fact import facts
from domain.printing.figures import Figures, locale_of
from domain.printing.gathering import Gathered
from domain.printing.party import Party
from domain.printing.settled import Settlements, parts
from domain.printing.terms import terms
from domain.printing.words import Words, chosen, in_all, language_of, words

LETTER = frozenset({"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"})
"""Countries whose paper is US Letter, by CLDR."""
STAMPS = {"cancelled": "cancelled", "reversed": "reversed", "released": "cancelled"}
"""What is stamped on papers in these states, of whichever kind."""
EXEMPTIONS = {"AE": "reverse_charge", "K": "within_union", "G": "export", "E": "exempt"}
"""What is said of taxes of these categories, by the word it is said with."""

WAYS = {"in": "received_from", "out": "paid_to"}
"""By the way that the money of a payment went: what its partner is called."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is printed, what the file is called, and the moment that it says it was made."""

    content: Mapping[str, Any]
    name: str
    made_at: datetime


def page(known: Gathered, *, language: str | None = None, priced: bool) -> Page:
    """The page of a paper, in the language asked for or its partner's; without prices if they are not to be seen.

    BadInput at `language` if it is none of ours.
    """
    tag = chosen(language, known.partner.language if known.partner else None)
    return _Maker(known, tag, priced=priced).page()


class _Maker:
    def __init__(self, known: Gathered, tag: str, *, priced: bool) -> None:
        self._known, self._paper, self._form, self._priced = known, known.paper, known.form, priced
        ours = party.ours(known.company)
        self._company = party.shown(known.paper, "company", ours) or ours
        self._partner = party.shown(known.paper, "partner", self._live(self._form.address))
        home = self._partner.country if self._partner else known.company.country
        self._figures = Figures(locale_of(tag, home), known.paper.currency)
        self._words: Words = words(language_of(tag) or tag)

    def page(self) -> Page:
        return Page(
            content=self._content(), name=self._paper.number or self._known.kind, made_at=self._paper.updated_at
        )

    def _content(self) -> dict[str, Any]:
        locale, said = self._figures.locale, self._words
        return {
            "language": locale.language,
            "region": locale.territory,
            "paper": "us-letter" if self._home in LETTER else "a4",
            "title": said[f"reversal_of_{self._known.kind}" if self._known.is_reversal else self._known.kind],
            "number": self._paper.number or "",
            "stamp": self._stamp(),
            "company": {
                "name": self._company.name,
                "lines": self._lines(self._company, self._home),
                "foot": self._foot(),
            },
            "partner": self._addressed(self._partner, self._partner_word, self._home),
            "goods_to": self._goods_to(),
            "facts": facts(self._known, self._partner, said, self._figures),
            "columns": self._columns(self._known, said, self._figures).all(priced=self._priced),
            "totals": list(self._totals()) if self._form.totals and self._priced else [],
            "remarks": list(self._remarks()),
            "signature": said[self._form.signature] if self._form.signature and not self._known.is_reversal else None,
            "page": said["page"],
        }

    @property
    def _columns(self) -> type[Columns | Settlements]:
        return Settlements if self._form.settles else Columns

    @property
    def _home(self) -> str:
        return self._company.country or self._known.company.country

    @property
    def _partner_word(self) -> str | None:
        return WAYS.get(self._paper.payment_direction or "", self._form.partner)

    def _stamp(self) -> str | None:
        state = self._paper.state
        word = "draft" if state in self._form.unissued else STAMPS.get(state)
        return self._words[word] if word else None

    def _live(self, role: str) -> Party | None:
        if self._known.partner is None or self._form.partner is None:
            return None
        return party.theirs(self._known.partner, role, getattr(self._paper, f"{role}_address_id", None))

    def _goods_to(self) -> dict[str, Any] | None:
        """Where the goods go, unless that is where the page goes."""
        if self._form.goods_to == "company":
            place = self._known.locations.get(self._paper.location_id)
            here, home = party.ours(self._known.company, "delivery"), self._partner.country if self._partner else None
            return self._addressed(here, "deliver_to", home, *([place.name] if place else []))
        found = party.shown(self._paper, "delivery", self._live("delivery")) if self._form.goods_to else None
        same = found is None or self._partner is None or found.place == self._partner.place
        return None if same else self._addressed(found, "deliver_to", self._home)

    def _addressed(self, one: Party | None, word: str | None, home: str | None, *at: str) -> dict[str, Any] | None:
        """Name, place and address of a party, to whoever is at `home`."""
        if one is None or word is None:
            return None
        name = [one.name] if one.name else []
        return {"label": self._words[word], "lines": [*name, *at, *self._lines(one, home)]}

    def _lines(self, one: Party, home: str | None) -> list[str]:
        return one.lines(home, self._figures.country(one.country) if one.country else None)

    def _foot(self) -> list[str]:
        number = self._company.tax_number
        tax = [f"{self._words[self._company.tax_word]}: {number}"] if number else []
        return [self._company.name, *self._lines(self._company, self._home), *tax]

    def _totals(self) -> Iterator[tuple[str, str]]:
        """From the sum of the lines to the total, which is the last; what says nothing new is left out."""
        paper = self._paper
        if paper.charges:
            yield self._words["lines_amount"], self._amount(paper.lines_amount)
            yield from ((charge.text, self._amount(charge.amount)) for charge in paper.charges)
        if paper.taxes:
            yield self._words["untaxed"], self._amount(paper.untaxed)
            yield from ((self._taxed(one), self._amount(one.amount)) for one in paper.taxes)
        yield from parts(paper, self._words, self._figures)
        yield self._words["total"], self._figures.money(self._known.signed(paper.total))

    def _amount(self, value: Decimal) -> str:
        return self._figures.amount(self._known.signed(value))

    def _taxed(self, one: TaxAmount) -> str:
        """A tax by its name on papers, or where several stand together, by their rate."""
        tax = self._known.taxes.get(one.tax_id)
        name = tax.name if tax else self._words["tax_of"].format(rate=self._figures.percent(one.rate))
        return self._words["tax"].format(tax=name, base=self._amount(one.base))

    def _remarks(self) -> Iterator[tuple[str, list[str]]]:
        """Headings with what stands below: terms of payment, why there is no tax, what the writer remarked."""
        if self._form.terms and not self._known.is_reversal:
            told = terms(self._terms_kept(), self._known.term, self._words, self._figures)
            if told := [*told, *(self._accounts() if self._form.accounts else ())]:
                yield self._words["terms"], told
        if self._form.exemptions and (said := self._exemptions()):
            yield "", said
        if self._paper.note:
            yield self._words["note"], [self._paper.note]

    def _terms_kept(self) -> Any:
        kept = getattr(self._paper, "frozen", None)
        return kept.get("terms") if isinstance(kept, Mapping) else None

    def _accounts(self) -> Iterator[str]:
        """Where the company is paid in the currency of the paper."""
        for one in party.accounts(self._paper, self._known.company):
            if one["currency"] in {None, self._paper.currency}:
                number = iban.format(one["number"]) if iban.is_valid(one["number"]) else one["number"]
                told = [number, one["bank"], *([f"BIC {one['bic']}"] if one["bic"] else [])]
                yield self._words["to_account"].format(account=", ".join(told))

    def _exemptions(self) -> list[str]:
        """Why there is no tax, as it was when the paper was written: in our words, and the firm's if there are any."""
        said = {EXEMPTIONS.get(one.category or ""): one.exemption_reason for one in self._paper.taxes}
        told = [(self._words[word], reason) for word, reason in said.items() if word]
        known = {_bare(one) for word in said if word for one in (*in_all(word), said[word] or "")}
        note = self._tax_note()
        return [
            *(f"{sentence} ({reason})" if reason else sentence for sentence, reason in told),
            *([note] if note and _bare(note) not in known else []),
        ]

    def _tax_note(self) -> str | None:
        """What the firm's tax position has papers say."""
        kept: Mapping[str, str | None] = getattr(self._paper, "frozen", None) or {}
        if "taxNote" in kept:
            return kept["taxNote"]
        return self._known.position.note if self._known.position else None


def _bare(text: str) -> str:
    """A text without what may differ though it says the same."""
    return text.strip(" .").casefold()
