"""What happened, in the order in which it became certain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from domain.kernel.commands import Ref, given, said
from resolvers.events import SEALED, cursors, papers
from resolvers.masking import changes
from resolvers.selections import own_events
from resolvers.values import ID, JSON
from schema.declare import column, computed, one, one_of, selects
from schema.document import INSIDE, Document
from schema.record import Node

if TYPE_CHECKING:
    from schema.access import User
    from schema.company import Company


@given
class EventFilter:
    """Which events are wanted. What is not given limits nothing; of several values, any will do."""

    kind: Sequence[str] | None = said("Of these kinds of records.", default=None)
    id: Sequence[Ref] | None = said("Of the records with these ids.", default=None)
    type: Sequence[str] | None = said("Of these types, such as purchase_order.approved.", default=None)


@selects(SEALED, word="event", right="event.read", company="company_id", owned=own_events)
class Event(Node):
    """One committed change of one record. Frozen: what it tells of the change stays as it was."""

    cursor: ID = computed("Its place in the log; give it as `after` to go on from here.", cursors, needs=("position",))
    position: int = column("Its place in the log.", shown=False)
    type: str = column("What happened, such as purchase_order.approved.")
    at: datetime = column("When.")
    actor: str = column("Who did it: an account, or the name of a key.", of="actor_name", guard=INSIDE)
    user: User | None = one("actor_id", "The person who did it; null if a program did.")
    company: Company | None = one("company_id", "The company concerned; null if it concerns all.")
    sequence: int = column("The version of the record that this made.")
    changes: JSON = computed(
        "What changed, by column: [before, after]. Parts of the record stand under table.place. "
        "What you may not see, and what was personal, reads ***.",
        changes,
        needs=("record_type", "changes"),
    )
    record: Node | None = one_of("record_type", "record_id", "The record as it is now.")
    document: Document | None = computed(
        "The paper it is about, as it is now: the record itself, or what a comment was said about.",
        papers,
        needs=("record_type", "record_id"),
    )
