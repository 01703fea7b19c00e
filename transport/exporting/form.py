"""What every form of an export can do: begin, take rows, end, and say what went wrong where it breaks off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from schema.export import Export
from transport.encoding import encoded

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a client may wish of a form: a byte-order mark, and cells as they are though a spreadsheet may run them."""

    bom: bool = False
    raw: bool = False


class Form:
    """An export on its way to whoever reads it. `count` is how many rows were written."""

    media: ClassVar[str]
    ending: ClassVar[str]

    def __init__(self, export: Export, wishes: Wishes) -> None:
        """GraphQLError if the export does not fit into this form."""
        self.export, self.wishes = export, wishes
        self.count = 0

    def begin(self) -> bytes:
        """What comes before all rows."""
        return b""

    def rows(self, nodes: Sequence[Node]) -> bytes:
        """The rows of some nodes."""
        raise TypeError(f"{type(self).__name__} does not say how rows are written, such as {nodes}")

    def end(self) -> bytes:
        """What comes after all rows."""
        return b""

    def broken(self, error: Node) -> bytes:
        """What is told in the place of rows that cannot be read."""
        _ = error
        return b""

    def close(self) -> None:
        """Give back what is held, be the export complete or not."""


Making = Callable[[Export, Wishes], Form]


def cell(value: Any) -> str:
    """A value as the text of a cell; lists and objects as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return encoded(value).decode()
    return "" if value is None else str(value)
