"""Whoever operates the house exports without a server, and finds a file that is whole or none at all."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.intake.reading import Format, Row, Table
from resolvers.reads import costing
from server import cli
from tests.firm import Firm
from transport.console.running import Trouble

PARTNERS = """query ($of: [String!]) {
  partners(filter: {number: {in: $of}}, orderBy: [{field: NUMBER}]) { nodes { number name } } }"""
LISTS = "{ partners { nodes { addresses { city } contacts { name } } } }"


def named(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


@pytest.fixture
def export(firm: Firm, tmp_path: Path) -> Any:
    """Runs the command beside the event loop, and answers what came of it."""
    variables = {"DATABASE_URL": firm.owner_url, "DATABASE_APP_URL": firm.database.url, "TRADEGRAPH_VAR": str(tmp_path)}

    async def run(query: str, *words: str) -> Any:
        path = tmp_path / "query.graphql"
        path.write_text(query)
        given = ["export", str(path), *words]
        return await asyncio.to_thread(lambda: CliRunner().invoke(cli, given, env=variables))

    return run


async def test_a_file_has_what_the_query_selects(export: Any, tmp_path: Path) -> None:
    for ending in ("csv", "xlsx", "jsonl"):
        path = tmp_path / f"vendors.{ending}"
        ran = await export(PARTNERS, "--output", str(path), "--variables", '{"of": ["V1", "C1"]}')
        assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "2 rows.\n"), ran.exception
        rows = [dict(row.values) for row in Table(path, Format()).rows() if isinstance(row, Row)]
        assert rows == [{"number": "C1", "name": "Wheel Store"}, {"number": "V1", "name": "Bolt & Sons"}]
    assert named(tmp_path, "*.part") == []


async def test_without_a_file_it_goes_on_to_the_next_command(export: Any) -> None:
    ran = await export(PARTNERS, "--format", "jsonl", "--variables", '{"of": ["V2"]}')
    assert [json.loads(line) for line in ran.stdout.splitlines()] == [{"number": "V2", "name": "Nut GmbH"}]
    marked = await export("{ units(first: 1) { nodes { code } } }", "--format", "csv", "--bom")
    assert marked.stdout_bytes == b"\xef\xbb\xbfcode\r\nPCE\r\n"


@pytest.mark.parametrize(
    ("query", "words", "told"),
    [
        (PARTNERS, ["--output", "a.pdf"], "Give --format csv, xlsx, jsonl"),
        ("{ me { name } }", ["--format", "csv"], "exactly one list"),
        ("{ partners", ["--format", "csv"], "Syntax Error"),
        (PARTNERS, ["--format", "csv", "--variables", "{"], "no JSON|not JSON"),
        (LISTS, ["--format", "csv"], "two lists"),
        (PARTNERS, ["--format", "csv", "--output", "/nowhere/a.csv"], "/nowhere/a.csv cannot be written"),
        (PARTNERS, ["--format", "csv", "--operation", "Other"], "holds no operation 'Other'"),
    ],
)
async def test_what_cannot_be_done_is_told_in_a_line(export: Any, query: str, words: list[str], told: str) -> None:
    ran = await export(query, *words)
    assert isinstance(ran.exception, Trouble)
    with pytest.raises(Trouble, match=told):
        raise ran.exception


async def test_no_half_of_a_file_is_left(export: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costing, "MOST", 0)
    path = tmp_path / "vendors.csv"
    ran = await export("{ partners { nodes { number } } }", "--output", str(path))
    assert isinstance(ran.exception, Trouble)
    assert named(tmp_path, "vendors*") == []
