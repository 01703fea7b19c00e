"""What can be asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from resolvers import colleagues, firms, ledger, lookups, people, selections, selling, settings, worklists
from resolvers.values import ID, CurrencyCode
from schema.access import ApiKey, Colleague, Me, Role, User
from schema.accounting import Account, AccountRole, Books, Entry, FiscalYear, Period, Posting
from schema.approval import ApprovalRequest
from schema.comment import Comment, Mention
from schema.company import Company, NumberSeries, Rate, Tenant
from schema.declare import Connection, answer, argument, by_id, listing, report
from schema.desk import Desk, View
from schema.document import Document
from schema.event import Event, EventFilter
from schema.exception import ImportException
from schema.imports import Import
from schema.invoice import Allocation, CreditNote, CustomerInvoice, DebitNote, Payment, VendorBill, VendorCreditNote
from schema.ledger import (
    AS_OF,
    COMPANY,
    JOURNAL,
    LATE,
    SIDE,
    SPAN,
    AgeingRow,
    OpenItem,
    ReceivedNotBilled,
    TaxReportRow,
    TrialBalanceRow,
)  # fmt: skip
from schema.order import (
    PurchaseOrder,
    PurchaseRequisition,
    PurchaseReturn,
    Receipt,
    RequestForQuotation,
    ShipmentNotice,
)
from schema.partner import Partner, PaymentTerm
from schema.price import PriceList, PriceListItem, SalesPrice
from schema.product import Category, Product, Tax, TaxPosition, Unit, VendorPrice
from schema.record import Node
from schema.sales import Delivery, Quote, SalesOrder, SalesReturn
from schema.setting import Setting
from schema.stock import Location, Move, Position, Reservation, StockAdjustment, StockCount, StockTransfer
from schema.words import KINDS


class Query:
    """What can be asked. Lists are connections: ask for `nodes`, and page with `first` and `after`."""

    node: Node | None = answer(
        "The record with an id, of whichever type; null if there is none that you may see.",
        lookups.node,
        arguments={"id": argument(ID, "The id.")},
    )
    nodes: list[Node | None] = answer(
        "The records with these ids, in their order; null for each that there is not or you may not see.",
        lookups.all_nodes,
        arguments={"ids": argument(list[ID], "The ids, at most 250.")},
    )
    me: Me = answer("Who you are, and what you may do.", people.me)
    roles: list[Role] = answer("The roles that people and keys are given, and what each may do.", people.roles)

    tenant: Tenant | None = answer("The tenant that you work in.", firms.tenant)
    company: Company | None = by_id("A company.")
    companies: Connection[Company] = listing("The companies you work for.")
    number_series: Connection[NumberSeries] = listing("How papers are numbered, by company, kind and year.")
    partner: Partner | None = by_id("A partner.")
    partners: Connection[Partner] = listing("Partners: vendors, customers or both.")
    payment_term: PaymentTerm | None = by_id("A payment term.")
    payment_terms: Connection[PaymentTerm] = listing("Payment terms.")
    rate: Rate | None = by_id("An exchange rate.")
    rates: Connection[Rate] = listing("Exchange rates, day by day.")

    product: Product | None = by_id("A product.")
    products: Connection[Product] = listing("Products: goods and services.")
    product_by_barcode: Product | None = answer(
        "The product that a scanner means.",
        lookups.product_by_barcode,
        arguments={"barcode": argument(str, "What the scanner read.")},
    )
    category: Category | None = by_id("A group of products.")
    categories: Connection[Category] = listing("Groups of products.")
    unit: Unit | None = by_id("A unit of measure.")
    units: Connection[Unit] = listing("Units of measure.")
    tax: Tax | None = by_id("A tax.")
    taxes: Connection[Tax] = listing("Taxes.")
    tax_position: TaxPosition | None = by_id("A tax position.")
    tax_positions: Connection[TaxPosition] = listing("Tax positions: which taxes take the place of the usual ones.")
    price_list: PriceList | None = by_id("A price list.")
    price_lists: Connection[PriceList] = listing("Price lists: what is asked of customers.")
    price_list_item: PriceListItem | None = by_id("A price of a price list.")
    price_list_items: Connection[PriceListItem] = listing("Prices of price lists.")
    sales_price: SalesPrice = answer(
        "What a customer would be asked for a product, and where that price is from.",
        selling.sales_price,
        arguments={
            "product": argument(ID, "The product."),
            "quantity": argument(Decimal, "How much of it."),
            "unit": argument(ID | None, "The unit of the quantity; that in which it is sold if not given."),
            "partner": argument(
                ID | None, "The customer; anybody if not given, for people of a customer their own firm."
            ),
            "company": argument(ID | None, "The company that sells; needed only if you work for several."),
            "currency": argument(CurrencyCode | None, "The customer's currency, else the company's, if not given."),
            "dated": argument(date | None, "The day of the paper; today if not given."),
        },
    )
    vendor_price: VendorPrice | None = by_id("What a vendor asks for a product.")
    vendor_prices: Connection[VendorPrice] = listing("What vendors ask for products.")

    location: Location | None = by_id("A place.")
    locations: Connection[Location] = listing("Places where goods are, or come from.")
    position: Position | None = by_id("What of a product lies at a place.")
    positions: Connection[Position] = listing("What lies where, and what is on its way.")
    move: Move | None = by_id("A move of goods.")
    moves: Connection[Move] = listing("How goods came and went.")
    reservation: Reservation | None = by_id("A reservation of goods.")
    reservations: Connection[Reservation] = listing("Goods that are kept for customers, and were.")
    stock_adjustment: StockAdjustment | None = by_id("An adjustment of the books to what was found.")
    stock_adjustments: Connection[StockAdjustment] = listing("Adjustments of the books to what was found.")
    stock_transfer: StockTransfer | None = by_id("A transfer of goods.")
    stock_transfers: Connection[StockTransfer] = listing("Transfers of goods from place to place.")
    stock_count: StockCount | None = by_id("A count of what lay at a place.")
    stock_counts: Connection[StockCount] = listing("What was counted where.")

    document: Document | None = by_id("A business paper of any kind.")
    documents: Connection[Document] = listing("Business papers of all kinds.")
    document_by_number: Document | None = answer(
        "The paper with a number.",
        lookups.document_by_number,
        arguments={
            "kind": argument(str, "Which kind of paper.", words=KINDS),
            "number": argument(str, "The number, as it stands on the paper."),
            "company": argument(ID | None, "Whose paper; needed only if several companies used the number."),
        },
    )
    purchase_order: PurchaseOrder | None = by_id("A purchase order.")
    purchase_orders: Connection[PurchaseOrder] = listing("Purchase orders.")
    receipt: Receipt | None = by_id("A receipt of goods.")
    receipts: Connection[Receipt] = listing("Receipts of goods.")
    purchase_requisition: PurchaseRequisition | None = by_id("A purchase requisition.")
    purchase_requisitions: Connection[PurchaseRequisition] = listing("Purchase requisitions.")
    request_for_quotation: RequestForQuotation | None = by_id("A request for quotation.")
    requests_for_quotation: Connection[RequestForQuotation] = listing("Requests for quotation.")
    shipment_notice: ShipmentNotice | None = by_id("A shipment notice.")
    shipment_notices: Connection[ShipmentNotice] = listing("What vendors say is on its way.")
    purchase_return: PurchaseReturn | None = by_id("A return to a vendor.")
    purchase_returns: Connection[PurchaseReturn] = listing("Returns to vendors.")
    vendor_bill: VendorBill | None = by_id("A vendor's bill.")
    vendor_bills: Connection[VendorBill] = listing("Vendors' bills.")
    debit_note: DebitNote | None = by_id("A claim on a vendor.")
    debit_notes: Connection[DebitNote] = listing("Claims on vendors.")
    vendor_credit_note: VendorCreditNote | None = by_id("A vendor's credit note.")
    vendor_credit_notes: Connection[VendorCreditNote] = listing("Vendors' credit notes.")
    quote: Quote | None = by_id("A quote to a customer.")
    quotes: Connection[Quote] = listing("Quotes to customers.")
    sales_order: SalesOrder | None = by_id("An order by a customer.")
    sales_orders: Connection[SalesOrder] = listing("Orders by customers.")
    delivery: Delivery | None = by_id("A delivery to a customer.")
    deliveries: Connection[Delivery] = listing("Deliveries to customers.")
    sales_return: SalesReturn | None = by_id("A return by a customer.")
    sales_returns: Connection[SalesReturn] = listing("Returns by customers.")
    customer_invoice: CustomerInvoice | None = by_id("An invoice to a customer.")
    customer_invoices: Connection[CustomerInvoice] = listing("Invoices to customers.")
    credit_note: CreditNote | None = by_id("A credit note to a customer.")
    credit_notes: Connection[CreditNote] = listing("Credit notes to customers.")
    payment: Payment | None = by_id("A payment.")
    payments: Connection[Payment] = listing("Payments, in and out.")
    allocation: Allocation | None = by_id("What a credit settles of a debt.")
    allocations: Connection[Allocation] = listing("What credits settle of debts, taken back or not.")
    expected_receipts: Connection[PurchaseOrder] = listing(
        "Confirmed orders of which something is still to come, the earliest first.",
        where=selections.expected,
        order=("expectedOn",),
        arguments={
            "since": argument(date | None, "Expected on this day or later.", api="from"),
            "until": argument(date | None, "Expected on this day or earlier.", api="to"),
            "vendor": argument(ID | None, "From this vendor."),
        },
    )
    approval_request: ApprovalRequest | None = by_id("A request for approval.")
    awaiting_my_approval: Connection[ApprovalRequest] = listing(
        "Papers that wait for a yes which you may give, each with the reason why it is asked for.",
        where=selections.awaiting,
    )

    account: Account | None = by_id("An account.")
    accounts: Connection[Account] = listing("Charts of accounts.", order=("code",))
    account_roles: Connection[AccountRole] = listing("Which account plays which role.", order=("role",))
    entry: Entry | None = by_id("An entry in the books.")
    entries: Connection[Entry] = listing("Entries in the books, by the day they count for.", order=("accountingDate",))
    posting: Posting | None = by_id("A line of an entry.")
    postings: Connection[Posting] = listing(
        "The general ledger: lines of all entries, by the day they count for.", order=("accountingDate",)
    )
    books: Connection[Books] = listing("The books of your companies, and up to when they are locked.")
    fiscal_years: Connection[FiscalYear] = listing("Fiscal years.", order=("startsOn",))
    periods: Connection[Period] = listing("Periods of fiscal years.", order=("startsOn",))
    trial_balance: Connection[TrialBalanceRow] = report(
        "What every account that was posted to stood at, what came to it, and what it stands at.",
        ledger.trial_balance,
        order=("code",),
        arguments={**COMPANY, **SPAN, **JOURNAL},
    )
    open_items: Connection[OpenItem] = report(
        "What is to be paid, by paper and day, what is due first before all else.",
        ledger.open_items,
        order=("dueOn", "dated"),
        arguments={**COMPANY, **SIDE, "partner": argument(ID | None, "Of this partner alone."), **AS_OF, **LATE},
    )
    ageing: Connection[AgeingRow] = report(
        "What is to be paid, by partner and by how long it has been due on a day.",
        ledger.ageing,
        order=(),
        arguments={**COMPANY, **SIDE, **AS_OF},
    )
    tax_report: Connection[TaxReportRow] = report(
        "The taxes by month, side, category and rate.",
        ledger.tax_report,
        order=("month", "side", "category", "rate"),
        arguments={**COMPANY, **SPAN},
    )
    received_not_billed: Connection[ReceivedNotBilled] = report(
        "Goods that came and were not billed, by line of their receipts, the oldest first.",
        ledger.received_not_billed,
        order=("dated", "number"),
        arguments={**COMPANY, **AS_OF},
    )

    comment: Comment | None = by_id("A remark on a paper.")
    my_mentions: Connection[Mention] = listing(
        "Where comments mention you, the newest first; `filter: {readAt: {isNull: true}}` for what is new.",
        where=selections.my_mentions,
        order=("-mentionedAt",),
    )

    colleagues: Connection[Colleague] = listing(
        "People of the house who may be mentioned in comments, or be given a paper.",
        where=colleagues.readers,
        order=("name",),
        arguments={"document": argument(ID | None, "Those alone who may read this paper.")},
    )

    desks: list[Desk] = answer("What your roles look at first, with how many there are of each.", worklists.desks)
    desk: Desk | None = answer(
        "The desk of a role; null if it has none.",
        worklists.desk,
        arguments={"role": argument(str, "The role, by its name in `roles`.")},
    )
    view: View | None = by_id("A worklist that somebody keeps.")
    views: Connection[View] = listing("Worklists of your own, and those that colleagues share.", order=("name",))
    import_exception: ImportException | None = by_id("Something that import flagged.")
    import_exceptions: Connection[ImportException] = listing("What import found wrong, or could not know.")

    import_: Import | None = by_id("An import of files.")
    imports: Connection[Import] = listing("Imports of files, which go on by themselves.")

    user: User | None = by_id("A person who may sign in.")
    users: Connection[User] = listing("People who may sign in.")
    api_key: ApiKey | None = by_id("A key by which a program comes in.")
    api_keys: Connection[ApiKey] = listing("Keys by which programs come in.")

    settings: list[Setting] = answer(
        "What may be set, each with what holds.",
        settings.settings,
        arguments={"company": argument(ID | None, "As it holds for this company; if not given, for the tenant.")},
    )

    event: Event | None = by_id("An event of the log.")
    events: Connection[Event] = listing(
        "What happened, in the order in which it became certain.",
        where=selections.selected_events,
        order=("position",),
        arguments={"filter": argument(EventFilter | None, "Which events; all if not given.")},
    )
