"""How a unit of measure is entered and changed."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import exists, or_, select

from domain.catalog.product import Product
from domain.catalog.unit import Unit
from domain.kernel.archiving import archivable
from domain.kernel.commands import ABSENT, Absent, Command, command, said
from domain.kernel.documents import Line
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput
from domain.kernel.fields import Values, whole
from domain.kernel.forms import Form
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, line
from domain.kernel.work import Work

_UNECE = re.compile(r"[A-Z0-9]{2,3}")


def unece(value: str) -> str:
    """A code as UN/ECE Recommendation 20 and 21 form them."""
    found = value.strip().upper()
    if not _UNECE.fullmatch(found):
        raise BadInput(f"{value!r} is not a code of UN/ECE Recommendation 20; it has 2 or 3 letters or digits, as KGM.")
    return found


def _grows_no_coarser(work: Work, unit: Unit | None, after: Values) -> None:
    if unit is None or after["digits"] >= unit.digits:
        return
    counted = or_(exists().where(Line.unit_id == unit.id), exists().where(Product.unit_id == unit.id))
    if work.session.scalar(select(counted)):
        raise BadInput(
            f"Things are counted in this unit with {unit.digits} decimals; it cannot have fewer. Enter another unit.",
            path=("digits",),
        )


FORM = Form(
    model=Unit,
    fields={"code": code, "name": line, "digits": whole(0, 6), "unece": unece},
    unique=(("code",),),
    rules=(_grows_no_coarser,),
)


@command(right="master.write", answers=Unit)
class CreateUnit(Command):
    """Enter a unit of measure, in which products are bought, kept and sold."""

    code: str = said("What people and papers call it, such as PCE; unique.")
    name: str = said("Its name in full, such as piece.")
    digits: int = said("How many decimals quantities in it may have, 0 to 6: pieces 0, kilograms perhaps 3.", default=0)
    unece: str | None = said(
        "Its code by UN/ECE Recommendation 20, such as C62, which electronic papers need.", default=None
    )
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> Unit:
        return FORM.create(work, self)


UpdateUnit = editable(CreateUnit, FORM)
ArchiveUnit, RestoreUnit = archivable(Unit)
