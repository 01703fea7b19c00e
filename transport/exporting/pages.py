"""An export is read page by page, each with the query's own executor, rights and limits, all from one moment."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from graphql import OperationType

from domain.kernel.errors import TooMuch
from resolvers.context import Context
from resolvers.paging import MOST
from schema.export import AFTER, SIZE, Export
from transport.exporting.delimited import Delimited
from transport.exporting.form import Form, Making, Node
from transport.exporting.lines import Lines
from transport.exporting.sheet import Sheet
from transport.operation import House, Operation
from transport.request import Asked

FORMS: dict[str, Making] = {one.ending: one for one in (Delimited, Sheet, Lines)}
"""The forms an export may take, by the names that clients give them."""


class FailedError(Exception):
    """A page cannot be read; `errors` as the query answers them."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(one["message"] for one in errors))
        self.errors = errors


async def nothing() -> None:
    """Nothing is looked at between two pages."""


async def pieces(
    house: House, context: Context, export: Export, form: Form, between: Callable[[], Awaitable[None]] = nothing
) -> AsyncGenerator[bytes]:
    """The bytes of an export, page by page. FailedError where rows cannot be read; before the first, all is refused.

    `between` is called before each further page, and may end the export.
    """
    opening = form.begin
    try:
        async with aclosing(pages(house, context, export)) as found:
            async for nodes in found:
                yield opening() + form.rows(nodes)
                opening = bytes
                await between()
        yield form.end()
    finally:
        form.close()


async def pages(house: House, context: Context, export: Export) -> AsyncGenerator[list[Node]]:
    """The rows in the order of the query; at least one page, be it empty."""
    size, after, left = MOST, None, export.most
    while True:
        given = {**export.variables, SIZE: size if left is None else min(size, left), AFTER: after}
        operation = Operation(Asked(export.document, given, None), OperationType.QUERY, None)
        answer = await house.run(operation, context)
        if answer.errors and size > 1 and all(_is_too_much(one) for one in answer.errors):
            size //= 2
            continue
        if answer.errors:
            raise FailedError(answer.errors)
        page = answer.data[export.name]
        yield page["nodes"]
        left = None if left is None else left - len(page["nodes"])
        if not page["pageInfo"]["hasNextPage"] or left == 0:
            return
        after = page["pageInfo"]["endCursor"]


def _is_too_much(error: dict[str, Any]) -> bool:
    return bool(error.get("extensions", {}).get("code") == TooMuch.code)
