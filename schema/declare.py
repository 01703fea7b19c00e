"""The words in which a type of the API is declared: a class says what it describes, each field where it comes from.

    @describes(rows.Partner, right="master.read")
    class Partner(Record):
        \"\"\"A firm or person one trades with.\"\"\"

        number: str = column("The firm's own number of the partner.")
        addresses: list[Address] = many("partner_id", "Where the partner is, and what for.")

Annotations say the shape, nullability included; the value says the source. Nothing here reads anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import FromClause

from domain.kernel.base import Owned
from domain.kernel.documents import Document
from domain.kernel.tenancy import view, view_name
from resolvers import sources
from resolvers.sources import Argument, Where, Words

Declared = TypeVar("Declared", bound=type)
Row = TypeVar("Row")
Guard = str | Sequence[str]


class Connection(Generic[Row]):
    """In annotations: a part of a list, by the Relay specification."""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a class of the API was declared to be; without a table it is a plain shape."""

    shape: type
    word: str = ""
    table: FromClause | None = None
    right: str | None = None
    owned: Where | None = None
    seen: Where | None = None
    part_of: tuple[str, str] | None = None
    company: str | None = None
    oneself: str | None = None
    searched: tuple[str, ...] = ()
    interface: bool = False
    filtered: bool = True
    paper: bool = False
    sold: bool = False
    sells: Mapping[str, str] = field(default_factory=dict)


DECLARED: dict[str, Declaration] = {}
"""Every declared class by its name in the API."""


def describes(
    model: type[Owned],
    *,
    right: str | None = None,
    owned: Where | None = None,
    seen: Where | None = None,
    part_of: tuple[str, str] | None = None,
    company: str | None = None,
    oneself: str | None = None,
    searched: tuple[str, ...] = (),
    interface: bool = False,
) -> Callable[[Declared], Declared]:
    """The class describes rows of `model`.

    `right` opens the type. A row that is `part_of` (column, type) is seen where its whole is. `owned` limits
    outsiders to what is their own firm's, `seen` everybody to what is for them. Rows with a company are limited to the
    actor's companies by themselves. Of the row whose column `oneself` names them, people see all.
    """
    table = view(model)
    bound = company or ("company_id" if "company_id" in table.c else None)

    def declare(cls: Declared) -> Declared:
        DECLARED[cls.__name__] = Declaration(
            shape=cls,
            word=view_name(model),
            table=table,
            right=right,
            owned=owned,
            seen=seen,
            part_of=part_of,
            company=bound,
            oneself=oneself,
            searched=searched,
            interface=interface,
            **(_as_paper(model) if issubclass(model, Document) else {}),
        )
        return cls

    return declare


def _as_paper(model: type[Document]) -> dict[str, Any]:
    return {"paper": True, "sold": model.direction == "sale", "sells": model.sells}


def selects(
    table: FromClause,
    *,
    word: str,
    right: str,
    company: str | None = None,
    owned: Where | None = None,
    searched: tuple[str, ...] = (),
) -> Callable[[Declared], Declared]:
    """The class describes rows of something that is no single table; they have no filter and no order of choice.

    `owned` limits outsiders to what is theirs.
    """

    def declare(cls: Declared) -> Declared:
        DECLARED[cls.__name__] = Declaration(
            shape=cls,
            word=word,
            table=table,
            right=right,
            company=company,
            owned=owned,
            searched=searched,
            filtered=False,
        )
        return cls

    return declare


def shape(cls: Declared) -> Declared:
    """The class describes what another field answers."""
    DECLARED[cls.__name__] = Declaration(shape=cls)
    return cls


def interface(cls: Declared) -> Declared:
    """The class describes what several types have in common."""
    DECLARED[cls.__name__] = Declaration(shape=cls, interface=True)
    return cls


def column(description: str, *, of: str = "", guard: Guard = (), shown: bool = True, compared: bool = True) -> Any:
    """A column of the row, named `of` if not like the field."""
    return sources.Column(description=description, column=of, guard=_guard(guard), shown=shown, compared=compared)


def id_of(model: type[Owned], description: str) -> Any:
    """The row's id, which is that of a row of `model`."""
    return sources.Column(description=description, column="", names=view_name(model))


def word(words: Words, description: str, *, of: str = "", guard: Guard = ()) -> Any:
    """A column that holds one of the domain's words, shown as an enum."""
    return sources.Column(description=description, column=of, words=words, guard=_guard(guard))


def money(description: str, *, currency: str = "currency", of: str = "", guard: Guard = ()) -> Any:
    """An amount with its currency, from a column of the row or, written `a.b`, of the row behind the relation `a`."""
    return sources.Amount(description=description, column=of, currency=currency, guard=_guard(guard))


def one(of: str, description: str, *, guard: Guard = ()) -> Any:
    """The row whose id stands in the column `of`."""
    return sources.One(description=description, column=of, guard=_guard(guard))


def one_of(kind: str, of: str, description: str) -> Any:
    """The row of the type whose word stands in the column `kind`, and whose id in `of`."""
    return sources.OneOf(description=description, word=kind, column=of)


def many(by: str, description: str, *, order: str = "id", guard: Guard = ()) -> Any:
    """All rows whose column `by` refers to this one."""
    return sources.Many(description=description, column=by, order=order, guard=_guard(guard))


def among(of: str, description: str, *, guard: Guard = ()) -> Any:
    """The rows whose ids are listed in the column `of`."""
    return sources.Among(description=description, column=of, guard=_guard(guard))


def connection(
    by: str,
    description: str,
    *,
    order: tuple[str, ...] = (),
    where: Where | None = None,
    arguments: Mapping[str, Argument] | None = None,
) -> Any:
    """A part of the rows whose column `by` refers to this one (and that meet `where`), with a filter and an order."""
    return sources.Pages(description=description, column=by, order=order, where=where, arguments=arguments or {})


def listing(
    description: str,
    *,
    where: Where | None = None,
    order: tuple[str, ...] = (),
    arguments: Mapping[str, Argument] | None = None,
) -> Any:
    """At the root: a part of all rows of a type, or of those that meet `where`."""
    return sources.Pages(description=description, where=where, order=order, arguments=arguments or {})


def report(
    description: str,
    rows: Callable[..., FromClause],
    *,
    order: tuple[str, ...],
    arguments: Mapping[str, Argument],
) -> Any:
    """At the root: a part of the rows that `rows(**arguments)` makes, of a type that `selects` the same columns."""
    return sources.Pages(description=description, rows=rows, order=order, arguments=arguments)


def computed(
    description: str,
    act: Callable[[Any, list[Any]], Awaitable[list[Any]]],
    *,
    needs: tuple[str, ...] = (),
    guard: Guard = (),
) -> Any:
    """What a Python function makes of all parents at once, from the columns in `needs`."""
    return sources.Computed(description=description, act=act, needs=needs, guard=_guard(guard))


def value(description: str, *, of: str = "", words: Words | None = None) -> Any:
    """An entry of what the field above answered."""
    return sources.Value(description=description, key=of, words=words)


def answer(
    description: str, act: Callable[..., Awaitable[Any]], *, arguments: Mapping[str, Argument] | None = None
) -> Any:
    """At the root: what `act(context, nouns, **arguments)` answers."""
    return sources.Root(description=description, act=act, arguments=arguments or {})


def by_id(description: str) -> Any:
    """At the root: the record of a type with an id."""
    return sources.ById(description=description)


def argument(kind: Any, description: str, *, words: Words | None = None, api: str = "") -> Argument:
    """An argument of a field at the root, named `api` there if it has another name here."""
    return Argument(kind=kind, description=description, words=words, api=api)


def _guard(rights: Guard) -> tuple[str, ...]:
    return (rights,) if isinstance(rights, str) else tuple(rights)
