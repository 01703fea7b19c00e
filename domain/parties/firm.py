"""A firm is a tenant as its own people know it: it has a name, and its doors are open or closed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Mapped

from domain.kernel.base import Record, unique
from domain.kernel.commands import Command, command, said
from domain.kernel.errors import NotFound, at
from domain.kernel.text import line
from domain.kernel.work import Work


class Firm(Record):
    """The one firm of a tenant. While it is archived nobody comes in, be it with a password, a token or a key."""

    __tablename__ = "firm"
    __table_args__ = (unique(),)

    name: Mapped[str]


@command(right="company.write", answers=Firm)
class UpdateTenant(Command):
    """Rename the tenant. Its code, with which people sign in, is for good."""

    expected_version: int = said("The version you saw; refused if it has changed since.")
    name: str = said("What it is called.")

    def act(self, work: Work) -> Firm:
        firm = work.locked(Firm, firm_of(work).id, self.expected_version)
        with at("name"):
            firm.name = line(self.name)
        return firm


@command(right="company.write", answers=Firm, public=False)
class ArchiveTenant(Command):
    """Close the doors of the tenant; what is kept there stays."""

    def act(self, work: Work) -> Firm:
        firm = work.locked(Firm, firm_of(work).id, None)
        if firm.archived_at is None:
            firm.archived_at = work.now
            work.note(firm, "archived")
        return firm


@command(right="company.write", answers=Firm, public=False)
class RestoreTenant(Command):
    """Open the doors of the tenant again."""

    def act(self, work: Work) -> Firm:
        firm = work.locked(Firm, firm_of(work).id, None)
        if firm.archived_at is not None:
            firm.archived_at = None
            work.note(firm, "restored")
        return firm


def firm_of(work: Work) -> Firm:
    """The firm of the actor's tenant."""
    firm = work.session.scalars(select(Firm).where(Firm.tenant_id == work.actor.tenant)).one_or_none()
    if firm is None:
        raise NotFound
    return firm
