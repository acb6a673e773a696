"""The proof that every boundary is right (idea 3: speculate, then prove).

A chunk that did not know where its first record starts has guessed. From a true start everything it read is exact,
hence its exit is a true start too. So, from the end of the header on, each link either joins on to the proven offset,
or owns nothing because a record runs over it, or has guessed wrong and is processed again from the proven offset.

A chunk that failed for good leaves a hole. Nothing can be proven across it: the next link that owns a record is taken
as it guessed, and the bytes from the last proven offset to that guess are the gap that nobody has read. From there on
the proof goes on as before (docs/decisions/0014-holes.md).
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from fanfold import limits
from fanfold.pipeline.messages import FailedChunk, Failure, Link, Plan, SpanTask

Gap = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chain:
    """The links in file order that own a record or have failed; those that own one are proven, but for the gaps."""

    members: tuple[Link, ...] = ()
    entry: int | None = None
    exit: int | None = None
    reprocessed: int = 0
    gaps: tuple[Gap, ...] = ()
    hole_before: bool = False
    hole_after: bool = False

    @property
    def links(self) -> tuple[Link, ...]:
        """Those that own a record."""
        return tuple(link for link in self.members if link.entry is not None)

    def joined(self, link: Link) -> "Chain":
        """The chain with one more link at its end."""
        first = not self.links
        has_gap = not first and self.exit is not None and self.exit != link.entry
        return replace(
            self,
            members=(*self.members, link),
            entry=link.entry if first else self.entry,
            exit=link.exit,
            gaps=(*self.gaps, (self.exit or 0, link.entry or 0)) if has_gap else self.gaps,
            hole_before=self.hole_after or link.hole_before if first else self.hole_before,
            hole_after=link.hole_after,
        )

    def broken(self, hole: Link) -> "Chain":
        """The chain with a hole at its end."""
        return replace(self, members=(*self.members, hole), hole_after=True)

    def expects(self, link: Link) -> int | None:
        """Where the link's first record starts: as proven, or behind a hole as guessed. None when nobody knows."""
        if self.exit is None:
            return link.entry
        if self.misses(link):
            return self.exit
        if self.hole_after or link.hole_before:
            return None if link.entry is None else max(self.exit, link.entry)
        return self.exit

    def misses(self, link: Link) -> bool:
        """Whether the link begins with a hole, but its next record starts in a chunk before or behind the failed one.

        Then that chunk has guessed wrong, or a record runs over the failed one, which has lost nothing.
        """
        if self.exit is None or self.hole_after or not (link.hole_before or is_hole(link)):
            return False
        failed = link.failed_chunks[0]
        return not failed.start <= self.exit < failed.stop

    @property
    def begins_with_a_hole(self) -> bool:
        """Whether its first guess is as good as proven, for nobody will ever know better."""
        return self.hole_before or (self.hole_after and not self.links)


def is_hole(link: Link) -> bool:
    """Whether all of the link failed that may own a record."""
    return link.entry is None and link.hole_after


def prove(task: SpanTask, children: Sequence[SpanTask], links: Sequence[Link]) -> Generator[SpanTask, Link, Chain]:
    """Walk the links from the task's entry; yields each task to do again and is sent its new link.

    A span that does not know its entry repairs nothing, for its own first guess may be the wrong one: where its links
    do not join it returns its guess without an exit, and the span above does it again from the proven entry, with what
    is stored.
    """
    chain = Chain(exit=task.entry)
    for child, link in zip(children, links, strict=True):
        expected = chain.expects(link)
        if expected is not None and expected >= link.stop_byte:
            continue
        if is_hole(link) and not chain.misses(link):
            chain = chain.broken(link)
        elif expected is None:
            continue
        elif link.entry == expected and link.exit is not None and not chain.misses(link):
            chain = chain.joined(link)
        elif task.entry is None and not chain.begins_with_a_hole:
            return Chain(entry=chain.entry if chain.links else expected)
        else:
            again = yield _again(task, child, expected)
            chain = chain.broken(again) if is_hole(again) else chain.joined(again)
            chain = replace(chain, reprocessed=chain.reprocessed + (link.entry != expected))
    return chain


def _again(task: SpanTask, child: SpanTask, entry: int) -> SpanTask:
    """The child from a known entry. It has the span for itself, and has been counted."""
    return SpanTask(
        plan=child.plan,
        first=child.first,
        stop=child.stop,
        entry=entry,
        width=task.width,
        started_at=child.started_at,
        counted=True,
    )


def hole(task: SpanTask, failure: Failure) -> Link:
    """The link of a chunk that failed for good."""
    start, stop = task.plan.offset(task.first), task.plan.offset(task.stop)
    error = Failure(kind=failure.kind, message=failure.message[: limits.FAILED_CHUNK_CHARS])
    return Link(
        first=task.first,
        stop=task.stop,
        start_byte=start,
        stop_byte=stop,
        hole_after=True,
        failed=1,
        failed_chunks=(FailedChunk(start=start, stop=stop, error=error),),
    )


def summarize(task: SpanTask, chain: Chain, partial: str | None, retries: int) -> Link:
    """The link that the whole span is to the span above it."""
    members = chain.members
    ranges = sorted([*chain.gaps, *(one for link in members for one in link.unread_ranges)])
    return Link(
        first=task.first,
        stop=task.stop,
        start_byte=task.plan.offset(task.first),
        stop_byte=task.plan.offset(task.stop),
        entry=chain.entry,
        exit=chain.exit if chain.links else None,
        partial=partial,
        records=sum(link.records for link in members),
        rejected=sum(link.rejected for link in members),
        batches=sum(link.batches for link in members),
        unproven=sum(link.unproven for link in members),
        reprocessed=sum(link.reprocessed for link in members) + chain.reprocessed,
        retries=sum(link.retries for link in members) + retries,
        owned_bytes=sum(link.owned_bytes for link in members),
        hole_before=chain.hole_before,
        hole_after=chain.hole_after,
        failed=sum(link.failed for link in members),
        failed_chunks=tuple(one for link in members for one in link.failed_chunks)[: limits.FAILED_CHUNKS_KEPT],
        unread=sum(link.unread for link in members) + _bytes(chain.gaps),
        unread_ranges=tuple(ranges[: limits.FAILED_CHUNKS_KEPT]),
    )


def close(plan: Plan, link: Link) -> Link:
    """The link of the whole dataset, with the holes at its ends as gaps: from the header, and to the last byte."""
    if link.entry is None or link.exit is None:
        edges = [(plan.data_start, plan.dataset.size)] if link.hole_after else []
    else:
        edges = [(plan.data_start, link.entry)] if link.hole_before else []
        edges += [(link.exit, plan.dataset.size)] if link.hole_after else []
    ranges = sorted([*link.unread_ranges, *edges])[: limits.FAILED_CHUNKS_KEPT]
    return msgspec.structs.replace(link, unread=link.unread + _bytes(edges), unread_ranges=tuple(ranges))


def _bytes(gaps: Iterable[Gap]) -> int:
    return sum(stop - start for start, stop in gaps)
