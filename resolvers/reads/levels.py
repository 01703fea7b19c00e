"""One SELECT of a plan: the rows of one type, what is read of each as text, and the lists that each row has."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, literal_column, select, true, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql import visitors

from resolvers.reads.forms import told


class Level:
    """Gathers the columns of a SELECT while the plan grows, each once; `start` is None for the single row at the root.

    `of` is the table of another level whose row these rows belong to.

    Rows that are grouped `by` columns are figures about all rows, and then about those with each value of each column;
    of those that are only told `apart` there is one such column, nothing about all, and no order.

    Rows of a list come as arrays of text or, where a row has lists itself, as records: either way a row is what its
    indexes say. Those that are `bare` come as the one text they have.
    """

    def __init__(
        self, start: FromClause | None, where: Sequence[ColumnElement[bool]] = (), of: FromClause | None = None
    ) -> None:
        self.start, self.of = start, of
        self.where = list(where)
        self.order: list[ColumnElement[Any]] = []
        self.limit: int | None = None
        self.by: dict[int, ColumnElement[Any]] = {}
        self.columns: list[ColumnElement[Any]] = []
        self.holds_lists = self.bare = self.apart = False
        self._places: dict[Hashable, int] = {}
        self._joined: dict[Hashable, tuple[FromClause, ColumnElement[bool]]] = {}
        self._lists: list[tuple[int, Callable[[], ColumnElement[Any]]]] = []

    def column(self, column: ColumnElement[Any]) -> int:
        """The place of a column's text in each row."""
        table = getattr(column, "table", None)
        key = (table, column.key) if table is not None else column
        return self.value(key, lambda: told(column))

    def group(self, column: ColumnElement[Any]) -> int:
        """The place of a column's text, by which rows are grouped from now on."""
        place = self.column(column)
        self.by[place] = column
        return place

    def value(self, key: Hashable, make: Callable[[], ColumnElement[Any]]) -> int:
        """The place of an expression, told as text, that `key` names."""
        if key not in self._places:
            self._places[key] = len(self.columns)
            self.columns.append(make())
        return self._places[key]

    def nest(self, make: Callable[[], ColumnElement[Any]]) -> int:
        """The place of a list, which is made once all that is read of its rows is known."""
        self.holds_lists = True
        self._lists.append((len(self.columns), make))
        self.columns.append(true())
        return len(self.columns) - 1

    def join(self, key: Hashable, make: Callable[[], tuple[FromClause, ColumnElement[bool]]]) -> FromClause:
        """The row that each row refers to in one way, or nothing."""
        if key not in self._joined:
            self._joined[key] = make()
        return self._joined[key][0]

    def array(self) -> ColumnElement[Any]:
        """All rows as one value."""
        return func.array(self.select(packed=True).scalar_subquery())

    def select(self, *, packed: bool = False) -> Select[Any]:
        """The statement; `packed` makes one column of all."""
        for place, make in self._lists:
            self.columns[place] = make()
        self._lists.clear()
        columns = self.columns or [literal_column("''::text")]
        if packed and not self.bare:
            columns = [func.row(*columns) if self.holds_lists else array(columns)]
        if self.start is None:
            return select(*columns)
        if self.limit is None or not self._joined:
            plain = select(*columns).select_from(self._from(self.start, _same))
            return self._within(self._grouped(self._limited(plain)))
        page = self._limited(select(*self._needed(columns)).correlate(self.of)).subquery(self.start.name)  # type: ignore[attr-defined]
        moved = self._moved(page)
        statement = select(*map(moved, columns)).select_from(self._from(page, moved))
        return self._within(statement.order_by(*map(moved, self.order)))

    def _within(self, statement: Select[Any]) -> Select[Any]:
        """The same, where the row that these belong to may be further out than SQLAlchemy looks by itself."""
        return statement if self.of is None else statement.correlate(self.of)

    def _moved(self, page: FromClause) -> Callable[[Any], Any]:
        """What makes an expression about these rows one about the page that was cut out of them."""

        def replace(element: Any, **_: Any) -> Any:
            if element is self.start:
                return page
            return page.c[element.key] if _is_of(element, self.start) else None

        return lambda clause: visitors.replacement_traverse(clause, {}, replace)

    def _limited(self, statement: Select[Any]) -> Select[Any]:
        statement = statement.where(*self.where).order_by(*self.order)
        return statement if self.limit is None else statement.limit(literal_column(str(self.limit)))

    def _grouped(self, statement: Select[Any]) -> Select[Any]:
        if not self.by:
            return statement
        if self.apart:
            return statement.group_by(*self.by.values())
        sets = func.grouping_sets(tuple_(), *map(tuple_, self.by.values()))
        return statement.group_by(sets).order_by(func.grouping(*self.by.values()).desc(), *self.by.values())

    def _from(self, start: FromClause, moved: Callable[[Any], Any]) -> FromClause:
        return reduce(
            lambda left, joined: left.outerjoin(joined[0], and_(true(), moved(joined[1]))),
            self._joined.values(),
            start,
        )

    def _needed(self, columns: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        """The columns of a page's own rows that are used outside of it."""
        conditions = [condition for _, condition in self._joined.values()]
        found = {
            str(getattr(element, "key", "")): element
            for one in (*columns, *conditions, *self.order)
            for element in visitors.iterate(one)
            if _is_of(element, self.start)
        }
        return [self.start.c[name] for name in sorted(found)] if self.start is not None else []


def _same(clause: Any) -> Any:
    return clause


def _is_of(element: Any, table: FromClause | None) -> bool:
    return isinstance(element, ColumnElement) and getattr(element, "table", None) is table and table is not None
