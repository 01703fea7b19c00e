"""What each kind of paper does to the books, as one table: an amount, the account it goes to, the one it comes from.

Every row moves an amount from the account on the credit side to that on the debit side, so an entry cannot but balance.
An amount below nothing goes the other way. The amounts are told in `portions`, the accounts by their roles in `chart`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: of this kind of paper, this amount, to debit and credit of these roles."""

    kind: str
    journal: str
    amount: str
    debit: str
    credit: str


RULES: tuple[Rule, ...] = (
    #     kind                  journal       amount                   debit                  credit
    Rule("purchase_order",     "commitment", "committed",             "commitments",         "commitments_contra"),
    Rule("receipt",            "stock",      "goods_received",        "stock",               "received_not_billed"),
    Rule("receipt",            "stock",      "goods_billed_before",   "stock",               "billed_not_received"),
    Rule("purchase_return",    "stock",      "goods_sent_back",       "received_not_billed", "stock"),
    Rule("vendor_bill",        "purchase",   "billed_receipts",       "received_not_billed", "payables"),
    Rule("vendor_bill",        "purchase",   "price_difference",      "price_difference",    "payables"),
    Rule("vendor_bill",        "purchase",   "billed_before_receipt", "billed_not_received", "payables"),
    Rule("vendor_bill",        "purchase",   "billed_services",       "expense",             "payables"),
    Rule("vendor_bill",        "purchase",   "tax_deducted",          "input_tax",           "payables"),
    Rule("vendor_bill",        "purchase",   "tax_self_assessed",     "input_tax",           "output_tax"),
    Rule("vendor_credit_note", "purchase",   "billed_receipts",       "payables",            "received_not_billed"),
    Rule("vendor_credit_note", "purchase",   "price_difference",      "payables",            "price_difference"),
    Rule("vendor_credit_note", "purchase",   "billed_before_receipt", "payables",            "billed_not_received"),
    Rule("vendor_credit_note", "purchase",   "billed_services",       "payables",            "expense"),
    Rule("vendor_credit_note", "purchase",   "tax_deducted",          "payables",            "input_tax"),
    Rule("vendor_credit_note", "purchase",   "tax_self_assessed",     "output_tax",          "input_tax"),
    Rule("delivery",           "stock",      "goods_delivered",       "cost_of_goods",       "stock"),
    Rule("sales_return",       "stock",      "goods_taken_back",      "stock",               "cost_of_goods"),
    Rule("customer_invoice",   "sales",      "sold",                  "receivables",         "income"),
    Rule("customer_invoice",   "sales",      "tax_charged",           "receivables",         "output_tax"),
    Rule("credit_note",        "sales",      "sold",                  "income",              "receivables"),
    Rule("credit_note",        "sales",      "tax_charged",           "output_tax",          "receivables"),
    Rule("payment",            "bank",       "paid_out",              "payables",            "bank"),
    Rule("payment",            "bank",       "paid_in",               "bank",                "receivables"),
    Rule("payables_allocation", "general",   "settled",               "payables",            "exchange_difference"),
    Rule("payables_allocation", "general",   "spent",                 "exchange_difference", "payables"),
    Rule("payables_allocation", "general",   "discounted",            "payables",            "discount_received"),
    Rule("payables_allocation", "general",   "discounted_tax",        "payables",            "input_tax"),
    Rule("payables_allocation", "general",   "discounted_assessment", "output_tax",          "input_tax"),
    Rule("payables_allocation", "general",   "written_off",           "payables",            "small_difference"),
    Rule("payables_allocation", "general",   "credit_written_off",    "small_difference",    "payables"),
    Rule("receivables_allocation", "general", "settled",              "exchange_difference", "receivables"),
    Rule("receivables_allocation", "general", "spent",                "receivables",         "exchange_difference"),
    Rule("receivables_allocation", "general", "discounted",           "discount_granted",    "receivables"),
    Rule("receivables_allocation", "general", "discounted_tax",       "output_tax",          "receivables"),
    Rule("receivables_allocation", "general", "written_off",          "small_difference",    "receivables"),
    Rule("receivables_allocation", "general", "credit_written_off",   "receivables",         "small_difference"),
    Rule("stock_adjustment",   "stock",      "goods_lost",            "stock_loss",          "stock"),
    Rule("stock_adjustment",   "stock",      "goods_found",           "stock",               "stock_gain"),
)  # fmt: skip

COMMITMENT = next(rule for rule in RULES if rule.journal == "commitment")
"""Follows orders, and not papers that are posted."""

KINDS: dict[str, tuple[Rule, ...]] = {
    kind: tuple(rule for rule in RULES if rule.kind == kind)
    for kind in dict.fromkeys(rule.kind for rule in RULES if rule is not COMMITMENT)
}
"""The rules by kind of the papers that are posted."""
