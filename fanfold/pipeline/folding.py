"""Step 3, fold: merge the partials of neighbouring links into one."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence

from fanfold import limits
from fanfold.pipeline.chain import store_chain
from fanfold.pipeline.chunk import store, stored_link
from fanfold.pipeline.messages import FoldTask, Link
from fanfold.pipeline.partial import Partial, fold, unpack
from fanfold.pipeline.ports import Ports


def fold_partials(task: FoldTask, ports: Ports) -> Link:
    """Fold the partials of the task's links and store the result, and before it the links (fanfold.pipeline.chain)."""
    first, last = task.links[0], task.links[-1]
    names = [link.partial for link in task.links if link.partial is not None]
    stored_name = f"{task.plan.work}/span/{first.start_byte}-{last.stop_byte}/{first.entry}-{_fingerprint(names)}"
    store_chain(ports.work, task.plan, stored_name, task.links)
    stored = stored_link(ports.work, stored_name)
    if stored is not None:
        return stored
    total = fold_all(ports.work.get, names, task.gaps)
    span = Link(first=first.first, stop=last.stop, start_byte=first.start_byte, stop_byte=last.stop_byte)
    return span if total is None else store(ports.work, stored_name, span, total)


def _fingerprint(names: Iterable[str]) -> str:
    """Tells what was folded without a chunk that failed from what was folded with it, when it has succeeded later."""
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def fold_all(
    get: Callable[[str], bytes], names: Iterable[str], gaps: Collection[tuple[int, int]] = ()
) -> Partial | None:
    """Fold the partials of those names, few of them in memory at a time; None of none."""
    waiting: list[Partial] = []
    for name in names:
        if len(waiting) >= limits.FOLD_AT_ONCE or (len(waiting) > 1 and _size(waiting) >= limits.FOLD_BYTES):
            waiting = [fold(waiting, gaps)]
        waiting.append(unpack(get(name)))
    return fold(waiting, gaps) if waiting else None


def _size(partials: Sequence[Partial]) -> int:
    return sum(len(partial.profile) for partial in partials)
