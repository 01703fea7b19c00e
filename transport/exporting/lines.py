"""An export as JSON lines: each row as the query answers it, and an error, should there be one, as the last line."""

from __future__ import annotations

from collections.abc import Sequence

from transport.encoding import encoded
from transport.exporting.form import Form, Node


class Lines(Form):
    """One object a line, lists and all."""

    media = "application/jsonl; charset=utf-8"
    ending = "jsonl"

    def rows(self, nodes: Sequence[Node]) -> bytes:
        self.count += len(nodes)
        return b"".join(encoded(node) + b"\n" for node in nodes)

    def broken(self, error: Node) -> bytes:
        return encoded({"error": error}) + b"\n"
