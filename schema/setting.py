"""What administrators may set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.kernel import setting
from schema.declare import column, describes, one, shape
from schema.declare import value as entry
from schema.record import Record
from schema.words import SETTING_KINDS, SETTING_SCOPES

if TYPE_CHECKING:
    from schema.company import Company


@describes(setting.SettingValue, right="master.read")
class SettingValue(Record):
    """What a setting was set to, for the whole tenant or for one company."""

    name: str = column("The setting.")
    value: str | None = column("What it was set to, as text; null if it is not set any more.")
    company: Company | None = one("company_id", "The company it is for; null if for all that have none of their own.")


@shape
class Setting:
    """Something that may be set, with what holds."""

    name: str = entry("The name, such as receipt.over_percent.")
    description: str = entry("What it is for.")
    kind: str = entry("What sort of value it takes.", words=SETTING_KINDS)
    scope: str = entry("Whether companies may have a value of their own.", words=SETTING_SCOPES)
    default: str = entry("What holds where nothing is set, as text.")
    value: str = entry("What holds, as text.")
    decided_by: SettingValue | None = one("decided_by", "Where that was set; null if it is the default.")
