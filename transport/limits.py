"""How large a request may be: measured before it is validated, since validation itself is what an attacker overworks.

Fields that share a name in one place are compared with each other, and so are fragments; a few thousand characters can
ask for millions of comparisons. Each step and each comparison is counted, and the count is bounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)

TOKENS = 10_000
DEPTH = 20
STEPS = 20_000


def measure(document: DocumentNode) -> None:
    """Raises GraphQLError for a document that is too deep or asks for too much."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    ruler = _Ruler(fragments)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            ruler.walk([definition.selection_set], 1)


class _Ruler:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._left = STEPS

    def walk(self, sets: Iterable[SelectionSetNode], depth: int) -> None:
        """Go through what execution would merge into one object, and through what lies below."""
        if depth > DEPTH:
            raise _too_much(f"Too deep; nest at most {DEPTH} levels of fields.")
        fields = self._merged(sets)
        for same in fields.values():
            below = [one.selection_set for one in same if one.selection_set is not None]
            if below:
                self.walk(below, depth + 1)

    def _merged(self, sets: Iterable[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = defaultdict(list)
        waiting, seen = list(sets), set[str]()
        while waiting:
            for one in waiting.pop().selections:
                self._count(1)
                if isinstance(one, FieldNode):
                    same = found[(one.alias or one.name).value]
                    self._count(len(same))
                    same.append(one)
                elif not isinstance(one, FragmentSpreadNode):
                    waiting.append(one.selection_set)  # type: ignore[attr-defined]
                elif (name := one.name.value) in self._fragments and name not in seen:
                    self._count(len(seen))
                    seen.add(name)
                    waiting.append(self._fragments[name].selection_set)
        return found

    def _count(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise _too_much("Too much is asked for at once; select fewer fields, or ask in several requests.")


def _too_much(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "TOO_MUCH"})
