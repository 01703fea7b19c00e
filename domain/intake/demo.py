"""The demo: a small firm and its trade of the last weeks, made by nothing but what everybody may do.

It is for looking around and for trying things; nobody should keep their own business in it.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.access.credential import KEY, digest, hint
from domain.access.entrance import actor_of
from domain.access.role import ROLES
from domain.access.user import ApiKey, User
from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.receiving import ReceivedLine
from domain.intake.demo_firm import COMPANY, PEOPLE, known, masters, people
from domain.intake.demo_trade import carry_out, trading
from domain.intake.founding import found, operators
from domain.kernel import plugin
from domain.kernel.actor import Actor
from domain.kernel.commands import COMMANDS, Command, Ref
from domain.kernel.work import Database, Work
from domain.purchase.order import PurchaseOrder
from domain.purchase.writing import CreatePurchaseOrder

TENANT, NAME = "demo", "The demo"
BOOTSTRAP = "TRADEGRAPH_BOOTSTRAP_KEY"


@dataclass(frozen=True, kw_only=True)
class Step:
    """What somebody did with an order, so many days ago. `counted` are (received, rejected) by line."""

    role: str
    verb: str
    ago: int
    given: Mapping[str, Any] = field(default_factory=dict)
    counted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Story:
    """The life of one order. `incoterm` is a plugin's field, told only where the plugin is at home."""

    vendor: str
    ago: int
    lines: tuple[OrderLine, ...]
    steps: tuple[Step, ...] = ()
    charges: tuple[OrderCharge, ...] = ()
    incoterm: str | None = None
    note: str | None = None

    def order(self) -> CreatePurchaseOrder:
        custom = {"incoterm": self.incoterm} if "incoterm" in plugin.GRAFTED.on("purchase_order") else {}
        return CreatePurchaseOrder(
            vendor=known(self.vendor), lines=self.lines, charges=self.charges, note=self.note, custom=custom
        )  # fmt: skip


def _line(sku: str, quantity: str, unit: str = "PCE") -> OrderLine:
    return OrderLine(product=known(sku), quantity=Decimal(quantity), unit=known(unit))


def _did(role: str, verb: str, ago: int, **given: Any) -> Step:
    return Step(role=role, verb=verb, ago=ago, given=given)


def _confirmed(ago: int) -> tuple[Step, ...]:
    return _did("buyer", "submit", ago), _did("buyer", "confirm", ago)


STORIES = (
    Story(  # a draft that nobody submitted yet
        vendor="prairie", ago=0, note="For the spring batch; call before you deliver.",
        lines=(
            _line("FRAME-M", "4"),
            _line("COATING", "4"),
            OrderLine(
                category=known("WORKSHOP"), text="Jig for frames", quantity=Decimal(1), unit_price=Decimal(240)
            ),
        ),
    ),
    Story(  # waits for approval
        vendor="alpine", ago=1, incoterm="FCA", lines=(_line("HUB-8", "80"), _line("BEARING-608", "1000")),
        charges=(OrderCharge(text="Freight", amount=Decimal("185.00")),), steps=(_did("buyer", "submit", 1),),
    ),
    Story(  # approved, to be confirmed
        vendor="prairie", ago=4, incoterm="DAP", lines=(_line("FRAME-M", "40"),),
        steps=(_did("buyer", "submit", 3), _did("approver", "approve", 2, reason="Agreed in the weekly round.")),
    ),
    Story(  # confirmed, and late
        vendor="thames", ago=24, incoterm="CIF", lines=(_line("TYRE-700", "120"), _line("TUBE-700", "200")),
        charges=(OrderCharge(text="Freight and insurance", amount=Decimal("96.00")),), steps=_confirmed(24),
    ),
    Story(  # received in part, some of it refused
        vendor="cascade", ago=9, lines=(_line("CARTON", "300"), _line("WRAP", "24")),
        steps=(
            *_confirmed(9),
            Step(
                role="storekeeper", verb="receive", ago=3, counted=(("200", "12"), ("24", "0")),
                given={"delivery_note": "CP-88112"},
            ),
        ),
    ),
    Story(  # received in full
        vendor="prairie", ago=15, lines=(_line("TUBE-25", "120.5", "MTR"),),
        steps=(*_confirmed(15), Step(role="storekeeper", verb="receive", ago=10, given={"delivery_note": "4471"})),
    ),
    Story(  # closed short
        vendor="alpine", ago=30, lines=(_line("CHAIN-8", "50"), _line("GREASE", "7.5", "KGM")),
        steps=(
            *_confirmed(30),
            Step(role="storekeeper", verb="receive", ago=14, counted=(("45", "0"), ("7.5", "0"))),
            _did("buyer", "close", 12, reason="The vendor has no more of this chain."),
        ),
    ),
    Story(  # called off
        vendor="cascade", ago=6, lines=(_line("WRAP", "60"),),
        steps=(*_confirmed(6), _did("buyer", "cancel", 5, reason="There was enough in the cellar.")),
    ),
)  # fmt: skip


async def seed(owner: Database, database: Database, secret: str) -> bool:
    """Make the demo, if there is no firm at all; whether it was made. `secret` is what its keys are derived from."""
    if await operators(owner):
        return False
    founder = await found(owner, TENANT, NAME, COMPANY)
    team = await database.transact(founder, lambda work: _furnish(work, secret))
    for story in STORIES:
        await _tell(database, team, story)
    papers: dict[str, UUID] = {}
    for act in trading(founder.clock()):
        actor = _ago(team[act.role], act.ago)
        made = await database.transact(actor, partial(carry_out, act=act, papers=papers))
        papers |= {act.makes: made} if act.makes else {}
    return True


def keys(secret: str) -> dict[str, str]:
    """The API keys of the demo by role: the same each time, so that they can be shown again."""
    return {role: KEY + _derived(secret, role) for role in PEOPLE}


async def opening(database: Database, secret: str) -> dict[str, str]:
    """Those of the demo's keys that open the door of this database."""
    return {role: key for role, key in keys(secret).items() if await actor_of(database, key) is not None}


async def admit(database: Database, administrator: Actor, key: str) -> None:
    """Take a key that the operator chose as the demo administrator's; the one chosen before ends."""
    await database.transact(administrator, lambda work: _admit(work, key))


def _furnish(work: Work, secret: str) -> dict[str, Actor]:
    today = work.now.date()
    _enter(work, masters(today))
    company = next(iter(work.actor.companies))
    persons: list[User] = _enter(work, people(Ref(id=company)))
    for role, person in zip(PEOPLE, persons, strict=True):
        secret_key = keys(secret)[role]
        work.add(_key(f"The demo's {role}", secret_key, person.id))
    return {person.account: _as(work.actor, person) for person in persons}


def _enter(work: Work, commands: Iterable[Command]) -> list[Any]:
    entered = []
    for command in commands:
        work.actor.must(command.right)
        entered.append(command.act(work))
        work.session.flush()
    return entered


def _as(founder: Actor, person: User) -> Actor:
    rights = frozenset[str]().union(*(ROLES[role] for role in person.roles))
    return replace(founder, name=person.account, rights=rights, user=person.id, partner=person.partner_id)


async def _tell(database: Database, team: Mapping[str, Actor], story: Story) -> None:
    order = await database.perform(_ago(team["buyer"], story.ago), story.order())
    for step in story.steps:
        await database.transact(_ago(team[step.role], step.ago), partial(_take, id=order, step=step))


def _take(work: Work, *, id: UUID, step: Step) -> None:
    order = work.find(PurchaseOrder, id, options=PurchaseOrder.whole())
    verb: Any = COMMANDS[f"{step.verb.title()}PurchaseOrder"]
    given = {"id": Ref(id=id), "expected_version": order.version, **step.given}
    if step.counted:
        given["lines"] = [_counted(line.id, *one) for line, one in zip(order.lines, step.counted, strict=True)]
    _enter(work, [verb(**given)])


def _counted(line: UUID, received: str, rejected: str) -> ReceivedLine:
    refused = Decimal(rejected)
    reason = "Corners crushed." if refused else None
    return ReceivedLine(line=Ref(id=line), quantity=Decimal(received), rejected=refused, reason=reason)


def _ago(actor: Actor, days: int) -> Actor:
    """The same actor as of some days ago."""
    now: Callable[[], datetime] = actor.clock
    return replace(actor, clock=lambda: now() - timedelta(days=days))


def _derived(secret: str, role: str) -> str:
    return urlsafe_b64encode(hmac.digest(secret.encode(), role.encode(), "sha256")).rstrip(b"=").decode()


def _key(name: str, secret: str, user: UUID) -> ApiKey:
    return ApiKey(name=name, digest=digest(secret), hint=hint(secret), user_id=user)


def _admit(work: Work, key: str) -> None:
    person = work.session.scalars(select(User).where(User.account == "administrator")).one()
    for earlier in work.session.scalars(select(ApiKey).where(ApiKey.name == BOOTSTRAP, ApiKey.revoked_at.is_(None))):
        if earlier.digest == digest(key):
            return
        earlier.revoked_at = work.now
        work.note(earlier, "revoked")
    chosen = _key(BOOTSTRAP, key, person.id)
    chosen.hint = "…"  # how much of a key that people chose themselves may be shown, nobody knows
    work.add(chosen)
