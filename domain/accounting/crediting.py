"""What a vendor's credit note gives back of a bill: each line so much of what the bill's line had done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from domain.accounting.entry import Entry, Posting
from domain.accounting.links import linked
from domain.accounting.portions import ROLES, SERVICES, Portion, Seen
from domain.accounting.standing import Standing, standing
from domain.kernel.decimals import money, product_of, ratio
from domain.kernel.documents import ZERO, Line

NAMES = {**{role: name for name, role in ROLES.items()}, "expense": SERVICES}
Named = tuple[str, Portion]


@dataclass(frozen=True, slots=True)
class Done:
    """What a line of a bill did on one account: so much, which took down the balance of the line that it settles."""

    name: str
    settles: UUID | None
    value: Decimal
    amount: Decimal
    quantity: Decimal


def credited(seen: Seen) -> dict[UUID, list[Named]]:
    """By line of a credit note: the parts of what it takes back, as its bill had them.

    Goods that went back are credited at what stands for them, where that is all there is.
    """
    links = linked(seen.work, "credits", [line.id for line in seen.paper.lines])
    bills = {line: next((one.line for one in some if one.kind == "vendor_bill"), None) for line, some in links.items()}
    known = {one for one in bills.values() if one is not None}
    done, of = _done(seen, known), seen.work.find_all(Line, known)
    returned = standing(
        seen.work, ROLES.values(), {one.settles for some in done.values() for one in some if one.settles},
        seen.company.currency,
    )  # fmt: skip
    found: dict[UUID, list[Named]] = {}
    for line in seen.paper.lines:
        if (bill := bills.get(line.id)) is not None and done[bill]:
            shares = _shares(seen, line, of[bill], done[bill])
            found[line.id] = [(name, _closing(share, returned)) for name, share in shares]
    return found


def _done(seen: Seen, bills: Iterable[UUID]) -> Mapping[UUID, Sequence[Done]]:
    statement = (
        select(Posting)
        .join(Entry, (Entry.tenant_id == Posting.tenant_id) & (Entry.id == Posting.entry_id))
        .where(Posting.tenant_id == seen.work.actor.tenant, Posting.line_id.in_([*bills]), Posting.role.in_(NAMES))
        .where(Entry.reverses_id.is_(None))
        .order_by(Posting.position)
    )
    found: defaultdict[UUID, list[Done]] = defaultdict(list)
    for one in seen.work.session.scalars(statement):
        if one.line_id is not None and one.quantity is not None:
            value = one.debit - one.credit
            found[one.line_id].append(Done(NAMES[one.role], one.settles_id, value, one.amount, one.quantity))
    return found


def _shares(seen: Seen, line: Line, bill: Line, done: Sequence[Done]) -> Iterator[Named]:
    """What so much of the bill's line had done, the last of it first, so that all credit notes together take all of it.

    What was billed ahead of its receipt comes last on a bill, and so is credited first.
    """
    units = [bill.in_stock_units(one) for one in (bill.credited - line.quantity, bill.credited)]
    start = ZERO
    for one in reversed(done):
        before, after = (min(max(edge - start, ZERO), one.quantity) for edge in units)
        start += one.quantity
        if after > before:
            value, amount = (
                _part(figure, after, one.quantity, currency) - _part(figure, before, one.quantity, currency)
                for figure, currency in ((one.value, seen.company.currency), (one.amount, seen.paper.currency))
            )
            yield one.name, Portion(
                value=value, amount=amount, currency=seen.paper.currency, line=line.id, product=line.product_id,
                settles=one.settles, quantity=after - before,
            )  # fmt: skip


def _part(figure: Decimal, some: Decimal, of: Decimal, currency: str) -> Decimal:
    return money(ratio(product_of(figure, some), of), currency)


def _closing(share: Portion, returned: Mapping[UUID, Standing]) -> Portion:
    stands = returned.get(share.settles) if share.settles else None
    if stands is None or not stands.quantity or stands.quantity != share.quantity:
        return share
    value, amount = stands.take(stands.quantity)
    return replace(share, value=value, amount=amount if stands.currency == share.currency else share.amount)
