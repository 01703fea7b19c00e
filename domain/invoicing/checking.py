"""What is stored of what is settled, by its definition: each check is one query that finds nothing."""

from __future__ import annotations

SETTLED = """
  (select coalesce(sum(a.amount + a.discount + a.written_off), 0) as amount, coalesce(sum(a.debt_value), 0) as value
   from (select amount, discount, written_off, debt_value from allocation
     where (tenant_id, debt_instalment_id) = (i.tenant_id, i.id) and released_on is null
     union all
     select used, credit_written_off, 0, credit_value from allocation
     where (tenant_id, credit_instalment_id) = (i.tenant_id, i.id) and released_on is null) a) s"""
"""What of an instalment `i` is settled, or spent."""

CHECKS: dict[str, str] = {
    "what is open of an instalment is what was not settled": f"""
        select i.id, concat_ws(' ', i.residual, i.open_value), concat_ws(' ', i.amount - s.amount, i.value - s.value)
        from instalment i join document d on (d.tenant_id, d.id) = (i.tenant_id, i.document_id)
        cross join lateral {SETTLED}
        where (i.residual, i.open_value) <> case when d.state = 'posted'
          then (i.amount - s.amount, i.value - s.value) else (0 * i.amount, 0 * i.value) end""",  # noqa: S608 - our own words
    "instalments make up the whole, in both currencies": """
        select d.id, concat_ws(' ', d.total, s.value), concat_ws(' ', s.amount, d.total * d.exchange_rate)
        from document d cross join lateral (
          select sum(amount) as amount, sum(value) as value from instalment
          where (tenant_id, document_id) = (d.tenant_id, d.id)) s
        where s.amount is not null
          and (s.amount <> d.total or s.value <> round(d.total * d.exchange_rate, scale(s.value)))""",
    "what is open of a paper, and since when it is due, follows from its instalments": """
        select d.id, concat_ws(' ', d.residual, d.due_on, d.payment_state),
          concat_ws(' ', s.residual, s.due_on, s.payment_state)
        from document d cross join lateral (
          select coalesce(sum(residual), 0) as residual, min(due_on) filter (where residual > 0) as due_on,
            case when d.state <> 'posted' or count(*) = 0 then 'none' when sum(residual) = 0 then 'paid'
              when sum(residual) = d.total then 'unpaid' else 'partial' end as payment_state
          from instalment where (tenant_id, document_id) = (d.tenant_id, d.id)) s
        where (d.residual, d.payment_state) <> (s.residual, s.payment_state) or d.due_on is distinct from s.due_on""",
    "what rates made of an allocation is what is left of its values": """
        select a.id, a.exchange_gain, s.gain
        from allocation a join document d on (d.tenant_id, d.id) = (a.tenant_id, a.debt_id)
        cross join lateral (select (a.debt_value - a.discount_value - a.written_off_value
            - a.credit_value + a.credit_written_off_value)
          * case when coalesce(d.payment_side, case d.kind when 'vendor_bill' then 'payables' end) = 'payables'
            then 1 else -1 end as gain) s
        where a.exchange_gain <> s.gain""",
    "what settles or is settled is in force, of one company and partner": """
        select a.id, concat_ws(' ', c.state, c.company_id, c.partner_id),
          concat_ws(' ', d.state, d.company_id, d.partner_id)
        from allocation a
        join document c on (c.tenant_id, c.id) = (a.tenant_id, a.credit_id)
        join document d on (d.tenant_id, d.id) = (a.tenant_id, a.debt_id)
        where a.released_on is null and ((c.state, d.state) <> ('posted', 'posted')
          or (c.company_id, d.company_id) <> (a.company_id, a.company_id) or c.partner_id <> d.partner_id)""",
    "what is open of a paper is what of it stands in the books": """
        select i.id, concat_ws(' ', i.residual, i.open_value), concat_ws(' ', s.amount, s.value)
        from (select i.tenant_id, i.document_id as id, i.due_on, sum(i.residual) as residual,
            sum(i.open_value) as open_value
          from instalment i group by 1, 2, 3) i
        join document d on (d.tenant_id, d.id) = (i.tenant_id, i.id)
        join books b on (b.tenant_id, b.company_id) = (d.tenant_id, d.company_id)
        cross join lateral (select coalesce(abs(sum(p.amount)), 0) as amount,
            coalesce(abs(sum(p.debit - p.credit)), 0) as value
          from posting p where (p.tenant_id, p.item_id) = (i.tenant_id, i.id) and p.due_on = i.due_on
            and p.role in ('payables', 'receivables')) s
        where d.created_at >= b.created_at and (i.residual, i.open_value) <> (s.amount, s.value)""",
}
