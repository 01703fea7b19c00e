"""A mapping is data: checked in full when it is read, and told what is wrong with it by section and key."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.intake.declaring import declared, load
from domain.intake.drafting import joined
from domain.intake.kinds import kinds
from domain.intake.mapping import Mapping
from domain.intake.mistakes import BadMapping, Mistake
from domain.intake.notation import number
from domain.intake.transforms import TRANSFORMS, Reference
from domain.intake.values import value
from domain.kernel.errors import BadInput

SHIPPED = Path(__file__).parents[2] / "domain" / "intake" / "mappings"
GOOD: dict[str, Any] = {
    "source": "erp",
    "section": [
        {
            "name": "Vendors",
            "file": "vendors.csv",
            "kind": "partner",
            "key": "Id",
            "columns": {"number": "No", "name": "Name", "is_vendor": {"constant": True}},
        }
    ],
}


def changed(**section: Any) -> dict[str, Any]:
    mapping = copy.deepcopy(GOOD)
    mapping["section"][0] |= section
    return mapping


def told(written: dict[str, Any]) -> str:
    with pytest.raises(BadMapping) as caught:
        declared(written, "m.toml")
    return caught.value.message


def columns(**more: Any) -> dict[str, Any]:
    return changed(columns={**GOOD["section"][0]["columns"], **more})


HIDING = [
    ("", ""),
    ("# '\n", "\n# '"),
    ('b=["""\n#""", {', "}]"),
    ('b=["""b"""", {', '}, "c"]'),
    ("b=['''\n'''', {", "}]"),
]


@pytest.mark.parametrize(
    "written",
    [
        "a=" + "[" * 5000 + "]" * 5000,
        "a=" + "{a=" * 5000 + "1" + "}" * 5000,
        *(f"{before}a{'.a' * 100_000}=1{after}" for before, after in HIDING),
    ],
)
def test_a_mapping_nested_without_end_is_refused_at_once(written: str, tmp_path: Path) -> None:
    (path := tmp_path / "deep.toml").write_text(written)
    with pytest.raises(BadMapping, match=r"deep\.toml is nested too deeply"):
        load(path)


def test_dots_in_texts_and_remarks_are_no_nesting(tmp_path: Path) -> None:
    dots = "." * 100
    (path := tmp_path / "m.toml").write_text(f"# {dots}\na = \"{dots}\"\nb = '{dots}'\nc = [{'1.5, ' * 100}]\n")
    with pytest.raises(BadMapping, match="'a' means nothing here"):
        load(path)


def test_sections_without_end_are_refused_at_once() -> None:
    assert "these are 50000 sections" in told({**GOOD, "section": [{}] * 50_000})


def test_a_good_mapping_is_taken() -> None:
    (section,) = declared(GOOD, "m.toml").sections
    assert (section.kind.word, section.source, section.file) == ("partner", "erp", "vendors.csv")
    assert section.reads == {"Id", "No", "Name"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({**GOOD, "source": "a:b"}, "m.toml: at the top: 'source' has no colon: people write external:SOURCE:KEY"),
        ({**GOOD, "source": " "}, "m.toml: at the top: 'source' is needed, as a text."),
        (
            {**GOOD, "sections": []},
            "m.toml: at the top: 'sections' means nothing here; known: source, format, section.",
        ),
        ({"source": "erp"}, "m.toml: at the top: there are no sections; write each under [[section]]."),
        (
            {**GOOD, "section": GOOD["section"] * 2},
            "m.toml: at the top: two sections are called 'Vendors'; give each a name of its own.",
        ),
        ({**GOOD, "format": {"encoding": "x"}}, "m.toml: at the top, format: 'x' is no encoding; use one such as"),
        (changed(kind="parner"), "m.toml: section 'Vendors', kind: 'parner' is no kind of record; known: unit, tax,"),
        (changed(file="../secrets.csv"), "section 'Vendors', file: '../secrets.csv' leads out of the folder"),
        (changed(file="/etc/passwd"), "section 'Vendors', file: '/etc/passwd' leads out of the folder"),
        (changed(key=[]), "m.toml: section 'Vendors', key: it is needed."),
        (changed(key={"constant": True}), "section 'Vendors', key: it wants text, and this gives boolean"),
        (changed(colums={}), "section 'Vendors': 'colums' means nothing here; known: name, file, kind,"),
        (changed(columns={"number": "No"}), "section 'Vendors', columns: to create a partner, fill name too, or say"),
        (changed(columns={}), "section 'Vendors', columns: it is needed, as a table of fields"),
        (changed(match="name"), "section 'Vendors', match: for partner it wants one of number, filled under columns"),
        (changed(creates="no"), "section 'Vendors', creates: it wants true or false"),
        (changed(where={"column": "A"}), "section 'Vendors', where: a condition on 'A' needs exactly one of is, not,"),
        (changed(where={"column": "A", "is": 1}), "section 'Vendors', where: `is` and `not` want a text or a list"),
        (changed(where="A = 1"), "section 'Vendors', where: 'A = 1' is no condition; write such as"),
        (changed(format={"delimiter": ",,"}), "section 'Vendors', format: delimiter and quote are two different"),
        (columns(ratng="Rating"), "section 'Vendors', columns.ratng: partner has no such field; known: number, name,"),
        (columns(rating={"column": "R", "do": ["trimm"]}), "columns.rating: 'trimm' is no transform; known: trim,"),
        (columns(rating={"column": "R", "do": [["trim"]]}), "columns.rating: ['trim'] is no transform; known: trim,"),
        (columns(rating={"column": "R", "trim": True}), "columns.rating: 'trim' means nothing beside 'column'"),
        (columns(rating={"column": "R", "constant": 1}), "columns.rating: {'column': 'R', 'constant': 1} is no value"),
        (columns(rating={"column": "R", "do": [{"date": "%Y-%m-%d"}]}), "it wants integer, and this gives date"),
        (
            columns(rating={"column": "R", "do": ["decimal", "upper"]}),
            "columns.rating: 'upper' takes text, not decimal",
        ),
        (
            columns(rating={"column": "R", "do": [{"date": "%d.%m."}]}),
            "'date': wants a format with year, month and day",
        ),
        (
            columns(rating={"column": "R", "do": [{"date": "%d.%d.%m.%Y"}]}),
            "'date': wants a format with year, month and day",
        ),
        (columns(rating={"column": "R", "do": [{"map": ["A"]}]}), "columns.rating: 'map': wants a table of texts"),
        (columns(rating={"column": "R", "do": [{"trim": "x"}]}), "columns.rating: 'trim': wants no argument"),
        (columns(rating={"column": "R", "do": [{"decimal": {"point": "1"}}]}), "'decimal': wants two different marks"),
        (columns(rating={"column": "R", "do": [{"decimal": {"group": "."}}]}), "'decimal': wants two different marks"),
        (columns(rating={"column": "R", "do": [{"null_if": [[]]}]}), "'null_if': wants a text, a number, or a list"),
        (columns(preferred={"column": "P", "do": [{"boolean": {"true": ["x"]}}]}), "'boolean': wants a table of"),
        (columns(website={"column": "W", "do": [{"lookup": {"file": "a"}}]}), "'lookup': wants a table of file, key"),
        (
            columns(website={"column": "W", "do": [{"lookup": {"file": "../a", "key": "k", "value": "v"}}]}),
            "'lookup': '../a' leads out of the folder",
        ),
        (columns(payment_term="Terms"), "columns.payment_term: it wants reference, and this gives text; end its steps"),
        (columns(payment_term={"column": "T", "do": [{"reference": "term"}]}), "'term' is no kind of record; known"),
        (
            columns(payment_term={"column": "T", "do": [{"reference": {"kind": "payment_term", "by": "code"}}]}),
            "columns.payment_term: payment_term cannot be found by 'code'",
        ),
        (columns(addresses="Street"), "columns.addresses: this is a list; write [ … ]"),
        (columns(addresses=[{"street": "S"}]), "columns.addresses: part 1 needs role, city, country"),
        (columns(addresses=[{"steet": "S"}]), "columns.addresses: each part is a table of role, street, postal_code"),
        (columns(**{"custom.colour": "C"}), "columns.custom.colour: partner has no such field"),
        (columns(version="V"), "columns.version: partner has no such field"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_section_and_key(written: dict[str, Any], message: str) -> None:
    assert message in told(written)
    assert "\n" not in told(written)


def test_all_mistakes_are_told_at_once() -> None:
    mapping = columns(rating={"column": "R", "do": ["trimm"]}, ratng="R")
    mapping["section"].append({"name": "Goods", "file": "g.csv", "kind": "good"})
    assert told(mapping).splitlines()[0] == "m.toml: several mistakes"
    assert [line.split(":")[0] for line in told(mapping).splitlines()[1:]] == [
        "  section 'Vendors', columns.rating",
        "  section 'Vendors', columns.ratng",
        "  section 'Goods', kind",
    ]


def test_rates_are_known_by_their_own_fields() -> None:
    rates = {"base": "B", "quote": "Q", "dated": "D", "rate": "R"}
    declared(changed(kind="rate", columns=rates, key=[]), "m.toml")
    assert "rate is known by base, quote, dated; leave this out" in told(changed(kind="rate", columns=rates, key="Id"))


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("source = \nx = 1")
    with pytest.raises(BadMapping, match=r"^m\.toml is no TOML: .*line 1"):
        load(path)
    with pytest.raises(BadMapping, match=r"absent\.toml cannot be read"):
        load(tmp_path / "absent.toml")


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_mapping_is_good(path: Path) -> None:
    assert load(path).sections


def test_every_kind_knows_what_its_commands_take() -> None:
    assert {word: kind.key for word, kind in kinds().items() if kind.key} == {"rate": ("base", "quote", "dated")}
    assert {"sku", "units", "archived"} <= kinds()["product"].fields.keys()
    assert kinds()["vendor_price"].fields["price"].needed
    assert not kinds()["vendor_price"].fields["minimum"].needed


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.dates()
    | st.sampled_from(["Name", "trim", "partner", "{}", *TRANSFORMS]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["column", "do", "constant", "join", "with", *TRANSFORMS]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(
    st.sampled_from(["name", "file", "kind", "key", "columns", "where", "match", "creates", "format"]),
    st.sampled_from(["", "name", "rating", "preferred", "payment_term", "addresses", "delivery_days"]),
    JUNK,
)
def test_whatever_stands_in_a_mapping_is_taken_or_told(key: str, field: str, junk: Any) -> None:
    written = columns(**{field: junk}) if field and key == "columns" else changed(**{key: junk})
    assert _taken_or_told(written)


def _taken_or_told(written: dict[str, Any]) -> bool:
    try:
        return isinstance(declared(written, "m.toml"), Mapping)
    except BadMapping as mistake:
        return mistake.message.startswith("m.toml: ")


def read(text: str, *steps: Any, row: dict[str, str] | None = None) -> Any:
    return value({"column": "C", "do": list(steps)}).read(row or {"c": text}, lambda *_: None)


@pytest.mark.parametrize(
    ("text", "steps", "found"),
    [
        ("  a  ", ["trim"], "a"),
        ("a \n b", ["squeeze"], "a b"),
        ("ab", ["upper"], "AB"),
        ("AB", ["lower"], "ab"),
        ("", ["upper"], None),
        ("   ", ["trim"], None),
        ("", [{"default": "EA"}], "EA"),
        ("14.0", ["integer", {"prefix": "S"}], "S14"),
        ("n/a", [{"null_if": ["n/a", "-"]}], None),
        ("0.00", [{"null_if": 0}], None),
        ("0.00", ["decimal", {"null_if": 0}], None),
        ("0.01", ["decimal", {"null_if": 0}], Decimal("0.01")),
        ("A", [{"map": {"A": True, "*": False}}], True),
        ("B", [{"map": {"A": True, "*": False}}], False),
        ("2/0", [{"map": {"0/*": "none", "*/0": "all", "*": "some"}}], "all"),
        ("0/0", [{"map": {"0/*": "none", "*/0": "all", "*": "some"}}], "none"),
        ("2/1", [{"map": {"0/*": "none", "*/0": "all", "*": "some"}}], "some"),
        ("a-b-b-c", [{"map": {"a*b*b*b*c": "thrice", "a*b*b*c": "twice"}}], "twice"),
        ("A*", [{"map": {"*": "any", "A*": "itself"}}], "itself"),
        ("1.234,50", [{"decimal": {"point": ",", "group": "."}}], Decimal("1234.50")),
        ("1234,50", [{"decimal": {"point": ",", "group": "."}}], Decimal("1234.50")),
        ("-1'234'567", [{"decimal": {"group": "'"}}], Decimal(-1234567)),
        ("1e-05", ["decimal"], Decimal("0.00001")),
        ("NO", ["boolean"], False),
        ("Y", [{"boolean": {"true": ["y"], "false": ["n"]}}], True),
        ("2011-05-31 00:00:00", [{"date": "%Y-%m-%d %H:%M:%S"}], date(2011, 5, 31)),
        ("31.05.11", [{"date": "%d.%m.%y"}], date(2011, 5, 31)),
        (" 14 ", [{"reference": "unit"}], Reference("unit", None, None, "14")),
        ("EA", [{"reference": {"kind": "unit", "by": "code"}}], Reference("unit", None, "code", "EA")),
    ],
)
def test_steps_make_a_value(text: str, steps: list[Any], found: Any) -> None:
    assert read(text, *steps) == found
    assert type(read(text, *steps)) is type(found)


@pytest.mark.parametrize(
    ("text", "steps", "message"),
    [
        ("12,5", ["decimal"], "not a number written as 1234.5"),
        ("1.5", [{"decimal": {"point": ",", "group": "."}}], "not a number written as 1234,5"),
        ("1.23.456", [{"decimal": {"point": ",", "group": "."}}], "not a number"),
        ("NaN", ["decimal"], "not a number"),
        ("Infinity", ["decimal"], "not a number"),
        ("1_000", ["decimal"], "not a number"),
        ("٣", ["decimal"], "not a number"),
        ("1" * 100, ["decimal"], "not a number"),
        ("1.5", ["integer"], "not a whole number"),
        ("x", ["integer"], "not a whole number"),
        ("maybe", ["boolean"], "neither true nor false; write one of true, yes"),
        ("30.02.2011", [{"date": "%d.%m.%Y"}], "not a date written as 31.05.2011"),
        ("C", [{"map": {"A": "x"}}], "knows only A; add this value"),
        ("aa", [{"map": {"aa*a": "x"}}], "knows only aa\\*a; add this value"),
        ("A", [{"map": {"A": True}}, "upper"], "'upper' cannot be done with True"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(text: str, steps: list[Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read(text, *steps)


def test_columns_can_be_joined_and_empty_ones_leave_no_gap() -> None:
    name = value({"join": ["First", "Middle", {"column": "Last", "do": ["upper"]}], "with": " "})
    assert name.columns == ("First", "Middle", "Last")
    assert name.read({"first": "Ada", "middle": "", "last": "Lovelace"}, lambda *_: None) == "Ada LOVELACE"
    assert name.read({"first": "", "middle": "", "last": ""}, lambda *_: None) is None


def test_nothing_in_a_mapping_is_executed() -> None:
    with pytest.raises(Mistake):
        value({"column": "C", "do": [{"eval": "__import__('os').system('true')"}]})
    assert read("__import__('os')", "trim") == "__import__('os')"
    assert read("{0.__class__}", {"prefix": "%s {x} "}) == "%s {x} {0.__class__}"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, max_value=10**12, min_value=-(10**12)))
def test_a_number_is_read_as_it_was_written(amount: Decimal) -> None:
    assert number()(str(amount)) == amount
    assert number(point=",", group=".")(f"{amount:,.4f}".translate(str.maketrans(",.", ".,"))) == amount


@given(st.lists(st.text(min_size=1), min_size=2, max_size=2), st.lists(st.text(min_size=1), min_size=2, max_size=2))
def test_two_keys_of_several_columns_are_never_one(one: list[str], other: list[str]) -> None:
    try:
        same = joined(one) == joined(other)
    except BadInput:
        return
    assert same == ([part.strip() for part in one] == [part.strip() for part in other])


def test_a_key_of_several_columns_can_be_foretold() -> None:
    assert joined(["a/b", "50%"]) == "a%2Fb/50%25"
    assert joined(["a%2Fb", "c"]) != joined(["a/b", "c"])
    assert joined([" a/b% "]) == "a/b%"


def test_the_example_in_the_manual_is_good() -> None:
    page = (Path(__file__).parents[2] / "docs" / "import.md").read_text()
    examples = [text.split("```")[0] for text in page.split("```toml\n")[1:]]
    whole = [text for text in examples if text.lstrip().startswith("source")]
    assert whole
    for text in whole:
        assert declared(tomllib.loads(text, parse_float=Decimal), "example").sections
