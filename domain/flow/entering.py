"""Copies of orders of the past are written, many at once, and each paper is told of by one event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from domain.approvals import policy
from domain.flow.arriving import put_away
from domain.flow.copying import Copy
from domain.flow.noticing import notice
from domain.kernel.base import Owned
from domain.kernel.documents import Document, Provenance
from domain.kernel.errors import Conflict, NotUnique, Refused
from domain.kernel.events import record_type
from domain.kernel.references import TAKEN, ExternalKey, attach_all, referred
from domain.kernel.work import CHUNK, Work, batched
from domain.purchase.order import PurchaseOrder
from domain.purchase.receipt import Receipt
from domain.stock.fulfilling import conclude

KINDS = [record_type(kind) for kind in (PurchaseOrder, Receipt)]
Number = tuple[UUID, str | None]
Name = tuple[str, ExternalKey]
"""A type of record, and a key of one."""


def taken(work: Work, copies: Mapping[int, Copy]) -> dict[int, Refused]:
    """Those of the copies whose number or key another paper has, be it written or a copy before them."""
    numbers, names = _numbers(work, copies.values()), _names(work, copies.values())
    refused: dict[int, Refused] = {}
    for place, copy in copies.items():
        if (found := _clash(copy, numbers, names)) is not None:
            refused[place] = found
            continue
        numbers.add(_number(copy))
        names.update(_name(row, key) for _, row, key in copy.keyed)
    return refused


def enter(work: Work, copies: Sequence[Copy]) -> None:
    """Write the copies and all that follows from them."""
    for copy in copies:
        _source(work, copy)
    work.session.flush()
    for copy in copies:
        _conclude(work, copy)
    work.session.add_all(copy.order for copy in copies)  # rows alike, one after the other, are one statement
    work.session.add_all(copy.receipt for copy in copies if copy.receipt is not None)
    for copy in copies:
        for paper in copy.papers:
            work.note(paper, "recorded")
    put_away(work, [(copy.order, copy.receipt) for copy in copies if copy.receipt is not None])
    if attach_all(work, [(row, key) for copy in copies for _, row, key in copy.keyed]):
        raise Conflict
    for copy in copies:
        notice(work, copy.order, copy.told)


def _source(work: Work, copy: Copy) -> None:
    """What the source says is kept beside what we make of it."""
    told = copy.told
    provenance = work.add(
        Provenance(
            source=told.external.source, key=told.external.key, status=told.status, tax=told.source_tax,
            lines_amount=told.source_lines_amount, charges_amount=told.source_charges_amount, total=told.source_total,
            recorded_at=work.now,
        )
    )  # fmt: skip
    for paper in copy.papers:
        paper.provenance_id = provenance.id
        paper.issued_at = None if paper.state == "submitted" else work.now


def _conclude(work: Work, copy: Copy) -> None:
    order = copy.order
    for paper in copy.papers:
        paper.billing_state = "unknown" if any(line.accepted for line in paper.lines) else "none"
    conclude(work, order)
    if order.state == "submitted":
        order.approval_state = "requested"
        work.add(policy.question(work, order, copy.company, _why(copy)))


def _why(copy: Copy) -> str:
    """It was pending in the source, so it is pending here; nobody here asked for it."""
    word = f" ({copy.told.status})" if copy.told.status else ""
    return f"The order was waiting for approval{word} in {copy.told.external.source}, from which it was imported."


def _clash(copy: Copy, numbers: set[Number], names: set[Name]) -> Refused | None:
    if _number(copy) in numbers:
        return NotUnique("The company has a paper with this number; check whether it is the same.", path=("number",))
    mine: set[Name] = set()
    for path, row, key in copy.keyed:
        name = _name(row, key)
        if name in names or name in mine:
            return NotUnique(TAKEN, path=path)
        mine.add(name)
    return None


def _number(copy: Copy) -> Number:
    return copy.company.id, copy.order.number


def _name(row: Owned, key: ExternalKey) -> Name:
    return record_type(type(row)), key


def _numbers(work: Work, copies: Iterable[Copy]) -> set[Number]:
    """Those of the copies' numbers that papers have."""
    found: set[Number] = set()
    for some in batched(sorted({copy.order.number or "" for copy in copies}), CHUNK):
        statement = select(Document.company_id, Document.number).where(
            Document.tenant_id == work.actor.tenant, Document.kind.in_(KINDS), Document.number.in_(some)
        )
        found |= {(row.company_id, row.number) for row in work.session.execute(statement)}
    return found


def _names(work: Work, copies: Iterable[Copy]) -> set[Name]:
    """Those of the copies' keys that records have."""
    wanted: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, key in (_name(row, key) for copy in copies for _, row, key in copy.keyed):
        wanted[kind, key.source].append(key.key)
    return {
        (kind, ExternalKey(source=source, key=key))
        for (kind, source), keys in wanted.items()
        for some in batched(keys, CHUNK)
        for key in referred(work.session, kind, source, [*some])
    }
