"""What is worth keeping because it takes long to make, as long as there is room for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class Kept(Generic[Key, Made]):
    """What was made, by keys, up to a weight in all; what was not asked for the longest makes room.

    What is kept may grow: it is weighed again whenever it is asked for.
    """

    def __init__(self, most: int, weigh: Callable[[Key, Made], int]) -> None:
        self._most, self._weigh = most, weigh
        self._weights: dict[Key, int] = {}
        self.held: OrderedDict[Key, Made] = OrderedDict()
        self.weight = 0

    def get(self, key: Key, make: Callable[[], Made]) -> Made:
        """What is kept by this key; made if there is nothing."""
        if key in self.held:
            self.held.move_to_end(key)
            found = self.held[key]
        else:
            found = self.held[key] = make()
        self._put_on_scales(key, self._weigh(key, found))
        while self.weight > self._most:
            oldest, _ = self.held.popitem(last=False)
            self.weight -= self._weights.pop(oldest)
        return found

    def clear(self) -> None:
        """Forget everything."""
        self.held.clear()
        self._weights.clear()
        self.weight = 0

    def _put_on_scales(self, key: Key, weight: int) -> None:
        self.weight += weight - self._weights.get(key, 0)
        self._weights[key] = weight
