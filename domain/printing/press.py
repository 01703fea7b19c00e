"""Makes a PDF of a page. The same page gives the same bytes on any machine: its fonts come from a package.

Typst remembers what it has laid out, 140 KB for each line of a paper, and forgets it late. So a server has each page
made by a process of its own, which is told the page as JSON, answers with the PDF, and takes its memory along.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from domain.printing.page import Page

COMMAND = (sys.executable, "-I", __file__)
"""Begins in a twentieth of a second, since nothing is imported here but typst."""
TEMPLATE = Path(__file__).parent / "page.typ"
FONTS = "fontpkg_source_sans_3"
"""The package with Source Sans 3. What that lacks is drawn from the fonts that typst brings along."""
MOST_TAGGED = 1000
"""Lines of a paper up to which a screen reader finds its way by tags; they make a PDF ten times as large."""
RUN = 24
"""So many characters may follow each other before a line may break among them."""
_LONG = re.compile(rf"[^\s\u200b]{{{RUN}}}(?=[^\s\u200b])")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def asked(page: Page) -> bytes:
    """What the process of COMMAND is told."""
    return json.dumps({"content": page.content, "made_at": int(page.made_at.timestamp())}).encode()


def pdf(page: Page) -> bytes:
    """The page as a PDF, made here and now."""
    return _pdf(page.content, int(page.made_at.timestamp()))


def _pdf(content: Mapping[str, Any], made_at: int) -> bytes:
    import typst

    columns = content["columns"]
    compiler = typst.Compiler(
        TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts(), ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(_printable(content), ensure_ascii=False)},
    )  # fmt: skip
    tagged = not columns or len(columns[0]["cells"]) <= MOST_TAGGED
    made = compiler.compile(format="pdf", timestamp=made_at, pdf_tags=tagged)
    return made if isinstance(made, bytes) else b"".join(made or ())


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


if __name__ == "__main__":
    sys.stdout.buffer.write(_pdf(**json.load(sys.stdin)))
