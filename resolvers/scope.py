"""What an actor may see: rights open the doors, companies and ownership limit what lies behind them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, any_, false, or_, select

from domain.kernel.actor import Actor
from domain.kernel.errors import Forbidden
from resolvers.asking import COMPANIES
from resolvers.sources import OWN_PAPERS, Found, Noun, Source


def may_enter(noun: Noun, actor: Actor) -> bool:
    """Whether the actor may ask for rows of this type by themselves, be it only for some."""
    if noun.right is None and noun.kinds and noun.word:
        return any(may_enter(kind, actor) for kind in noun.kinds.values())
    if noun.right is None:
        return noun.part_of is None or may_enter(noun.part_of[1], actor)
    return actor.may(noun.right) or _sees_own(noun, actor)


def must_enter(noun: Noun, actor: Actor) -> None:
    """Raises Forbidden where `may_enter` says no."""
    if not may_enter(noun, actor):
        right = _right(noun)
        raise Forbidden(f"To see this you need the right {right!r}; ask an administrator.", right=right)


def may_see(source: Source, actor: Actor, *, sold: bool = False) -> bool:
    """Whether the actor may see the values of a field; `sold` if it is known to be of papers of selling."""
    return all(actor.may(right) for right in _needed(source, sold=sold))


def must_see(source: Source, actor: Actor, *path: str, sold: bool = False) -> None:
    """Raises Forbidden where `may_see` says no."""
    for right in _needed(source, sold=sold):
        if not actor.may(right):
            raise Forbidden(f"To see this you need the right {right!r}; ask an administrator.", path=path, right=right)


def is_oneself(row: Any, actor: Actor) -> bool:
    """Whether a row describes the actor, a person."""
    column = row.of.oneself if isinstance(row, Found) else None
    return column is not None and actor.user is not None and row[column] == actor.user


def _needed(source: Source, *, sold: bool) -> tuple[str, ...]:
    return source.guard if sold else (*source.guard, *source.bought)


def visible(noun: Noun, table: FromClause, actor: Actor) -> list[ColumnElement[bool]]:
    """The conditions that limit rows of this type to those the actor may see."""
    conditions: list[ColumnElement[bool]] = []
    if noun.company is not None:
        conditions.append(_of_companies(table, noun.company))
    if noun.part_of is not None:
        conditions.append(_whole_visible(table, *noun.part_of, actor))
    if limited_to_own(noun, actor):
        conditions += _own(noun, table, actor)
    if noun.right is None and noun.kinds and noun.word:
        conditions += _of_kinds(noun, table, actor)
    return conditions if noun.seen is None else [*conditions, *noun.seen(table, actor)]


def _right(noun: Noun) -> str:
    if noun.right is None and noun.kinds and noun.word:
        return _right(next(iter(noun.kinds.values())))
    return noun.right or (_right(noun.part_of[1]) if noun.part_of else "")


def _of_kinds(noun: Noun, table: FromClause, actor: Actor) -> list[ColumnElement[bool]]:
    """Of rows of several kinds, those of kinds that the actor may see, or of these what is their own firm's."""
    whole = [word for word, kind in noun.kinds.items() if kind.right is None or actor.may(kind.right)]
    if len(whole) == len(noun.kinds):
        return []
    partly = [
        and_(table.c.kind == word, *_own(kind, table, actor))
        for word, kind in noun.kinds.items()
        if word not in whole and _sees_own(kind, actor)
    ]
    return [or_(table.c.kind.in_(whole), *partly)]


def _sees_own(noun: Noun, actor: Actor) -> bool:
    return noun.owned is not None and actor.partner is not None and actor.may(OWN_PAPERS)


def limited_to_own(noun: Noun, actor: Actor) -> bool:
    """Whether the actor sees nothing of this type but the papers of their own firm."""
    return noun.owned is not None and noun.right is not None and not actor.may(noun.right)


def _own(noun: Noun, table: FromClause, actor: Actor) -> list[Any]:
    return noun.owned(table, actor) if noun.owned and _sees_own(noun, actor) else [false()]


def _of_companies(table: FromClause, column: str) -> ColumnElement[bool]:
    mine = table.c[column] == any_(COMPANIES)
    return or_(table.c[column].is_(None), mine) if table.c[column].nullable else mine


def _whole_visible(table: FromClause, column: str, whole: Noun, actor: Actor) -> ColumnElement[bool]:
    other = whole.table.alias()
    return select(other.c.id).where(other.c.id == table.c[column], *visible(whole, other, actor)).exists()
