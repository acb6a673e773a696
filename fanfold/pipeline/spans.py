"""One span of chunks: fan out, prove, fold (ideas 3 and 4).

Its children are chunks, or spans that are too long for one orchestration and become sub-orchestrations of its kind.
"""

from collections.abc import Callable, Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from fanfold import limits
from fanfold.pipeline.context import CHUNK, FOLD, SPAN, Context, Steps, Task
from fanfold.pipeline.envelopes import Opened
from fanfold.pipeline.identity import span_id
from fanfold.pipeline.messages import Failure, FoldTask, Link, SpanTask, from_wire, to_wire
from fanfold.pipeline.planning import at_once, divide
from fanfold.pipeline.policy import RetryPolicy, is_tolerable
from fanfold.pipeline.progress import ADD, entity_of, progress_of
from fanfold.pipeline.proof import Chain, hole, prove, summarize
from fanfold.pipeline.rounds import Rounds, StepFailed
from fanfold.pipeline.tolerance import check_tolerance

Tell = Callable[[Sequence[Link]], None]
"""Called with all links that are there so far, after each wave."""


def rounds_of(context: Context, policy: RetryPolicy, task: SpanTask, cancelled: Task | None = None) -> Rounds:
    """How a span waits: its run's deadline is its own, and its jitter differs from that of other spans."""
    ends_at = None
    if task.started_at is not None:
        ends_at = datetime.fromisoformat(task.started_at) + timedelta(seconds=task.plan.terms.deadline_s)
    return Rounds(context, policy, f"{task.plan.run_id}/{task.first}", ends_at, cancelled)


def carry_out_span(rounds: Rounds, task: SpanTask, tell: Tell | None = None) -> Steps:
    """Fan out, prove, fold; gives the span's link, raises StepFailed.

    1. Divide the span into at most F children and process them, at most `width` chunks of them at a time.
    2. Walk the chain of their boundaries; do again what had guessed wrong, from the proven offset.
    3. Fold the partials of the children into one.
    """
    children = divide(task)
    links, retries = yield from _process(rounds, task, children, tell)
    chain, more = yield from _drive(rounds, task, prove(task, children, links))
    partial = chain.links[0].partial if chain.links else None
    if len(chain.links) > 1:
        lean = tuple(msgspec.structs.replace(link, failed_chunks=(), unread_ranges=()) for link in chain.links)
        folded = yield from rounds.step(FOLD, FoldTask(plan=task.plan, links=lean, gaps=chain.gaps))
        partial = from_wire(folded, Link).partial
    return summarize(task, chain, partial, retries + more)


def _drive(rounds: Rounds, task: SpanTask, proof: Generator[SpanTask, Link, Chain]) -> Steps:
    """Do again what the proof asks for, until it has proven the chain."""
    retries = 0
    try:
        again = next(proof)
        while True:
            (link,), more = yield from _process(rounds, task, [again], None)
            retries += more
            again = proof.send(link)
    except StopIteration as proven:
        return proven.value, retries


def _process(rounds: Rounds, task: SpanTask, children: Sequence[SpanTask], tell: Tell | None) -> Steps:
    """The children's links in their order, of a chunk that failed for good a hole, and the number of retries."""
    spans = any(child.stop - child.first > 1 for child in children)
    deadline_s = None if spans else task.plan.terms.chunk_deadline_s
    account = _Account(rounds.context, task, tell, counts=not any(child.counted for child in children))
    outcomes, retries = yield from rounds.carry_out(
        starter(rounds.context, CHUNK, SPAN), children, at_once(task), deadline_s, account.look
    )
    account.signal()
    return [_link(child, outcome) for child, outcome in zip(children, outcomes, strict=True)], retries


def starter(context: Context, activity: str, orchestrator: str) -> Callable[[SpanTask], Any]:
    """What starts a child of a span: an activity for a chunk, a sub-orchestration for a span."""

    def start(task: SpanTask) -> Any:
        if task.stop - task.first == 1:
            return context.call_activity(activity, to_wire(task))
        instance_id = span_id(task, context.current_utc_datetime)
        return context.call_sub_orchestrator(orchestrator, to_wire(task), instance_id)

    return start


def _link(child: SpanTask, outcome: Opened) -> Link:
    return hole(child, outcome.failure) if outcome.failure is not None else from_wire(outcome.value, Link)


class _Account:
    """What one fan-out has reached: judges failures as they come, and tells of progress in batches."""

    def __init__(self, context: Context, task: SpanTask, tell: Tell | None, *, counts: bool) -> None:
        self._context = context
        self._counts = counts
        self._task = task
        self._tell = tell
        self._links: list[Link] = []
        self._told = 0

    def look(self, wave: Sequence[tuple[SpanTask, Opened]], last: bool) -> None:
        """Take in a wave; StepFailed when the run cannot go on after it."""
        for child, outcome in wave:
            if outcome.failure is not None and (last or not outcome.retryable):
                _check(child, outcome.failure)
        self._links += [_link(child, outcome) for child, outcome in wave if last or not outcome.retryable]
        if self._tell is not None:
            self._tell(self._links)
        if self._task.plan.terms.fail_fast:
            check_tolerance(self._task.plan, self._links)
        if sum(link.stop - link.first for link in self._links[self._told :]) >= limits.PROGRESS_BATCH:
            self.signal()

    def signal(self) -> None:
        """Tell the run's entity of the chunks that it has not heard of; spans of spans leave that to those below."""
        untold = [link for link in self._links[self._told :] if link.stop - link.first == 1]
        self._told = len(self._links)
        if untold and self._counts and self._task.started_at is not None:
            progress = to_wire(progress_of(self._task.started_at, untold))
            self._context.signal_entity(entity_of(self._task.plan.run_id), ADD, progress)


def _check(child: SpanTask, failure: Failure) -> None:
    """StepFailed for a failure that no tolerance covers. A span that failed has applied it already."""
    if child.stop - child.first > 1 or not is_tolerable(failure):
        raise StepFailed(failure)
