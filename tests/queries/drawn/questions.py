"""Whole documents, drawn by hypothesis from the schema and from what is known of a firm."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLSchema
from hypothesis import strategies as st

from tests.queries.drawn.arguments import Arguments
from tests.queries.drawn.known import Known
from tests.queries.drawn.selections import Place, Selections
from tests.queries.drawn.sheet import Sheet
from tests.queries.twice import Question

SLIPS = (0, 0, 6, 15)
"""So many values in a hundred are wrong; in every other document all are right."""
DEEPEST = 7
"""A list, its nodes and one of these are three levels."""
MOST_FIELDS = 60


@st.composite
def questions(draw: Any, known: Known) -> Question:
    """A document that is valid, or nearly so, with what goes with it.

    A Random of hypothesis' own draws plain numbers, of which no document is made of parts of the last one.
    """
    sheet = Sheet(draw(st.randoms(use_true_random=False)))
    sheet.slips = sheet.pick(SLIPS)
    sheet.left = sheet.number(6, MOST_FIELDS)
    schema: GraphQLSchema = known.house._schema
    selections = Selections(sheet, Arguments(sheet, known), schema)
    body = _asked(sheet, selections, Place(schema.query_type, sheet.number(3, DEEPEST)))
    fragments = "\n".join(f"fragment {name} on {one.on} {one.text}" for name, one in sheet.fragments.items())
    variables, given = sheet.variables(f"{body}\n{fragments}")
    document, name = _operation(sheet, variables, body)
    return Question("\n".join(one for one in (document, fragments) if one), given, name, frozenset(sheet.told))


def _asked(sheet: Sheet, selections: Selections, root: Place) -> str:
    """What is asked at the root: now and then beside it what every schema answers."""
    names = list(root.type.fields)
    parts = []
    for _ in range(sheet.pick([1, 1, 2, 3])):
        name = sheet.pick(names)
        sheet.told.add(f"root: {name}")
        parts.append(selections.field(root, name))
    if sheet.often(6):
        parts.append(sheet.pick(["__typename", "__schema { queryType { name } }", '__type(name: "Money") { kind }']))
    if sheet.often(5):
        parts = [f"... on Query {{ {' '.join(parts)} }}"]
    return f"{{ {' '.join(parts)} }}"


def _operation(sheet: Sheet, variables: str, body: str) -> tuple[str, str | None]:
    """The operation, with or without a name, by itself or beside another one."""
    if not variables and sheet.often(50):
        return body, None
    if sheet.often(70):
        return f"query{variables} {body}", None
    several = sheet.often(30)
    document = f"query Asked{variables} {body}" + (" query Other { __typename }" if several else "")
    return document, "Asked" if several or sheet.often(50) else None
