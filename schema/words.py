"""The enums of the API: the domain's own words, from its tables where it has one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from domain import rows  # noqa: F401 - all records must be known
from domain.accounting import account, chart, entry, periods
from domain.catalog import tax_position
from domain.exceptions import exception
from domain.intake.job import Import
from domain.invoicing import standing
from domain.kernel import following, setting
from domain.kernel.base import Base, Record
from domain.kernel.documents import Document
from domain.kernel.events import record_type
from domain.kernel.papers import kinds
from domain.kernel.workflow import BY_RULE
from resolvers.sources import Words

PAPERS: tuple[type[Document], ...] = tuple(kinds().values())
"""Every kind of paper."""


def _title(kind: type) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip()
    return words.capitalize()


def _merged(tables: Mapping[type[Document], Mapping[str, str]]) -> dict[str, str]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for kind, table in tables.items():
        for word, meaning in table.items():
            found[word].append(f"{_title(kind)}: {meaning}")
    return {word: " ".join(meanings) for word, meanings in found.items()}


def _sentence(kind: type) -> str:
    return (kind.__doc__ or "").split("\n", maxsplit=1)[0]


KINDS = Words(
    name="DocumentKind",
    description="The kinds of business papers.",
    values={str(kind.__mapper__.polymorphic_identity): _sentence(kind) for kind in PAPERS},
)
STATES = Words(
    name="DocumentState",
    description="Where a paper is in its life; which of these a kind knows is said with each.",
    values=_merged({kind: kind.workflow.states for kind in PAPERS}),
)
ACTIONS = Words(
    name="DocumentAction",
    description="What can be done with papers; each is a mutation.",
    values=_merged(
        {kind: {row.action: row.description for row in kind.workflow.steps if row.right != BY_RULE} for kind in PAPERS}
    ),
)
APPROVAL_STATES = Words(
    name="ApprovalState",
    description="Whether a paper was approved.",
    values={
        "none": "Nobody has asked yet.",
        "not_needed": "It was asked for, and no rule wants a yes.",
        "requested": "A yes is waited for.",
        "approved": "Somebody with the right said yes.",
        "rejected": "Somebody with the right said no.",
    },
)
REQUEST_STATES = Words(
    name="ApprovalRequestState",
    description="What became of one request for approval.",
    values={
        "open": "Not decided yet.",
        "approved": "Decided with yes.",
        "rejected": "Decided with no.",
        "void": "The paper was taken back or changed; the answer, if there was one, no longer holds.",
    },
)
RECEIPT_STATES = Words(
    name="ReceiptState",
    description="How much of an order has come.",
    values={
        "none": "Nothing has come, and nothing is expected: the order is not binding, or was called off.",
        "pending": "Nothing that was kept has come yet.",
        "partial": "Something has come, something has not.",
        "received": "Everything has come.",
    },
)
BILLING_STATES = Words(
    name="BillingState",
    description="How much of what was accepted has been billed.",
    values={
        "none": "There is nothing to bill.",
        "pending": "Nothing has been billed yet.",
        "partial": "Something has been billed, something has not.",
        "billed": "Everything has been billed.",
        "unknown": "The order was imported with its goods, and its source does not say.",
    },
)
RELATIONS = Words(
    name="Relation",
    description="What a line does to the line that it was made from.",
    values={
        "requests": "Asks a vendor for an offer of it.",
        "orders": "Orders it.",
        "announces": "Announces that it is on its way.",
        "receives": "Tells that it came.",
        "delivers": "Tells that it went to the customer.",
        "returns": "Tells that it went back.",
        "bills": "Bills or invoices it.",
        "anticipates": "Billed it, as part of its order, before it came.",
        "claims": "Claims it back of the vendor.",
        "credits": "Gives it back in money.",
        "reverses": "Takes it back.",
        "reserves": "Reserves goods for it.",
        "uses": "Takes the goods that were reserved by it.",
    },
)
DELIVERY_STATES = Words(
    name="DeliveryState",
    description="How much of a sales order has been delivered.",
    values={
        "none": "Nothing was delivered, and nothing is to be: the order is not binding, or was called off.",
        "pending": "Nothing was delivered yet.",
        "partial": "Something was delivered, something was not.",
        "delivered": "Everything was delivered.",
    },
)
ORDERING_STATES = Words(
    name="OrderingState",
    description="How much of a requisition, an offer or a quote has been ordered.",
    values={
        "none": "Nothing was ordered, nor can be yet.",
        "pending": "Nothing was ordered yet.",
        "partial": "Something was ordered, something was not.",
        "ordered": "Everything was ordered.",
    },
)
CREDIT_STATES = Words(
    name="CreditState",
    description="How much of a bill, an invoice or a claim has been credited.",
    values={
        "none": "Nothing was credited.",
        "pending": "A credit is waited for.",
        "partial": "Something was credited.",
        "credited": "Everything was credited.",
    },
)
PAYMENT_STATES = Words(
    name="PaymentState",
    description="How much of what is owed has been paid or otherwise settled; of a credit, how much of it was used.",
    values={
        "none": "Nothing is owed: the paper is not posted, or was reversed.",
        "unpaid": "Nothing was paid, or used, yet.",
        "partial": "Something was.",
        "paid": "Everything was paid or settled, or used.",
    },
)
PAYMENT_DIRECTIONS = Words(name="PaymentDirection", description="Which way money went.", values=standing.DIRECTIONS)
PRICE_SOURCES = Words(
    name="PriceSource",
    description="Where the price of a line is from.",
    values={
        "given": "Whoever wrote the line gave it.",
        "vendor_price": "It was taken from the vendor prices; `vendorPrice` says which one.",
        "offered": "The vendor offered it.",
        "estimated": "It is an estimate, from what the product usually costs.",
        "price_list": "It was taken from a price list; `priceListItem` says from which item.",
        "list_price": "It is the product's own list price.",
        "imported": "It is what the source of an imported paper says.",
    },
)
TAX_ROUNDINGS = Words(
    name="TaxRounding",
    description="How often tax on a paper is rounded.",
    values={
        "document": "Once for each tax, over all lines and charges that bear it.",
        "line": "Once for each line and charge.",
    },
)
TAX_PLACES = Words(name="TaxPlace", description="Where a tax position applies.", values=tax_position.PLACES)
TRADE_DIRECTIONS = Words(name="TradeDirection", description="Whether we buy or sell.", values=tax_position.DIRECTIONS)
ADDRESS_ROLES = Words(
    name="AddressRole",
    description="What an address is for.",
    values={
        "legal": "Where the firm is registered; stands on papers.",
        "invoice": "Where invoices go.",
        "delivery": "Where goods go.",
        "other": "Anything else.",
    },
)
TAX_NUMBER_KINDS = Words(
    name="TaxNumberKind",
    description="Which sort of tax number it is.",
    values={"vat": "For value added tax, as invoices within the EU need it.", "other": "Any other tax number."},
)
LOCATION_KINDS = Words(
    name="LocationKind",
    description="Whose a place is, and what for.",
    values={
        "internal": "Ours: what lies here is our stock.",
        "vendor": "Outside, where purchased goods come from.",
        "customer": "Outside, where sold goods go.",
        "loss": "Where goods go that are lost, and where found ones come from.",
        "transit": "On the way between two places of ours.",
        "production": "Where goods are made out of other goods.",
        "unrecorded": "Where goods came from or went to without a paper here, such as before the firm moved in.",
    },
)
ACCOUNT_TYPES = Words(name="AccountType", description="What an account holds.", values=account.TYPES)
ACCOUNT_ROLES = Words(
    name="AccountRoleName",
    description="Why something comes to an account.",
    values={word: role.description for word, role in chart.ROLES.items()},
)
JOURNALS = Words(name="Journal", description="Which sort of entry it is.", values=entry.JOURNALS)
OWED_SIDES = Words(
    name="OwedSide",
    description="Who owes.",
    values={"payables": "The company owes a vendor.", "receivables": "A customer owes the company."},
)
TAX_SIDES = Words(
    name="TaxSide",
    description="Which way a tax goes.",
    values={"input_tax": "It was paid, and the state gives it back.", "output_tax": "It is owed to the state."},
)
PERIOD_STATES = Words(name="PeriodState", description="Whether a period is open.", values=periods.PERIOD_STATES)
SETTING_KINDS = Words(name="SettingKind", description="What sort of value a setting takes.", values=setting.KINDS)
SETTING_SCOPES = Words(name="SettingScope", description="For whom a setting may be set.", values=setting.SCOPES)
FOLLOWING_REASONS = Words(
    name="FollowingReason", description="What made a person follow a paper.", values=following.REASONS
)
EXCEPTION_KINDS = Words(
    name="ImportExceptionKind", description="What import may find wrong with a record.", values=exception.KINDS
)
EXCEPTION_STATES = Words(
    name="ImportExceptionState",
    description="What became of something that import flagged.",
    values={
        "open": "Not settled yet.",
        "resolved": "It was put right.",
        "waived": "It stays as it is.",
    },
)
BULK_POLICIES = Words(
    name="BulkPolicy",
    description="What becomes of the others when one item of many is refused.",
    values={
        "reject_all": "Nothing is done.",
        "skip_failed": "All others are done.",
    },
)
IMPORT_STATES = Words(name="ImportState", description="Where an import is in its life.", values=Import.workflow.states)
DIRECTIONS = Words(
    name="Direction",
    description="Which end of an order comes first. Rows without a value are last either way.",
    values={"asc": "Smallest, earliest, or first by alphabet.", "desc": "Largest, latest, or last by alphabet."},
)
RECORD_KINDS = Words(
    name="RecordKind",
    description="The kinds of records whose changes are events.",
    values={
        record_type(mapper.class_): f"{_title(mapper.class_)}, with all that belongs to it."
        for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__name__)
        if issubclass(mapper.class_, Record) and mapper.class_ is not Document
    },
)
SAID: Mapping[tuple[str, str], Words] = {
    ("AddressEntry", "role"): ADDRESS_ROLES,
    ("TaxNumberEntry", "kind"): TAX_NUMBER_KINDS,
    ("CreateLocation", "kind"): LOCATION_KINDS,
    ("UpdateLocation", "kind"): LOCATION_KINDS,
    ("EventFilter", "kind"): RECORD_KINDS,
    ("SetNumberSeries", "kind"): KINDS,
    ("CreateAccount", "type"): ACCOUNT_TYPES,
    ("UpdateAccount", "type"): ACCOUNT_TYPES,
    ("SetAccountRole", "role"): ACCOUNT_ROLES,
    **{(f"{verb}Payment", "direction"): PAYMENT_DIRECTIONS for verb in ("Create", "Update")},
    **{(f"{verb}Payment", "side"): OWED_SIDES for verb in ("Create", "Update")},
    **{(f"{verb}TaxPosition", "place"): TAX_PLACES for verb in ("Create", "Update")},
    **{(f"{verb}TaxPosition", "direction"): TRADE_DIRECTIONS for verb in ("Create", "Update")},
}
"""Which fields of commands and their parts ask for one of these words."""
ALL = (
    ACCOUNT_ROLES, ACCOUNT_TYPES, ACTIONS, ADDRESS_ROLES, APPROVAL_STATES, BILLING_STATES, BULK_POLICIES,
    CREDIT_STATES, DELIVERY_STATES, DIRECTIONS, EXCEPTION_KINDS, EXCEPTION_STATES, FOLLOWING_REASONS, IMPORT_STATES,
    JOURNALS, KINDS, LOCATION_KINDS, ORDERING_STATES, PAYMENT_DIRECTIONS, PAYMENT_STATES, PERIOD_STATES,
    PRICE_SOURCES, RECEIPT_STATES, RECORD_KINDS, RELATIONS, REQUEST_STATES, SETTING_KINDS, SETTING_SCOPES, STATES,
    TAX_NUMBER_KINDS, TAX_PLACES, TAX_ROUNDINGS, TRADE_DIRECTIONS,
)  # fmt: skip
