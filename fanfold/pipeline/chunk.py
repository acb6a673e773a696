"""Step 2, process a chunk: read the records that start in it and store their partial."""

import msgspec

from fanfold.errors import FanfoldError
from fanfold.pipeline.messages import Failure, Link, Plan, SpanTask
from fanfold.pipeline.partial import Partial, pack, read_partial
from fanfold.pipeline.policy import is_tolerable
from fanfold.pipeline.ports import Ports, WorkStore
from fanfold.pipeline.proof import hole
from fanfold.pipeline.work import check_run, check_work, load_layout, load_rules
from fanfold.processors.contract import Chunk
from fanfold.profile.nulls import nulls_of
from fanfold.records.reader import RecordReader


def process_chunk(task: SpanTask, ports: Ports) -> Link:
    """Read one chunk's own range and store its partial under the name of what it is.

    A chunk whose partial is stored already is not computed again (promise P4). One that was given up long ago leaves
    nothing behind when its run has ended and cleaned up meanwhile.
    """
    plan = task.plan
    start, stop = plan.offset(task.first), plan.offset(task.stop)
    nothing = Link(first=task.first, stop=task.stop, start_byte=start, stop_byte=stop)
    if task.entry is not None and task.entry >= stop:
        return nothing
    check_run(task, ports)
    layout = load_layout(plan, ports)
    reader = RecordReader(layout, ports.open(plan.dataset).read)
    entry = reader.find_entry(start, stop) if task.entry is None else task.entry
    if entry is None or entry >= stop:
        return nothing
    name = f"{chunk_prefix(plan)}{start}-{stop}/{entry}"
    stored = stored_link(ports.work, name)
    if stored is not None:
        return stored
    processors = {
        name: Chunk(columns=layout.columns, start=start, stop=stop, options=options)
        for name, options in plan.processors.items()
    }
    nulls = nulls_of(plan.null_values)
    partial = read_partial(reader.batches(entry, stop), processors, load_rules(plan, ports), nulls)
    if partial is None:
        return nothing
    check_work(plan, ports)
    return store(ports.work, name, nothing, partial)


def process_or_set_aside(task: SpanTask, ports: Ports) -> Link:
    """Process a chunk; of one that fails where failures are tolerated, a hole. For runs without an orchestration."""
    try:
        return process_chunk(task, ports)
    except FanfoldError as error:
        failure = Failure(kind=error.kind, message=str(error))
        if task.plan.terms.tolerated == 0 or not is_tolerable(failure):
            raise
        return hole(task, failure)


def chunk_prefix(plan: Plan) -> str:
    """What the names of the partials of single chunks begin with."""
    return f"{plan.work}/chunk/"


def stored_link(work: WorkStore, name: str) -> Link | None:
    """The link that was stored with a partial, None when there is no such partial."""
    summary = work.summary(name)
    return None if summary is None else msgspec.json.decode(summary, type=Link)


def store(work: WorkStore, name: str, link: Link, partial: Partial) -> Link:
    """Store a partial, and with it the link that speaks for it."""
    found = msgspec.structs.replace(
        link,
        entry=partial.start,
        exit=partial.stop,
        partial=name,
        records=partial.records,
        rejected=partial.rejected,
        batches=partial.batches,
        unproven=partial.unproven,
        owned_bytes=partial.owned_bytes,
    )
    work.put(name, pack(partial), msgspec.json.encode(found).decode("ascii"))
    return found
