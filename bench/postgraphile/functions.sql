-- PostGraphile's way of writing a paper with its lines in one go: a function. It inserts and adds up, and no more: no
-- rights, no rules, no events, no key against repeats, and its numbers come from a sequence.
create schema if not exists bench;
create sequence if not exists bench.order_number;
do $$ begin
  create type bench.order_line as (product_id uuid, quantity numeric, unit_price numeric);
exception when duplicate_object then null;
end $$;
create or replace function bench.create_purchase_order(tenant int, vendor uuid, lines bench.order_line[])
returns public.document language plpgsql volatile strict as $$
#variable_conflict use_column
declare
  made public.document;
  house public.company;
  net numeric := (select sum(round(l.quantity * l.unit_price, 2)) from unnest(lines) l);
  levied numeric := round(net * 20 / 100, 2);
begin
  select * into house from company where tenant_id = create_purchase_order.tenant;
  insert into document ({document_columns}) values ({document_values}) returning * into made;
  insert into line ({line_columns}) select {line_values}
    from unnest(lines) with ordinality l (product_id, quantity, unit_price, position)
    join product p on (p.tenant_id, p.id) = (made.tenant_id, l.product_id);
  return made;
end $$;
