"""The proof that every boundary is right (idea 3: speculate, then prove).

A chunk that did not know where its first record starts has guessed. From a true start everything it read is exact,
hence its exit is a true start too. So, from the end of the header on, each link either joins on to the proven offset,
or owns nothing because a record runs over it, or has guessed wrong and is processed again from the proven offset.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from fanfold.pipeline.messages import Link, SpanTask


@dataclass(frozen=True, slots=True)
class Chain:
    """The proven links in file order: of each span that owns a record, one."""

    links: tuple[Link, ...] = ()
    entry: int | None = None
    exit: int | None = None
    reprocessed: int = 0

    def joined(self, link: Link) -> "Chain":
        """The chain with one more link at its end."""
        entry = self.entry if self.links else link.entry
        return replace(self, links=(*self.links, link), entry=entry, exit=link.exit)


def prove(task: SpanTask, children: Sequence[SpanTask], links: Sequence[Link]) -> Generator[SpanTask, Link, Chain]:
    """Walk the links from the task's entry; yields each task to do again and is sent its new link.

    A span that does not know its entry repairs nothing, for its own first guess may be the wrong one: where its links
    do not join it returns its guess without an exit, and the span above does it again from the proven entry, with what
    is stored.
    """
    chain = Chain(exit=task.entry)
    for child, link in zip(children, links, strict=True):
        proven = chain.exit if chain.exit is not None else link.entry
        if proven is None or proven >= link.stop_byte:
            continue
        if link.entry == proven and link.exit is not None:
            chain = chain.joined(link)
        elif task.entry is None:
            return Chain(entry=chain.entry if chain.links else proven)
        else:
            again = yield SpanTask(plan=child.plan, first=child.first, stop=child.stop, entry=proven)
            chain = replace(chain.joined(again), reprocessed=chain.reprocessed + (link.entry != proven))
    return chain


def summarize(task: SpanTask, chain: Chain, partial: str | None, retries: int) -> Link:
    """The link that the whole span is to the span above it."""
    return Link(
        first=task.first,
        stop=task.stop,
        start_byte=task.plan.offset(task.first),
        stop_byte=task.plan.offset(task.stop),
        entry=chain.entry,
        exit=chain.exit if chain.links else None,
        partial=partial,
        records=sum(link.records for link in chain.links),
        rejected=sum(link.rejected for link in chain.links),
        batches=sum(link.batches for link in chain.links),
        unproven=sum(link.unproven for link in chain.links),
        reprocessed=sum(link.reprocessed for link in chain.links) + chain.reprocessed,
        retries=sum(link.retries for link in chain.links) + retries,
        owned_bytes=sum(link.owned_bytes for link in chain.links),
    )
