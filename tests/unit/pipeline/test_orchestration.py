"""The run's decisions, told by a fake context: what is tried again, what ends a run, what subscribers hear."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from orchestra import HANGS, START, Orchestra
from test_planning import plan

from fanfold import limits
from fanfold.errors import DatasetMissing, DatasetRejected, DatasetSuperseded, PipelineFault
from fanfold.pipeline import envelopes
from fanfold.pipeline.context import CHUNK, CLEAN, FOLD, INSPECT, NOTIFY, PUBLISH
from fanfold.pipeline.messages import Completion, Link, Plan, ReportLinks, RunRequest, SpanTask, from_wire, to_wire
from fanfold.pipeline.orchestration import run_dataset
from fanfold.pipeline.policy import RetryPolicy
from fanfold.pipeline.rounds import StepFailed

Activity = Callable[[Any], Any]


def fault(kind: type = PipelineFault, *, retryable: bool = True) -> Any:
    return envelopes.failed(kind.__name__, "what happened", retryable=retryable)


def chunk_activity(wire: Any) -> Any:
    task = from_wire(wire, SpanTask)
    start, stop = task.plan.offset(task.first), task.plan.offset(task.stop)
    link = Link(
        first=task.first,
        stop=task.stop,
        start_byte=start,
        stop_byte=stop,
        entry=start,
        exit=stop,
        partial="p",
        records=1,
    )
    return envelopes.succeeded(to_wire(link))


def activities(**changes: Activity) -> dict[str, Activity]:
    made = plan(100, 10)
    usual: dict[str, Activity] = {
        INSPECT: lambda _: envelopes.succeeded(to_wire(made)),
        CHUNK: chunk_activity,
        FOLD: lambda wire: envelopes.succeeded({**wire["links"][0], "partial": "folded"}),
        PUBLISH: lambda _: envelopes.succeeded(to_wire(ReportLinks(json="j", html="h"))),
        NOTIFY: lambda _: envelopes.succeeded(None),
        CLEAN: lambda _: envelopes.succeeded({"everything": True}),
    }
    return usual | changes


def play(**changes: Activity) -> tuple[Completion, Orchestra]:
    made: Plan = plan(100, 10)
    request = RunRequest(run_id="r", dataset=made.dataset, options={})
    orchestra = Orchestra(to_wire(request), activities(**changes))
    return from_wire(orchestra.play(run_dataset(orchestra, RetryPolicy())), Completion), orchestra


def within(delay: timedelta, full_s: int) -> bool:
    """Whether a back-off, which is jittered, is between half of the full one and all of it."""
    return timedelta(seconds=full_s / 2) <= delay <= timedelta(seconds=full_s)


def failing(times: int, envelope: Any, then: Activity) -> Activity:
    left = [times]

    def activity(wire: Any) -> Any:
        left[0] -= 1
        return envelope if left[0] >= 0 else then(wire)

    return activity


def names(orchestra: Orchestra) -> list[str]:
    return [name for name, _ in orchestra.calls]


def test_a_run_inspects_fans_out_folds_publishes_and_announces_in_this_order() -> None:
    completion, orchestra = play()
    assert names(orchestra) == [INSPECT, *[CHUNK] * 10, FOLD, PUBLISH, NOTIFY, CLEAN]
    assert (completion.outcome, completion.records, completion.chunks) == ("completed", 10, 10)
    phases = ["inspecting", "profiling", "profiling", "publishing", "announcing", "completed"]
    assert [status["phase"] for status in orchestra.statuses] == phases


def test_only_the_chunk_that_failed_is_tried_again_after_a_back_off() -> None:
    completion, orchestra = play(**{CHUNK: failing(2, fault(), chunk_activity)})
    assert completion.outcome == "completed"
    assert names(orchestra).count(CHUNK) == 12
    assert [within(delay, 2) for delay in orchestra.delays] == [True]
    published = next(wire for name, wire in orchestra.calls if name == PUBLISH)
    assert published["result"]["retries"] == 2


def test_back_off_doubles_and_attempts_end() -> None:
    completion, orchestra = play(**{CHUNK: lambda _: fault()})
    assert completion.outcome == "failed"
    assert [within(delay, s) for delay, s in zip(orchestra.delays, (2, 4, 8, 16, 32), strict=True)] == [True] * 5
    assert names(orchestra).count(CHUNK) == 60
    assert PUBLISH not in names(orchestra)


@pytest.mark.parametrize("step", [INSPECT, FOLD, PUBLISH])
def test_a_failure_for_good_is_never_retried_and_is_announced_once(step: str) -> None:
    completion, orchestra = play(**{step: lambda _: fault(DatasetRejected, retryable=False)})
    assert completion.outcome == "failed"
    assert completion.error is not None
    assert (completion.error.kind, completion.error.message) == ("DatasetRejected", "what happened")
    assert orchestra.delays == []
    assert names(orchestra).count(NOTIFY) == 1


def test_a_run_that_has_failed_says_of_how_many_chunks_it_was_and_how_many_failed() -> None:
    completion, orchestra = play(**{CHUNK: lambda wire: fault() if wire["first"] in {3, 7} else chunk_activity(wire)})
    assert (completion.outcome, completion.chunks, completion.failed_chunks) == ("failed", 10, 2)
    at_the_end = {"phase": "failed", "chunks": 10, "done": 10, "failed": 2, "records": 8, "bytes": 100}
    assert {name: orchestra.statuses[-1][name] for name in at_the_end} == at_the_end


def test_a_run_that_has_not_been_cut_yet_says_of_no_chunks() -> None:
    completion, _ = play(**{INSPECT: lambda _: fault(DatasetRejected, retryable=False)})
    assert (completion.chunks, completion.failed_chunks) == (0, 0)


@pytest.mark.parametrize("asked", [None, 0, "soon", 60])
def test_a_run_ends_at_its_deadline_before_anybody_has_read_its_options(asked: Any) -> None:
    made = plan(100, 10)
    request = RunRequest(run_id="r", dataset=made.dataset, options={} if asked is None else {"deadline_s": asked})
    orchestra = Orchestra(to_wire(request), activities(**{INSPECT: lambda _: HANGS}))
    completion = from_wire(orchestra.play(run_dataset(orchestra, RetryPolicy(attempts_max=1000))), Completion)
    assert completion.error is not None
    assert completion.error.kind == "DeadlineExceeded"
    assert completion.duration_s == (60 if asked == 60 else limits.RUN_DEADLINE_S)


def test_an_overwritten_blob_ends_the_run_as_superseded() -> None:
    completion, _ = play(**{CHUNK: lambda _: fault(DatasetSuperseded, retryable=False)})
    assert completion.outcome == "superseded"


def test_a_deleted_blob_ends_the_run_as_failed() -> None:
    completion, _ = play(**{CHUNK: lambda _: fault(DatasetMissing, retryable=False)})
    assert completion.outcome == "failed"


def test_an_activity_whose_worker_died_is_tried_again() -> None:
    died = [True]

    def dying(wire: Any) -> Any:
        if wire["first"] == 3 and died:
            died.pop()
            raise RuntimeError("worker exited")  # as the SDK raises what has no envelope
        return chunk_activity(wire)

    completion, _ = play(**{CHUNK: dying})
    assert completion.outcome == "completed"


def test_an_outage_of_an_hour_does_not_swallow_the_message() -> None:
    completion, orchestra = play(**{NOTIFY: failing(12, fault(), lambda _: envelopes.succeeded(None))})
    assert completion.outcome == "completed"
    assert orchestra.now - START > timedelta(minutes=30)
    assert max(orchestra.delays) <= timedelta(minutes=10)


def test_a_message_that_can_never_be_sent_fails_the_orchestration_visibly() -> None:
    with pytest.raises(StepFailed):
        play(**{NOTIFY: lambda _: fault()})


def test_completed_at_and_duration_come_from_the_context() -> None:
    completion, _ = play(**{CHUNK: failing(1, fault(), chunk_activity)})
    assert 1 <= completion.duration_s <= 2
    assert completion.completed_at.startswith("2026-01-01T00:00:0")


def test_back_off_differs_from_span_to_span_and_is_the_same_at_every_replay() -> None:
    policy = RetryPolicy()
    delays = {policy.delay(3, f"run/{span}") for span in range(50)}
    assert len(delays) > 20
    assert all(within(delay, 8) for delay in delays)
    assert policy.delay(3, "run/1") == policy.delay(3, "run/1")


def test_a_run_that_failed_keeps_its_work_and_one_that_completed_does_not() -> None:
    _, failed = play(**{CHUNK: lambda _: fault(retryable=False)})
    assert CLEAN not in names(failed)
    _, superseded = play(**{CHUNK: lambda _: fault(DatasetSuperseded, retryable=False)})
    assert CLEAN in names(superseded)


def test_a_clean_up_takes_as_many_activities_as_it_needs() -> None:
    left = failing(2, envelopes.succeeded({"everything": False}), lambda _: envelopes.succeeded({"everything": True}))
    _, orchestra = play(**{CLEAN: left})
    assert names(orchestra).count(CLEAN) == 3


def test_a_clean_up_that_fails_changes_nothing_of_the_outcome() -> None:
    completion, _ = play(**{CLEAN: lambda _: fault()})
    assert completion.outcome == "completed"


@pytest.mark.parametrize("replaying", [False, True])
def test_a_run_logs_each_phase_with_its_id_and_a_replay_says_nothing(
    replaying: bool, caplog: pytest.LogCaptureFixture
) -> None:
    request = RunRequest(run_id="r", dataset=plan(100, 10).dataset, options={})
    orchestra = Orchestra(to_wire(request), activities(), is_replaying=replaying)
    with caplog.at_level("INFO", "fanfold.pipeline.showing"):
        orchestra.play(run_dataset(orchestra, RetryPolicy()))
    said = [line for record in caplog.records if (line := record.getMessage()).startswith("run r: ")]
    assert len(said) == (0 if replaying else len(orchestra.statuses))
