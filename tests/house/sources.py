"""The source files of the house, read and parsed once, for rules that look at the text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "resolvers", "schema", "transport", "migrations", "plugins")


@dataclass(frozen=True)
class Source:
    """One file: where it lies in the checkout, and what it says."""

    path: str
    text: str

    @property
    def room(self) -> str:
        """`domain` for domain/kernel/work.py, `server` for server.py."""
        return self.path.split("/")[0].removesuffix(".py")

    @property
    def within(self) -> str:
        """The room within the room: `kernel` for domain/kernel/work.py, `flow` for domain/flow.py."""
        return self.path.split("/")[1].removesuffix(".py") if "/" in self.path else ""

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1].removesuffix(".py")

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.text)))

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Every module it imports, wherever in the file, with the line; `from plugins import CustomField` is `plugins`.

        A name that is itself a module of the house is told as one: `from domain import rows` is `domain.rows`.
        """
        return [found for node in self.nodes for found in _imported(node)]


def house() -> list[Source]:
    """All source files of the product, tests aside."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    paths += [path for path in [ROOT / "server.py"] if path.exists()]
    return [Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def _imported(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Import):
        yield from ((node.lineno, alias.name) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        module = node.module or "."
        folder = ROOT / module.replace(".", "/")
        for alias in node.names:
            inside = (folder / alias.name).is_dir() or (folder / f"{alias.name}.py").exists()
            yield node.lineno, f"{module}.{alias.name}" if inside else module
