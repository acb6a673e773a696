"""The run as a durable orchestration: generators that decide and never compute.

They pass references and byte ranges, take time from the context, and name activities by a constant, so that a replay
of their history always takes the same way. The same story as plain Python is in fanfold.pipeline.in_process.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from fanfold import limits
from fanfold.pipeline import envelopes
from fanfold.pipeline.collection import carry_out_member, carry_out_several
from fanfold.pipeline.completion import completed, ended, keeps_work, refused
from fanfold.pipeline.context import CANCEL, CLEAN, INSPECT, NOTIFY, PUBLISH, Context, Steps, Task
from fanfold.pipeline.emission import carry_out_emission, carry_out_parts
from fanfold.pipeline.messages import (
    Cleaned,
    CleanTask,
    Completion,
    EmitTask,
    Emitted,
    Link,
    MemberTask,
    Plan,
    PublishTask,
    Refusal,
    ReportLinks,
    RunRequest,
    SpanTask,
    from_wire,
    to_wire,
)
from fanfold.pipeline.policy import ANNOUNCEMENT, STEPS, RetryPolicy
from fanfold.pipeline.progress import CLOSE, entity_of, progress_of
from fanfold.pipeline.proof import close
from fanfold.pipeline.rounds import Rounds, StepFailed
from fanfold.pipeline.showing import Show, say
from fanfold.pipeline.spans import carry_out_span, rounds_of
from fanfold.pipeline.terms import asked_deadline_s
from fanfold.pipeline.tolerance import check_tolerance


def run_dataset(context: Context, policy: RetryPolicy = STEPS) -> Steps:
    """One run of one dataset, or of several with one report, from request to completion message.

    1. Inspect the head of the dataset and plan the chunks.
    2. Process the span of all chunks: fan out, prove, fold.
    3. Where the request asks for it, write the accepted records as parts: a second fan-out, of the same shape.
    4. Publish the report.

    Of several datasets, each takes the steps 1 and 2 on its own, and step 4 folds their profiles into one report.

    5. Announce the end of the run, whatever it was: exactly one outcome, after the report is readable.
    6. Remove what was stored on the way, unless the run can be taken up again.
    """
    request = from_wire(context.get_input(), RunRequest)
    started_at = context.current_utc_datetime
    show = Show(context, request.run_id)
    try:
        completion: Completion = yield from _carry_out(context, policy, request, started_at, show)
    except StepFailed as stop:
        reached = ended(request, stop.failure, started_at, context.current_utc_datetime)
        completion = msgspec.structs.replace(reached, chunks=show.chunks, failed_chunks=show.failed)
    show("announcing", chunks=completion.chunks)
    yield from Rounds(context, ANNOUNCEMENT, request.run_id).step(NOTIFY, completion)
    if not keeps_work(completion):
        yield from _clean_up(context, policy, request.run_id)
    context.signal_entity(entity_of(request.run_id), CLOSE)
    show(completion.outcome)
    return to_wire(completion)


def process_span(context: Context, policy: RetryPolicy = STEPS) -> Steps:
    """A span too long for one orchestration, as a sub-orchestration of the span above it.

    1. Process the span, which may divide it again.
    2. Return its link in an envelope: failures are values here too.
    """
    task = from_wire(context.get_input(), SpanTask)
    return (yield from _enveloped(carry_out_span(rounds_of(context, policy, task), task)))


def emit_span(context: Context, policy: RetryPolicy = STEPS) -> Steps:
    """The parts of a span too long for one orchestration, in the same way: its list of parts in an envelope."""
    task = from_wire(context.get_input(), EmitTask)
    return (yield from _enveloped(carry_out_parts(rounds_of(context, policy, task), task)))


def profile_member(context: Context, policy: RetryPolicy = STEPS) -> Steps:
    """One dataset of a run of several, as a sub-orchestration: what was found in it in an envelope.

    1. Inspect it and plan its chunks.
    2. Process the span of all of them.
    3. Keep its profile.
    """
    return (yield from _enveloped(carry_out_member(context, policy, from_wire(context.get_input(), MemberTask))))


def _enveloped(steps: Steps) -> Steps:
    try:
        message = yield from steps
    except StepFailed as stop:
        return envelopes.failed(stop.failure.kind, stop.failure.message, retryable=False)
    return envelopes.succeeded(to_wire(message))


def announce_refusal(context: Context) -> Steps:
    """A request that came to nothing, told and listed as a run that has failed.

    1. Announce it.
    2. Return its completion, as a run does.
    """
    refusal = from_wire(context.get_input(), Refusal)
    completion = refused(refusal, context.current_utc_datetime)
    yield from Rounds(context, ANNOUNCEMENT, refusal.run_id).step(NOTIFY, completion)
    Show(context, refusal.run_id)(completion.outcome)
    return to_wire(completion)


def _carry_out(context: Context, policy: RetryPolicy, request: RunRequest, started_at: datetime, show: Show) -> Steps:
    """Steps 1 to 4; gives the completion of a run that has its report."""
    cancelled: Task = context.wait_for_external_event(CANCEL)
    ends_at = started_at + timedelta(seconds=asked_deadline_s(request.options))
    first = Rounds(context, policy, request.run_id, ends_at, cancelled)
    if request.members:
        return (yield from carry_out_several(first, request, started_at, show))
    show("inspecting")
    plan = from_wire((yield from first.step(INSPECT, request)), Plan)
    whole = SpanTask(
        plan=plan,
        first=0,
        stop=plan.chunks,
        entry=plan.data_start,
        width=plan.terms.max_concurrency,
        started_at=started_at.isoformat(),
    )
    rounds = rounds_of(context, policy, whole, cancelled)
    tell = _progress_in_status(show, whole)
    tell([])
    result = close(plan, (yield from carry_out_span(rounds, whole, tell)))
    check_tolerance(plan, [result])
    emitted: Emitted | None = None
    if plan.emit is not None:
        show("emitting")
        emitted = yield from carry_out_emission(rounds, whole, result)
    show("publishing")
    publish = PublishTask(
        plan=plan,
        options=request.options,
        result=result,
        started_at=started_at.isoformat(),
        completed_at=context.current_utc_datetime.isoformat(),
        emitted=emitted,
    )
    return completed(publish, from_wire((yield from rounds.step(PUBLISH, publish)), ReportLinks))


def _clean_up(context: Context, policy: RetryPolicy, run_id: str) -> Steps:
    """What cannot be removed now is swept later: the run has ended, whatever comes of it."""
    rounds = Rounds(context, policy, run_id)
    try:
        for _ in range(limits.CLEAN_ROUNDS_MAX):
            cleaned = from_wire((yield from rounds.step(CLEAN, CleanTask(run_id=run_id))), Cleaned)
            if cleaned.everything:
                return
    except StepFailed as stop:
        say(context, "run %s: its work could not be removed: %s", run_id, stop.failure.message)


def _progress_in_status(show: Show, whole: SpanTask) -> Any:
    def tell(links: Sequence[Link]) -> None:
        figures = msgspec.to_builtins(progress_of(str(whole.started_at), links))
        show("profiling", chunks=whole.plan.chunks, **figures)

    return tell
