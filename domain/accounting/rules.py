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
    #     kind              journal       amount            debit                  credit
    Rule("receipt",         "stock",      "goods_received", "stock",               "received_not_billed"),
    Rule("purchase_order",  "commitment", "committed",      "commitments",         "commitments_contra"),
)  # fmt: skip

COMMITMENT = next(rule for rule in RULES if rule.journal == "commitment")
"""Follows orders, and not papers that are posted."""

KINDS: dict[str, tuple[Rule, ...]] = {
    kind: tuple(rule for rule in RULES if rule.kind == kind)
    for kind in dict.fromkeys(rule.kind for rule in RULES if rule is not COMMITMENT)
}
"""The rules by kind of the papers that are posted."""
