"""Reports over the books are taken out as any list is."""

from __future__ import annotations

import csv
import io

from tests.domain.test_purchase import confirmed, received
from tests.firm import Firm
from tests.protocol.serving import serving
from tests.queries.api import house, id_of

TRIAL = """query Trial {{ trialBalance(company: "{company}", journal: STOCK, to: "2026-12-31") {{ nodes {{
  code account {{ name }} debit {{ amount }} credit {{ amount currency }} closing {{ amount }} }} }} }}"""


async def test_a_trial_balance_is_taken_out_as_csv(firm: Firm) -> None:
    firm.ids["company"] = firm.company
    await received(firm, await confirmed(firm), "4")
    query = TRIAL.format(company=id_of(firm, "company", "company"))
    async with serving(firm, house()) as served:
        ask = {"query": query, "format": "csv"}
        answer = await served.http.post("/export", json=ask, headers=served.bearer("accountant"))
        refused = await served.http.post("/export", json=ask, headers=served.bearer("buyer"))
    assert (answer.status_code, refused.status_code) == (200, 403)
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["code", "account.name", "debit.amount", "credit.amount", "credit.currency", "closing.amount"]
    assert rows[1:] == [
        ["1400", "Stock", "5.00", "0.00", "USD", "5.00"],
        ["2150", "Received, not billed", "0.00", "5.00", "USD", "-5.00"],
    ]
