"""A command is a request as data: the same frozen dataclass is what a rule acts on and what the API takes in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar, dataclass_transform
from uuid import UUID

if TYPE_CHECKING:
    from domain.kernel.work import Work


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = "absent"

    def __bool__(self) -> Literal[False]:
        return False


ABSENT: Final = Absent.ABSENT
"""Not given, as against given as null."""


@dataclass(frozen=True, slots=True)
class Ref:
    """How a request names a record: by id (and the type that id claims), or by external reference."""

    id: UUID | None = None
    type: str | None = None
    source: str | None = None
    key: str | None = None


def said(description: str, *, default: Any = MISSING, default_factory: Any = MISSING, secret: bool = False) -> Any:
    """A field of a command; the description is the API's manual. What is secret is kept nowhere, not even as a hash."""
    metadata = {"description": description, "secret": secret}
    if default_factory is not MISSING:
        return field(default_factory=default_factory, metadata=metadata)
    return field(default=default, metadata=metadata)


Shape = TypeVar("Shape", bound=type)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(said,))
def given(cls: Shape) -> Shape:
    """A part of a command: an input shape without an action of its own."""
    return dataclass(frozen=True, kw_only=True)(cls)  # type: ignore[return-value]


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(said,))
class Command(ABC):
    """A verb of the business. `right` is needed before `act` is called; the docstring describes the mutation.

    `discloses` names, with a description, what is told beside the record, once and never again.
    """

    right: ClassVar[str]
    answers: ClassVar[type]
    discloses: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def act(self, work: Work) -> Any:
        """Do it within the transaction of `work`; answer with the record concerned."""

    def told(self, answer: Any) -> Any:
        """What is told and kept of the answer of `act`: the id of the record."""
        return answer.id

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        dataclass(frozen=True, kw_only=True)(cls)


COMMANDS: dict[str, type[Command]] = {}
"""Every registered command by its class name; the schema makes one mutation of each."""


def command(
    *, right: str, answers: type, discloses: Mapping[str, str] | None = None, public: bool = True
) -> Callable[[type[Command]], type[Command]]:
    """Register a command that needs `right` and answers with a record of the class `answers`.

    One that is not `public` is no mutation: only the house itself carries it out, as import does.
    """

    def register(cls: type[Command]) -> type[Command]:
        if cls.__name__ in COMMANDS:
            raise ValueError(
                f"two commands are called {cls.__name__}: {COMMANDS[cls.__name__].__module__}, {cls.__module__}"
            )
        cls.right, cls.answers, cls.discloses = right, answers, discloses or {}
        if public:
            COMMANDS[cls.__name__] = cls
        return cls

    return register


Asked = Mapping[str, tuple[Any, Any]]
"""The fields of a command by name: annotation, and what `said` made."""


def devised(
    name: str, manual: str, asked: Asked, act: Callable[[Any, Work], Any], *, right: str, answers: type, module: str
) -> type[Command]:
    """Register and answer a command that is made from data, and belongs to the module that has the data."""
    body = {
        "__annotations__": {word: annotation for word, (annotation, _) in asked.items()},
        "__doc__": manual,
        "__module__": module,
        "act": act,
        **{word: default for word, (_, default) in asked.items()},
    }
    return command(right=right, answers=answers)(type(name, (Command,), body))
