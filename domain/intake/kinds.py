"""What can be imported: each kind of record with the commands that write it, from which its fields follow."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from dataclasses import Field as Told
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from domain.catalog.category_entry import CreateCategory
from domain.catalog.product_entry import CreateProduct
from domain.catalog.tax import CreateTax
from domain.catalog.unit_entry import CreateUnit
from domain.catalog.vendor_price_entry import CreateVendorPrice
from domain.intake.mistakes import Mistake
from domain.intake.notation import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT
from domain.intake.transforms import REFERENCE
from domain.kernel import plugin
from domain.kernel.base import Record
from domain.kernel.commands import COMMANDS, Absent, Command, Ref
from domain.kernel.events import record_type
from domain.parties.company import Company
from domain.parties.partner_entry import CreatePartner
from domain.parties.payment_term import CreatePaymentTerm
from domain.parties.rate import RateEntry, SetRates
from domain.stock.location_entry import CreateLocation

ARCHIVED = "archived"
"""Beside the fields of the commands: whether the record shall be out of use."""
CUSTOM = "custom."
RATE_KEY = ("base", "quote", "dated")
_NATURAL: dict[type[Command], tuple[str, ...]] = {
    CreateUnit: ("code",),
    CreateTax: ("code",),
    CreatePaymentTerm: ("name",),
    CreateCategory: ("code",),
    CreatePartner: ("number",),
    CreateProduct: ("sku", "barcode"),
    CreateVendorPrice: (),
    CreateLocation: ("code",),
}
_OWN = frozenset({"id", "expected_version", "external", "custom"})
_KINDS = {str: TEXT, Decimal: DECIMAL, int: INTEGER, bool: BOOLEAN, date: DATE, Ref: REFERENCE}
_CUSTOM_KINDS = {"text": TEXT, "choice": TEXT, "decimal": DECIMAL, "boolean": BOOLEAN, "date": DATE}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing a mapping may fill. `parts` are the fields of each part if this is a list of parts."""

    kind: str
    needed: bool = False
    listed: bool = False
    shape: type | None = None
    parts: Mapping[str, Field] | None = None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of records. `natural` are the columns by one of which it can be found without an external key.

    A kind with a `key` of its own fields has no external keys at all.
    """

    word: str
    model: type[Record]
    natural: tuple[str, ...]
    fields: Mapping[str, Field]
    key: tuple[str, ...] = ()

    def verb(self, verb: str) -> Callable[..., Command]:
        """The command that does this to records of the kind."""
        return COMMANDS[f"{verb}{self.model.__name__}"]

    def field(self, name: str) -> Field | None:
        """The field a mapping names; custom fields are named custom.<name>."""
        if name.startswith(CUSTOM):
            told = plugin.GRAFTED.on(self.word).get(name.removeprefix(CUSTOM))
            return Field(kind=_CUSTOM_KINDS[told.kind]) if told else None
        return self.fields.get(name)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its word."""
    found = [_kind(create, natural) for create, natural in _NATURAL.items()]
    rates = Kind(word="rate", model=SetRates.answers, natural=(), fields=_fields(RateEntry), key=RATE_KEY)
    return {kind.word: kind for kind in [*found, rates]}


def kind_called(word: str) -> Kind:
    """The kind of this name; Mistake if there is none."""
    if word not in kinds():
        raise Mistake(f"{word!r} is no kind of record; known: {', '.join(kinds())}")
    return kinds()[word]


def natural_keys(word: str) -> tuple[str, ...]:
    """By which of their columns records of a kind can be referred to; Mistake if there is no such kind."""
    return ("code",) if word == "company" else kind_called(word).natural


def model_of(word: str) -> type[Record]:
    """The class of the records that a reference may name."""
    return Company if word == "company" else kind_called(word).model


def _kind(create: type[Command], natural: tuple[str, ...]) -> Kind:
    model = create.answers
    fields_ = _fields(create)
    if f"Archive{model.__name__}" in COMMANDS:
        fields_[ARCHIVED] = Field(kind=BOOLEAN)
    return Kind(word=record_type(model), model=model, natural=natural, fields=fields_)


def _fields(shape: Any) -> dict[str, Field]:
    hints = get_type_hints(shape)
    return {one.name: _field(hints[one.name], one) for one in fields(shape) if one.name not in _OWN}


def _field(hint: Any, told: Told[Any]) -> Field:
    needed = told.default is MISSING and told.default_factory is MISSING
    (inner,) = [one for one in _members(hint) if one not in {Absent, types.NoneType}]
    if get_origin(inner) is Sequence or inner is Sequence:
        (inner,) = get_args(inner)
        if inner not in _KINDS:
            return Field(kind="part", needed=needed, listed=True, shape=inner, parts=_fields(inner))
        return Field(kind=_KINDS[inner], needed=needed, listed=True)
    return Field(kind=_KINDS[inner], needed=needed)


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
