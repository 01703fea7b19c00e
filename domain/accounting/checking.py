"""What must hold of the books: each check is one query that finds nothing; see `domain.verification`."""

from __future__ import annotations

from domain.accounting.rules import COMMITMENT, KINDS

_PAPERS = ", ".join(f"'{kind}'" for kind in KINDS)

CHECKS: dict[str, str] = {
    "entries balance, in the company's currency and in that of the paper": """
        select e.id, p.debit, p.credit
        from entry e cross join lateral (
          select coalesce(sum(debit), 0) as debit, coalesce(sum(credit), 0) as credit, count(*) as postings
          from posting where (tenant_id, entry_id) = (e.tenant_id, e.id)) p
        where p.debit <> p.credit or p.postings = 0 or exists (
          select from posting where (tenant_id, entry_id) = (e.tenant_id, e.id)
          group by currency having sum(amount) <> 0)""",
    "a line of an entry is of its company and day": """
        select p.id, concat_ws(' ', p.company_id, p.accounting_date), concat_ws(' ', e.company_id, e.accounting_date)
        from posting p join entry e on (e.tenant_id, e.id) = (p.tenant_id, p.entry_id)
        where (p.company_id, p.accounting_date) <> (e.company_id, e.accounting_date)""",
    "a paper that moved goods or money has its entry": f"""
        select d.id, 'none', d.kind
        from document d join books b on (b.tenant_id, b.company_id) = (d.tenant_id, d.company_id)
        where d.kind in ({_PAPERS}) and d.state in ('posted', 'reversed') and d.provenance_id is null
          and d.created_at >= b.created_at
          and (d.total <> 0 or exists (
            select from line l join move m on (m.tenant_id, m.line_id) = (l.tenant_id, l.id)
            where (l.tenant_id, l.document_id) = (d.tenant_id, d.id)))
          and (d.reverses_id is null
            or exists (select from entry where (tenant_id, document_id) = (d.tenant_id, d.reverses_id)))
          and not exists (select from entry where (tenant_id, document_id) = (d.tenant_id, d.id))""",  # noqa: S608 - our own words
    "what is taken back is taken back whole": """
        select e.id, m.balance, 0
        from entry e cross join lateral (
          select sum(abs(balance)) as balance from (
            select sum(debit - credit) as balance from posting
            where tenant_id = e.tenant_id and entry_id in (e.id, e.reverses_id)
            group by account_id, partner_id, currency) a) m
        where e.reverses_id is not null and m.balance <> 0""",
    "the quantity on the stock account is what was moved": """
        select p.entry_id, p.quantity, s.moved
        from (
          select tenant_id, entry_id, move_id, sum(quantity) as quantity from posting
          where role = 'stock' group by tenant_id, entry_id, move_id) p
        left join move m on (m.tenant_id, m.id) = (p.tenant_id, p.move_id)
        cross join lateral (
          select sum(case when t.kind in ('internal', 'transit') then o.quantity else 0 end
            - case when f.kind in ('internal', 'transit') then o.quantity else 0 end) as moved
          from move o
          join location f on (f.tenant_id, f.id) = (o.tenant_id, o.from_location_id)
          join location t on (t.tenant_id, t.id) = (o.tenant_id, o.to_location_id)
          where (o.tenant_id, o.line_id, o.product_id) = (m.tenant_id, m.line_id, m.product_id)) s
        where p.quantity is distinct from s.moved""",
    "what came and is not billed is what stands for it": """
        select l.id, -coalesce(c.quantity, 0) - coalesce(a.quantity, 0), u.unbilled
        from line l
        join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id) and d.kind = 'purchase_order'
        join books b on (b.tenant_id, b.company_id) = (d.tenant_id, d.company_id)
        join product p on (p.tenant_id, p.id) = (l.tenant_id, l.product_id) and p.is_stocked
        cross join lateral (select (l.accepted - l.returned - l.billed + l.credited)
          * l.stock_numerator / l.stock_denominator as unbilled) u
        left join (
          select k.tenant_id, k.to_line_id as id, sum(s.quantity) as quantity from line_link k
          join (
            select tenant_id, coalesce(settles_id, line_id) as id, sum(quantity) as quantity from posting
            where role = 'received_not_billed'
            group by tenant_id, coalesce(settles_id, line_id)) s on (s.tenant_id, s.id) = (k.tenant_id, k.from_line_id)
          where k.relation = 'receives'
          group by k.tenant_id, k.to_line_id) c on (c.tenant_id, c.id) = (l.tenant_id, l.id)
        left join (
          select tenant_id, coalesce(settles_id, line_id) as id, sum(quantity) as quantity from posting
          where role = 'billed_not_received'
          group by tenant_id, coalesce(settles_id, line_id)) a on (a.tenant_id, a.id) = (l.tenant_id, l.id)
        where d.provenance_id is null and d.created_at >= b.created_at
          and abs(u.unbilled + coalesce(c.quantity, 0) + coalesce(a.quantity, 0)) > power(10::numeric, -l.stock_digits)
            * case l.stock_numerator when l.stock_denominator then 0 else 1 + (
              select count(*) from line_link k
              join line m on (m.tenant_id, m.id) = (k.tenant_id, k.from_line_id)
              join document r on (r.tenant_id, r.id) = (m.tenant_id, m.document_id) and r.state = 'reversed'
              where (k.tenant_id, k.to_line_id) = (l.tenant_id, l.id)) end""",
    "what orders commit to is what of them is open and not billed": f"""
        select d.id, c.committed, t.open
        from document d
        join books b on (b.tenant_id, b.company_id) = (d.tenant_id, d.company_id)
        cross join lateral (
          select coalesce(sum(p.amount), 0) as committed
          from entry e join posting p on (p.tenant_id, p.entry_id) = (e.tenant_id, e.id)
          where (e.tenant_id, e.document_id) = (d.tenant_id, d.id) and p.role = '{COMMITMENT.debit}') c
        cross join lateral (
          select case when d.state <> 'confirmed' then 0 when d.lines_amount = 0 then d.untaxed
            else round(d.untaxed
              * sum(l.amount * greatest(0, l.quantity - l.closed - l.billed + l.credited) / l.quantity)
              / d.lines_amount, scale(d.untaxed)) end as open
          from line l where (l.tenant_id, l.document_id) = (d.tenant_id, d.id)) t
        where d.kind = '{COMMITMENT.kind}' and d.provenance_id is null and d.confirmed_at >= b.created_at
          and abs(c.committed - t.open) > power(10::numeric, -scale(d.untaxed))""",  # noqa: S608 - our own words
}
"""One minor unit is the difference that dividing here and there may make of a commitment; and one stock unit that which
rounding makes of parts, and of each that is taken back, until more comes or goes."""
