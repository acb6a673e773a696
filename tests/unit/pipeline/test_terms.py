"""The terms a run is carried out on: windows, tolerance, deadlines, cancelling."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orchestra import HANGS, START, Orchestra
from test_orchestration import activities, chunk_activity, fault, names
from test_planning import plan

from fanfold import limits
from fanfold.errors import DatasetMissing, DatasetSuperseded, PipelineFault, RequestRefused
from fanfold.pipeline import envelopes
from fanfold.pipeline.completion import cloud_event
from fanfold.pipeline.context import CHUNK, CLEAN, FOLD, INSPECT, NOTIFY, PUBLISH
from fanfold.pipeline.messages import Completion, RunRequest, SpanTask, from_wire, to_wire
from fanfold.pipeline.options import read_options
from fanfold.pipeline.orchestration import run_dataset
from fanfold.pipeline.planning import at_once, divide
from fanfold.pipeline.policy import RetryPolicy

Failing = Callable[[SpanTask], Any]


def play(
    failing: Failing = lambda _: None, *, chunks: int = 10, cancel: int | None = None, **options: Any
) -> tuple[Completion, Orchestra]:
    """A run of so many chunks of ten bytes; `failing` gives the envelope of a chunk that does not do its work."""
    made = plan(10 * chunks, 10)
    made = type(made)(**{**{f: getattr(made, f) for f in made.__struct_fields__}, "terms": terms(chunks, options)})
    request = RunRequest(run_id="r", dataset=made.dataset, options={})
    changes = {
        INSPECT: lambda _: envelopes.succeeded(to_wire(made)),
        CHUNK: lambda wire: failing(from_wire(wire, SpanTask)) or chunk_activity(wire),
    }
    orchestra = Orchestra(to_wire(request), activities(**changes), cancelled_after_chunks=cancel)
    return from_wire(orchestra.play(run_dataset(orchestra, RetryPolicy())), Completion), orchestra


def terms(chunks: int, options: dict[str, Any]) -> Any:
    return read_options(options).terms(chunks)


def fails(*chunks: int, kind: type = PipelineFault, retryable: bool = False) -> Failing:
    return lambda task: fault(kind, retryable=retryable) if task.first in chunks else None


def hangs(chunk: int, times: int) -> Failing:
    left = [times]

    def failing(task: SpanTask) -> Any:
        if task.first != chunk or left[0] == 0:
            return None
        left[0] -= 1
        return HANGS

    return failing


def published(orchestra: Orchestra) -> Any:
    return next(wire for name, wire in orchestra.calls if name == PUBLISH)["result"]


# Windows


@given(st.integers(1, 3000), st.integers(1, 500), st.sampled_from([2, 3, 5, 64]))
@settings(deadline=None)
def test_no_tree_of_spans_has_more_chunks_at_work_than_the_run_may(chunks: int, width: int, fan_out: int) -> None:
    def at_work(task: SpanTask) -> int:
        """The most chunks at a time: of a wave of children, the most that they have together."""
        if task.stop - task.first == 1:
            return 1
        most = [at_work(child) for child in divide(task)]
        return max(sum(most[first : first + at_once(task)]) for first in range(0, len(most), at_once(task)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "FAN_OUT_MAX", fan_out)
        patch.setattr(limits, "WAVE_CHUNKS", max(fan_out // 4, 1))
        whole = SpanTask(plan=plan(chunks, 1), first=0, stop=chunks, width=width)
        assert at_work(whole) <= width


def test_a_width_that_divides_well_is_used_up() -> None:
    whole = SpanTask(plan=plan(16_384, 1), first=0, stop=16_384, width=256)
    assert [child.width for child in divide(whole)] == [64] * 4
    few = SpanTask(plan=plan(65, 1), first=0, stop=65, width=48)
    assert [child.width for child in divide(few)] == [47, 1]


def test_spans_take_turns_where_all_at_once_would_make_waves_of_a_few_chunks() -> None:
    span = SpanTask(plan=plan(4096, 1), first=0, stop=4096, width=100)
    assert at_once(span) == 6
    assert {child.width for child in divide(span)} == {16}
    assert at_once(SpanTask(plan=plan(4096, 1), first=0, stop=4096, width=3)) == 1


def test_a_window_of_three_makes_waves_of_three() -> None:
    _, orchestra = play(max_concurrency=3)
    assert orchestra.children_most == 3
    assert [status["done"] for status in orchestra.statuses if status["phase"] == "profiling"] == [0, 3, 6, 9, 10]


# Tolerance


def test_a_run_completes_without_the_chunks_it_may_lose() -> None:
    completion, orchestra = play(fails(3, 4), tolerated_failures=2)
    assert (completion.outcome, completion.records, completion.failed_chunks) == ("completed", 8, 2)
    result = published(orchestra)
    assert [(one["start"], one["stop"]) for one in result["failed_chunks"]] == [(30, 40), (40, 50)]
    assert result["failed_chunks"][0]["error"] == {"kind": "PipelineFault", "message": "what happened"}
    assert (result["unread"], result["unread_ranges"]) == (20, [[30, 50]])
    assert next(wire for name, wire in orchestra.calls if name == FOLD)["gaps"] == [[30, 50]]


def test_the_message_of_such_a_run_says_so() -> None:
    event = json.loads(cloud_event(play(fails(3), tolerated_failures="10%")[0]))
    assert event["type"] == "fanfold.run.completed"
    assert (event["data"]["status"], event["data"]["failed_chunks"]) == ("completed_with_failures", 1)
    event = json.loads(cloud_event(play()[0]))
    assert (event["data"]["status"], event["data"]["failed_chunks"]) == ("completed", 0)


def test_such_a_run_keeps_its_work_to_be_taken_up_again() -> None:
    assert CLEAN not in names(play(fails(3), tolerated_failures=1)[1])


@pytest.mark.parametrize("lost", [(0,), (9,), (0, 1, 2), tuple(range(10))])
def test_chunks_lost_at_the_ends_are_accounted_for(lost: tuple[int, ...]) -> None:
    _, orchestra = play(fails(*lost), tolerated_failures="100%")
    result = published(orchestra)
    assert (result["failed"], result["unread"]) == (len(lost), 10 * len(lost))
    assert result["unread_ranges"] == [[10 * lost[0], 10 * lost[-1] + 10]]


def test_one_failure_too_many_names_the_chunk_and_its_bytes() -> None:
    completion, _ = play(fails(7))
    assert completion.outcome == "failed"
    assert completion.error is not None
    assert completion.error.message == "chunk 7 (bytes 70 to 80): what happened"


def test_failing_fast_issues_no_more_waves() -> None:
    _, orchestra = play(fails(1), max_concurrency=2)
    assert names(orchestra).count(CHUNK) == 2


def test_collecting_all_tries_every_chunk_before_it_fails() -> None:
    completion, orchestra = play(fails(1, 8), max_concurrency=2, on_failure="collect_all", tolerated_failures=1)
    assert names(orchestra).count(CHUNK) == 10
    assert completion.outcome == "failed"
    assert completion.error is not None
    assert completion.error.message.startswith("2 of 10 chunks failed, 1 may; the first is chunk 1 (bytes 10 to 20)")


@pytest.mark.parametrize("kind", [DatasetSuperseded, DatasetMissing])
def test_no_tolerance_covers_a_dataset_that_is_gone(kind: type) -> None:
    completion, orchestra = play(fails(1, kind=kind), tolerated_failures="100%", max_concurrency=2)
    assert completion.outcome != "completed"
    assert names(orchestra).count(CHUNK) == 2


@given(st.sets(st.integers(0, 39)), st.sampled_from([2, 3, 5]))
@settings(deadline=None)
def test_what_is_lost_does_not_depend_on_the_tree(lost: set[int], fan_out: int) -> None:
    def told() -> Any:
        result = published(play(fails(*lost), chunks=40, tolerated_failures="100%")[1])
        return {key: result[key] for key in ("records", "failed", "failed_chunks", "unread", "unread_ranges")}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "FAN_OUT_MAX", fan_out)
        small = told()
    assert small == told()
    assert (small["records"], small["failed"], small["unread"]) == (40 - len(lost), len(lost), 10 * len(lost))


def test_the_tolerance_holds_across_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAN_OUT_MAX", 4)
    completion, _ = play(fails(1, 30), chunks=40, tolerated_failures=2)
    assert (completion.outcome, completion.failed_chunks) == ("completed", 2)
    completion, _ = play(fails(1, 30), chunks=40, tolerated_failures=1)
    assert completion.outcome == "failed"


@pytest.mark.parametrize(
    ("wish", "tolerated"), [(None, 0), (3, 3), ("5%", 10), ("0.5%", 1), ("0.4%", 0), ("100%", 200)]
)
def test_a_tolerance_is_a_count_or_a_share_of_the_chunks(wish: object, tolerated: int) -> None:
    assert terms(200, {"tolerated_failures": wish}).tolerated == tolerated


@pytest.mark.parametrize(
    ("wire", "named"),
    [
        ({"max_concurrency": 0}, "max_concurrency"),
        ({"max_concurrency": 10**6}, "max_concurrency"),
        ({"tolerated_failures": -1}, "tolerated_failures"),
        ({"tolerated_failures": "101%"}, "tolerated_failures"),
        ({"tolerated_failures": "5"}, "tolerated_failures"),
        ({"tolerated_failures": 0.5}, "tolerated_failures"),
        ({"on_failure": "shrug"}, "on_failure"),
        ({"chunk_deadline_s": 0}, "chunk_deadline_s"),
        ({"deadline_s": 10**9}, "deadline_s"),
    ],
)
def test_a_wrong_term_is_refused_by_name(wire: object, named: str) -> None:
    with pytest.raises(RequestRefused, match=named):
        read_options(wire)


# Deadlines


def test_a_chunk_whose_worker_vanished_is_issued_again_at_its_deadline() -> None:
    completion, orchestra = play(hangs(7, 2), chunk_deadline_s=60)
    assert (completion.outcome, completion.records) == ("completed", 10)
    assert [delay for delay in orchestra.delays if delay >= timedelta(seconds=30)] == [timedelta(seconds=60)] * 2
    assert names(orchestra).count(CHUNK) == 12


def test_a_chunk_that_never_answers_fails_by_name() -> None:
    completion, _ = play(hangs(7, 99), chunk_deadline_s=60)
    assert completion.error is not None
    assert completion.error.kind == "StepOverdue"
    assert completion.error.message == "chunk 7 (bytes 70 to 80): no answer within 60 s"


def test_a_chunk_that_never_answers_can_be_tolerated() -> None:
    completion, _ = play(hangs(7, 99), chunk_deadline_s=60, tolerated_failures=1)
    assert (completion.outcome, completion.records) == ("completed", 9)


def test_a_run_ends_at_its_deadline_and_says_so() -> None:
    completion, orchestra = play(hangs(7, 99), deadline_s=100, chunk_deadline_s=60)
    assert completion.outcome == "failed"
    assert completion.error is not None
    assert completion.error.kind == "DeadlineExceeded"
    assert "2026-01-01T00:01:40+00:00" in completion.error.message
    assert orchestra.now - START == timedelta(seconds=100)
    assert NOTIFY in names(orchestra)


def test_spans_below_end_at_the_run_s_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAN_OUT_MAX", 4)
    completion, _ = play(hangs(7, 99), chunks=20, deadline_s=100, chunk_deadline_s=60)
    assert completion.error is not None
    assert completion.error.kind == "DeadlineExceeded"


def test_a_wave_has_one_timer_and_leaves_none_behind() -> None:
    _, orchestra = play(max_concurrency=5)
    waves = ["inspect", "chunks", "chunks", "fold", "publish", "announce", "clean up"]
    assert len(orchestra.timers) == len(waves)
    assert all(timer.is_cancelled for timer in orchestra.timers)


# Cancelling


def test_a_cancelled_run_issues_nothing_more_says_so_and_cleans_up() -> None:
    completion, orchestra = play(cancel=4, max_concurrency=2)
    assert completion.outcome == "failed"
    assert completion.error is not None
    assert (completion.error.kind, completion.error.message) == ("Cancelled", "enough of it")
    assert names(orchestra) == [INSPECT, *[CHUNK] * 4, NOTIFY, CLEAN]


# Progress


def test_each_chunk_is_counted_once_across_the_tree_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAN_OUT_MAX", 4)
    _, orchestra = play(fails(7), chunks=40, tolerated_failures=1)
    added = [told for _, operation, told in orchestra.signals if operation == "add"]
    assert sum(told["done"] for told in added) == 40
    assert sum(told["failed"] for told in added) == 1
    assert sum(told["records"] for told in added) == 39
    assert len(added) == 10
    assert orchestra.signals[-1][1] == "close"


def test_the_status_of_a_run_stays_small() -> None:
    _, orchestra = play(max_concurrency=1, chunks=64)
    assert max(len(json.dumps(status)) for status in orchestra.statuses) < 300
    assert len(orchestra.statuses) < 80
