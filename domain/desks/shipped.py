"""The desks that the house ships are set up."""

from __future__ import annotations

from domain.desks.desk import set_up
from domain.desks.office import ACCOUNTANT, ADMINISTRATOR
from domain.desks.trade import APPROVER, BUYER, SELLER, STOREKEEPER

for _desk in (BUYER, SELLER, APPROVER, STOREKEEPER, ACCOUNTANT, ADMINISTRATOR):
    set_up(_desk)
