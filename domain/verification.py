"""What is stored for speed equals its definition, and the log is whole: each check is one query that finds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.accounting import checking
from domain.flow import definitions
from domain.invoicing import checking as settlements
from domain.stock.move import LIVE


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not as it should be: which check found it, on which record, what is stored, what follows."""

    check: str
    record: str
    stored: str
    expected: str


def verify(session: Session) -> list[Difference]:
    """Every difference between projections and their definitions, for the tenant of the session."""
    return [difference for name, query in CHECKS.items() for difference in _run(session, name, query)]


def verify_chain(session: Session) -> list[Difference]:
    """Every event whose position, place in its record's sequence or hash is not what follows from the log."""
    return [difference for name, query in CHAIN.items() for difference in _run(session, name, query)]


def _run(session: Session, name: str, query: str) -> list[Difference]:
    rows: list[Any] = list(session.execute(text(DEFINITIONS + query)))
    return [Difference(name, *(str(value) for value in row)) for row in rows]


DEFINITIONS = """
  with moved as (
    select tenant_id, product_id, location_id, sum(quantity) as quantity from (
      select tenant_id, product_id, to_location_id as location_id, quantity from move
      union all select tenant_id, product_id, from_location_id, -quantity from move) leg
    where (tenant_id, location_id) in (select tenant_id, id from location where kind = 'internal')
    group by tenant_id, product_id, location_id),
  expected as (
    select d.tenant_id, d.kind, l.product_id, d.location_id,
      sum(round(l.open_quantity * l.stock_numerator / l.stock_denominator, l.stock_digits)) as quantity
    from line l
    join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id)
    join product p on (p.tenant_id, p.id) = (l.tenant_id, l.product_id)
    where d.kind in ('purchase_order', 'sales_order') and d.state = 'confirmed' and p.is_stocked
      and d.location_id is not null
    group by d.tenant_id, d.kind, l.product_id, d.location_id),
  linked as (
    select k.tenant_id, k.to_line_id as id, k.relation, sum(k.quantity) as quantity, sum(k.rejected) as rejected,
      sum(k.replaced) as replaced
    from line_link k
    join line mine on (mine.tenant_id, mine.id) = (k.tenant_id, k.from_line_id)
    join document d on (d.tenant_id, d.id) = (mine.tenant_id, mine.document_id)
    where d.state not in ('draft', 'cancelled', 'reversed')
    group by k.tenant_id, k.to_line_id, k.relation),
  imported as (
    select k.to_line_id as id
    from line_link k
    join line mine on (mine.tenant_id, mine.id) = (k.tenant_id, k.from_line_id)
    join document d on (d.tenant_id, d.id) = (mine.tenant_id, mine.document_id)
    where k.relation = 'receives' and k.quantity > k.rejected and d.provenance_id is not null),
  used as (
    select k.tenant_id, k.to_line_id as id, sum(k.quantity) as quantity
    from line_link k
    join line mine on (mine.tenant_id, mine.id) = (k.tenant_id, k.from_line_id)
    join document d on (d.tenant_id, d.id) = (mine.tenant_id, mine.document_id)
    where k.relation = 'uses' and d.state not in ('draft', 'cancelled', 'reversed')
    group by k.tenant_id, k.to_line_id)
"""
"""What several checks measure by; a check that does not name one costs nothing."""

CHECKS: dict[str, str] = {
    "on hand follows from the moves": """
        select coalesce(p.id::text, m.product_id || ' at ' || m.location_id), p.on_hand, m.quantity
        from moved m full join position p using (tenant_id, product_id, location_id)
        where coalesce(p.on_hand, 0) <> coalesce(m.quantity, 0)""",
    "nothing lies in stock that is less than nothing": """
        select p.id, p.on_hand, '>= 0' from position p where p.on_hand < 0""",
    "what is reserved lies there": f"""
        select coalesce(p.id::text, h.product_id || ' at ' || h.location_id), h.quantity, p.on_hand
        from (
          select l.tenant_id, l.product_id, l.location_id, sum(l.open_quantity) as quantity
          from line l join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id)
          where l.location_id is not null and l.open_quantity > 0 and {LIVE}
          group by l.tenant_id, l.product_id, l.location_id) h
        left join position p using (tenant_id, product_id, location_id)
        where h.quantity > coalesce(p.on_hand, 0)""",  # noqa: S608 - our own words
    "what an adjustment moved is the difference that it states": """
        select l.id, l.difference, m.quantity
        from line l join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id)
        cross join lateral (select coalesce(sum(case l.location_id
            when to_location_id then quantity when from_location_id then -quantity end), 0) as quantity
          from move where (tenant_id, line_id, product_id) = (l.tenant_id, l.id, l.product_id)) m
        where d.kind = 'stock_adjustment' and d.state in ('posted', 'reversed') and m.quantity <> l.difference""",
    "what a transfer moved is what left, arrived and was lost": """
        select l.id, concat_ws(' ', l.quantity, l.received, l.closed), concat_ws(' ', m.sent, m.arrived, m.lost)
        from line l join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id)
        cross join lateral (select
            coalesce(sum(quantity) filter (where from_location_id = l.location_id), 0) as sent,
            coalesce(sum(quantity) filter (where to_location_id = d.destination_id), 0) as arrived,
            coalesce((select sum(k.quantity) from line_link k
              join line mine on (mine.tenant_id, mine.id) = (k.tenant_id, k.from_line_id)
              join document loss on (loss.tenant_id, loss.id) = (mine.tenant_id, mine.document_id)
              where (k.tenant_id, k.to_line_id, k.relation, loss.state) = (l.tenant_id, l.id, 'loses', 'posted')), 0)
              as lost
          from move where (tenant_id, line_id, product_id) = (l.tenant_id, l.id, l.product_id)) m
        where d.kind = 'stock_transfer' and d.reverses_id is null and d.state in ('shipped', 'posted')
          and (l.quantity, l.received, l.closed) <> (m.sent, m.arrived, m.lost)""",
    "a reversal takes back every move": """
        select d.id, sum(m.quantity), 0
        from document d
        join line l on (l.tenant_id, l.document_id) in ((d.tenant_id, d.id), (d.tenant_id, d.reverses_id))
        join (
          select tenant_id, line_id, product_id, to_location_id as location_id, quantity from move
          union all select tenant_id, line_id, product_id, from_location_id, -quantity from move) m
          on (m.tenant_id, m.line_id) = (l.tenant_id, l.id)
        where d.reverses_id is not null
        group by d.id, m.product_id, m.location_id having sum(m.quantity) <> 0""",
    "what was reserved is kept, was used or let go": """
        select l.id, l.quantity, l.open_quantity + l.closed + coalesce(u.quantity, 0)
        from line l join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id)
        left join used u on (u.tenant_id, u.id) = (l.tenant_id, l.id)
        where d.kind = 'reservation' and l.quantity <> l.open_quantity + l.closed + coalesce(u.quantity, 0)""",
    "a reservation is active while it has anything left": """
        select d.id, d.state, s.left_over
        from document d cross join lateral (select sum(open_quantity) as left_over from line
          where (tenant_id, document_id) = (d.tenant_id, d.id)) s
        where d.kind = 'reservation' and (d.state = 'active') <> (s.left_over > 0)""",
    "the amount of a line follows from quantity and price": """
        select l.id, l.amount, s.net
        from line l join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id)
        cross join lateral (select round(l.quantity * l.unit_price * (1 - l.discount_percent / 100) / l.price_base,
          scale(l.amount)) / (1 + case when l.tax_included then l.tax_rate / 100 else 0 end) as net) s
        where d.kind in ('purchase_order', 'sales_order', 'quote') and case when l.tax_included
          then abs(l.amount - s.net) >= power(10::numeric, -scale(l.amount)) else l.amount <> s.net end""",
    "the totals of a paper follow from its lines, charges and taxes": """
        select d.id, concat_ws(' ', d.lines_amount, d.charges_amount, d.untaxed, d.tax, d.total),
          concat_ws(' ', s.lines, s.charges, s.lines + s.charges, s.tax, s.lines + s.charges + s.tax)
        from document d cross join lateral (select
          coalesce((select sum(amount) from line where (tenant_id, document_id) = (d.tenant_id, d.id)), 0) as lines,
          coalesce((select sum(amount) from charge where (tenant_id, document_id) = (d.tenant_id, d.id)), 0) as charges,
          coalesce((select sum(amount) from tax_amount where (tenant_id, document_id) = (d.tenant_id, d.id)), 0) as tax
        ) s
        where d.kind <> 'payment' and (d.lines_amount, d.charges_amount, d.untaxed, d.tax, d.total)
          <> (s.lines, s.charges, s.lines + s.charges, s.tax, s.lines + s.charges + s.tax)""",
    "the base of a tax is the sum of what bears it": """
        select t.document_id, t.base, s.base
        from (select tenant_id, document_id, tax_id, rate, sum(base) as base from tax_amount
          where tax_id is not null group by 1, 2, 3, 4) t
        cross join lateral (select coalesce(sum(amount), 0) as base from (
            select amount, tax_id, tax_rate from line where (tenant_id, document_id) = (t.tenant_id, t.document_id)
            union all
            select amount, tax_id, tax_rate from charge where (tenant_id, document_id) = (t.tenant_id, t.document_id)
          ) part where (part.tax_id, part.tax_rate) = (t.tax_id, t.rate)) s
        where t.base <> s.base""",
    "the tax of a rate is that rate of its base": """
        select t.id, t.amount, round(t.base * t.rate / 100, scale(t.amount)) from tax_amount t
        join document d on (d.tenant_id, d.id) = (t.tenant_id, t.document_id)
        where d.tax_rounding = 'document' and case when t.included
          then t.base <> round((t.base + t.amount) / (1 + t.rate / 100), scale(t.amount))
          else t.amount <> round(t.base * t.rate / 100, scale(t.amount)) end""",
    "a tax rounded line by line lies within half a minor unit a line": """
        select t.id, t.amount, round(t.base * t.rate / 100, scale(t.amount)) from tax_amount t
        join document d on (d.tenant_id, d.id) = (t.tenant_id, t.document_id)
        where d.tax_rounding = 'line'
          and abs(t.amount - t.base * t.rate / 100) > power(10::numeric, -scale(t.amount)) * (
          (select count(*) from line where (tenant_id, document_id) = (t.tenant_id, t.document_id))
          + (select count(*) from charge where (tenant_id, document_id) = (t.tenant_id, t.document_id)))""",
    "what a buyer reckons and does not recover follows from the tax": """
        select t.id, concat_ws(' ', t.self_assessed, t.unrecoverable), concat_ws(' ', s.assessed, s.lost)
        from tax_amount t join document d on (d.tenant_id, d.id) = (t.tenant_id, t.document_id)
        cross join lateral (select
          round(t.base * coalesce(t.reverse_charge_rate, 0) / 100, scale(t.amount)) as assessed,
          round((t.amount + t.self_assessed) * (1 - t.recoverable_percent / 100), scale(t.amount)) as lost) s
        where d.kind = 'purchase_order' and (t.unrecoverable <> s.lost
          or d.tax_rounding = 'document' and t.self_assessed <> s.assessed)""",
    "an imported order comes to what its source says, but for five minor units": """
        select d.id, d.total, p.total
        from document d join provenance p on (p.tenant_id, p.id) = (d.tenant_id, d.provenance_id)
        where d.kind = 'purchase_order' and d.edited_by is null
          and abs(d.total - round(p.total, scale(d.total))) > 5 * power(10::numeric, -scale(d.total))""",
    "what a count moved is what it found otherwise than booked": """
        select c.id, m.moved, c.counted - c.booked
        from stock_count c cross join lateral (
          select coalesce(sum(case (from_location_id, to_location_id)
            when (c.against_id, c.location_id) then quantity
            when (c.location_id, c.against_id) then -quantity end), 0) as moved
          from move where (tenant_id, count_id, product_id) = (c.tenant_id, c.id, c.product_id)) m
        where m.moved <> c.counted - c.booked""",
    "the approval state follows from the requests": """
        select d.id, d.approval_state, r.states
        from document d cross join lateral (
          select coalesce(string_agg(state, ',' order by requested_at), '') as states from approval_request
          where (tenant_id, document_id) = (d.tenant_id, d.id) and state in ('open', 'approved')) r
        where (d.approval_state = 'requested') <> (r.states = 'open')
          or (d.approval_state = 'approved') <> (r.states = 'approved')""",
    "every move has two ends in one company": """
        select m.id, m.company_id, concat_ws(' ', a.company_id, b.company_id) from move m
        join location a on (a.tenant_id, a.id) = (m.tenant_id, m.from_location_id)
        join location b on (b.tenant_id, b.id) = (m.tenant_id, m.to_location_id)
        where m.company_id <> a.company_id or m.company_id <> b.company_id""",
}

CHECKS |= checking.CHECKS | definitions.CHECKS | settlements.CHECKS

CHAIN: dict[str, str] = {
    "positions are dense": """
        select s.event_id, s.position, s.place
        from (select event_id, position, row_number() over (order by position) as place from event_seal) s
        where s.position <> s.place""",
    "the sequence of a record is dense": """
        select e.id, e.sequence, e.place
        from (select id, sequence, row_number() over (partition by record_id order by sequence) as place from event) e
        where e.sequence <> e.place""",
    "the version of a paper is the sequence of its last event": """
        select d.id, d.version, e.last from document d
        join (select record_id, max(sequence) as last from event group by record_id) e on e.record_id = d.id
        where d.version <> e.last""",
    "the hash of an event follows from it and the one before": """
        select s.event_id, encode(s.hash, 'hex'), encode(s.expected, 'hex')
        from (select s.event_id, s.hash,
            event_digest(coalesce(lag(s.hash) over (order by s.position), ''), e) as expected
          from event_seal s join event e on (e.tenant_id, e.id) = (s.tenant_id, s.event_id)) s
        where s.hash <> s.expected""",
}
