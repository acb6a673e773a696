"""The proven chain of a span, stored beside its partial, so that a chunk's true entry can be looked up later.

The partials form a tree: that of a span was folded from those of its links, down to single chunks. With each fold its
links are stored, too: a few bytes a child, so neither a message nor a history grows with the dataset.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import msgspec

from fanfold.errors import PipelineFault
from fanfold.pipeline.chunk import chunk_prefix, stored_link
from fanfold.pipeline.messages import Link, Plan
from fanfold.pipeline.ports import WorkStore
from fanfold.pipeline.recent import Recent


class _Child(msgspec.Struct, frozen=True, array_like=True):
    """What a link says of its span: where it lies, what was found there."""

    start_byte: int
    stop_byte: int
    partial: str
    records: int
    rejected: int


class _Children:
    """The links of one span, with what comes before each."""

    def __init__(self, children: Sequence[_Child]) -> None:
        self._children = children
        self._starts = [child.start_byte for child in children]
        self._records = [0, *accumulate(child.records for child in children)]
        self._rejected = [0, *accumulate(child.rejected for child in children)]

    def at(self, offset: int) -> tuple[_Child, int, int] | None:
        """The child that holds an offset, and the records and rejects before it; None where no record starts."""
        place = bisect_right(self._starts, offset) - 1
        if place < 0 or offset >= self._children[place].stop_byte:
            return None
        return self._children[place], self._records[place], self._rejected[place]


@dataclass(frozen=True, slots=True)
class ProvenChunk:
    """A chunk's proven link, and how many records and rejects there are before it."""

    link: Link
    records_before: int
    rejected_before: int


_recent: Recent[_Children] = Recent()


def store_chain(work: WorkStore, plan: Plan, partial: str, links: Sequence[Link]) -> None:
    """Store the links that a span's partial is folded from, unless they are stored already."""
    name = _chain_name(plan, partial)
    if work.summary(name) is not None:
        return
    children = [
        _Child(link.start_byte, link.stop_byte, link.partial, link.records, link.rejected)
        for link in links
        if link.partial is not None
    ]
    work.put(name, msgspec.json.encode(children))


def find_chunk(work: WorkStore, plan: Plan, partial: str | None, chunk: int) -> ProvenChunk | None:
    """The proven link of a chunk, from the partial of the whole down; None when no record starts in the chunk."""
    start, records, rejected = plan.offset(chunk), 0, 0
    while partial is not None and not partial.startswith(chunk_prefix(plan)):
        found = _recent.get(_chain_name(plan, partial), lambda name: _load(work, name)).at(start)
        if found is None:
            return None
        child, more_records, more_rejected = found
        partial, records, rejected = child.partial, records + more_records, rejected + more_rejected
    link = None if partial is None else stored_link(work, partial)
    if link is None:
        return None
    return ProvenChunk(link, records, rejected) if link.start_byte == start else None


def _load(work: WorkStore, name: str) -> _Children:
    try:
        return _Children(msgspec.json.decode(work.get(name), type=list[_Child]))
    except msgspec.MsgspecError as error:
        raise PipelineFault(f"the stored chain {name} cannot be read: {error}") from error


def _chain_name(plan: Plan, partial: str) -> str:
    """Spans of other chunks may have the same bounds, so the size of the chunks is part of it."""
    return f"{partial}/chain/{plan.chunk_bytes}"
