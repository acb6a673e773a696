"""The run as plain Python, in one process tree: the story of fanfold.pipeline.orchestration without a host.

It takes the same steps in the same order, so it is the oracle of the end-to-end tests. It splits into chunks
directly, for it has no history to keep short.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from fanfold.errors import FanfoldError, PipelineFault
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.completion import announce_completion, completed
from fanfold.pipeline.folding import fold_partials
from fanfold.pipeline.inspection import inspect_dataset
from fanfold.pipeline.messages import Completion, Failure, FoldTask, Link, PublishTask, RunRequest, SpanTask
from fanfold.pipeline.ports import Ports
from fanfold.pipeline.proof import close, hole, prove, summarize
from fanfold.pipeline.publishing import publish_report
from fanfold.pipeline.tolerance import excess, is_tolerable

Clock = Callable[[], datetime]
Execute = Callable[[Sequence[SpanTask]], Iterable[Link]]
"""Processes chunks, side by side if it likes, and gives their links in the tasks' order."""


def run_in_process(request: RunRequest, ports: Ports, clock: Clock, execute: Execute) -> Completion:
    """One run of one dataset, from request to completion; raises what the steps raise."""
    started_at = clock()
    plan = inspect_dataset(request, ports)
    whole = SpanTask(plan=plan, first=0, stop=plan.chunks, entry=plan.data_start)
    result = close(plan, _span(whole, ports, execute))
    publish = PublishTask(
        plan=plan,
        options=request.options,
        result=result,
        started_at=started_at.isoformat(),
        completed_at=clock().isoformat(),
    )
    completion = completed(publish, publish_report(publish, ports))
    announce_completion(completion, ports)
    return completion


def process_or_set_aside(task: SpanTask, ports: Ports) -> Link:
    """Process a chunk; of one that fails where failures are tolerated, a hole."""
    try:
        return process_chunk(task, ports)
    except FanfoldError as error:
        failure = Failure(kind=error.kind, message=str(error))
        if task.plan.terms.tolerated == 0 or not is_tolerable(failure):
            raise
        return hole(task, failure)


def _span(task: SpanTask, ports: Ports, execute: Execute) -> Link:
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
    partial = chain.links[0].partial if chain.links else None
    if len(chain.links) > 1:
        partial = fold_partials(FoldTask(plan=task.plan, links=chain.links, gaps=chain.gaps), ports).partial
    return summarize(task, chain, partial, retries=0)
