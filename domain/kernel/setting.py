"""What administrators may set: each setting is one declaration where it is used, and a row only where it was set.

KEPT = setting("import.kept_days", "For how many days files are kept.", whole_number(1, 3650), default=30)
KEPT.of(work)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Mapped

from domain.kernel.base import Record, ref, unique
from domain.kernel.errors import BadInput, NotFound
from domain.kernel.fields import decimal, whole
from domain.kernel.text import one_of

if TYPE_CHECKING:
    from domain.kernel.work import Work

Value = TypeVar("Value")
Scope = Literal["tenant", "company"]

_WHOLE, _DECIMAL = re.compile(r" *-?[0-9]{1,18} *"), re.compile(r" *-?[0-9]{1,18}(\.[0-9]{1,18})? *")

KINDS: dict[str, str] = {
    "whole": "A whole number.",
    "decimal": "An exact number, with decimals after a point.",
    "word": "One of a few words, which its description tells.",
}
SCOPES: dict[str, str] = {
    "tenant": "Set once, for the whole tenant.",
    "company": "Set for the whole tenant, and otherwise for a company where that is wanted.",
}


class SettingValue(Record):
    """What a setting was set to: for the whole tenant, or for one company. Without a value it is not set any more."""

    __tablename__ = "setting_value"
    __table_args__ = (unique("name", "company_id", postgresql_nulls_not_distinct=True),)

    name: Mapped[str]
    company_id: Mapped[UUID | None] = ref("company", indexed=False)
    value: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Kind(Generic[Value]):
    """What sort of value it is: a word of `KINDS`, and how a text becomes one, or is BadInput."""

    word: str
    read: Callable[[str], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[Value]):
    """One thing that may be set. Values are kept as text, as people write them."""

    name: str
    description: str
    kind: Kind[Value]
    default: Value
    scope: Scope
    right: str

    def of(self, work: Work, company: UUID | None = None) -> Value:
        """What holds: set for the company, else for the tenant, else the default."""
        statement = (
            select(SettingValue.value)
            .where(SettingValue.tenant_id == work.actor.tenant, SettingValue.name == self.name)
            .where(or_(SettingValue.company_id.is_(None), SettingValue.company_id == company))
            .where(SettingValue.value.is_not(None))
            .order_by(SettingValue.company_id.nulls_last())
            .limit(1)
        )
        found = work.session.scalars(statement).first()
        return self.default if found is None else self.kind.read(found)


SETTINGS: dict[str, Setting[Any]] = {}
"""Every setting by its name."""


def setting(
    name: str,
    description: str,
    kind: Kind[Value],
    *,
    default: Value,
    scope: Scope = "tenant",
    right: str = "company.write",
) -> Setting[Value]:
    """Declare a setting. Who sets it needs `right`, and `company.write` besides."""
    if name in SETTINGS:
        raise ValueError(f"two settings are called {name}")
    made = Setting(name=name, description=description, kind=kind, default=default, scope=scope, right=right)
    SETTINGS[name] = made
    return made


def setting_named(name: str) -> Setting[Any]:
    """The setting of this name; NotFound tells which there are."""
    if name not in SETTINGS:
        raise NotFound(f"There is no setting {name!r}; known are {', '.join(sorted(SETTINGS))}.")
    return SETTINGS[name]


def whole_number(least: int, most: int) -> Kind[int]:
    """A whole number within bounds."""
    check = whole(least, most)

    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text):
            raise BadInput(f"{text!r} is no whole number; give one from {least} to {most}.")
        return check(int(text))  # type: ignore[no-any-return]

    return Kind("whole", read)


def decimal_number(least: int, most: int, *, digits: int) -> Kind[Decimal]:
    """An exact number within bounds, with at most so many decimals."""
    check = decimal(digits=digits, least=least, most=most)

    def read(text: str) -> Decimal:
        if not _DECIMAL.fullmatch(text):
            raise BadInput(f"{text!r} is no number; give one from {least} to {most}.")
        return check(Decimal(text))  # type: ignore[no-any-return]

    return Kind("decimal", read)


def one_word(*words: str) -> Kind[str]:
    """One of these words."""
    return Kind("word", one_of(*words))
