"""Each named query stands beside the statements it becomes and its answer, so that a change of plan shows in review.

`UPDATE_NAMED=1 pytest tests/queries/test_named.py` writes them anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from migrations.embedded import Cluster
from tests.firm import Firm, standing
from tests.queries.api import client, id_of, statements

HERE = Path(__file__).parent / "named"
NAMES = sorted(one.stem for one in HERE.glob("*.graphql"))
WRITING = os.environ.get("UPDATE_NAMED") == "1"
SINGLE = re.compile(r"^# (as|with): (.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
async def traded(cluster: Cluster) -> AsyncIterator[Firm]:
    """A firm that ordered four times, and received a part of one order; nobody changes it."""
    async with standing(cluster) as firm:
        for quantity in ("3", "10", "24"):
            await _ordered(firm, quantity, incoterm="FCA" if quantity == "24" else "DAP")
        sent = await _ordered(firm, "12")
        for verb in ("submitPurchaseOrder", "confirmPurchaseOrder"):
            assert (await client(firm).do(verb, id=sent))["errors"] == []
        received = await client(firm, "storekeeper").do("receivePurchaseOrder", id=sent)
        assert received["errors"] == []
        yield firm


async def _ordered(firm: Firm, quantity: str, **custom: Any) -> str:
    made = await client(firm).do(
        "createPurchaseOrder",
        selection="purchaseOrder { id }",
        vendor=id_of(firm, "vendor", "partner"),
        lines=[
            {"product": id_of(firm, "bolt", "product"), "quantity": quantity},
            {"product": id_of(firm, "wire", "product"), "quantity": "1.5", "unitPrice": "3"},
        ],
        **({"custom": custom} if custom else {}),
    )
    assert made["errors"] == [], made
    return str(made["purchaseOrder"]["id"])


@pytest.mark.parametrize("name", NAMES)
async def test_a_named_query_is_answered_by_the_statements_beside_it(traded: Firm, name: str) -> None:
    query = (HERE / f"{name}.graphql").read_text()
    told = dict(SINGLE.findall(query))
    more = {"partner": traded["vendor"]} if told["as"] == "partner" else {}
    who = client(traded, told["as"], **more)
    with statements(traded.database) as sent:
        answer = await who.answer(query, **json.loads(told.get("with", "{}")))
    assert "BAD_REQUEST" not in {(one.extensions or {})["code"] for one in answer.errors or []}, answer.errors
    errors = [{"path": one.path, "code": (one.extensions or {})["code"]} for one in answer.errors or []]
    shown = {"data": answer.data, **({"errors": errors} if errors else {})}
    _compare(name, "sql", ";\n\n".join(sent) + "\n")
    _compare(name, "json", json.dumps(shown, indent=1, ensure_ascii=False) + "\n")


def _compare(name: str, ending: str, text: str) -> None:
    beside = HERE / f"{name}.{ending}"
    if WRITING:
        beside.write_text(text)
    assert beside.read_text() == text
