"""Where every field of the API comes from, as data: the schema declares it, the resolvers read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import FromClause

OWN_PAPERS: Final = "purchase.read.own"
"""The right that opens the papers of one's own firm, and nothing else."""


PRICE: Final = "purchase.price"
"""The right that opens amounts."""
COST: Final = "cost.read"
"""The right that opens what things cost: with it amounts on papers of buying too."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a value comes from. Without all rights of `guard` it is null, with an error at its path.

    Of papers of whichever kind, and of what is part of them, all rights of `bought` are needed as well, unless the
    paper is one of selling.
    """

    description: str
    guard: tuple[str, ...] = ()
    bought: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Column(Source):
    """A column of the noun's table; `words` are the domain's words it may hold, if it is an enum.

    One that is not `shown` serves orders and cursors alone; one that is not `compared` is in no filter and no order.
    An id is one of the noun's own, or of the type that it `names`.
    """

    column: str
    words: Words | None = None
    names: str = ""
    shown: bool = True
    compared: bool = True


@dataclass(frozen=True, kw_only=True)
class Amount(Source):
    """An amount with its currency, which stands in a column of the same row or of a row it refers to ("a.b")."""

    column: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class One(Source):
    """The row whose id stands in `column`."""

    column: str


@dataclass(frozen=True, kw_only=True)
class OneOf(Source):
    """The row of any type, whose word stands in the column `word` and whose id in `column`."""

    word: str
    column: str


@dataclass(frozen=True, kw_only=True)
class Many(Source):
    """All rows whose `column` refers to this one, in the order of `order`."""

    column: str
    order: str


@dataclass(frozen=True, kw_only=True)
class Among(Source):
    """The rows whose ids stand in a JSON list."""

    column: str


@dataclass(frozen=True, kw_only=True)
class Pages(Source):
    """A connection to the rows whose `column` refers to this one; at the root, to all rows.

    A report is made by `rows` from its arguments, in place of the noun's table.
    """

    column: str | None = None
    where: Where | None = None
    rows: Callable[..., FromClause] | None = None
    order: tuple[str, ...] = ()
    arguments: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Computed(Source):
    """Worked out in Python, once for all parents of an operation, from the columns in `needs`."""

    act: Callable[[Any, list[Any]], Awaitable[list[Any]]]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Custom(Source):
    """A plugin's field, kept in the column `custom`; `kind` is text, decimal, boolean, date or choice."""

    name: str
    kind: str
    words: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Grafted(Source):
    """All fields that plugins keep in the column `custom`, by their names in the API."""

    fields: Mapping[str, Field]


@dataclass(frozen=True, kw_only=True)
class ById(Source):
    """At the root: the one row with an id."""


@dataclass(frozen=True, kw_only=True)
class Root(Source):
    """A field at the root: `act(context, nouns, **arguments)` answers it; `nouns` are all types by their words."""

    act: Callable[..., Awaitable[Any]]
    arguments: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Value(Source):
    """An entry of what another field answered; `words` are the domain's words it may be, if it is an enum."""

    key: str
    words: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Argument:
    """An argument of a field, by its Python annotation; `api` is its name there if it is another."""

    kind: Any
    description: str
    words: Words | None = None
    api: str = ""


@dataclass(frozen=True, kw_only=True)
class Words:
    """An enum: the domain's words, each with what it means. The API shows them in upper case."""

    name: str
    description: str
    values: Mapping[str, str]


Where = Callable[..., list[Any]]
"""(table, actor, **arguments) -> conditions that a row must meet."""


@dataclass(eq=False, kw_only=True)
class Field:
    """A field of a noun: its name in the API, its source, the Python kind of its value or the noun it leads to."""

    name: str
    source: Source
    kind: Any = None
    target: Noun | None = None

    @property
    def leads_to(self) -> Noun:
        """The noun at the other end of a relation."""
        if self.target is None:
            raise TypeError(f"{self.name} leads nowhere")
        return self.target


@lru_cache(256)
def _alias(table: FromClause, name: str) -> FromClause:
    """An alias takes a millisecond to make, and as much room as its table has columns."""
    return table.alias(name)


def source_of(field: Field, kind: type[Any]) -> Any:
    """The source of a field, which is of this kind."""
    if not isinstance(field.source, kind):
        raise TypeError(f"{field.name} comes from elsewhere")
    return field.source


@dataclass(eq=False, kw_only=True)
class Noun:
    """A type of rows: its table, the right that opens it, and its fields.

    `part_of` (column, noun) makes a row visible where its whole is. `owned` limits
    an outsider to what is their own firm's, `seen` everybody to what is for them. `company` is the column that binds a
    row to a company. `oneself` is the column that says whom a row describes: they see all of it. `sold` are papers of
    selling, and of a kind that may be either those that `sells` fits: words by columns.
    """

    name: str
    word: str
    table: FromClause
    right: str | None = None
    owned: Where | None = None
    seen: Where | None = None
    company: str | None = None
    oneself: str | None = None
    part_of: tuple[str, Noun] | None = None
    searched: tuple[str, ...] = ()
    sold: bool = False
    sells: Mapping[str, str] = field(default_factory=dict)
    kinds: dict[str, Noun] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)

    def alias(self, name: str) -> FromClause:
        """Its table by another name in a statement; what was made for one statement serves others."""
        return _alias(self.table, name)

    def of(self, row: Mapping[str, Any]) -> Noun:
        """The noun of one row: for an interface over several kinds, that of its kind."""
        return self.kinds[row["kind"]] if self.kinds else self

    def is_sold(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is a paper of selling."""
        return self.sold or (bool(self.sells) and all(row[name] == word for name, word in self.sells.items()))

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True, slots=True)
class Named:
    """A record, by the word of its type and its key."""

    word: str
    key: UUID


class Found(dict[str, Any]):
    """A row as it was read, with the noun it is an instance of."""

    __slots__ = ("of",)

    def __init__(self, row: Mapping[str, Any], of: Noun) -> None:
        super().__init__(row)
        self.of = of

    def __hash__(self) -> int:  # type: ignore[override]
        return hash((self.of.name, self["id"]))

    def __eq__(self, other: object) -> bool:
        return self is other
