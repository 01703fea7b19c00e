"""The serialiser of a plan: Python code that is generated once, and sets the texts of rows into the answer's JSON.

Each object has a function of its row, each list one of its rows. Where something is refused or is null and must not be,
it raises Unwritable, and the answer is gone through again by `completing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from resolvers.paging import written
from resolvers.reads import nodes
from resolvers.reads.forms import NULL, TEXT, amount, average, json_text
from resolvers.reads.pieces import Unwritable, named
from resolvers.reads.routes import Row

Write = Callable[[Sequence[Row], Sequence[Iterator[str]], Callable[[int], None]], list[str]]
"""From the rows of a plan, and the answers that join in, to a JSON text a row; how many rows are written is told."""
Bit = tuple[bool, str]
"""A piece of a text: code, or what stands there as it is."""


def writer(entity: nodes.Entity) -> tuple[Write | None, int]:
    """The serialiser of rows, and its length in letters; None if something in them is refused in any case."""
    generator = _Generator()
    try:
        result = generator.joined(generator.bits(entity, "r"))
    except Unwritable:
        return None, 0
    code = "\n".join(
        [
            "def write(rows, later, take):",
            *(f"    {line}" for line in generator.lines),
            f"    return [{result} for r in rows]",
        ]
    )
    names: dict[str, Any] = dict(generator.names)
    exec(compile(code, "<serialiser>", "exec"), names)  # noqa: S102 - the code is our own
    return names["write"], len(code)


class _Generator:
    """Gathers the functions of a serialiser, innermost first."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {
            "NULL": NULL, "amount": amount, "average": average, "cursor": written, "string": TEXT.names["string"],
            "refuse": _refuse,
        }  # fmt: skip
        self._count = 0
        self._known = nodes.Shared[str]()

    def bits(self, node: Any, row: str) -> list[Bit]:
        """What a node writes of the row of this name."""
        return _BITS[type(node)](self, node, row)

    def joined(self, bits: Sequence[Bit]) -> str:
        """One expression for them all."""
        text = "".join(f"{{{bit}}}" if code else _literal(bit) for code, bit in bits)
        return f"f'''{text}'''" if bits else "''"

    def function(self, bits: Sequence[Bit]) -> str:
        """The name of a function that writes them of a row `r`."""
        name = self.name("object")
        self.lines.append(f"def {name}(r): return {self.joined(bits)}")
        return name

    def name(self, word: str) -> str:
        self._count += 1
        return f"{word}{self._count}"

    def or_null(self, node: nodes.Node, there: str, code: str) -> list[Bit]:
        """What `code` writes if `there` holds, else null, unless that may not be."""
        return [(True, f"({code} if {there} else {'refuse()' if node.required else 'NULL'})")]

    def composed(self, node: nodes.Composed, row: str) -> list[Bit]:
        return [(True, f"({row if node.place is None else f'{row}[{node.place}]'} or refuse())")]

    def leaf(self, node: nodes.Leaf, row: str) -> list[Bit]:
        form, text = node.form, f"{row}[{node.place}]"
        self.names.update(form.names)
        code = form.code.format(text)
        if not node.nullable:
            return [(False, form.before), (True, code), (False, form.after)]
        whole = f"'{form.before}'+{code}+'{form.after}'" if form.before else code
        return self.or_null(node, f"{text} is not None", whole)

    def fixed(self, node: nodes.Fixed, _: str) -> list[Bit]:
        return [(False, node.json)]

    def amount(self, node: nodes.Amount, row: str) -> list[Bit]:
        value, currency = f"{row}[{node.amount}]", f"{row}[{node.currency}]"
        codes = {
            "amount": [(False, '"'), (True, f"amount({value},{currency})"), (False, '"')],
            "currency": [(True, f"string({currency})")],
        }
        named = [(name, codes.get(word, [(False, '"Money"')])) for name, word in node.fields]
        name = self.function(_object(named))
        return self.or_null(node, f"{value} is not None and {currency} is not None", f"{name}({row})")

    def body(self, body: nodes.Body, row: str) -> list[Bit]:
        return _object([(name, self.bits(node, row)) for name, node in body.fields])

    def entity(self, node: nodes.Entity, row: str) -> list[Bit]:
        if node.kind is None and node.presence is None:
            (body,) = node.bodies.values()
            return self.body(body, row)
        name = self._known.once(node.bodies, lambda: self.object(node) if node.kind is None else self.kinds(node))
        code = f"{name}({row})" if node.kind is None else f"{name}[{row}[{node.kind}]]({row})"
        return (
            [(True, code)] if node.presence is None else self.or_null(node, f"{row}[{node.presence}] is not None", code)
        )

    def object(self, node: nodes.Entity) -> str:
        """The name of the function that writes an object of a row."""
        (body,) = node.bodies.values()
        return self.function(self.body(body, "r"))

    def kinds(self, node: nodes.Entity) -> str:
        """The name of a table of such functions, by kinds."""
        table = self.name("kinds")
        named = {word: self.function(self.body(body, "r")) for word, body in node.bodies.items()}
        self.lines.append(f"{table} = {{{', '.join(f'{word!r}: {name}' for word, name in named.items())}}}")
        return table

    def rows(self, node: nodes.Rows, row: str) -> list[Bit]:
        name = self._known.once(node.item, lambda: self.listed(self.bits(node.item, "r")))
        return [(False, "["), (True, f"{name}({row}[{node.place}])"), (False, "]")]

    def listed(self, bits: Sequence[Bit]) -> str:
        """The name of a function that writes all rows of a list."""
        name = self.name("list")
        self.lines.append(f"def {name}(rows): take(len(rows)); return ','.join([{self.joined(bits)} for r in rows])")
        return name

    def only(self, node: nodes.Only, row: str) -> list[Bit]:
        rows = f"{row}[{node.place}]"
        name = self._known.once(node.item, lambda: self.function(self.bits(node.item, "r")))
        return self.or_null(node, rows, f"{name}({rows}[0])")

    def figures(self, node: nodes.Figures, row: str) -> list[Bit]:
        return [(True, f"{self._known.once(node.fields, lambda: self.figured(node))}({row}[{node.place}])")]

    def figured(self, node: nodes.Figures) -> str:
        """The name of a function that writes figures of their rows."""
        name = self.name("figures")
        bits = _object([(key, self.bits(one, "r")) for key, one in node.fields])
        self.lines += [f"def {name}(rows):", "    r = rows[0] if rows else ()", f"    return {self.joined(bits)}"]
        return name

    def by_currency(self, node: nodes.ByCurrency, _: str) -> list[Bit]:
        there = f"r[{node.currency}] is not None and r[{node.presence}] is not None"
        name = self.listed(self.bits(node.item, "r"))
        ordered = f"sorted([r for r in rows if {there}], key=lambda r: r[{node.currency}])"
        return [(False, "["), (True, f"{name}({ordered})"), (False, "]")]

    def counted(self, node: nodes.Counted, row: str) -> list[Bit]:
        rows = "rows" if node.rows is None else f"{row}[{node.rows}]"
        return [(True, f"sum([int(one[{node.column}]) for one in {rows}])")]

    def in_currency(self, node: nodes.InCurrency, row: str) -> list[Bit]:
        written = "average" if node.average else "amount"
        return [(False, '"'), (True, f"{written}({row}[{node.amount}],{row}[{node.currency}])"), (False, '"')]

    def page(self, node: nodes.Page, row: str) -> list[Bit]:
        return [(True, f"{self._known.once(node.parts, lambda: self.paged(node))}({row})")]

    def paged(self, node: nodes.Page) -> str:
        """The name of a function that writes a connection of a row."""
        name = self.name("page")
        bits = _object([(key, self.part(node, part)) for key, part in node.parts])
        self.lines += [f"def {name}(r):"]
        if node.rows is not None:
            self.lines += [
                f"    rows = r[{node.rows}]",
                f"    more = len(rows) > {node.size}",
                f"    rows = rows[:{node.size}]{'[::-1]' if node.backward else ''}",
            ]
        self.lines += [f"    return {self.joined(bits)}"]
        return name

    def part(self, page: nodes.Page, part: nodes.Part) -> list[Bit]:
        if isinstance(part, nodes.Figure):
            return self.bits(part.node, "r")
        if isinstance(part, nodes.Info):
            return _object([(name, self.info(page, word)) for name, word in part.fields])
        if isinstance(part, nodes.Nodes):
            return [(False, "["), (True, f"{self.listed(self.bits(part.item, 'r'))}(rows)"), (False, "]")]
        if isinstance(part, nodes.Edges):
            fields = [(name, self.edge(page, field)) for name, field in part.fields]
            return [(False, "["), (True, f"{self.listed(_object(fields))}(rows)"), (False, "]")]
        raise TypeError(part.word)

    def edge(self, page: nodes.Page, field: str | nodes.Node) -> list[Bit]:
        if isinstance(field, nodes.Node):
            return self.bits(field, "r")
        return [(False, json_text(field))] if field else [(False, '"'), (True, _cursor(page, "r")), (False, '"')]

    def info(self, page: nodes.Page, word: str) -> list[Bit]:
        more, bounded = "('true' if more else 'false')", "true" if page.bounded else "false"
        ends = {"startCursor": "0", "endCursor": "-1"}
        if word in ends:
            code = _cursor(page, f"rows[{ends[word]}]")
            return [(True, f"""('"' + {code} + '"' if rows else NULL)""")]
        if word not in {"hasNextPage", "hasPreviousPage"}:
            return [(False, '"PageInfo"')]
        ahead = "hasPreviousPage" if page.backward else "hasNextPage"
        return [(True, more)] if word == ahead else [(False, bounded)]

    def guarded(self, node: nodes.Guarded, row: str) -> list[Bit]:
        inner = self.function(self.bits(node.node, "r"))
        return [(True, f"({inner}({row}) if {row}[{node.place}] == 'true' else refuse())")]

    def later(self, node: nodes.Later, _: str) -> list[Bit]:
        return [(True, f"next(later[{node.number}])")]

    def barred(self, _node: nodes.Barred, _row: str) -> list[Bit]:
        raise Unwritable


def _object(fields: Sequence[tuple[str, list[Bit]]]) -> list[Bit]:
    found: list[Bit] = [(False, "{")]
    for place, (name, bits) in enumerate(fields):
        found += [(False, f"{',' if place else ''}{named(name)}"), *bits]
    return [*found, (False, "}")]


def _cursor(page: nodes.Page, row: str) -> str:
    return f"cursor({page.sign}, {', '.join(f'{row}[{place}]' for place in page.order)})"


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return escaped.replace("{", "{{").replace("}", "}}")


def _refuse() -> str:
    raise Unwritable


_BITS: Mapping[type, Callable[[_Generator, Any, str], list[Bit]]] = {
    nodes.Composed: _Generator.composed,
    nodes.Leaf: _Generator.leaf,
    nodes.Fixed: _Generator.fixed,
    nodes.Amount: _Generator.amount,
    nodes.Body: _Generator.body,
    nodes.Entity: _Generator.entity,
    nodes.Rows: _Generator.rows,
    nodes.Only: _Generator.only,
    nodes.Figures: _Generator.figures,
    nodes.ByCurrency: _Generator.by_currency,
    nodes.Counted: _Generator.counted,
    nodes.InCurrency: _Generator.in_currency,
    nodes.Page: _Generator.page,
    nodes.Guarded: _Generator.guarded,
    nodes.Later: _Generator.later,
    nodes.Barred: _Generator.barred,
}
