"""Every module that registers commands, imported once, so that the API knows all verbs."""

from domain.access import granting, keys, people
from domain.accounting import account_entry, period_entry
from domain.catalog import (
    category_entry,
    price_list_entry,
    product_entry,
    tax,
    tax_position_entry,
    unit_entry,
    vendor_price_entry,
)
from domain.comments import attending, mentioning
from domain.comments import writing as commenting
from domain.desks import shipped, view
from domain.exceptions import settling
from domain.flow import begetting, reversing, transit
from domain.intake import job_entry
from domain.invoicing import paying
from domain.invoicing import writing as invoicing
from domain.parties import company_entry, firm, partner_entry, payment_term, rate, series_entry, setting_entry
from domain.purchase import deciding, writing
from domain.sales import writing as selling
from domain.stock import founding, location_entry, reserving
from domain.warehouse import arriving
from domain.warehouse import writing as storing

__all__ = [
    "account_entry", "arriving", "attending", "begetting", "category_entry", "commenting", "company_entry",
    "deciding", "firm", "founding", "granting", "invoicing", "job_entry", "keys", "location_entry", "mentioning",
    "partner_entry", "paying", "payment_term", "people", "period_entry", "price_list_entry", "product_entry", "rate",
    "reserving", "reversing", "selling", "series_entry", "setting_entry", "settling", "shipped", "storing", "tax",
    "tax_position_entry", "transit", "unit_entry", "vendor_price_entry", "view", "writing",
]  # fmt: skip
