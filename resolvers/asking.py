"""Whoever asks, as values of a statement: what is compiled for one actor serves all with the same rights.

Conditions name these in place of the actor's own companies, firm or person; what an actor is at all (of a firm, a
person, with which rights) decides the shape of a statement, and with it which compiled one serves.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sqlalchemy import ARRAY, Uuid, bindparam

from domain.kernel.actor import Actor

COMPANIES: Any = bindparam("asking_companies", type_=ARRAY(Uuid()), required=False)
PARTNER: Any = bindparam("asking_partner", type_=Uuid(), required=False)
USER: Any = bindparam("asking_user", type_=Uuid(), required=False)
SIGNATURE: Any = bindparam("asking_signature", type_=Uuid(), required=False)


def asking(actor: Actor) -> dict[str, Any]:
    """The values of the above for one actor."""
    return {
        "asking_companies": sorted(actor.companies),
        "asking_partner": actor.partner,
        "asking_user": actor.user,
        "asking_signature": actor.signature,
    }


def stance(actor: Actor) -> Hashable:
    """What of an actor decides the shape of what they may ask."""
    return actor.rights, actor.partner is None, actor.user is None, actor.signature is None
