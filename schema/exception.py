"""What import flagged: a row each, to be resolved or waived."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.exceptions import exception
from schema.declare import column, describes, one, one_of, word
from schema.record import Node, Record
from schema.words import EXCEPTION_KINDS, EXCEPTION_STATES

if TYPE_CHECKING:
    from schema.access import User
    from schema.company import Company
    from schema.document import Line


@describes(exception.ImportException, right="purchase.read", searched=("message", "file"))
class ImportException(Record):
    """Something that import found wrong with a record, or could not know of it."""

    kind: str = word(EXCEPTION_KINDS, "What sort of thing it is.")
    state: str = word(EXCEPTION_STATES, "What became of it.")
    message: str = column("What is wrong, with the figures that show it; never a price.")
    record: Node | None = one_of("record_type", "record_id", "The record concerned; null if you may not see it.")
    line: Line | None = one("line_id", "The line of the paper, if it is about one.")
    company: Company | None = one("company_id", "The company concerned; null if it concerns all.")
    source: str = column("The source that the record came from.")
    file: str = column("The file of the source that shows it.")
    row: int = column("The line of that file on which the row begins; 1 is the headings.")
    settlement: str | None = column("How it was put right, or why it stays as it is.")
    settled_by: User | None = one("settled_by", "Who resolved or waived it; null if a program did, or nobody yet.")
    settled_at: datetime | None = column("When it was resolved or waived.")
