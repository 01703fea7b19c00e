"""The real firm's data lie outside the project. Where they are absent, tests that need them are listed by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / os.environ.get("TRADEGRAPH_DATA", "../shared/data")
NEEDED_BY = "adventureworks"
CANNOT_RUN = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session", name=NEEDED_BY)
def adventureworks() -> Path:
    """The folder of the AdventureWorks tables, one CSV file each; not to be written to."""
    return FOLDER / NEEDED_BY


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what cannot run, after everything that was not asked for is out."""
    if (FOLDER / NEEDED_BY).is_dir():
        return
    absent = [item for item in items if NEEDED_BY in getattr(item, "fixturenames", ())]
    items[:] = [item for item in items if item not in absent]
    config.hook.pytest_deselected(items=absent)
    names = [item.nodeid for item in absent]
    config.stash[CANNOT_RUN] = names
    if hasattr(config, "workeroutput"):  # a worker of several: its words reach the terminal through the one in charge
        config.workeroutput["cannot_run"] = names


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a worker what could not run; all were given the same tests."""
    node.config.stash[CANNOT_RUN] = getattr(node, "workeroutput", {}).get("cannot_run", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say by name what could not run, and why."""
    names = config.stash.get(CANNOT_RUN, [])
    if names:
        terminalreporter.section(f"{len(names)} cannot run here", yellow=True)
        terminalreporter.line(f"{FOLDER} has no {NEEDED_BY}; TRADEGRAPH_DATA can name another folder.")
        for name in names:
            terminalreporter.line(f"cannot run here: {name}")
