"""The bulk form of a command: many items in one request, each with an answer of its own.

What becomes of the others when one is refused is the policy's to say. All records named are locked in the order of
their ids before the first is touched, so that two who decide on the same lists in different order do not block each
other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from uuid import UUID

from domain.kernel.commands import Command, command, said
from domain.kernel.errors import BadInput, Refused, at

if TYPE_CHECKING:
    from domain.kernel.work import Work

MOST = 250
Policy = Literal["reject_all", "skip_failed"]
Hold = Callable[["Work", Iterable[UUID]], Any]


@dataclass(frozen=True, slots=True)
class Each:
    """What came of one item: the record it is about, and why it was refused, if it was."""

    record: UUID | None
    refusals: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of all items, in their order. If it is not `done`, one was refused and nothing was written."""

    each: tuple[Each, ...]
    done: bool


class Bulk(Command):
    """Carries out a single command for each item."""

    single: ClassVar[type[Command]]
    listed: ClassVar[str]
    if TYPE_CHECKING:
        policy: Policy

    def act(self, work: Work) -> Answers:
        items: Sequence[Any] = getattr(self, self.listed)
        if not 1 <= len(items) <= MOST:
            raise BadInput(f"Give 1 to {MOST} of them.", path=(self.listed,))
        held = self._held(work, items)
        each: list[Each] = []
        with suppress(_Undone), work.savepoint():
            each += (self._one(work, index, item, held) for index, item in enumerate(items))
            self._must_go_on(each)
            return Answers(tuple(each), done=True)
        return Answers(tuple(Each(id, one.refusals) for id, one in zip(held, each, strict=True)), done=False)

    def holds(self, work: Work, ids: Iterable[UUID]) -> None:
        """Lock the records with all that the single command looks at."""
        work.hold(self.answers, ids)

    def told(self, answer: Any) -> Any:
        return answer

    def _held(self, work: Work, items: Sequence[Any]) -> list[UUID | None]:
        """The ids of the records that the items name, locked."""
        refs = [getattr(item, "id", None) for item in items]
        known: dict[Any, Any] = work.find_all(self.answers, refs)
        self.holds(work, {row.id for row in known.values()})
        return [known[ref].id if ref in known else None for ref in refs]

    def _must_go_on(self, each: Sequence[Each]) -> None:
        if self.policy == "reject_all" and any(one.refusals for one in each):
            raise _Undone

    def _one(self, work: Work, index: int, item: Command, held: list[UUID | None]) -> Each:
        try:
            with at(self.listed, index), work.savepoint():
                if held[index] is not None and held[index] in held[:index]:
                    raise BadInput("This is named twice; leave one out.", path=("id",))
                return Each(item.act(work).id)
        except Refused as refused:
            return Each(held[index], refused.each)


def bulk(single: type[Command], name: str, *, items: str, manual: str, holds: Hold | None = None) -> type[Bulk]:
    """Register and answer the bulk form of a command: `name` it, and say what its list of `items` is called.

    `holds` locks records by their ids, with all that the single command looks at.
    """
    body = {
        "__annotations__": {items: Sequence[single], "policy": Policy},  # type: ignore[valid-type]
        "__doc__": manual,
        "__module__": single.__module__,
        "single": single,
        "listed": items,
        **({"holds": lambda _, work, ids: holds(work, ids)} if holds else {}),
        items: said(f"What is asked for, item by item; at most {MOST}."),
        "policy": said("What becomes of the others when one is refused.", default="reject_all"),
    }
    registered: type[Bulk] = command(right=single.right, answers=single.answers)(type(name, (Bulk,), body))  # type: ignore[assignment]
    return registered


class _Undone(Exception):
    """Takes everything back."""
