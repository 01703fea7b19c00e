"""What is stored on papers and lines for speed, by its definition: queries made from the tables that find nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from domain.flow.table import FEEDS, follows
from domain.kernel.documents import Document, Progress
from domain.kernel.papers import kinds

Check = tuple[str, str]
"""What should be so, and the query that finds what is not: record, what is stored, what follows."""
_LINES = "from line l join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id)"


def _checks() -> Iterator[Check]:
    known = kinds()
    for names in {tuple(feeds.items()): None for feeds in FEEDS.values() if feeds}:
        relations = [relation for relation, feeds in FEEDS.items() if tuple(feeds.items()) == names]
        yield _fed(relations, [word for word, kind in known.items() if follows(kind) & {*relations}])
    received = [word for word, kind in known.items() if "receives" in follows(kind)]
    yield (
        "accepted is received less rejected",
        f"select l.id, l.accepted, l.received - l.rejected {_LINES} where d.kind in {_words(received)}"
        " and l.accepted <> l.received - l.rejected",
    )
    for word, kind in known.items():
        if kind.progress is not None:
            yield from _of(word, kind, kind.progress)


def _fed(relations: Sequence[str], words: Iterable[str]) -> Check:
    feeds = FEEDS[relations[0]]
    stored = ", ".join(f"l.{name}" for name in feeds)
    found = ", ".join(f"coalesce(k.{name}, 0)" for name in feeds)
    sums = ", ".join(f"sum({column}) as {name}" for name, column in feeds.items())
    return (
        f"{' and '.join(feeds)} follow from the lines of relation {' and '.join(relations)}",
        f"select l.id, concat_ws(' ', {stored}), concat_ws(' ', {found}) {_LINES}"  # noqa: S608 - our own words
        f" left join (select tenant_id, id, {sums} from linked where relation in {_words(relations)}"
        " group by tenant_id, id) k on (k.tenant_id, k.id) = (l.tenant_id, l.id)"
        f" where d.kind in {_words(words)} and ({stored}) <> ({found})",
    )


def _of(word: str, kind: type[Document], progress: Progress) -> Iterator[Check]:
    missing = f"greatest(0, l.quantity - l.{progress.done} + l.to_replace)"
    if progress.way is not None:
        yield from _open(word, progress.way, missing)
    if progress.column is not None:
        states = _words(progress.awaits) if progress.awaits else "('')"
        yield (
            f"the {progress.column} of a {word} follows from its lines",
            f"""select d.id, d.{progress.column}, s.expected
            from document d cross join lateral (select case
              when bool_or(l.{progress.done} <> 0) then case
                when bool_or({missing} > 0) then 'partial' else '{progress.complete}' end
              when d.state in {states} then 'pending'
              else 'none' end as expected from line l where (l.tenant_id, l.document_id) = (d.tenant_id, d.id)) s
            where d.kind = '{word}' and d.{progress.column} <> s.expected""",  # noqa: S608 - our own words
        )
    if progress.billed:
        yield _billed(word, kind, progress.done)


def _open(word: str, way: str, missing: str) -> Iterator[Check]:
    for name, state, beside in (("open_quantity", "confirmed", "0"), ("closed", "closed", "l.returned - l.to_replace")):
        yield (
            f"{name} of a {word} is what is missing while it is {state}",
            f"select l.id, l.{name}, s.expected {_LINES} cross join lateral"
            f" (select case d.state when '{state}' then {missing} else 0 end + {beside} as expected) s"
            f" where d.kind = '{word}' and l.{name} <> s.expected",
        )
    yield (
        f"{way} follows from the open lines of every {word}",
        f"""select coalesce(p.id::text, o.product_id || ' at ' || o.location_id), p.{way}, o.quantity
        from (select * from expected where kind = '{word}') o full join position p
        using (tenant_id, product_id, location_id) where coalesce(p.{way}, 0) <> coalesce(o.quantity, 0)""",  # noqa: S608 - our own words
    )


def _billed(word: str, kind: type[Document], done: str) -> Check:
    """Of goods that moved nothing is to be billed once that was taken back, nor of what takes it back."""
    void = "d.state in ('draft', 'cancelled', 'reversed') or d.reverses_id is not null" if kind.route else "false"
    return (
        f"the billing state of a {word} follows from what is kept and billed",
        f"""select d.id, d.billing_state, s.expected
        from document d cross join lateral (select case
          when {void} then 'none'
          when bool_or(l.id in (select id from imported)) or d.provenance_id is not null and d.kind = 'receipt'
            and bool_or(l.accepted <> 0) then 'unknown'
          when bool_or(l.billed <> l.credited) then case
            when bool_or(l.{done} - l.returned > l.billed - l.credited) then 'partial' else 'billed' end
          when bool_or(l.{done} <> l.returned) then 'pending'
          else 'none' end as expected from line l where (l.tenant_id, l.document_id) = (d.tenant_id, d.id)) s
        where d.kind = '{word}' and d.billing_state <> s.expected""",  # noqa: S608 - our own words
    )


def _words(words: Iterable[str]) -> str:
    quoted = [f"'{word}'" for word in sorted(words)]
    return f"({', '.join(quoted)})"


CHECKS: dict[str, str] = dict(_checks())
