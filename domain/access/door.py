"""The door: what must be known of a caller before it is known whose tenant this is.

The application role sees nothing outside a tenant, so these functions of the tables' owner look for it, each by a
secret or by exactly one name, and answer one row or none. Failed sign-ins are counted here, one transaction each. The
count is taken after the password was judged and under a lock, and what it says goes before the verdict: of any number
of guesses made at once no more than five learn whether they were right.
"""

from __future__ import annotations

FREE_GUESSES = 5
"""Failures in a row that cost nothing; the fifth locks the account for a minute, each one more for twice as long."""
DOUBLINGS = 6
"""After so many doublings, an hour is reached and kept."""

NAMES = (
    "door_wait(bytea)",
    "door_account(text, text)",
    "door_guess(bytea, boolean)",
    "door_forgive(integer, text)",
    "door_key(bytea)",
    "door_sign_in(bytea)",
)

FUNCTIONS = [
    """
create or replace function door_is_open(house integer) returns boolean
language sql stable as $$
  select not exists (select from firm f where f.tenant_id = house and f.archived_at is not null)
$$
""",
    """
create or replace function door_wait(guess bytea) returns integer
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  select ceil(extract(epoch from locked_until - clock_timestamp()))::integer from sign_in_guess
  where name = guess and locked_until > clock_timestamp()
$$
""",
    """
create or replace function door_account(wanted text, firm text)
returns table (guess bytea, wait integer, tenant_id integer, code text, user_id uuid, password_hash text)
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with open as (
    select t.id, t.code from tenant t where door_is_open(t.id)
  ), house as (
    select o.id, o.code from open o where o.code = firm or (firm is null and (select count(*) = 1 from open))
  ), named as (
    select sha256(convert_to(concat(coalesce((select h.code from house h), firm), chr(10), wanted), 'UTF8')) as guess
  )
  select n.guess, door_wait(n.guess), u.tenant_id, h.code, u.id, u.password_hash
  from named n left join house h on true
    left join user_account u on u.tenant_id = h.id and u.account = wanted
      and u.archived_at is null and u.locked_at is null
  where firm is not null or h.id is not null
$$
""",
    f"""
create or replace function door_guess(guess bytea, correct boolean) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  known sign_in_guess%rowtype;
  wait integer;
begin
  delete from sign_in_guess where name in (
    select name from sign_in_guess where at < now() - interval '1 day' limit 100 for update skip locked);
  insert into sign_in_guess as g (name, failures, at) values (guess, 0, now())
    on conflict (name) do update set at = now() returning g.* into known;
  wait := door_wait(guess);
  if wait is not null then
    return wait;
  end if;
  if correct then
    delete from sign_in_guess where name = guess;
    return null;
  end if;
  update sign_in_guess set failures = known.failures + 1, locked_until = case
      when known.failures + 1 >= {FREE_GUESSES} then clock_timestamp()
        + least(interval '1 hour', interval '1 minute' * 2 ^ least({DOUBLINGS}, known.failures + 1 - {FREE_GUESSES}))
    end
  where name = guess;
  return null;
end
$$
""",  # noqa: S608 - figures of this module
    """
create or replace function door_forgive(house integer, wanted text) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  delete from sign_in_guess where name = (
    select sha256(convert_to(concat(t.code, chr(10), wanted), 'UTF8')) from tenant t where t.id = house)
$$
""",
    """
create or replace function door_key(secret bytea)
returns table (tenant_id integer, name text, key_id uuid, sign_in_id uuid, user_id uuid, partner_id uuid,
  roles jsonb, rights jsonb, companies jsonb, user_roles jsonb, user_companies jsonb)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select k.tenant_id, coalesce(u.account, k.name), k.id, null::uuid, u.id, coalesce(k.partner_id, u.partner_id),
    k.roles, k.rights, k.companies, u.roles, u.companies
  from api_key k left join user_account u on u.tenant_id = k.tenant_id and u.id = k.user_id
  where k.digest = secret and k.archived_at is null and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > now()) and u.archived_at is null and u.locked_at is null
    and door_is_open(k.tenant_id)
$$
""",
    """
create or replace function door_sign_in(secret bytea)
returns table (tenant_id integer, name text, key_id uuid, sign_in_id uuid, user_id uuid, partner_id uuid,
  roles jsonb, rights jsonb, companies jsonb, user_roles jsonb, user_companies jsonb)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select s.tenant_id, u.account, null::uuid, s.id, u.id, u.partner_id, null::jsonb, null::jsonb, null::jsonb,
    u.roles, u.companies
  from sign_in s join user_account u on u.tenant_id = s.tenant_id and u.id = s.user_id
  where s.digest = secret and s.ended_at is null and s.expires_at > now()
    and u.archived_at is null and u.locked_at is null and door_is_open(s.tenant_id)
$$
""",
]
