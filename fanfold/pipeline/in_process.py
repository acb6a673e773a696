"""The run as plain Python, in one process tree: the story of fanfold.pipeline.orchestration without a host.

It takes the same steps in the same order, so it is the oracle of the end-to-end tests. It splits into chunks
directly, for it has no history to keep short.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.pipeline.chunk import process_or_set_aside
from fanfold.pipeline.completion import announce_completion, completed
from fanfold.pipeline.emitting import decide_schema, emit_part, list_parts
from fanfold.pipeline.folding import fold_partials
from fanfold.pipeline.inspection import inspect_dataset
from fanfold.pipeline.messages import (
    Completion,
    EmitTask,
    Emitted,
    FoldTask,
    Link,
    ListTask,
    Parts,
    Plan,
    PublishTask,
    RunRequest,
    SchemaTask,
    SpanTask,
)
from fanfold.pipeline.ports import Ports
from fanfold.pipeline.proof import Chain, close, prove, summarize
from fanfold.pipeline.publishing import publish_report
from fanfold.pipeline.tolerance import excess

Clock = Callable[[], datetime]
Execute = Callable[[Sequence[SpanTask]], Iterable[Link]]
"""Processes chunks, side by side if it likes, and gives their links in the tasks' order."""

Fold = Callable[[Sequence[FoldTask]], Iterable[Link]]
"""Folds groups of neighbours, side by side if it likes, and gives their links in the tasks' order."""

Emit = Callable[[Sequence[EmitTask]], Iterable[Parts]]
"""Writes parts, side by side if it likes, and gives their lists in the tasks' order."""


def run_in_process(
    request: RunRequest,
    ports: Ports,
    clock: Clock,
    execute: Execute,
    *,
    fold: Fold | None = None,
    emit: Emit | None = None,
) -> Completion:
    """One run of one dataset, from request to completion; raises what the steps raise.

    Partials are folded, and parts, where they are asked for, written one after the other unless `fold` and `emit` do
    better.
    """
    started_at = clock()
    plan = inspect_dataset(request, ports)
    whole = SpanTask(plan=plan, first=0, stop=plan.chunks, entry=plan.data_start)
    fold = fold or (lambda tasks: [fold_partials(task, ports) for task in tasks])
    emit = emit or (lambda tasks: [emit_part(task, ports) for task in tasks])
    result = close(plan, _span(whole, ports, execute, fold))
    emitted = None if plan.emit is None else _emit(plan, result, ports, emit)
    publish = PublishTask(
        plan=plan,
        options=request.options,
        result=result,
        started_at=started_at.isoformat(),
        completed_at=clock().isoformat(),
        emitted=emitted,
    )
    completion = completed(publish, publish_report(publish, ports))
    announce_completion(completion, ports)
    return completion


def _span(task: SpanTask, ports: Ports, execute: Execute, fold: Fold) -> Link:
    children = [
        SpanTask(plan=task.plan, first=i, stop=i + 1, entry=task.entry if i == task.first else None)
        for i in range(task.first, task.stop)
    ]
    proof = prove(task, children, list(execute(children)))
    try:
        again = next(proof)
        while True:
            again = proof.send(process_or_set_aside(again, ports))
    except StopIteration as proven:
        chain = proven.value
    if sum(link.failed for link in chain.members) > task.plan.terms.tolerated:
        raise PipelineFault(excess(task.plan, chain.members).message)
    return summarize(task, chain, _fold(task.plan, chain, fold), retries=0)


def _fold(plan: Plan, chain: Chain, fold: Fold) -> str | None:
    """The partial of all links: of groups of neighbours first, then of groups of those."""
    links = chain.links
    while len(links) > 1:
        groups = [links[first : first + limits.FOLD_AT_ONCE] for first in range(0, len(links), limits.FOLD_AT_ONCE)]
        links = tuple(fold([FoldTask(plan=plan, links=group, gaps=chain.gaps) for group in groups]))
    return links[0].partial if links else None


def _emit(plan: Plan, result: Link, ports: Ports, emit: Emit) -> Emitted:
    schema = decide_schema(SchemaTask(plan=plan, partial=result.partial), ports).name
    whole = EmitTask(plan=plan, first=0, stop=plan.chunks, partial=result.partial, schema=schema)
    tasks = [msgspec.structs.replace(whole, first=chunk, stop=chunk + 1) for chunk in range(plan.chunks)]
    return Emitted(schema=schema, parts=list_parts(ListTask(task=whole, children=tuple(emit(tasks))), ports))
