"""What follows from the links of lines: the quantities of those they point to, and with them states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from domain.flow.table import FEEDS, REPRICES, follows
from domain.kernel.base import again
from domain.kernel.documents import HERE, IDLE, ZERO, Document, End, Line, LineLink
from domain.kernel.errors import NotReady
from domain.kernel.recall import once
from domain.kernel.work import CHUNK, Work, batched
from domain.stock import ledger
from domain.stock.fulfilling import conclude, expects
from domain.stock.move import Move

MOVES = {"receives": 1, "delivers": 1, "returns": -1}
"""Relations by which goods move, and whether they then serve the order's line or do so no longer."""
Sums = dict[tuple[UUID, str], dict[str, Decimal]]
"""By line and relation: the sums of the columns of all links that count."""


def link(work: Work, mine: Line, theirs: Line, relation: str, *, quantity: Decimal, rejected: Decimal) -> None:
    """Say what one line has to do with another."""
    both = {"from_line_id": mine.id, "to_line_id": theirs.id}
    work.add(LineLink(**both, relation=relation, quantity=quantity, rejected=rejected))


def settle(work: Work, papers: Sequence[Document]) -> None:
    """Write what follows from the links to the lines of these papers, which are locked and whole."""
    sums = linked_sums(work, [line.id for paper in papers for line in paper.lines])
    for paper in papers:
        relations = follows(type(paper))
        for line in paper.lines:
            _settle(line, relations, sums)
        conclude(work, paper)


def _settle(line: Line, relations: Iterable[str], sums: Sums) -> None:
    fed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for relation in relations:
        found = sums.get((line.id, relation), {})
        for name, column in FEEDS[relation].items():
            fed[name] += found.get(column, ZERO)
    for name, quantity in fed.items():
        setattr(line, name, quantity)
    if "receives" in relations:
        line.accepted = line.received - line.rejected


def linked_sums(work: Work, lines: Iterable[UUID]) -> Sums:
    """The sums over the links from lines of papers that are in force."""
    mine, paper = again(Line, "mine"), again(Document, "paper")
    columns = ("quantity", "rejected", "replaced")
    statement = (
        select(LineLink.to_line_id, LineLink.relation, *(func.sum(getattr(LineLink, name)) for name in columns))
        .join(mine, (mine.tenant_id == LineLink.tenant_id) & (mine.id == LineLink.from_line_id))
        .join(paper, (paper.tenant_id == mine.tenant_id) & (paper.id == mine.document_id))
        .where(LineLink.tenant_id == work.actor.tenant, paper.state.not_in(IDLE))
        .group_by(LineLink.to_line_id, LineLink.relation)
    )
    return {
        (line, relation): dict(zip(columns, found, strict=True))
        for some in batched(list(lines), CHUNK)
        for line, relation, *found in work.session.execute(statement.where(LineLink.to_line_id.in_(some)))
    }


def moved_sums(work: Work, lines: Iterable[UUID]) -> dict[UUID, Decimal]:
    """By line of an order: what moved for it and was not taken back, less what went back, in stock units."""
    mine, paper = again(Line, "mine"), again(Document, "paper")
    statement = (
        select(LineLink.to_line_id, LineLink.relation, func.sum(Move.quantity))
        .join(mine, (mine.tenant_id == LineLink.tenant_id) & (mine.id == LineLink.from_line_id))
        .join(paper, (paper.tenant_id == mine.tenant_id) & (paper.id == mine.document_id))
        .join(Move, (Move.tenant_id == mine.tenant_id) & (Move.line_id == mine.id))
        .where(LineLink.tenant_id == work.actor.tenant, LineLink.relation.in_(list(MOVES)), paper.state.not_in(IDLE))
        .group_by(LineLink.to_line_id, LineLink.relation)
    )
    found = dict.fromkeys(lines, ZERO)
    for some in batched(list(found), CHUNK):
        for line, relation, quantity in work.session.execute(statement.where(LineLink.to_line_id.in_(some))):
            found[line] += MOVES[relation] * quantity
    return found


def pending_sums(work: Work, lines: Iterable[UUID], kind: type[Document]) -> dict[UUID, Decimal]:
    """What drafts of a kind would take of these lines, once they were posted."""
    mine = again(Line, "mine")
    statement = (
        select(LineLink.to_line_id, func.sum(LineLink.quantity))
        .join(mine, (mine.tenant_id == LineLink.tenant_id) & (mine.id == LineLink.from_line_id))
        .join(kind, (kind.tenant_id == mine.tenant_id) & (kind.id == mine.document_id))
        .where(LineLink.tenant_id == work.actor.tenant, kind.state == "draft", LineLink.relation != REPRICES)
        .group_by(LineLink.to_line_id)
    )
    return {
        line: quantity
        for some in batched(list(lines), CHUNK)
        for line, quantity in work.session.execute(statement.where(LineLink.to_line_id.in_(some)))
    }


def ends_of(work: Work, paper: Document, line: Line) -> tuple[UUID, UUID]:
    """The locations between which the goods of a line move, where they do."""
    ends = paper.ends(line)
    if ends is None:
        raise TypeError(f"the goods of a {type(paper).__name__} do not move")
    return _end(work, paper, line, ends[0]), _end(work, paper, line, ends[1])


def _end(work: Work, paper: Document, line: Line, end: End) -> UUID:
    if isinstance(end, UUID):
        return end
    if end != HERE:
        company = paper.company_id
        return once(work, (end, company), lambda: ledger.virtual_location(work, company, end))
    here = line.location_id or paper.location_id
    if here is None:
        raise NotReady("Say where the goods are.", path=("location",))
    return here


def lock_stock(work: Work, paper: Document, sources: Sequence[Document]) -> None:
    """Every stock row that a paper and those it was made from may touch, at once and in order."""
    papers = [one for one in sources if expects(one)]
    places = {(line.product_id, one.location_id) for one in papers for line in one.lines}
    if paper.route is not None:
        ends = {(line.product_id, end) for line in paper.lines for end in ends_of(work, paper, line)}
        places |= ledger.at_home(work, ends)
    kept = ledger.stocked(work, [product for product, _ in places])
    ledger.positions(
        work, paper.company_id, {(what, where) for what, where in places if what and what in kept and where}
    )
