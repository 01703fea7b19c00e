"""Files that are committed and follow from the code."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import typer

from transport.console.running import Trouble


def written(path: Path, text: str, *, check: bool) -> None:
    """Write a file, or only compare it with what the code says."""
    known, name = path.read_text(encoding="utf-8") if path.exists() else "", f"{path.parent.name}/{path.name}"
    if check and text != known:
        typer.echo("\n".join(unified_diff(known.splitlines(), text.splitlines(), "committed", "built", "", "", 1, "")))
        raise Trouble(f"{name} is not what the code says; run `make schema` and commit it.")
    if text != known:
        path.write_text(text, encoding="utf-8")
    typer.echo(f"{name} is {'up to date' if text == known else 'written'}.")
