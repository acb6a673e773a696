"""Step 3, fold: merge the partials of neighbouring links into one."""

from fanfold import limits
from fanfold.pipeline.chunk import store, stored_link
from fanfold.pipeline.messages import FoldTask, Link
from fanfold.pipeline.partial import Partial, fold, unpack
from fanfold.pipeline.ports import Ports


def fold_partials(task: FoldTask, ports: Ports) -> Link:
    """Fold the partials of the task's links and store the result."""
    first, last = task.links[0], task.links[-1]
    stored_name = f"{task.plan.work}/span/{first.start_byte}-{last.stop_byte}/{first.entry}"
    stored = stored_link(ports.work, stored_name)
    if stored is not None:
        return stored
    total: Partial | None = None
    names = [link.partial for link in task.links if link.partial is not None]
    for at in range(0, len(names), limits.FOLD_AT_ONCE):
        partials = [unpack(ports.work.get(name)) for name in names[at : at + limits.FOLD_AT_ONCE]]
        total = fold(partials if total is None else [total, *partials])
    span = Link(first=first.first, stop=last.stop, start_byte=first.start_byte, stop_byte=last.stop_byte)
    return span if total is None else store(ports.work, stored_name, span, total)
