"""An allowance is taken off what bears its tax, and off no more than there is of that."""

from __future__ import annotations

from domain.catalog.tax import Tax
from domain.kernel.documents import Charge, Document
from domain.kernel.errors import BadInput
from domain.kernel.work import Work


def must_be_borne(work: Work, paper: Document) -> None:
    """BadInput at the first allowance of a reckoned paper that there is nothing, or not enough, to take off of."""
    short = {one.tax_id for one in paper.taxes if one.base < 0}
    if not short and paper.untaxed >= 0:
        return
    for index, charge in enumerate(paper.charges):
        if charge.amount < 0 and (not short or charge.tax_id in short):
            refused = _refusal(work, paper, charge)
            refused.path = ("charges", index, *refused.path)
            raise refused


def _refusal(work: Work, paper: Document, charge: Charge) -> BadInput:
    borne = {line.tax_id for line in paper.lines if line.tax_id}
    if charge.tax_id is None or charge.tax_id in borne:
        told = f"The allowances come to more than what they are taken off; lower {charge.text!r}."
        return BadInput(told, path=("amount",))
    codes = {id: tax.code for id, tax in work.find_all(Tax, [*borne, charge.tax_id]).items()}
    instead = " or ".join(sorted(codes[id] for id in borne))
    told = f"No line bears the tax {codes[charge.tax_id]}, so {charge.text!r} has nothing to be taken off"
    return BadInput(f"{told}; {f'give it the tax {instead}' if instead else 'leave its tax out'}.", path=("tax",))
