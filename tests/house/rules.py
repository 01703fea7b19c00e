"""The rules of the house that a file can break by itself: what is forbidden, why, and who may do it all the same."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch

from tests.house.sources import Source

MOST_LINES, MOST_IN_A_FUNCTION = 300, 40
Finder = Callable[[Source], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`find` tells what is wrong with a file; `lesson` what to do instead. `allowed` are paths, each with the reason.

    `example` is a file that breaks the rule, so that we know that the rule is awake.
    """

    name: str
    lesson: str
    find: Finder
    example: Source
    allowed: Mapping[str, str] = field(default_factory=dict)

    def allows(self, source: Source) -> bool:
        return any(fnmatch(source.path, pattern) for pattern in self.allowed)

    def broken_by(self, source: Source) -> list[str]:
        return [f"{source.path}: {what}" for what in self.find(source)]


def calls(*names: str) -> Finder:
    """Whoever calls a method or function of these names: `commit` for x.commit(), `datetime.now` for datetime.now()."""
    wanted = {tuple(name.split(".")) for name in names}

    def find(source: Source) -> Iterable[str]:
        for node in source.nodes:
            if isinstance(node, ast.Call) and any(_words(node.func)[-len(words) :] == words for words in wanted):
                yield f"line {node.lineno} calls {'.'.join(_words(node.func))}()"

    return find


def mentions(*names: str) -> Finder:
    """Whoever so much as names `datetime.now`: handing it on is using it."""

    def find(source: Source) -> Iterable[str]:
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and (said := ".".join(_words(node)[-2:])) in names:
                yield f"line {node.lineno} uses {said}"

    return find


def imports(*, where: Callable[[Source], bool], forbidden: Callable[[Source, str], bool]) -> Finder:
    """Files `where` something holds that import a module which is `forbidden` to them."""

    def find(source: Source) -> Iterable[str]:
        if where(source):
            yield from (f"line {line} imports {module}" for line, module in source.imports if forbidden(source, module))

    return find


def _words(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        return (*_words(node.value), node.attr)
    return ()


_OF_ONE_ROOM = {"access": ["pwdlib"], "kernel": ["asyncpg"], "printing": ["typst"]}
"""Libraries that one room of the domain may know, since it is there to keep what they do in one place."""


def _in(*packages: str) -> Callable[[str], bool]:
    return lambda module: any(module == package or module.startswith(f"{package}.") for package in packages)


def _standard(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] in sys.stdlib_module_names | {"__future__"}


def _unlisted(source: Source, module: str) -> bool:
    listed = _in("domain", "sqlalchemy", "iso4217", "babel", "stdnum", *_OF_ONE_ROOM.get(source.within, ()))
    return not _standard(module) and not listed(module)


def _beyond_the_api(source: Source, module: str) -> bool:
    return not _standard(module) and module != "plugins" and not _in(f"plugins.{source.within}")(module)


def _a_plugin(_: Source, module: str) -> bool:
    return module.startswith("plugins.")


def _long_file(source: Source) -> Iterable[str]:
    if (lines := len(source.text.splitlines())) > MOST_LINES:
        yield f"{lines} lines"


def _long_functions(source: Source) -> Iterable[str]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_IN_A_FUNCTION:
                yield f"{node.name} on line {node.lineno} has {lines} lines"


def _vague_name(source: Source) -> Iterable[str]:
    vague = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "service", "services", "misc"}
    if words := vague & {*source.path.removesuffix(".py").replace("_", "/").split("/")}:
        yield f"is called {words.pop()}"


def _floats(source: Source) -> Iterable[str]:
    if source.room == "domain":
        lines = [node.lineno for node in source.nodes if isinstance(node, ast.Name) and node.id == "float"]
        yield from (f"line {line} says float" for line in lines)


RULES = [
    Rule(
        name="only the unit of work commits",
        lesson="A rule takes a Work and leaves the end to domain/kernel/work.py: perform and transact commit once, "
        "with all events, and run again after a deadlock. A commit elsewhere tears a command in two.",
        find=calls("commit", "engine.begin"),
        example=Source("domain/stock/ledger.py", "def post(work):\n    work.session.commit()\n"),
        allowed={
            "domain/kernel/work.py": "the unit of work itself, and the short transaction that fetches numbers",
            "migrations/upgrade.py": "the shape of the database changes in one transaction of its owner",
        },
    ),
    Rule(
        name="no clock but the actor's",
        lesson="Ask work.now, or company.today(work.now) for the business date: within a command time stands still, "
        "and tests say what time it is.",
        find=mentions(
            "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
            "time.time", "time.time_ns", "time.localtime",
        ),
        example=Source("domain/purchase/order.py", "from datetime import date\nexpected_on = date.today()\n"),
        allowed={
            "domain/kernel/actor.py": "the clock of every actor",
            "domain/kernel/base.py": "UUIDs of version 7 carry the time at which they are made",
            "migrations/embedded.py": "compares the age of log files",
            "migrations/upgrade.py": "makes the partitions of the months to come",
        },
    ),
    Rule(
        name="the domain imports what it may",
        lesson="Beside itself and the standard library the domain knows sqlalchemy, iso4217, babel and stdnum; pwdlib "
        "in domain/access alone, to hash passwords, typst in domain/printing alone, to make pages, and asyncpg in "
        "domain/kernel alone, to read without an engine between. Keep what the "
        "outside speaks in schema/ and transport/; a new library is a decision.",
        find=imports(where=lambda source: source.room == "domain", forbidden=_unlisted),
        example=Source("domain/parties/partner.py", "def check():\n    import strawberry\n"),
    ),
    Rule(
        name="plugins know the plugin API alone",
        lesson="Import from `plugins` itself. What is missing there is asked for there: all else may change any day.",
        find=imports(
            where=lambda source: source.room == "plugins" and source.path != "plugins/__init__.py",
            forbidden=_beyond_the_api,
        ),
        example=Source("plugins/incoterm/__init__.py", "from domain.kernel.plugin import Plugin\n"),
    ),
    Rule(
        name="plugins are found, never imported",
        lesson="A plugin comes in by its entry point in the group `tradegraph.plugins`; see domain.kernel.plugin. "
        "A house that names one plugin cannot stand without it.",
        find=imports(where=lambda source: source.room != "plugins", forbidden=_a_plugin),
        example=Source("server.py", "from plugins.incoterm import plugin\n"),
    ),
    Rule(
        name="nobody imports the server",
        lesson="server.py knows everything and puts it together; it hands in from above what you need.",
        find=imports(where=lambda source: source.room != "server", forbidden=lambda _, module: _in("server")(module)),
        example=Source("transport/app.py", "import server\n"),
    ),
    Rule(
        name="migrations stand on the domain alone",
        lesson="A revision must run years from now, whatever the API looks like then; it knows tables and no more.",
        find=imports(
            where=lambda source: source.room == "migrations",
            forbidden=lambda _, module: _in("schema", "resolvers", "transport", "server", "plugins")(module),
        ),
        example=Source("migrations/upgrade.py", "from schema import build\n"),
    ),
    Rule(
        name="money and quantities are no floats",
        lesson="Use Decimal, and the functions of domain/kernel/decimals.py; 0.1 + 0.2 is not 0.3 in binary.",
        find=_floats,
        example=Source("domain/catalog/product.py", "price = float('0.1')\n"),
    ),
    Rule(
        name=f"a file has at most {MOST_LINES} lines",
        lesson="Find the seam and make two rooms of it, each with one sentence that says what it is for.",
        find=_long_file,
        example=Source("domain/flow.py", "x = 1\n" * 301),
        allowed={
            "migrations/versions/*": "a revision is generated from the tables",
            "domain/kernel/documents.py": "the columns that all papers and lines share are one table, read as one",
        },
    ),
    Rule(
        name=f"a function has at most {MOST_IN_A_FUNCTION} lines",
        lesson="Name its steps and make them functions below it; a table often serves better than a ladder of ifs.",
        find=_long_functions,
        example=Source("domain/flow.py", "def long():\n" + "    pass\n" * 40),
        allowed={"migrations/versions/*": "a revision is generated from the tables"},
    ),
    Rule(
        name="a file is named after what it is about",
        lesson="utils, helpers, common, manager and service say nothing; name the noun or the act.",
        find=_vague_name,
        example=Source("domain/stock/helpers.py", ""),
    ),
]  # fmt: skip
