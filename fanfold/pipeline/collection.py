"""A run of several datasets, as the orchestrations decide it: fan out over datasets, and fold their profiles.

Each dataset is a sub-orchestration, which fans out over its chunks as the run of a single one does.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fanfold import limits
from fanfold.pipeline.completion import COMPLETED, duration_s
from fanfold.pipeline.context import COMBINE, INSPECT, KEEP, MEMBER, Context, Steps
from fanfold.pipeline.envelopes import Opened
from fanfold.pipeline.identity import member_id
from fanfold.pipeline.messages import (
    CombineTask,
    Completion,
    KeepTask,
    Kept,
    MemberTask,
    Plan,
    ReportLinks,
    RunRequest,
    SpanTask,
    from_wire,
    to_wire,
)
from fanfold.pipeline.policy import RetryPolicy
from fanfold.pipeline.proof import close
from fanfold.pipeline.rounds import Rounds, StepFailed
from fanfold.pipeline.several import add_up, expected_chunks, member_requests
from fanfold.pipeline.showing import Show
from fanfold.pipeline.spans import carry_out_span, rounds_of
from fanfold.pipeline.tolerance import check_tolerance


def carry_out_several(rounds: Rounds, request: RunRequest, started_at: datetime, show: Show) -> Steps:
    """Profile each dataset, some of them at a time, and write the one report; gives the completion.

    The first dataset that fails ends the run: a report of several has all of them.
    """
    asked = request.options.get("max_concurrency") if isinstance(request.options, dict) else None
    width = asked or limits.CONCURRENCY_DEFAULT
    at_once = min(limits.DATASETS_AT_ONCE, width, len(request.members))
    tasks = [
        MemberTask(request=member, width=width // at_once, started_at=started_at.isoformat())
        for member in member_requests(request)
    ]
    tell = _Tell(show, expected_chunks(request), len(tasks))
    outcomes, _ = yield from rounds.carry_out(_starter(rounds.context), tasks, at_once, None, tell.look)
    total = add_up(from_wire(outcome.value, Kept) for outcome in outcomes)
    show("publishing", chunks=total.chunks)
    task = CombineTask(
        request=request,
        total=total,
        started_at=started_at.isoformat(),
        completed_at=rounds.context.current_utc_datetime.isoformat(),
    )
    return _completed(task, from_wire((yield from rounds.step(COMBINE, task)), ReportLinks))


def carry_out_member(context: Context, policy: RetryPolicy, task: MemberTask) -> Steps:
    """Inspect one dataset, process its chunks, keep its profile; gives what was found in it."""
    first = Rounds(context, policy, task.request.run_id)
    plan = from_wire((yield from first.step(INSPECT, task.request)), Plan)
    whole = SpanTask(
        plan=plan,
        first=0,
        stop=plan.chunks,
        entry=plan.data_start,
        width=task.width,
        started_at=task.started_at,
    )
    rounds = rounds_of(context, policy, whole)
    result = close(plan, (yield from carry_out_span(rounds, whole)))
    check_tolerance(plan, [result])
    return from_wire((yield from rounds.step(KEEP, KeepTask(plan=plan, result=result))), Kept)


class _Tell:
    """Shows how many datasets are through, and ends the run with the first that has failed for good."""

    def __init__(self, show: Show, chunks: int, datasets: int) -> None:
        self._show = show
        self._chunks = chunks
        self._datasets = datasets
        self._found: list[Kept] = []
        self._say()

    def look(self, wave: Sequence[tuple[MemberTask, Opened]], last: bool) -> None:
        for task, outcome in wave:
            failure = outcome.failure
            if failure is not None and (last or not outcome.retryable):
                message = f"{task.request.dataset.blob}: {failure.message}"
                raise StepFailed(msgspec.structs.replace(failure, message=message))
            if failure is None:
                self._found.append(from_wire(outcome.value, Kept))
        self._say()

    def _say(self) -> None:
        done = sum(kept.chunks for kept in self._found)
        figures = {"datasets": self._datasets, "datasets_done": len(self._found)}
        self._show("profiling", chunks=self._chunks, done=done, **figures)


def _starter(context: Context) -> Callable[[MemberTask], Any]:
    def start(task: MemberTask) -> Any:
        instance_id = member_id(task.request.run_id, context.current_utc_datetime)
        return context.call_sub_orchestrator(MEMBER, to_wire(task), instance_id)

    return start


def _completed(task: CombineTask, report: ReportLinks) -> Completion:
    return Completion(
        run_id=task.request.run_id,
        dataset=task.request.dataset,
        outcome=COMPLETED,
        completed_at=task.completed_at,
        duration_s=duration_s(task.started_at, task.completed_at),
        records=task.total.records,
        rejected=task.total.rejected,
        chunks=task.total.chunks,
        report=report,
        verdict=report.verdict,
    )
