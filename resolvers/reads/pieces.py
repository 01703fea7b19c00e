"""Pieces of an answer: a value as JSON, with the errors that are in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphql import GraphQLError, located_error

from resolvers.reads.forms import NULL, json_text
from resolvers.reads.selection import Selected

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that went wrong at a path below a piece."""

    path: Path
    cause: Exception
    selected: Selected

    def under(self, *steps: str | int) -> Flaw:
        """The same, seen from further above."""
        return Flaw((*steps, *self.path), self.cause, self.selected)


@dataclass(frozen=True, slots=True)
class Piece:
    """A value as JSON. Where a null stands that may not be, all around it is null up to what may."""

    json: str
    flaws: tuple[Flaw, ...] = ()

    @property
    def is_null(self) -> bool:
        return self.json == NULL


class Unwritable(Exception):
    """Something in the rows is an error, or they are not all that must be known of it."""


NOTHING = Piece(NULL)


def named(name: str) -> str:
    """What stands before the value of a field, which has it already if it has no name."""
    return f"{json_text(name)}:" if name else ""


def failed(cause: Exception, selected: Selected) -> Piece:
    """Null, since something went wrong."""
    return Piece(NULL, (Flaw((), cause, selected),))


def of_object(fields: Iterable[tuple[Selected | None, str, Piece]]) -> Piece:
    """An object of its fields; a field without a selection cannot be null by itself."""
    texts, flaws, lost = [], list[Flaw](), False
    for selected, name, piece in fields:
        texts.append(named(name) + piece.json)
        flaws += [flaw.under(name) for flaw in _flaws(piece, selected)]
        if piece.is_null and selected is not None and selected.required:
            lost = True
            break
    return Piece(NULL if lost else f"{{{','.join(texts)}}}", tuple(flaws))


def of_list(pieces: Sequence[Piece], selected: Selected, *, nullable: bool = False) -> Piece:
    """A list of its entries."""
    flaws, lost = list[Flaw](), False
    for place, piece in enumerate(pieces):
        flaws += [flaw.under(place) for flaw in _flaws(piece, None if nullable else selected)]
        if piece.is_null and not nullable:
            lost = True
            break
    return Piece(NULL if lost else f"[{','.join(piece.json for piece in pieces)}]", tuple(flaws))


def _flaws(piece: Piece, selected: Selected | None) -> tuple[Flaw, ...]:
    """The errors of a piece, with that of a null that may not be if nothing else has told of it."""
    if selected is None or not piece.is_null or piece.flaws or not selected.required:
        return piece.flaws
    message = f"Cannot return null for non-nullable field {selected.of.name}.{selected.word}."
    return (Flaw((), TypeError(message), selected),)


def located(flaw: Flaw) -> GraphQLError:
    """The error as GraphQL tells it: one of its own keeps its place in the document."""
    return located_error(flaw.cause, list(flaw.selected.nodes), list(flaw.path))
