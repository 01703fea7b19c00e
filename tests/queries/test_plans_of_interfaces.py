"""What a paper of any kind leads to is planned, read and worked out once, however many kinds there are."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from resolvers.ids import global_id, key_of
from tests.firm import Firm
from tests.queries.api import client, house, id_of, statements

ORDER = "{ documents(first: 1) { nodes { %s } } }"
LEVELS = {
    "a connection": "reversals(first: 1) { nodes { number %s } }",
    "a row": "reverses { number %s }",
    "a list and a row": "lines { document { number %s } }",
}


async def ordered(firm: Firm) -> str:
    given = {
        "vendor": id_of(firm, "vendor", "partner"),
        "lines": [{"product": id_of(firm, "bolt", "product"), "quantity": "2"}],
    }
    made = await client(firm).do("createPurchaseOrder", selection="purchaseOrder { id }", **given)
    return str(made["purchaseOrder"]["id"])


def deep(level: str, depth: int) -> str:
    return level % deep(level, depth - 1) if depth else "id"


@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
async def test_a_level_more_makes_a_statement_longer_by_as_much_each_time(firm: Firm, level: str) -> None:
    await ordered(firm)
    lengths = []
    for depth in range(1, 6):
        with statements(firm.database) as sent:
            assert len((await client(firm).ask(ORDER % deep(level, depth)))["documents"]["nodes"]) == 1
        lengths.append(len(sent[0]))
    steps = [after - before for before, after in itertools.pairwise(lengths)]
    assert max(steps) < 1.3 * min(steps)


async def test_a_connection_is_read_once_for_each_paper_and_not_for_each_kind(firm: Firm) -> None:
    await ordered(firm)
    with statements(firm.database) as sent:
        await client(firm).ask("{ documents { nodes { history(first: 50) { nodes { type } } } } }")
    assert sent[0].count("LIMIT 51") == 2  # of papers, and of what happened to each


async def test_a_fragment_with_what_python_works_out_may_stand_in_two_places(firm: Firm) -> None:
    await ordered(firm)
    query = """{ purchaseOrders { nodes { ...Doable lines { a: document { ...Doable } b: document { ...Doable } } }
      edges { node { ...Doable } } } } fragment Doable on Document { id availableActions { action allowed } }"""
    found = (await client(firm).ask(query))["purchaseOrders"]
    (edge,), (paper,) = found["edges"], found["nodes"]
    lines = paper.pop("lines")
    assert edge["node"] == paper
    assert all(line["a"] == line["b"] == paper for line in lines)
    assert paper["availableActions"]


async def test_what_python_works_out_is_asked_once_for_all_names_it_is_given(firm: Firm) -> None:
    await ordered(firm)

    async def sent(names: int) -> int:
        asked = " ".join(f"a{name}: availableActions {{ action }}" for name in range(names))
        with statements(firm.database) as told:
            await client(firm).ask(ORDER % asked)
        return len(told)

    assert await sent(1) == await sent(20)


async def test_an_id_that_names_an_interface_opens_nothing(firm: Firm) -> None:
    _, key = key_of(await ordered(firm))
    foreign = global_id("document", key)
    query = "query ($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } document(id: $id) { id } }"
    assert await client(firm).ask(query, id=foreign, ids=[foreign]) == {"node": None, "nodes": [None], "document": None}


async def test_of_mutations_that_cost_too_much_together_none_is_done(firm: Firm) -> None:
    order: dict[str, Any] = {"vendor": id_of(firm, "vendor", "partner")}
    dear = "number"
    for _ in range(3):
        dear = f"partner {{ purchaseOrders(first: 250) {{ nodes {{ {dear} }} }} }}"
    query = f"""mutation ($order: CreatePurchaseOrderInput!) {{
      small: createPurchaseOrder(input: $order) {{ purchaseOrder {{ id }} }}
      large: createPurchaseOrder(input: $order) {{ purchaseOrder {{ {dear} }} }} }}"""
    answer = await client(firm).answer(query, order=order)
    assert answer.data is None
    assert {error.extensions["code"] for error in answer.errors} == {"TOO_MUCH"}
    assert (await client(firm).ask("{ purchaseOrders { totalCount } }"))["purchaseOrders"] == {"totalCount": 0}


async def test_of_questions_that_cost_too_much_together_none_is_answered(firm: Firm) -> None:
    dear = "number"
    for _ in range(4):
        dear = f"partner {{ purchaseOrders(first: 250) {{ nodes {{ {dear} }} }} }}"
    cheap, costly = "me { name }", f"purchaseOrders(first: 250) {{ nodes {{ {dear} }} }}"
    for query in (f"{{ {cheap} {costly} }}", f"{{ {costly} {cheap} }}"):
        answer = await client(firm).answer(query)
        assert answer.data is None
        assert {error.extensions["code"] for error in answer.errors} == {"TOO_MUCH"}


async def test_an_object_of_thousands_of_fields_is_read_in_one_statement(firm: Firm) -> None:
    await ordered(firm)
    names = [f"a{place}" for place in range(2_500)]
    line = "quantity product { name } unit { code }"
    asked = {
        "purchaseOrders": " ".join(f"{name}: state" for name in names),
        "partners": " ".join(
            f"{name}: purchaseOrders(first: 1) {{ nodes {{ lines {{ {line} }} }} }}" for name in names[:30]
        ),
    }
    for field, fields in asked.items():
        with statements(firm.database) as sent:
            found = (await client(firm).ask(f"{{ {field} {{ nodes {{ {fields} }} }} }}"))[field]["nodes"][0]
        assert len(sent) == 1
        assert [*found] == names[: len(found)]
        assert all(value == found["a0"] for value in found.values())


async def told_cost(firm: Firm, query: str) -> int:
    answer = await house().answer(query, {}, client(firm).context())
    return int(answer.extensions["cost"]["requested"])


async def test_wide_objects_and_what_python_fields_lead_to_are_part_of_the_cost(firm: Firm) -> None:
    wide = "{{ purchaseOrders(first: 10) {{ nodes {{ {} }} }} }}"
    few, many = (wide.format(" ".join(f"a{place}: number" for place in range(count))) for count in (10, 45))
    assert await told_cost(firm, many) - await told_cost(firm, few) == 10 * 2
    assert await told_cost(firm, "{ me { user { name } } }") > await told_cost(firm, "{ me { name } }")


async def test_a_question_about_the_schema_beside_lifts_no_limit(firm: Firm) -> None:
    dear = "number"
    for _ in range(4):
        dear = f"partner {{ purchaseOrders(first: 250) {{ nodes {{ {dear} }} }} }}"
    query = f"{{ __schema {{ queryType {{ name }} }} purchaseOrders(first: 250) {{ nodes {{ {dear} }} }} }}"
    assert {code for code, _ in await client(firm).refused(query)} == {"TOO_MUCH"}
