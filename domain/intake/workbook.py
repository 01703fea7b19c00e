"""An XLSX workbook is a ZIP of XML parts. They are unpacked piece by piece, within bounds: small files can be large."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - zlib calls it `error`

from domain.intake.mistakes import Mistake

MOST_UNPACKED = 4 << 30
"""How many bytes a part may unpack to that is read row by row."""
MOST_ASIDE = 32 << 20
"""How many the others may."""
PIECE = 1 << 16
ENCRYPTED = 1

Attributes = dict[str, str]


class DamagedError(Exception):
    """A part is no XML of a workbook."""


DAMAGED = (DamagedError, BadZipFile, ExpatError, ZlibError, EOFError)
"""What comes of files that were cut off or tampered with."""


class Ear(Protocol):
    """Hears the elements of a part, by their names without namespaces."""

    def begin(self, name: str, attributes: Attributes) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


def heard(part: IO[bytes], ear: Ear) -> Iterator[None]:
    """Read a part piece by piece; what was heard of each can be taken before the next."""
    parser = ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: ear.begin(name[name.rfind(" ") + 1 :], attributes)
    parser.EndElementHandler = lambda name: ear.end(name[name.rfind(" ") + 1 :])
    parser.CharacterDataHandler = ear.text
    parser.StartDoctypeDeclHandler = _no_doctype
    while piece := part.read(PIECE):
        parser.Parse(piece)
        yield
    parser.Parse(b"", True)
    yield


class Workbook:
    """An open workbook."""

    def __init__(self, path: Path) -> None:
        """Mistake for a file that is none."""
        self._path = path
        try:
            self._zip = ZipFile(path)
        except BadZipFile:
            raise Mistake(f"{path.name} is no workbook, or has a password; save it as .xlsx, without one") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    def part(self, name: str, most: int = MOST_UNPACKED) -> IO[bytes] | None:
        """A part, if there is one of this name; Mistake if it is not fit to be unpacked."""
        try:
            found = self._zip.getinfo(name)
        except KeyError:
            return None
        if found.file_size > most:
            raise Mistake(f"{self._path.name} unpacks to more than {most >> 20} MiB; split it, or save it as CSV")
        if found.flag_bits & ENCRYPTED or found.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise Mistake(f"{self._path.name} is packed in an unusual way; open it and save it anew")
        return self._zip.open(found)

    def listen(self, name: str, ear: Ear) -> None:
        """Hear a part to its end, if it is there."""
        part = self.part(name, MOST_ASIDE)
        if part is not None:
            with part:
                for _ in heard(part, ear):
                    pass

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """The parts to which a part has relations, by id: the last word of what each is to it, and its name."""
        folder, file = posixpath.split(name)
        ear = _Relations(folder)
        self.listen(posixpath.join(folder, "_rels", f"{file}.rels"), ear)
        return ear.found


class _Relations:
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            name = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", "")))
            kind = posixpath.basename(attributes.get("Type", ""))
            self.found[attributes.get("Id", "")] = kind, name.lstrip("/")

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


def _no_doctype(*_: Any) -> None:
    raise DamagedError("a document type is declared")
