"""What a plugin may bring. A plugin is a frozen record found by its entry point; nobody imports it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from domain.kernel.decimals import checked
from domain.kernel.errors import BadInput

GROUP = "tradegraph.plugins"


@dataclass(frozen=True, kw_only=True)
class CustomField:
    """A field that a plugin adds to a type of records, kept in their column `custom`.

    `on` is the record type (such as `purchase_order`), `kind` one of text, decimal, boolean, date, choice.
    `because` says why the plugin adds it; a clash of names quotes both reasons.
    """

    name: str
    on: str
    kind: str
    label: str
    because: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """One plugin: what it is called, which version, and everything it grafts onto the house."""

    name: str
    version: str
    description: str
    custom_fields: tuple[CustomField, ...] = ()


class Graft:
    """All custom fields of all plugins, by record type and name. A clash does not build and names both culprits."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self._fields: dict[str, dict[str, CustomField]] = {}
        owners: dict[tuple[str, str], tuple[Plugin, CustomField]] = {}
        for plugin in plugins:
            for one in plugin.custom_fields:
                if rival := owners.get((one.on, one.name)):
                    raise ValueError(
                        f"{plugin.name} ({one.because}) and {rival[0].name} ({rival[1].because}) "
                        f"both add {one.name!r} to {one.on}; disable one of them."
                    )
                owners[one.on, one.name] = plugin, one
                self._fields.setdefault(one.on, {})[one.name] = one

    def on(self, record_type: str) -> dict[str, CustomField]:
        return self._fields.get(record_type, {})

    @property
    def types(self) -> Sequence[str]:
        return sorted(self._fields)


def discover(names: Sequence[str] | None = None) -> list[Plugin]:
    """The installed plugins, or those named; an unknown name is an error that lists the known ones."""
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if unknown := set(names or ()) - found.keys():
        raise ValueError(f"no plugin is called {', '.join(sorted(unknown))}; installed: {', '.join(sorted(found))}")
    return [found[name].load() for name in (sorted(found) if names is None else names)]


GRAFTED: Graft = Graft(())
"""What the running process has grafted; set once at start by `graft`."""


def graft(plugins: Iterable[Plugin]) -> Graft:
    """Take the plugins' fields in, for the whole process."""
    global GRAFTED  # noqa: PLW0603 - the one switch, thrown once at start
    GRAFTED = Graft(plugins)
    return GRAFTED


def custom_values(record_type: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values of custom fields as they are stored; BadInput for an unknown field or a value of the wrong kind."""
    fields = GRAFTED.on(record_type)
    if unknown := sorted(values.keys() - fields.keys()):
        raise BadInput(
            f"There is no custom field {unknown[0]!r}; known: {', '.join(sorted(fields)) or 'none'}.",
            path=("custom", unknown[0]),
        )
    return {name: _stored(fields[name], value) for name, value in values.items()}


def _stored(field: CustomField, value: Any) -> Any:
    if value is None:
        return None
    if field.kind == "choice" and value not in field.choices:
        raise BadInput(f"Choose one of {', '.join(field.choices)}.", path=("custom", field.name))
    if field.kind == "decimal":
        return str(checked(value, digits=6))
    return value.isoformat() if field.kind == "date" else value
