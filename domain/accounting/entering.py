"""A paper that took effect is entered by the rules of its kind; what takes it back is entered as the mirror of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select

from domain.accounting import bills, goods, settlements  # noqa: F401 - they tell portions
from domain.accounting.chart import ROLES, Role
from domain.accounting.determination import accounts_of
from domain.accounting.entry import Entry, Posting
from domain.accounting.opening import first_open
from domain.accounting.portions import PORTIONS, Portion, Seen
from domain.accounting.rules import KINDS, Rule
from domain.kernel.base import again, uuid7
from domain.kernel.decimals import money, product_of, ratio
from domain.kernel.documents import ZERO, Document
from domain.kernel.events import record_type
from domain.kernel.work import Work
from domain.stock.move import Move

Due = tuple[date, Decimal]
"""A day, and what of the paper is to be paid on it, in its currency."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A portion as it comes to one role; on the credit side all figures are below nothing."""

    role: str
    portion: Portion

    @property
    def key(self) -> tuple[object, ...]:
        """What is equal in this is posted together."""
        one = self.portion
        found = self.role, one.currency, one.line, one.settles, one.move, one.product, one.partner, one.item, one.due_on
        return *found, one.taxed and replace(one.taxed, base=ZERO)


def enter(work: Work, paper: Document, dues: Sequence[Due] = ()) -> Entry | None:
    """Enter a paper that took effect, with all its moves; None if its kind or its content is none of the books'.

    What is owed is posted by the days on which it is due, if these are given. Papers of the past are facts of another
    ledger.
    """
    rules = KINDS.get(record_type(type(paper)), ())
    if not rules or paper.provenance_id is not None:
        return None
    work.session.flush()
    seen = Seen(work, paper)
    legs = [leg for rule in rules for portion in PORTIONS[rule.amount](seen) for leg in pair(rule, portion, paper)]
    return write(work, paper, rules[0].journal, by_dues(seen, merged(legs), dues))


def undo(work: Work, paper: Document, reversal: Document) -> list[Entry]:
    """Enter a paper that takes another back: all its entries that stand, mirrored, whatever the rules would say."""
    work.session.flush()
    back = again(Entry, "back")
    taken_back = select(back.id).where(back.tenant_id == Entry.tenant_id, back.reverses_id == Entry.id)
    mine = select(Entry).where(Entry.tenant_id == work.actor.tenant, Entry.document_id == paper.id)
    left = mine.where(Entry.reverses_id.is_(None), Entry.journal != "commitment", ~taken_back.exists())
    return [mirror(work, entry, reversal) for entry in work.session.scalars(left).all()]


def pair(rule: Rule, portion: Portion, paper: Document) -> Iterable[Leg]:
    """Both sides of a portion, each as finely as its role is posted."""
    portion = replace(portion, partner=portion.partner or paper.partner_id)
    for role, sign in ((rule.debit, 1), (rule.credit, -1)):
        yield Leg(role, _signed(_as_posted(portion, ROLES[role], paper), sign))


def write(work: Work, paper: Document, journal: str, legs: Iterable[Leg], *, dated: date | None = None) -> Entry | None:
    """Write an entry of these legs, on the first open day from that of the paper; None if there are none."""
    all_legs = merged(legs)
    if not all_legs:
        return None
    entry = _head(work, paper, journal, dated or paper.dated)
    products = {one for leg in all_legs if (one := leg.portion.product)}
    accounts = accounts_of(work, paper.company_id, {leg.role for leg in all_legs}, products)
    rows = [
        _posting(entry, position, leg, accounts.of(leg.role, leg.portion.product, _tax(leg.portion)))
        for position, leg in enumerate(all_legs, start=1)
    ]
    work.session.execute(insert(Posting), rows)
    return entry


def _as_posted(portion: Portion, role: Role, paper: Document) -> Portion:
    if role.by == "line":
        settles = portion.settles if portion.settles_as in {None, role.word} else None
        return replace(portion, settles=settles, item=None, due_on=None)
    return Portion(
        value=portion.value, amount=portion.amount, currency=portion.currency, partner=portion.partner,
        due_on=portion.due_on if role.reconcile else None, item=(portion.item or paper.id) if role.reconcile else None,
    )  # fmt: skip


def by_dues(seen: Seen, legs: Sequence[Leg], dues: Sequence[Due]) -> Iterator[Leg]:
    """The legs, those of what is owed by the days on which it is due."""
    whole = sum((amount for _, amount in dues), ZERO)
    for leg in legs:
        one, running = leg.portion, ZERO
        if not ROLES[leg.role].reconcile or not whole or abs(one.amount) != whole:
            yield leg
            continue
        for day, amount in dues:
            shares = [ratio(product_of(one.value, part), whole) for part in (running, running + amount)]
            value = money(shares[1], seen.company.currency) - money(shares[0], seen.company.currency)
            signed = amount if one.amount > 0 else -amount
            yield Leg(leg.role, replace(one, value=value, amount=signed, due_on=day))
            running += amount


def _signed(one: Portion, sign: int) -> Portion:
    taxed = one.taxed and replace(one.taxed, base=sign * one.taxed.base)
    quantity = None if one.quantity is None else sign * one.quantity
    return replace(one, value=sign * one.value, amount=sign * one.amount, quantity=quantity, taxed=taxed)


def merged(legs: Iterable[Leg]) -> list[Leg]:
    """Legs that are posted together as one; those that say nothing are left out."""
    groups: defaultdict[tuple[object, ...], list[Leg]] = defaultdict(list)
    for leg in legs:
        groups[leg.key].append(leg)
    found = [_sum(group) for group in groups.values()]
    return [leg for leg in found if _says_something(leg.portion)]


def _says_something(one: Portion) -> bool:
    """Goods of no value and taxes of 0 are told too."""
    return bool(one.value or one.amount or one.quantity or one.taxed)


def _sum(group: Sequence[Leg]) -> Leg:
    first = group[0].portion
    quantities = [one.portion.quantity for one in group if one.portion.quantity is not None]
    bases = sum((one.portion.taxed.base for one in group if one.portion.taxed), ZERO)
    portion = replace(
        first,
        value=sum((one.portion.value for one in group), ZERO),
        amount=sum((one.portion.amount for one in group), ZERO),
        quantity=sum(quantities, ZERO) if quantities else None,
        taxed=first.taxed and replace(first.taxed, base=bases),
    )
    return Leg(group[0].role, portion)


def _tax(portion: Portion) -> UUID | None:
    return portion.taxed.tax if portion.taxed else None


def _head(work: Work, paper: Document, journal: str, dated: date, reverses: Entry | None = None) -> Entry:
    day, why = first_open(work, paper.company_id, journal, dated)
    if reverses and reverses.accounting_date > day:
        day, why = reverses.accounting_date, "What it takes back was entered on this day."
    entry = work.add(
        Entry(
            company_id=paper.company_id, journal=journal, dated=dated, accounting_date=day,
            postponed=why, document_id=paper.id, reverses_id=reverses and reverses.id,
            memo=paper.reason if reverses else None, entered_at=work.now, entered_by=work.actor.signature,
        )
    )  # fmt: skip
    work.session.flush()
    return entry


def _posting(entry: Entry, position: int, leg: Leg, account: UUID) -> dict[str, object]:
    one, taxed = leg.portion, leg.portion.taxed
    return {
        "tenant_id": entry.tenant_id, "id": uuid7(), "entry_id": entry.id, "company_id": entry.company_id,
        "accounting_date": entry.accounting_date, "position": position, "account_id": account, "role": leg.role,
        "partner_id": one.partner, "debit": max(one.value, ZERO), "credit": max(-one.value, ZERO),
        "currency": one.currency, "amount": one.amount, "product_id": one.product, "quantity": one.quantity,
        "tax_id": taxed and taxed.tax, "tax_rate": taxed and taxed.rate, "tax_category": taxed and taxed.category,
        "tax_base": taxed and taxed.base, "line_id": one.line, "settles_id": one.settles, "move_id": one.move,
        "item_id": one.item, "due_on": one.due_on,
    }  # fmt: skip


def mirror(work: Work, entry: Entry, reversal: Document, *, dated: date | None = None) -> Entry:
    """Enter the mirror of an entry for the paper that takes it back, as of its day or another."""
    back = _head(work, reversal, entry.journal, dated or reversal.dated, entry)
    mine = select(Posting.__table__).where(Posting.tenant_id == entry.tenant_id, Posting.entry_id == entry.id)
    rows = [dict(row) for row in work.session.execute(mine.order_by(Posting.position)).mappings()]
    moves = _reversing(work, [row["move_id"] for row in rows if row["move_id"]])
    for row in rows:
        row |= {
            "id": uuid7(), "entry_id": back.id, "accounting_date": back.accounting_date,
            "debit": row["credit"], "credit": row["debit"], "amount": -row["amount"],
            "quantity": _less(row["quantity"]), "tax_base": _less(row["tax_base"]),
            "move_id": moves.get(row["move_id"]),
        }  # fmt: skip
    work.session.execute(insert(Posting), rows)
    return back


def _less(figure: Decimal | None) -> Decimal | None:
    return None if figure is None else -figure


def _reversing(work: Work, moves: Sequence[UUID]) -> dict[UUID, UUID]:
    """The move that takes each of these back."""
    if not moves:
        return {}
    statement = select(Move.reverses_id, Move.id).where(Move.tenant_id == work.actor.tenant)
    return {of: id for of, id in work.session.execute(statement.where(Move.reverses_id.in_(moves))) if of}
