"""An entry says what a paper did to the books; what it says is never changed, only taken back by another entry."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Owned, ref, unique
from domain.kernel.events import Xid8

JOURNALS: dict[str, str] = {
    "purchase": "Bills and credit notes of vendors.",
    "sales": "Invoices and credit notes to customers.",
    "bank": "Payments.",
    "stock": "Goods that came, went, were lost or found.",
    "general": "All else.",
    "commitment": "What confirmed orders will cost; beside the books.",
}


class Entry(Owned):
    """What one paper did to the books. `dated` is the paper's day; `accounting_date` is the first open one from there.

    Where these differ, `postponed` says why. The database refuses an entry that does not balance, and any change.
    """

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint(f"journal in {tuple(JOURNALS)}", name="journal"),
        CheckConstraint("accounting_date >= dated", name="not_before_its_day"),
        Index(None, "tenant_id", "company_id", "accounting_date"),
    )

    company_id: Mapped[UUID] = ref("company", indexed=False)
    journal: Mapped[str]
    dated: Mapped[date]
    accounting_date: Mapped[date]
    postponed: Mapped[str | None]
    document_id: Mapped[UUID | None] = ref("document")
    reverses_id: Mapped[UUID | None] = ref("entry")
    memo: Mapped[str | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[UUID | None]
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"), info={"secret": True})


class Posting(Owned):
    """One line of an entry: so much on one account. `debit` and `credit` are in the company's currency.

    `amount` is the same in `currency`, the paper's: positive on the debit side. `role` is why it came to this account.
    A tax is posted with its rate, category and the base it was taken of, be it 0. `settles_id` is the line of another
    paper whose balance on this account it takes down; `item_id` is the paper that is to be paid, be it this one.
    """

    __tablename__ = "posting"
    __table_args__ = (
        unique("entry_id", "position"),
        CheckConstraint("debit >= 0 and credit >= 0 and (debit = 0 or credit = 0)", name="one_side"),
        Index(None, "tenant_id", "account_id", "accounting_date"),
        Index(None, "tenant_id", "company_id", "accounting_date"),
    )

    entry_id: Mapped[UUID] = ref("entry", indexed=False)
    company_id: Mapped[UUID] = ref("company", indexed=False)
    accounting_date: Mapped[date]
    position: Mapped[int]
    account_id: Mapped[UUID] = ref("account", indexed=False)
    role: Mapped[str]
    partner_id: Mapped[UUID | None] = ref("partner")
    debit: Mapped[Decimal]
    credit: Mapped[Decimal]
    currency: Mapped[str]
    amount: Mapped[Decimal]
    product_id: Mapped[UUID | None] = ref("product")
    quantity: Mapped[Decimal | None]
    tax_id: Mapped[UUID | None] = ref("tax", indexed=False)
    tax_rate: Mapped[Decimal | None]
    tax_category: Mapped[str | None]
    tax_base: Mapped[Decimal | None]
    line_id: Mapped[UUID | None] = ref("line")
    settles_id: Mapped[UUID | None] = ref("line")
    move_id: Mapped[UUID | None] = ref("move")
    item_id: Mapped[UUID | None] = ref("document")
    due_on: Mapped[date | None]


def guards(table: str) -> list[str]:
    """Triggers that let nobody change or remove a row of the table."""
    return [
        f"create or replace trigger {table}_stays before update or delete on {table} "
        "for each row execute function entry_stays()"
    ]


FUNCTIONS: tuple[Any, ...] = (
    """create or replace function entry_stays() returns trigger language plpgsql as $$
    begin
      raise exception 'entries are never changed: take % back by another', coalesce(old.id::text, 'it')
        using errcode = 'restrict_violation';
    end $$""",
    """create or replace function entry_is_whole() returns trigger language plpgsql as $$
    declare
      odd record;
    begin
      select sum(debit) as debit, sum(credit) as credit, count(*) as postings,
        count(*) filter (where (company_id, accounting_date) <> (new.company_id, new.accounting_date)) as astray
        into odd from posting where (tenant_id, entry_id) = (new.tenant_id, new.id);
      if odd.postings = 0 or odd.debit <> odd.credit or odd.astray > 0 then
        raise exception 'entry % does not balance: debit %, credit %', new.id, odd.debit, odd.credit
          using errcode = 'check_violation';
      end if;
      select currency, sum(amount) as amount into odd from posting
        where (tenant_id, entry_id) = (new.tenant_id, new.id) group by currency having sum(amount) <> 0 limit 1;
      if found then
        raise exception 'entry % does not balance: % % are left over', new.id, odd.amount, odd.currency
          using errcode = 'check_violation';
      end if;
      return null;
    end $$""",
    """create or replace function entry_is_begun() returns trigger language plpgsql as $$
    begin
      new.xid := pg_current_xact_id();
      return new;
    end $$""",
    """create or replace function posting_is_in_time() returns trigger language plpgsql as $$
    begin
      if not exists (select from entry where (tenant_id, id, xid) =
          (new.tenant_id, new.entry_id, pg_current_xact_id())) then
        raise exception 'entry % is written already: nothing can be added to it', new.entry_id
          using errcode = 'restrict_violation';
      end if;
      return new;
    end $$""",
    *guards("entry"),
    *guards("posting"),
    "create or replace trigger entry_begins before insert on entry for each row execute function entry_is_begun()",
    "create or replace trigger posting_comes before insert on posting "
    "for each row execute function posting_is_in_time()",
    "drop trigger if exists entry_balances on entry",
    "create constraint trigger entry_balances after insert on entry deferrable initially deferred "
    "for each row execute function entry_is_whole()",
)
"""The walls around entries, built with the other functions: whoever writes, an entry balances and then stays."""
