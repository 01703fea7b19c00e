"""Receiving and returning by name, for those who do it in code."""

from __future__ import annotations

from typing import Any

from domain.flow.begetting import MADE
from domain.flow.taking import ReceivedLine

ReceivePurchaseOrder: Any = MADE["ReceivePurchaseOrder"]
CreateReceipt: Any = MADE["CreateReceipt"]
__all__ = ["CreateReceipt", "ReceivePurchaseOrder", "ReceivedLine"]
