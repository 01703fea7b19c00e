"""What is worth keeping because it takes long to make, as long as there is room for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class Kept(Generic[Key, Made]):
    """What was made, by keys, up to a weight in all; what was not asked for the longest makes room.

    It is weighed whenever something is made, since what is kept may grow.
    """

    def __init__(self, most: int, weigh: Callable[[Mapping[Key, Made]], int]) -> None:
        self._most, self._weigh = most, weigh
        self.held: OrderedDict[Key, Made] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Made]) -> Made:
        """What is kept by this key; made if there is nothing."""
        if key in self.held:
            self.held.move_to_end(key)
            return self.held[key]
        made = self.held[key] = make()
        while self.weight > self._most:
            self.held.popitem(last=False)
        return made

    @property
    def weight(self) -> int:
        """How much is kept."""
        return self._weigh(self.held)
