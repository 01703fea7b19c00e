"""How a category of products is entered and changed; the tree has no circles."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from domain.catalog.product import Category
from domain.catalog.tax import Tax
from domain.catalog.unit import Unit
from domain.kernel.archiving import archivable
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput
from domain.kernel.fields import Values
from domain.kernel.forms import Form
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, line
from domain.kernel.turns import take_turn
from domain.kernel.work import Work


def _is_no_circle(work: Work, category: Category | None, after: Values) -> None:
    above = after["parent_id"]
    if category is None or above in {None, category.parent_id}:
        return
    take_turn(work, "category tree")
    while above is not None:
        if above == category.id:
            raise BadInput("A category cannot lie below itself; choose another parent.", path=("parent",))
        above = work.session.scalar(
            select(Category.parent_id).where(Category.tenant_id == work.actor.tenant, Category.id == above)
        )


FORM = Form(
    model=Category,
    fields={"code": code, "name": line, "parent": Category, "tax": Tax, "unit": Unit},
    unique=(("code",),),
    rules=(_is_no_circle,),
)


@command(right="master.write", answers=Category)
class CreateCategory(Command):
    """Enter a group of products. An order may ask for a category, with text, where no product is known."""

    code: str = said("What people call it; unique.")
    name: str = said("Its name.")
    parent: Ref | None = said("The category it lies below; at the top if not given.", default=None)
    tax: Ref | None = said("The tax on what is bought of this category without a product.", default=None)
    unit: Ref | None = said("The unit for what is bought of this category without a product.", default=None)
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> Category:
        return FORM.create(work, self)


UpdateCategory = editable(CreateCategory, FORM)
ArchiveCategory, RestoreCategory = archivable(Category)
