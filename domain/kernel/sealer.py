"""The sealer gives committed events their dense positions and the hash of the chain.

An event may be sealed once no transaction that could still bring an earlier one is open: when its transaction id lies
below `pg_snapshot_xmin`. Order is (transaction id, event id). Any process may seal; an advisory lock lets one at a
time. The work is one function inside the database, so that the application role needs no sight of other tenants.
Functions with the owner's rights name `pg_temp` last: else a table that a caller makes there would stand in for ours.
"""

from __future__ import annotations

CHANNEL_COMMITTED = "tradegraph_committed"
CHANNEL_SEALED = "tradegraph_sealed"

BEYOND = "create table if not exists event_beyond partition of event default"
"""Where events go whose month has no partition yet, so that no writer ever fails for want of one."""

FUNCTIONS = [
    """
create or replace function event_digest(previous bytea, e event) returns bytea
language sql stable parallel safe set search_path = pg_catalog, public, pg_temp as $$
  select sha256(previous || convert_to(concat_ws('|', e.tenant_id, e.id, e.xid, e.company_id, e.type, e.record_type,
    e.record_id, e.sequence, e.actor_id, e.actor_name, extract(epoch from e.at), e.changes), 'UTF8'))
$$
""",
    """
create or replace function seal_events(most integer) returns table (tenant integer, head bigint)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
  reached event_sealer%rowtype;
  e event%rowtype;
  place event_seal%rowtype;
begin
  if not pg_try_advisory_xact_lock(7231001) then return; end if;
  select * into reached from event_sealer;
  if reached.xid >= pg_snapshot_xmax(pg_current_snapshot()) then
    -- the database was restored into another cluster, whose transaction ids begin anew
    reached.xid := '0'; reached.event_id := '00000000-0000-0000-0000-000000000000';
  end if;
  for e in
    select v.* from event v
    where (v.xid, v.id) > (reached.xid, reached.event_id) and v.xid < horizon
      and not exists (select from event_seal s where s.tenant_id = v.tenant_id and s.event_id = v.id)
    order by v.xid, v.id limit most
  loop
    select * into place from event_seal s where s.tenant_id = e.tenant_id order by s.position desc limit 1;
    insert into event_seal (tenant_id, position, event_id, hash)
      values (e.tenant_id, coalesce(place.position, 0) + 1, e.id, event_digest(coalesce(place.hash, ''), e));
    reached.xid := e.xid; reached.event_id := e.id;
    tenant := e.tenant_id; head := coalesce(place.position, 0) + 1;
    return next;
  end loop;
  update event_sealer set xid = reached.xid, event_id = reached.event_id;
end
$$
""",
    """
create or replace function unsealed_events() returns bigint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select count(*) from (
    select from event v, event_sealer s where (v.xid, v.id) > (s.xid, s.event_id) limit 1000) waiting
$$
""",
    """
create or replace function event_partition(month date) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  name text := 'event_' || to_char(month, 'YYYYMM');
  low uuid := rpad(lpad(to_hex((extract(epoch from month) * 1000)::bigint), 12, '0'), 32, '0')::uuid;
  after date := month + interval '1 month';
  high uuid := rpad(lpad(to_hex((extract(epoch from after) * 1000)::bigint), 12, '0'), 32, '0')::uuid;
begin
  if to_regclass('public.' || name) is null then
    execute format('create table public.%I (like public.event including all)', name);
    execute format('with early as (delete from public.event_beyond where id >= %L and id < %L returning *)
      insert into public.%I select * from early', low, high, name);
    execute format('alter table public.event attach partition public.%I for values from (%L) to (%L)', name, low, high);
  end if;
end
$$
""",
]
