"""Makes a PDF of a page. The same page gives the same bytes on any machine: its fonts come from a package."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from domain.printing.page import Page

TEMPLATE = Path(__file__).parent / "page.typ"
FONTS = "fontpkg_source_sans_3"
"""The package with Source Sans 3. What that lacks is drawn from the fonts that typst brings along."""
RUN = 24
"""So many characters may follow each other before a line may break among them."""
_LONG = re.compile(rf"[^\s\u200b]{{{RUN}}}(?=[^\s\u200b])")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def pdf(page: Page) -> bytes:
    """The page as a PDF; takes a moment, in which other threads go on."""
    import typst

    compiler = typst.Compiler(
        TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts(), ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(_printable(page.content), ensure_ascii=False)},
    )  # fmt: skip
    made = compiler.compile(format="pdf", timestamp=int(page.made_at.timestamp()))
    assert isinstance(made, bytes)  # noqa: S101 - a list only of pictures
    return made


@cache
def _fonts() -> Any:
    import typst

    found = find_spec(FONTS)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{FONTS} is not installed; its fonts are what pages are printed with.")
    return typst.Fonts(include_system_fonts=False, font_paths=[Path(found.origin).parent / "files"])


def _printable(value: Any) -> Any:
    """All texts without what cannot be printed, and with places to break where a line would run over the margin."""
    if isinstance(value, str):
        return _LONG.sub("\\g<0>\u200b", _UNSEEN.sub("", value.replace("\r\n", "\n")))
    if isinstance(value, Mapping):
        return {name: _printable(one) for name, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list | tuple) else value
