"""How many lines each kind of paper costs, by where they stand: `.venv/bin/python bench/kinds.py`.

Blank lines do not count, nor what several kinds share, nor how orders of the past are entered.
"""

# ruff: noqa: T201 - what it prints is its answer

from __future__ import annotations

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from domain import rows, verbs  # noqa: E402
from domain.kernel.documents import Document  # noqa: E402
from domain.kernel.events import record_type  # noqa: E402
from domain.kernel.papers import kinds  # noqa: E402

PLACES = {
    "life and guards": ("domain/purchase", "domain/sales", "domain/invoicing", "domain/stock", "domain/warehouse"),
    "what begets it": ("domain/flow",),
    "the books": ("domain/accounting",),
    "schema": ("schema",),
}
PAST = {"arriving.py", "copying.py", "entering.py", "noticing.py", "recorded.py", "recording.py"}
__all__ = ["rows", "verbs"]


def pieces(tree: ast.Module) -> Iterator[ast.AST]:
    """Statements, and instead of a table or a class of queries each of its rows."""
    for node in tree.body:
        value = getattr(node, "value", None)
        if isinstance(node, ast.ClassDef) and node.name == "Query":
            yield from node.body
        elif isinstance(value, ast.Tuple | ast.List):
            yield from value.elts
        elif isinstance(value, ast.Dict):
            yield from (ast.Tuple([key, one], ast.Load(), lineno=key.lineno, end_lineno=one.end_lineno)
                        for key, one in zip(value.keys, value.values, strict=True) if key is not None)  # fmt: skip
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def named(node: ast.AST, words: dict[str, str]) -> list[str]:
    """The kinds that a piece of code is about: of a row of what begets what, the one that is begotten."""
    if isinstance(node, ast.Call) and (target := {one.arg: one.value for one in node.keywords}.get("target")):
        node = target
    if isinstance(node, ast.ClassDef) and node.name in words.values():
        return [node.name]
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} & set(words.values())
    texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return sorted(found | {words[text] for text in texts & words.keys()})


def count() -> dict[str, Counter[str]]:
    """By kind and place: the lines about it; those about several kinds are no kind's."""
    words = {record_type(kind): kind.__name__ for kind in kinds().values()}
    homes = {kind.__name__: kind.__module__.replace(".", "/") + ".py" for kind in kinds().values()}
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for place, folders in PLACES.items():
        for path in (
            path for folder in folders for path in sorted((ROOT / folder).glob("*.py")) if path.name not in PAST
        ):
            source, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
            here = [kind for kind, home in homes.items() if home == name]
            for node in pieces(ast.parse(source)):
                about = named(node, words) or here
                if len(about) == 1:
                    text = source.splitlines()[first(node) - 1 : node.end_lineno]  # type: ignore[attr-defined]
                    found[about[0]][place] += sum(bool(line.strip()) for line in text)
    return found


def first(node: ast.AST) -> int:
    decorators = [one.lineno for one in getattr(node, "decorator_list", ())]
    return min([node.lineno, *decorators])  # type: ignore[attr-defined]


def main() -> None:
    """A row for each kind."""
    found = count()
    print(f"{'kind':24}" + "".join(f"{place:>18}" for place in PLACES) + f"{'all':>8}")
    for kind in sorted((one for one in kinds().values() if one is not Document), key=lambda one: one.__name__):
        lines = found[kind.__name__]
        print(f"{kind.__name__:24}" + "".join(f"{lines[place]:18}" for place in PLACES) + f"{lines.total():8}")


if __name__ == "__main__":
    main()
