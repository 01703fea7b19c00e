"""What every record has: an id, a version, who and when, its keys elsewhere, and its history."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.kernel import references
from resolvers.values import ID, CurrencyCode
from schema.declare import Connection, column, connection, describes, interface, many, one, shape, value

if TYPE_CHECKING:
    from schema.access import User
    from schema.event import Event


@interface
class Node:
    """Anything that has an id of its own and can be asked for by it."""

    id: ID = column("The id, unique in all types. Keep it as it is; its makeup may change.")


@describes(references.ExternalReference)
class ExternalReference:
    """The key that a record has in another system or a file; with `external:SOURCE:KEY` it stands in for the id."""

    source: str = column("The system or file.")
    key: str = column("The key there.")


class Record(Node):
    """Mixed into papers and master records."""

    version: int = column("Grows with every change; send it as `expectedVersion` to change only what you saw.")
    created_at: datetime = column("When it was made.")
    created_by: User | None = one("created_by", "Who made it; null if a program did.")
    updated_at: datetime = column("When it was last changed.")
    updated_by: User | None = one("updated_by", "Who changed it last; null if a program did.")
    archived_at: datetime | None = column("When it was put away; null while it is in use.")
    external_references: list[ExternalReference] = many("record_id", "Its keys in other systems.", order="source")
    history: Connection[Event] = connection("record_id", "What happened to it, oldest first.", order=("position",))


@shape
class Money:
    """An amount of money."""

    amount: Decimal = value("How much, with as many decimals as the currency has; unit prices may have up to six.")
    currency: CurrencyCode = value("Of which currency.")
