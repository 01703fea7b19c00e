"""A trader who at each step picks any paper and anything that might be done with it: the random life of a firm."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import event, text

from domain import verbs  # noqa: F401 - all commands must be known
from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.begetting import SHAPES
from domain.flow.table import FLOW, sources_of
from domain.kernel.commands import COMMANDS, Ref
from domain.kernel.decimals import rounded
from domain.kernel.documents import Document
from domain.kernel.errors import Refused
from domain.kernel.papers import kinds
from domain.kernel.work import Database
from domain.kernel.workflow import BY_RULE
from domain.parties.setting_entry import SetSetting
from domain.purchase.quotation import QuotedLine
from domain.stock.reserving import ReservedLine
from domain.warehouse.arriving import ArrivedLine
from domain.warehouse.writing import AdjustedLine, MovedLine
from tests.content import digest
from tests.domain.wares import GOODS, actor, derived, furnish, ref
from tests.firm import TODAY, Firm

D = Decimal
WRITTEN = [name.removeprefix("Update") for name in COMMANDS if name.startswith("Update")]
KINDS = {kind.__name__: kind for kind in kinds().values()}
PAPERS = [name for name in WRITTEN if name in KINDS and f"Copy{name}" in COMMANDS]
"""Kinds that people write and edit; the others are only made from others."""
STOCK = {"StockTransfer": MovedLine, "StockAdjustment": AdjustedLine}
"""Kinds that people write about goods alone, with the shape of their lines."""
BEGINNINGS = ["PurchaseOrder", "PurchaseOrder", "SalesOrder", "SalesOrder", "Quote", "PurchaseRequisition"] * 3
TAKES_EFFECT = ("Post", "Ship")
OVER = {"cancelled", "reversed", "declined", "released", "used_up"}
BACKWARD = {"cancel", "reverse", "reject", "revise", "decline", "close", "acknowledge"}
SEEN = """select d.id, d.kind, d.state, d.version, d.currency, d.partner_id from document d order by d.id"""
LINES = """
    select l.id, l.document_id, l.quantity, u.digits, l.product_id, l.unit_id, l.unit_price
    from line l join unit u on (u.tenant_id, u.id) = (l.tenant_id, l.unit_id) order by l.document_id, l.position"""
STAYS = {"number_series", "number_block", "event", "event_seal"}
"""A number may be skipped by what was refused."""


RANKS = {"document": 0, "partner": 0, "position": 1, "number_series": 2}
"""Nobody who holds what is later here waits for what is before it, so that nobody waits in a circle.

A bill that holds its order and vendor looks for receipts of that order, which nobody holds without the order.
"""
_LOCK = re.compile(r"FROM (\w+)\b(?!.*\bFROM\b).* FOR (?:NO KEY )?UPDATE", re.DOTALL)


@contextmanager
def in_order(database: Database) -> Iterator[None]:
    """Whoever locks does so in the order that all keep to, and all places at once."""
    locked: list[str] = []
    held: set[UUID] = set()

    def note(_connection: Any, _cursor: Any, statement: str, given: Sequence[Any], *_: Any) -> None:
        ids = {one for one in given if isinstance(one, UUID)}
        if (found := _LOCK.search(statement)) and not ids <= held:
            locked.append(found[1])
            held.update(ids)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    assert locked == sorted(locked, key=RANKS.__getitem__)
    assert locked.count("position") < 2


@dataclass
class Trader:
    """Trades at random in a firm; tells what was done, and what was refused with which code."""

    firm: Firm
    chance: random.Random
    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    papers: list[Any] = field(default_factory=list)
    lines: dict[UUID, list[Any]] = field(default_factory=dict)
    watch: float = 0.0
    restore: float = 0.0
    references: int = 0

    async def settle_in(self) -> None:
        """Products in awkward units, a service, included and half recovered taxes, policies as it comes."""
        await furnish(self.firm)
        for name, words in {
            "bill.by": ("received", "ordered"), "invoice.by": ("delivered", "ordered"),
            "tax.rounding": ("document", "line"), "receipt.over_percent": ("0", "10"),
        }.items():  # fmt: skip
            asked = SetSetting(name=name, value=self.chance.choice(words), company=Ref(id=self.firm.company))
            await self.firm.database.perform(self.firm.actor("administrator"), asked)
        for _ in range(2):
            lines = [replace(self._line(), product=ref(self.firm[word]), unit=ref(self.firm[unit]), quantity=D(40))
                     for word, unit, _ in GOODS]  # fmt: skip
            order = await self.attempt("CreatePurchaseOrder", {"vendor": ref(self.firm["vendor"]), "lines": lines})
            await self.attempt("SubmitPurchaseOrder", {"id": ref(order)}) if order else None
            await self.look()
            await self.attempt(
                "ApprovePurchaseOrder", self.asked("ApprovePurchaseOrder", id=ref(order), expected_version=2)
            )
            await self.attempt("ConfirmPurchaseOrder", {"id": ref(order)})
            await self.attempt("ReceivePurchaseOrder", {"id": ref(order)})
        bolt = {"product": ref(self.firm["bolt"]), "location": ref(self.firm["shelf"])}
        found = [AdjustedLine(**bolt, difference=D(6), reason="behind the shelf")]
        moved = {"lines": [MovedLine(**bolt, quantity=D(4))], "destination": ref(self.firm["receiving"])}
        for verb, kind, asked in (("Post", "StockAdjustment", {"lines": found}), ("Ship", "StockTransfer", moved)):
            paper = await self.attempt(f"Create{kind}", asked)
            assert await self.attempt(f"{verb}{kind}", {"id": ref(paper)})

    async def live(self, steps: int) -> None:
        """So many steps; whatever is refused must be so by a rule, and leave nothing behind."""
        for _ in range(steps):
            await self.look()
            verb, asked = self._wish()
            if self.chance.random() < self.restore and _takes_effect(verb, asked):
                await self._there_and_back(verb, asked)
            else:
                await self.attempt(verb, asked)

    async def look(self) -> None:
        """See what papers there are."""
        async with self.firm.database.session(self.firm.actor("viewer")) as session:
            self.papers = list(await session.execute(text(SEEN)))
            self.lines = {}
            for line in await session.execute(text(LINES)):
                self.lines.setdefault(line.document_id, []).append(line)

    async def attempt(self, verb: str, asked: dict[str, Any]) -> UUID | None:
        """Try to do something; now and then see that a refusal has left nothing behind."""
        watched = self.chance.random() < self.watch
        before = await self.content() if watched else None
        try:
            with in_order(self.firm.database):
                paper: UUID = await self.firm.database.perform(actor(self.firm, verb), COMMANDS[verb](**asked))
        except Refused as refused:
            self.refused += [f"{verb} {one.code}" for one in refused.each]
            if watched:
                assert await self.content() == before, (verb, asked)
            return None
        self.done.append(verb)
        return paper

    async def _there_and_back(self, verb: str, asked: dict[str, Any]) -> None:
        """What was posted can be taken back at once, and then all that followed from it is as it was before."""
        mine = asked["id"].id if verb.startswith(TAKES_EFFECT) else None
        others = [one for one in self.papers if one.id != mine]
        before = await derived(self.firm, others)
        paper = await self.attempt(verb, asked)
        if paper is None:
            return
        kind = COMMANDS[verb].answers
        back = f"Reverse{kind.__name__}"
        self.done.append(back)
        reverse = COMMANDS[back](id=ref(paper), reason="there and back")
        await self.firm.database.perform(actor(self.firm, back), reverse)
        after = await derived(self.firm, others)
        for table, rows in before.items():
            for key in rows.keys() | after[table].keys():
                assert after[table].get(key) == rows.get(key), (
                    rows.get(key),
                    after[table].get(key),
                    verb,
                    table,
                    key,
                    asked,
                )

    async def content(self) -> dict[str, tuple[int, str]]:
        """What the database says, but for numbers that may be skipped."""
        found = await digest(self.firm.owner_url)
        return {table: told for table, told in found.items() if table not in STAYS}

    def _wish(self) -> tuple[str, dict[str, Any]]:
        often = self.chance.random()
        if len(self.papers) < 6 or often < 1.5 / len(self.papers):
            return self._write(self.chance.choice([*PAPERS, *BEGINNINGS]))
        if often < 0.12:
            return self._reserve()
        if often < 0.21:
            return self._store(self.chance.choice([*STOCK]))
        if often < 0.32:
            return self._combine()
        alive = [one for one in self.papers if one.state not in OVER or self.chance.random() < 0.1] or self.papers
        paper = self.chance.choice(alive[-10:] if self.chance.random() < 0.6 else alive)
        kind = kinds()[paper.kind]
        if often < 0.45 and kind.__name__ in PAPERS and paper.state == "draft":
            return self._edit(paper, kind)
        steps = [one for one in kind.workflow.steps if one.right != BY_RULE]
        possible = [one for one in steps if paper.state in one.sources]
        chosen = possible if possible and self.chance.random() < 0.95 else steps
        weights = [1 if one.action in BACKWARD else 6 for one in chosen]
        return self._step(paper, kind, self.chance.choices(chosen, weights)[0].action)

    def _write(self, name: str) -> tuple[str, dict[str, Any]]:
        if name == "Payment":
            return self._pay()
        if name in STOCK:
            return self._store(name)
        command = COMMANDS[f"Create{name}"]
        asked: dict[str, Any] = {"lines": [self._line() for _ in range(self.chance.randint(1, 3))]}
        names = {one.name for one in fields(command)}
        if "vendor" in names:
            asked["vendor"] = ref(self.firm[self.chance.choice(["vendor", "vendor", "other_vendor"])])
        if "customer" in names:
            asked["customer"] = ref(self.firm[self.chance.choice(["customer", "customer", "yen_customer"])])
        if self.chance.random() < 0.3:
            asked["charges"] = [self._charge()]
        if "vendor_reference" in names:
            asked["vendor_reference"] = self._reference()
        return f"Create{name}", asked

    def _pay(self) -> tuple[str, dict[str, Any]]:
        """A bill or invoice in one stroke, in whole or in part; or money that is not said to be for anything."""
        owed = [one for one in self.papers if one.kind in {"vendor_bill", "customer_invoice"}]
        amount = D(self.chance.randint(1, 400))
        if owed and self.chance.random() < 0.7:
            paper = self.chance.choice(owed)
            asked = {"id": ref(paper.id), "amount": self.chance.choice([None, amount]), "keep_rest": True}
            return f"Pay{kinds()[paper.kind].__name__}", asked
        whose = ref(self.firm[self.chance.choice(["vendor", "customer"])])
        return "CreatePayment", {
            "partner": whose, "amount": amount, "direction": self.chance.choice(["in", "out"]), "currency": "USD",
        }  # fmt: skip

    def _store(self, name: str) -> tuple[str, dict[str, Any]]:
        """Goods go to another place, or are found to be more or fewer."""
        asked: dict[str, Any] = {"lines": [self._kept(name) for _ in range(self.chance.randint(1, 2))]}
        if name == "StockTransfer":
            asked["destination"] = ref(self.firm[self.chance.choice(["shelf", "shelf", "receiving"])])
        return f"Create{name}", asked

    def _kept(self, name: str) -> MovedLine | AdjustedLine:
        word, unit, digits = self.chance.choice(GOODS)
        quantity = self._amount(D(8), digits)
        told = {"product": ref(self.firm[word]), "unit": ref(self.firm[unit]),
                "location": ref(self.firm[self.chance.choice(["receiving", "receiving", "shelf"])])}  # fmt: skip
        if name == "StockTransfer":
            return MovedLine(**told, quantity=quantity)
        found = self.chance.choice([{"counted": quantity}, {"difference": quantity}, {"difference": -quantity}])
        return AdjustedLine(**told, **found, reason="counted")

    def _line(self) -> OrderLine:
        word, unit, digits = self.chance.choice(GOODS)
        return OrderLine(
            product=ref(self.firm[word]), unit=ref(self.firm[unit]), quantity=self._amount(D(20), digits),
            unit_price=D(self.chance.randint(1, 99999)) / 10000, tax=self._tax(),
            price_base=self.chance.choice([None, None, D(100)]),
            discount_percent=self.chance.choice([None, None, D("12.5"), D(100)]),
        )  # fmt: skip

    def _charge(self) -> OrderCharge:
        amount = self.chance.choice([D(7), D(12), D(-1)])
        return OrderCharge(text="freight", amount=amount, tax=self._tax())

    def _tax(self) -> Ref | None:
        word = self.chance.choice(["tax8", "tax20", "included", "half", "reverse", None])
        return ref(self.firm[word]) if word else None

    def _reserve(self) -> tuple[str, dict[str, Any]]:
        lines = [ReservedLine(product=ref(self.firm["bolt"]), quantity=D(self.chance.randint(1, 5)))]
        until = TODAY + timedelta(days=3)
        return "CreateReservation", {"customer": ref(self.firm["customer"]), "held_until": until, "lines": lines}

    def _combine(self) -> tuple[str, dict[str, Any]]:
        """Lines of several papers make one."""
        target = self.chance.choice([one for one in SHAPES if all(row.several for row in sources_of(one))])
        words = {
            (word, row.states) for word, kind in kinds().items() for row in sources_of(target) if kind is row.source
        }
        papers = [
            one for one in self.papers
            if any(one.kind == word and one.state in states.split("|") for word, states in words)
        ]  # fmt: skip
        first = self.chance.choice(papers) if papers else None
        if first and self.chance.random() < 0.8:
            papers = [one for one in papers if (one.partner_id, one.currency) == (first.partner_id, first.currency)]
        chosen = self.chance.sample(papers, min(len(papers), self.chance.randint(1, 3)))
        verb = f"{_combining(target)}{target.__name__}"
        lines = [one for paper in chosen for one in self._taken(paper.id, target)]
        self.chance.shuffle(lines)
        return verb, self.asked(verb, lines=lines)

    def _edit(self, paper: Any, kind: type[Document]) -> tuple[str, dict[str, Any]]:
        if self.chance.random() < 0.15:
            return f"Copy{kind.__name__}", {"id": ref(paper.id)}
        asked: dict[str, Any] = {"id": ref(paper.id), "expected_version": paper.version}
        if self.chance.random() < 0.8:
            asked["lines"] = [
                OrderLine(
                    id=ref(one.id), product=ref(one.product_id), unit=ref(one.unit_id), unit_price=one.unit_price,
                    quantity=self._amount(one.quantity * self.chance.choice([1, 1, 2]), one.digits),
                )
                for one in self.lines.get(paper.id, []) if self.chance.random() < 0.85
            ]  # fmt: skip
            asked["lines"] += [self._line()] if self.chance.random() < 0.2 else []
        if self.chance.random() < 0.2:
            asked["charges"] = [self._charge()] if self.chance.random() < 0.5 else []
        if self.chance.random() < 0.1:
            asked["vendor" if kind.direction == "purchase" else "customer"] = ref(self.firm["other_vendor"])
        known = {one.name for one in fields(COMMANDS[f"Update{kind.__name__}"])}
        return f"Update{kind.__name__}", {name: value for name, value in asked.items() if name in known}

    def _step(self, paper: Any, kind: type[Document], action: str) -> tuple[str, dict[str, Any]]:
        verb = f"{action.title().replace('_', '')}{kind.__name__}"
        rows = [row for row in FLOW if row.source is kind and row.verb == action]
        lines = None
        if rows and self.chance.random() < 0.6:
            lines = self._taken(paper.id, rows[0].target)
        if kind.__name__ == "StockTransfer" and action == "receive" and self.chance.random() < 0.6:
            lines = [self._part(ArrivedLine, one) for one in self.lines[paper.id]]
        if action == "offer":
            lines = [QuotedLine(line=ref(one.id), unit_price=D("3.5")) for one in self.lines[paper.id]]
        return verb, self.asked(verb, id=ref(paper.id), lines=lines, expected_version=paper.version)

    def _taken(self, paper: UUID, target: type[Document]) -> list[Any]:
        shape = SHAPES[target][0]
        return [self._part(shape, one) for one in self.lines.get(paper, []) if self.chance.random() < 0.75]

    def _part(self, shape: type, line: Any) -> Any:
        quantity = self._amount(line.quantity * self.chance.choice([D("0.4"), 1, 1, D("1.1")]), line.digits)
        told: dict[str, Any] = {"line": ref(line.id), "quantity": quantity}
        names = {one.name for one in fields(shape)}
        if "rejected" in names and self.chance.random() < 0.3:
            told |= {"rejected": self._amount(quantity, line.digits), "reason": "scratched"}
        if "replace" in names:
            told["replace"] = self.chance.random() < 0.5
        if "reason" in names:
            told.setdefault("reason", "dull")
        if "unit_price" in names and self.chance.random() < 0.2:
            told["unit_price"] = D(self.chance.randint(1, 500)) / 100
        return shape(**told)

    def asked(self, verb: str, **given: Any) -> dict[str, Any]:
        """What is asked for beside: a reason, a draft, a vendor and their number."""
        known = {one.name for one in fields(COMMANDS[verb])}
        usual: dict[str, Callable[[], Any]] = {
            "reason": lambda: "so it is",
            "held_until": lambda: TODAY + timedelta(days=self.chance.randint(1, 9)),
            "draft": lambda: self.chance.random() < 0.4,
            "vendor": lambda: ref(self.firm[self.chance.choice(["vendor", "other_vendor"])]),
            "vendor_reference": self._reference,
        }
        asked = {name: make() for name, make in usual.items() if name in known}
        if verb == "ConsolidatePurchaseOrder" and self.chance.random() < 0.5:
            del asked["vendor"]
        if self.chance.random() < 0.7:
            given.pop("expected_version", None) if "Approve" not in verb and "Reject" not in verb else None
        return asked | {name: value for name, value in given.items() if name in known}

    def _amount(self, most: Decimal, digits: int) -> Decimal:
        part = rounded(most * D(self.chance.randint(1, 100)) / 100, digits)
        whole = rounded(most, digits)
        return max(D(1).scaleb(-digits), whole if self.chance.random() < 0.5 else part)

    def _reference(self) -> str:
        self.references += 1
        return f"{self.references}"


def _takes_effect(verb: str, asked: dict[str, Any]) -> bool:
    """Whether that is, at once, a paper which can be reversed."""
    kind = COMMANDS[verb].answers
    if f"Reverse{kind.__name__}" not in COMMANDS:
        return False
    return verb.startswith(TAKES_EFFECT) or ("draft" in asked and not asked["draft"])


def _combining(target: type[Document]) -> str:
    return "Create" if all(row.at_once for row in sources_of(target)) else "Consolidate"


def tally(words: Sequence[str]) -> dict[str, int]:
    """How often each."""
    return {word: words.count(word) for word in sorted(set(words))}
