"""What a vendor's credit note gives back of a bill: each line so much of what the bill's line had done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from domain.accounting.entry import Entry, Posting
from domain.accounting.links import linked, linking
from domain.accounting.portions import ROLES, SERVICES, Portion, Seen
from domain.accounting.standing import Standing, standing
from domain.kernel.documents import ZERO, Line

NAMES = {**{role: name for name, role in ROLES.items()}, "expense": SERVICES}
Named = tuple[str, Portion]


Done = dict[tuple[str, UUID | None], Standing]
"""What a line of a bill did and was not credited, by the name of it and the line whose balance it took down."""


def credited(seen: Seen) -> dict[UUID, list[Named]]:
    """By line of a credit note: the parts of what it takes back, as its bill had them.

    Goods that went back are credited at what stands for them, where that is all there is.
    """
    links = linked(seen.work, "credits", [line.id for line in seen.paper.lines])
    bills = {line: next((one.line for one in some if one.kind == "vendor_bill"), None) for line, some in links.items()}
    known = {one for one in bills.values() if one is not None}
    done, of = _done(seen, known), seen.work.find_all(Line, known)
    returned = standing(
        seen.work, ROLES.values(), {settles for some in done.values() for _, settles in some if settles},
        seen.company.currency,
    )  # fmt: skip
    found: dict[UUID, list[Named]] = {}
    for line in seen.paper.lines:
        if (bill := bills.get(line.id)) is not None and done[bill]:
            shares = _shares(seen, line, of[bill], done[bill])
            found[line.id] = [(name, _closing(share, returned)) for name, share in shares]
    return found


def _done(seen: Seen, bills: Iterable[UUID]) -> Mapping[UUID, Done]:
    """By line of a bill, what came first on it before the rest."""
    of = {bill: bill for bill in bills}
    of |= {link.line: bill for bill, some in linking(seen.work, "credits", list(of)).items() for link in some}
    statement = (
        select(Posting)
        .join(Entry, (Entry.tenant_id == Posting.tenant_id) & (Entry.id == Posting.entry_id))
        .where(Posting.tenant_id == seen.work.actor.tenant, Posting.line_id.in_([*of]), Posting.role.in_(NAMES))
        .where(Entry.reverses_id.is_(None), Posting.quantity.is_not(None))
        .order_by(Entry.id, Posting.position)
    )
    found: defaultdict[UUID, Done] = defaultdict(dict)
    for one in seen.work.session.scalars(statement):
        if one.line_id is not None and one.quantity is not None:
            nothing = Standing(ZERO, ZERO, ZERO, seen.paper.currency, seen.company.currency)
            stands = found[of[one.line_id]].setdefault((NAMES[one.role], one.settles_id), nothing)
            stands.add(one.debit - one.credit, one.amount, one.quantity)
    return found


def _shares(seen: Seen, line: Line, bill: Line, done: Done) -> Iterator[Named]:
    """What so much of the bill's line had done, the last of it first; the last credit note takes all that is left.

    What was billed ahead of its receipt comes last on a bill, and so is credited first.
    """
    left = bill.measured(bill.credited) - bill.measured(bill.credited - line.quantity)
    if bill.credited == bill.quantity:
        left = sum((stands.quantity for stands in done.values()), ZERO)
    for (name, settles), stands in reversed(done.items()):
        if (taken := min(left, stands.quantity)) > 0:
            value, amount = stands.take(taken)
            left -= taken
            yield name, Portion(
                value=value, amount=amount, currency=seen.paper.currency, line=line.id, product=line.product_id,
                settles=settles, quantity=taken,
            )  # fmt: skip


def _closing(share: Portion, returned: Mapping[UUID, Standing]) -> Portion:
    stands = returned.get(share.settles) if share.settles else None
    if stands is None or not stands.quantity or stands.quantity != share.quantity:
        return share
    value, amount = stands.take(stands.quantity)
    return replace(share, value=value, amount=amount if stands.currency == share.currency else share.amount)
