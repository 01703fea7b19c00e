"""What a plan is made of: for each value of the answer, where in a row it stands and how it is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from domain.kernel.errors import Refused
from resolvers.reads.forms import Form
from resolvers.reads.selection import Selected
from resolvers.sources import Noun

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value of the answer; `selected` is what asks for it."""

    selected: Selected

    @property
    def required(self) -> bool:
        """Whether it cannot be null."""
        return self.selected.required


class Shared(Generic[Made]):
    """What is made of parts of a plan, of each once in however many places it stands; the plan must outlive this."""

    def __init__(self) -> None:
        self._made: dict[int, Made] = {}

    def once(self, part: object, make: Callable[[], Made]) -> Made:
        """What `make` makes of this very part."""
        if id(part) not in self._made:
            self._made[id(part)] = make()
        return self._made[id(part)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Node):
    """What is known without reading anything, as JSON."""

    json: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf(Node):
    """A text of the row, which may be null if it is `nullable`."""

    place: int
    form: Form
    nullable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Node):
    """An amount and its currency, null where either is."""

    amount: int
    currency: int
    fields: tuple[tuple[str, str], ...]
    """By the name in the answer: amount, currency or __typename."""


@dataclass(frozen=True, slots=True)
class Body:
    """The fields of an object; some that are composed have no name here, since it is in their text."""

    fields: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity(Node):
    """An object that is read of the row itself, or of a row it refers to.

    Which body it has follows from the word at `kind`, if there are several. It is null where the text at `presence` is.
    """

    bodies: Mapping[str, Body]
    kind: int | None = None
    presence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed(Node):
    """What the database composed: some fields of an object, by their names, or a whole object if the row is its text.

    `objects` are in it. Where the text is null something in it is wrong.
    """

    place: int | None
    objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Node):
    """A list of objects."""

    place: int
    item: Entity | Composed


@dataclass(frozen=True, slots=True, kw_only=True)
class Only(Node):
    """What is read of the one row of a list, or of its first; null if there is none."""

    place: int
    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Node):
    """Figures about a whole list.

    At `place` are rows of them: one about all its rows, unless nothing asks for it, then one for each currency.
    """

    place: int
    fields: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Node):
    """How many there are, as the counts in a column come to it: of the rows at `rows` or, within figures, of theirs."""

    rows: int | None
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCurrency(Node):
    """Within figures: a list of those rows that have a text at `currency` and at `presence`."""

    currency: int
    presence: int
    item: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class InCurrency(Node):
    """A figure about amounts in a currency, in which an average is rounded."""

    amount: int
    currency: int
    average: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Node):
    """A connection. `rows` is the place of its rows, one more than `size` if there are more.

    `bounded` says whether it begins (backward: ends) at a cursor; `order` are the places of what a row's cursor holds.
    """

    rows: int | None = None
    size: int = 0
    backward: bool = False
    bounded: bool = False
    order: tuple[int, ...] = ()
    sign: int = 0
    parts: tuple[tuple[str, Part], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A field of a connection."""

    selected: Selected

    @property
    def word(self) -> str:
        """Its name in the schema."""
        return self.selected.word


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes(Part):
    """The rows of a connection."""

    item: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges(Part):
    """The rows of a connection with their cursors; by name: the cursor, the name of the type, or the row."""

    fields: tuple[tuple[str, str | Entity], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Info(Part):
    """Where a part of a list lies, by the names in the answer."""

    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Part):
    """A figure about the whole list, or the name of the connection's type."""

    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred(Node):
    """What is refused wherever it stands."""

    refusal: Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded(Node):
    """What is refused unless the row says "true" at `place`."""

    place: int
    node: Node
    refusal: Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Later(Node):
    """What joins in after the statement: the answer to question number `number` of the plan."""

    number: int


@dataclass(frozen=True, slots=True)
class Question:
    """Something that Python works out of all rows at one place in the plan at once.

    `ask(context, rows, given)` gets of each row what it needs: places and types by the names of columns. At the root
    there is one row with nothing. `given` are arguments, with slots in them. Questions that are the `same` are asked
    together.
    """

    needs: Mapping[str, tuple[int, type]]
    noun: Noun
    ask: Callable[..., Awaitable[Sequence[Any]]]
    selected: Selected
    given: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, Noun] = field(default_factory=dict)
    same: Hashable = None
