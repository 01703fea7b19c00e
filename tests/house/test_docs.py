"""What the documentation shows is what the API takes: every GraphQL example is valid against the schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from domain.access.role import PERSONAL, RIGHTS, ROLES
from domain.accounting.chart import ROLES as CHART
from domain.accounting.rules import RULES
from domain.kernel.errors import Refusals, Refused
from domain.kernel.setting import SETTINGS
from domain.printing.form import FORMS
from domain.printing.words import words as words_of
from schema.build import sdl
from tests.queries.api import house
from transport.console import papers

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = [
    pytest.param(text, id=f"{page.relative_to(ROOT)}:{number}")
    for page in PAGES
    for number, text in enumerate(re.findall(r"```graphql\n(.*?)```", page.read_text(), re.DOTALL), start=1)
]
LINKS = [
    pytest.param(page, target, id=f"{page.relative_to(ROOT)} to {target}")
    for page in PAGES
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
]


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """What the SDL says and no more, as clients know it."""
    return build_schema(sdl(house()))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_valid(schema: GraphQLSchema, example: str) -> None:
    assert validate(schema, parse(example)) == []


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_a_link_leads_somewhere(page: Path, target: str) -> None:
    assert (page.parent / target).exists()


def test_the_table_of_roles_is_what_roles_may_do() -> None:
    told = (ROOT / "docs" / "access.md").read_text()
    head = "| " + " | ".join(["right", *ROLES]) + " |"
    rows = [
        " ".join(["|", f"`{right}`", "|", *(f"{'✓ ' if right in held else ''}|" for held in ROLES.values())])
        for right in RIGHTS
        if right not in PERSONAL
    ]
    assert "\n".join([head, "|---" * (len(ROLES) + 1) + "|", *rows]) in told
    assert [right for right in RIGHTS if told.count(f"\n| `{right}` |") < 2 - (right in PERSONAL)] == []


def test_the_tables_of_the_books_are_those_of_the_code() -> None:
    told = (ROOT / "docs" / "accounting.md").read_text()
    rules = [[one.kind, one.journal, one.amount, one.debit, one.credit] for one in RULES]
    roles = [[one.word, f"{one.code} {one.name}", one.type, one.description] for one in CHART.values()]
    for table in (rules, roles):
        rows = [" ".join(["|", *(f"{cell} |" for cell in map(spoken, row))]) for row in table]
        assert "\n".join(["|", *rows, ""]) in told
    assert [one.amount for one in RULES if f"**{spoken(one.amount)}**" not in told] == []


def spoken(word: str) -> str:
    return word.replace("_", " ")


def test_every_kind_of_page_is_told_with_its_columns() -> None:
    told = (ROOT / "docs" / "printing.md").read_text()
    words = words_of("en")
    for kind, form in FORMS.items():
        to = f"{words[form.partner].lower()}, {form.address} address" if form.partner else "nobody"
        columns = ", ".join(words[one].lower().rstrip(".") for one in form.columns if one not in {"position", "item"})
        assert f"| `{kind}` | {words[kind]} | {to} | {columns} |" in told


def test_the_page_of_papers_is_what_the_tables_say() -> None:
    told = (ROOT / "docs" / "papers.md").read_text()
    assert told == papers.page(), "The tables of papers changed; run `make schema` and commit it."


def test_every_code_of_a_refusal_is_told() -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/api.md").read_text(), re.MULTILINE))
    assert {one.code for one in Refused.__subclasses__() if one is not Refusals} <= told | {"TOO_MUCH"}


def test_every_setting_is_told_with_its_default() -> None:
    told = (ROOT / "docs" / "administration.md").read_text()
    assert [name for name, one in SETTINGS.items() if f"| `{name}` | {one.default} |" not in told] == []
