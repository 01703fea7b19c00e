from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.rules import RULES, Rule
from tests.house.sources import ROOMS, ROOT, Source, house

HOUSE = house()
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@each_rule
def test_the_house_keeps_its_rules(rule: Rule) -> None:
    broken = [what for source in HOUSE if not rule.allows(source) for what in rule.broken_by(source)]
    assert not broken, f"{rule.name}.\n{rule.lesson}\n- " + "\n- ".join(broken)


@each_rule
def test_every_rule_is_awake(rule: Rule) -> None:
    assert rule.broken_by(rule.example), f"the rule {rule.name!r} sees nothing wrong in its own example"


@each_rule
def test_no_exception_outlives_its_reason(rule: Rule) -> None:
    for pattern in rule.allowed:
        excused = Rule(**{**vars(rule), "allowed": {pattern: "?"}})
        used = [source.path for source in HOUSE if excused.allows(source) and rule.broken_by(source)]
        assert used, f"{pattern} no longer needs an exception from {rule.name!r}; take it out of tests/house/rules.py"


def test_imports_are_seen_wherever_they_stand() -> None:
    text = "import a.b\nfrom c import d\ndef late():\n    from domain import rows\n    from plugins import Plugin\n"
    assert [module for _, module in Source("x.py", text).imports] == ["a.b", "c", "domain.rows", "plugins"]


def test_the_floors_and_rooms_are_kept() -> None:
    """The contracts stand in pyproject.toml; what is broken is told with guidance."""
    lint = (
        "import sys; sys.argv[1:] = ['--no-logo', '--no-cache']; import importlinter.cli as c; c.lint_imports_command()"
    )
    done = subprocess.run([sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 kept, 0 broken" in done.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_the_checkout_s_own(room: str) -> None:
    """PyPI has unrelated packages of such names, `schema` for one; whichever comes first on the path is imported."""
    package = __import__(room)
    assert [str(ROOT / room)] == list(package.__path__), f"{room} was loaded from {package.__path__}"
