"""Step 6, clean up: remove what a run has stored on its way. Its report, and its message, are elsewhere."""

from collections.abc import Iterable
from datetime import datetime

from fanfold import limits
from fanfold.pipeline.messages import Cleaned, CleanTask
from fanfold.pipeline.ports import Ports, WorkStore


def clean_up(task: CleanTask, ports: Ports) -> Cleaned:
    """Remove some of it, as much as one activity can, and say whether that was all."""
    return Cleaned(everything=ports.work.remove(task.run_id, limits.CLEAN_AT_ONCE))


def leftovers(work: WorkStore, before: datetime) -> Iterable[str]:
    """The runs that have stored something, but nothing since a time. They may be going on nevertheless."""
    for run_id in work.runs():
        written_at = work.written_at(run_id)
        if written_at is not None and written_at < before:
            yield run_id
