"""What was looked up is held until the transaction ends, for work that names the same records over and over."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from domain.kernel.base import Owned
from domain.kernel.commands import Ref
from domain.kernel.errors import NotFound

if TYPE_CHECKING:
    from domain.kernel.work import Work

Row = TypeVar("Row", bound=Owned)
Answer = TypeVar("Answer")


def once(work: Work, key: Hashable, find: Callable[[], Answer]) -> Answer:
    """What `find` answers, asked once in a transaction; only for what stays as it is meanwhile."""
    held: dict[Hashable, Any] = work.session.info.setdefault(__name__, {})
    if key not in held:
        held[key] = find()
    return cast("Answer", held[key])


def recall(work: Work, model: type[Row], refs: Iterable[Ref | UUID | None], *options: Any) -> dict[Ref | UUID, Row]:
    """As `find_all`, but asks only for what was not named before. Always give the same options for a class."""
    held: dict[Ref | UUID, Row] = once(work, model, dict)
    named = {ref for ref in refs if ref is not None}
    known = {ref: held[ref] for ref in named if ref in held and held[ref] in work.session}
    if unknown := named - known.keys():
        found = work.find_all(model, unknown, *options)
        held |= found | {row.id: row for row in found.values()}
        known |= found
    return known


def forget(work: Work) -> None:
    """Ask anew from here on, as another transaction would."""
    work.session.info.pop(__name__, None)


def recall_one(work: Work, model: type[Row], ref: Ref | UUID, *path: str | int) -> Row:
    """As `find`, but asks only for what was not named before."""
    found = recall(work, model, [ref])
    if ref not in found:
        raise NotFound(path=path)
    return found[ref]
