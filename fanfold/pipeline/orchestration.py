"""The run as a durable orchestration: generators that decide and never compute.

They pass references and byte ranges, take time from the context, and name activities by a constant, so that a replay
of their history always takes the same way. The same story as plain Python is in fanfold.pipeline.in_process.
"""

from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from fanfold.errors import PipelineFault
from fanfold.pipeline import envelopes
from fanfold.pipeline.completion import completed, ended
from fanfold.pipeline.envelopes import Envelope, open_envelope
from fanfold.pipeline.identity import span_id
from fanfold.pipeline.messages import (
    EmitTask,
    Emitted,
    Failure,
    FoldTask,
    Link,
    ListTask,
    Message,
    Parts,
    Plan,
    PublishTask,
    ReportLinks,
    RunRequest,
    SchemaRef,
    SchemaTask,
    SpanTask,
    from_wire,
    to_wire,
)
from fanfold.pipeline.planning import divide
from fanfold.pipeline.policy import ANNOUNCEMENT, STEPS, RetryPolicy
from fanfold.pipeline.proof import Chain, prove, summarize

RUN = "run_dataset"
SPAN = "process_span"
INSPECT = "inspect_dataset"
CHUNK = "process_chunk"
FOLD = "fold_partials"
EMIT = "emit_span"
SCHEMA = "decide_schema"
PART = "emit_part"
LIST = "list_parts"
PUBLISH = "publish_report"
NOTIFY = "announce_completion"

Steps = Generator[Any, Any, Any]


class Context(Protocol):
    """The part of DurableOrchestrationContext that the orchestrations use."""

    @property
    def current_utc_datetime(self) -> datetime:
        """The same at every replay."""

    def get_input(self) -> Any:
        """The orchestration's input."""

    def call_activity(self, name: str, input_: Any = None) -> Any:
        """A task for an activity."""

    def call_sub_orchestrator(self, name: str, input_: Any = None, instance_id: str | None = None) -> Any:
        """A task for a sub-orchestration."""

    def create_timer(self, fire_at: datetime) -> Any:
        """A task that completes at a time."""

    def task_all(self, activities: list[Any]) -> Any:
        """A task that completes when all have, and fails as soon as one does."""

    def set_custom_status(self, status: Any) -> None:
        """What the operator sees of a run that goes on."""


class StepFailed(Exception):
    """A step failed for good. Never leaves this module."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def run_dataset(context: Context, policy: RetryPolicy = STEPS) -> Steps:
    """One run of one dataset, from request to completion message.

    1. Inspect the head of the dataset and plan the chunks.
    2. Process the span of all chunks: fan out, prove, fold.
    3. Where the request asks for it, write the accepted records as parts: a second fan-out, of the same shape.
    4. Publish the report.
    5. Announce the end of the run, whatever it was: exactly one outcome, after the report is readable.
    """
    request = from_wire(context.get_input(), RunRequest)
    started_at = context.current_utc_datetime
    try:
        _show(context, "inspecting")
        plan = from_wire((yield from _step(context, policy, INSPECT, request)), Plan)
        _show(context, "profiling", chunks=plan.chunks)
        whole = SpanTask(plan=plan, first=0, stop=plan.chunks, entry=plan.data_start)
        result: Link = yield from _span(context, policy, whole)
        emitted: Emitted | None = None
        if plan.emit is not None:
            _show(context, "emitting", chunks=plan.chunks)
            emitted = yield from _emit_whole(context, policy, plan, result)
        _show(context, "publishing", chunks=plan.chunks)
        completed_at = context.current_utc_datetime
        publish = PublishTask(
            plan=plan,
            options=request.options,
            result=result,
            started_at=started_at.isoformat(),
            completed_at=completed_at.isoformat(),
            emitted=emitted,
        )
        links = from_wire((yield from _step(context, policy, PUBLISH, publish)), ReportLinks)
        completion = completed(publish, links)
    except StepFailed as stop:
        completion = ended(request, stop.failure, started_at, context.current_utc_datetime)
    yield from _step(context, ANNOUNCEMENT, NOTIFY, completion)
    _show(context, completion.outcome, chunks=completion.chunks)
    return to_wire(completion)


def process_span(context: Context, policy: RetryPolicy = STEPS) -> Steps:
    """A span too long for one orchestration, as a sub-orchestration of the span above it.

    1. Process the span, which may divide it again.
    2. Return its link in an envelope: failures are values here too.
    """
    task = from_wire(context.get_input(), SpanTask)
    return (yield from _enveloped(_span(context, policy, task)))


def emit_span(context: Context, policy: RetryPolicy = STEPS) -> Steps:
    """The parts of a span too long for one orchestration, in the same way: its list of parts in an envelope."""
    task = from_wire(context.get_input(), EmitTask)
    return (yield from _enveloped(_emit(context, policy, task)))


def _enveloped(steps: Steps) -> Steps:
    try:
        message = yield from steps
    except StepFailed as stop:
        return envelopes.failed(stop.failure.kind, stop.failure.message, retryable=False)
    return envelopes.succeeded(to_wire(message))


def _span(context: Context, policy: RetryPolicy, task: SpanTask) -> Steps:
    """Fan out, prove, fold (ideas 3 and 4).

    1. Divide the span into at most F children and process them side by side.
    2. Walk the chain of their boundaries; do again what had guessed wrong, from the proven offset.
    3. Fold the partials of the children into one.
    """
    children = divide(task)
    values, retries = yield from _rounds(context, policy, _starter(context), children)
    proof = prove(task, children, [from_wire(value, Link) for value in values])
    chain, more = yield from _drive(context, policy, proof)
    retries += more
    partial = chain.links[0].partial if chain.links else None
    if len(chain.links) > 1:
        folded = yield from _step(context, policy, FOLD, FoldTask(plan=task.plan, links=chain.links))
        partial = from_wire(folded, Link).partial
    return summarize(task, chain, partial, retries)


def _emit_whole(context: Context, policy: RetryPolicy, plan: Plan, result: Link) -> Steps:
    """Decide the schema, then write all parts of it."""
    decided = yield from _step(context, policy, SCHEMA, SchemaTask(plan=plan, partial=result.partial))
    schema = from_wire(decided, SchemaRef).name
    whole = EmitTask(plan=plan, first=0, stop=plan.chunks, partial=result.partial, schema=schema)
    return Emitted(schema=schema, parts=(yield from _emit(context, policy, whole)))


def _emit(context: Context, policy: RetryPolicy, task: EmitTask) -> Steps:
    """Fan out as the profiling does, and join the lists of the children's parts into one."""
    start = _starter(context, PART, EMIT)
    values, retries = yield from _rounds(context, policy, start, divide(task))
    children = tuple(from_wire(value, Parts) for value in values)
    listed = yield from _step(context, policy, LIST, ListTask(task=task, children=children))
    parts = from_wire(listed, Parts)
    return msgspec.structs.replace(parts, retries=parts.retries + retries)


def _drive(context: Context, policy: RetryPolicy, proof: Generator[SpanTask, Link, Chain]) -> Steps:
    """Do again what the proof asks for, until it has proven the chain."""
    retries = 0
    try:
        again = next(proof)
        while True:
            values, more = yield from _rounds(context, policy, _starter(context), [again])
            retries += more
            again = proof.send(from_wire(values[0], Link))
    except StopIteration as proven:
        return proven.value, retries


def _starter(context: Context, activity: str = CHUNK, orchestrator: str = SPAN) -> Callable[[SpanTask], Any]:
    def start(task: SpanTask) -> Any:
        if task.stop - task.first == 1:
            return context.call_activity(activity, to_wire(task))
        instance_id = span_id(task, context.current_utc_datetime)
        return context.call_sub_orchestrator(orchestrator, to_wire(task), instance_id)

    return start


def _step(context: Context, policy: RetryPolicy, name: str, message: Message) -> Steps:
    """One activity, tried again while that may help; its value as JSON types."""
    values, _ = yield from _rounds(context, policy, lambda task: context.call_activity(name, to_wire(task)), [message])
    return values[0]


def _rounds(
    context: Context, policy: RetryPolicy, start: Callable[[Any], Any], tasks: Sequence[Any]
) -> Generator[Any, Any, tuple[list[Any], int]]:
    """All tasks side by side, in rounds: after a back-off, what failed and may succeed is tried again.

    Returns the values in the tasks' order and the number of retries; raises the first failure that is for good.
    """
    values: dict[int, Any] = {}
    waiting = list(range(len(tasks)))
    retries = 0
    for attempt in range(1, policy.attempts_max + 1):
        opened = [open_envelope(e) for e in (yield from gather(context, [start(tasks[i]) for i in waiting]))]
        values |= {i: o.value for i, o in zip(waiting, opened, strict=True) if o.failure is None}
        failures = [(i, o) for i, o in zip(waiting, opened, strict=True) if o.failure is not None]
        for _, failed in failures:
            if failed.failure is not None and (attempt == policy.attempts_max or not failed.retryable):
                raise StepFailed(failed.failure)
        if not failures:
            break
        waiting = [i for i, _ in failures]
        retries += len(waiting)
        yield context.create_timer(context.current_utc_datetime + policy.delay(attempt))
    return [values[i] for i in range(len(tasks))], retries


def gather(context: Context, tasks: list[Any]) -> Generator[Any, Any, list[Envelope]]:
    """The envelopes of all tasks; of one that ended without an envelope (its worker died), a failure's envelope.

    task_all fails with the first failure, so after one each task is asked in turn.
    """
    try:
        return list((yield context.task_all(tasks))) if tasks else []
    except Exception:  # noqa: BLE001 - the SDK raises bare Exceptions
        envelopes_: list[Envelope] = []
        for task in tasks:
            try:
                envelopes_.append((yield task))
            except Exception as error:  # noqa: BLE001 - as above
                envelopes_.append(envelopes.failed(PipelineFault.__name__, str(error), retryable=True))
        return envelopes_


def _show(context: Context, phase: str, **figures: int) -> None:
    context.set_custom_status({"phase": phase, **figures})
