"""Telling a story over the API: each step is first only tried, then done under a key, then asked for again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from domain.kernel.commands import COMMANDS
from resolvers.hub import Hub
from tests.firm import Firm
from tests.queries.api import Client, client

LINEAGE = "relation document { id kind }"
LINE_LINEAGE = "relation quantity line { id document { id } }"
PAPER = f"""query ($id: ID!) {{
  node(id: $id) {{ __typename id }}
  document(id: $id) {{
    __typename id kind number state version reverses {{ id }}
    origins {{ {LINEAGE} }} begets {{ {LINEAGE} }}
    availableActions {{ action allowed reason {{ code message }} }}
    lines {{ id quantity openQuantity received rejected accepted ordered announced delivered returned toReplace billed
      credited claimed closed expectedOn proposedOn origins {{ {LINE_LINEAGE} }} begets {{ {LINE_LINEAGE} }} }}
    history {{ nodes {{ type sequence }} }}
  }} }}"""
LISTED = "query ($filter: DocumentFilter) { documents(filter: $filter) { totalCount nodes { id kind } } }"
Paper = dict[str, Any]


@dataclass
class Story:
    """A firm whose people act one after the other; `done` are the types of events that must have been told."""

    firm: Firm
    hub: Hub | None = None
    others: dict[str, Client] = field(default_factory=dict)
    steps: int = 0
    made: list[str] = field(default_factory=list)

    def who(self, role: str) -> Client:
        return self.others.get(role) or client(self.firm, role, self.hub)

    async def do(self, role: str, verb: str, **given: Any) -> Paper:
        """Take a step that is not refused; answers with the paper as anybody may read it, right after it."""
        noun = noun_of(verb)
        self.steps += 1
        before = await self.rows()
        tried = await self.who(role).do(verb, selection=f"{noun} {{ __typename }}", validateOnly=True, **given)
        assert tried["errors"] == [], (verb, tried)
        assert await self.rows() == before, f"a trial of {verb} left something behind"
        key, selection = f"step {self.steps}", f"{noun} {{ id }}"
        payload = await self.who(role).do(verb, selection=selection, key=key, **given)
        assert payload["errors"] == [], (verb, payload)
        after = await self.rows()
        again = await self.who(role).do(verb, selection=selection, key=key, **given)
        assert again == payload
        assert await self.rows() == after, f"{verb} was done twice under one key"
        id = str(payload[noun]["id"])
        if id not in self.made:
            self.made.append(id)
        return await self.look(id)

    async def look(self, id: str, role: str = "accountant") -> Paper:
        """The paper, which `node` and `documents` tell of too."""
        told = await self.who(role).ask(PAPER, id=id)
        paper: Paper = told["document"]
        assert told["node"] == {"__typename": paper["__typename"], "id": id}
        listed = await self.who(role).ask(LISTED, filter={"id": {"eq": id}, "kind": {"eq": paper["kind"]}})
        assert listed["documents"] == {"totalCount": 1, "nodes": [{"id": id, "kind": paper["kind"]}]}
        return paper

    async def can(self, role: str, id: str) -> dict[str, str | None]:
        """What a role can do with a paper: by action None, or the code of what is in the way."""
        paper = await self.look(id, role)
        return {one["action"]: one["reason"] and one["reason"]["code"] for one in paper["availableActions"]}

    async def rows(self) -> dict[str, int]:
        """How many rows there are of whatever a step may write."""
        async with self.firm.database.session(self.firm.actor("viewer")) as session:
            found = {}
            for table in ("document", "line", "line_link", "event", "move", "entry", "idempotency_key"):
                found[table] = (await session.execute(text(f"select count(*) from {table}"))).scalar_one()
            return {**found, "states": await session.scalar(text("select sum(version) from document"))}

    async def told(self, since: int = 0) -> int:
        """How many events there are, those not counted that were there before."""
        return (await self.rows())["event"] - since


def noun_of(verb: str) -> str:
    """What a mutation's payload calls the record."""
    name = COMMANDS[f"{verb[0].upper()}{verb[1:]}"].answers.__name__
    return f"{name[0].lower()}{name[1:]}"


def kinds(lineage: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Relation and kind of what stands at the other ends."""
    return sorted((one["relation"], one["document"]["kind"]) for one in lineage)


def quantities(paper: Paper, *names: str) -> list[tuple[str, ...]]:
    """Of each line these quantities."""
    return [tuple(line[name] for name in names) for line in paper["lines"]]
