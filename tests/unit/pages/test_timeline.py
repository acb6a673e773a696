import json
from datetime import UTC, datetime, timedelta
from typing import Any

from fanfold import limits
from fanfold.pages.gantt import axis, strips
from fanfold.pages.timeline import DONE, FAILED, GOING_ON, read_timeline

BEGAN = datetime(2026, 11, 21, 10, tzinfo=UTC)


def at(seconds: float) -> str:
    return (BEGAN + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def ended(name: str, start: float, stop: float, result: Any = None, task: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "EventType": "TaskCompleted",
        "FunctionName": name,
        "ScheduledTime": at(start),
        "Timestamp": at(stop),
        "Result": result or {"ok": True, "value": None},
        "Input": task,
        **more,
    }


def chunk(first: int, start: float, stop: float, result: Any = None) -> dict[str, Any]:
    return ended("process_chunk", start, stop, result, json.dumps({"first": first, "stop": first + 1}))


FAULT = {"error": {"kind": "PipelineFault", "message": "<b>busy</b>", "retryable": True}}


def test_rows_are_in_the_order_they_were_begun_and_chunks_in_that_of_the_file() -> None:
    history = [
        {"EventType": "ExecutionStarted", "Timestamp": at(0), "FunctionName": "run_dataset"},
        ended("inspect_dataset", 0, 1),
        {"EventType": "TimerCreated", "Timestamp": at(1), "FireAt": at(99)},
        chunk(9, 1, 2),
        chunk(1, 1, 4),
        ended("fold_partials", 4, 5),
    ]
    timeline = read_timeline(history, BEGAN)
    assert timeline is not None
    assert [row.label for row in timeline.rows] == ["look at the head", "chunk 2", "chunk 10", "fold"]
    assert (timeline.start, timeline.stop, timeline.hidden) == (BEGAN, BEGAN + timedelta(seconds=5), 0)


def test_chunk_that_is_tried_again_stays_in_its_row_and_says_why() -> None:
    timeline = read_timeline([chunk(0, 0, 1, FAULT), chunk(0, 3, 4)], BEGAN)
    assert timeline is not None
    ((row),) = timeline.rows
    assert [one.outcome for one in row.tries] == [FAILED, DONE]
    (strip,) = strips(timeline)
    assert strip.note == "try 2, after: PipelineFault: <b>busy</b>"
    assert strip.took.text == "4.0 s"
    assert str(strip.picture).count("<rect") == 2
    assert "<b>" not in strip.picture


def test_what_goes_on_lasts_until_now() -> None:
    begun = {
        "EventType": "TaskScheduled",
        "Name": "process_chunk",
        "Timestamp": at(0),
        "Input": '{"first": 0, "stop": 1}',
    }
    timeline = read_timeline([begun], BEGAN + timedelta(seconds=30))
    assert timeline is not None
    assert timeline.rows[0].tries[0].outcome == GOING_ON
    (strip,) = strips(timeline)
    assert (strip.aside, strip.took.text) == ("going on", "30.0 s")


def test_span_is_named_by_its_chunks_however_its_input_is_wrapped() -> None:
    task = {"plan": {}, "first": 64, "stop": 128}
    inputs: tuple[Any, ...] = (task, json.dumps(task), json.dumps(json.dumps(task)))
    for wire in inputs:
        event = ended("process_span", 0, 1, task=wire, EventType="SubOrchestrationInstanceCompleted")
        timeline = read_timeline([event], BEGAN)
        assert timeline is not None
        assert timeline.rows[0].label == "chunks 65 to 128"


def test_chunk_without_its_input_is_named_by_its_result() -> None:
    result = json.dumps({"ok": True, "value": {"first": 4, "stop": 5}})
    timeline = read_timeline([ended("process_chunk", 0, 1, result)], BEGAN)
    assert timeline is not None
    assert timeline.rows[0].label == "chunk 5"


def test_one_of_several_datasets_is_named_and_its_name_hides_nothing() -> None:
    task = {"request": {"dataset": {"blob": "a\u202e.csv"}}, "width": 1}
    event = ended("profile_member", 0, 1, task=json.dumps(task), EventType="SubOrchestrationInstanceCompleted")
    timeline = read_timeline([event], BEGAN)
    assert timeline is not None
    assert timeline.rows[0].label == "a[U+202E].csv"


def test_step_whose_worker_died_has_failed() -> None:
    event = ended("publish_report", 0, 1, EventType="TaskFailed", Reason="worker lost")
    timeline = read_timeline([event], BEGAN)
    assert timeline is not None
    assert strips(timeline)[0].note == "failed: worker lost"


def test_rows_beyond_the_limit_are_counted() -> None:
    timeline = read_timeline([chunk(n, n, n + 1) for n in range(limits.TIMELINE_ROWS_MAX + 7)], BEGAN)
    assert timeline is not None
    assert (len(timeline.rows), timeline.hidden) == (limits.TIMELINE_ROWS_MAX, 7)


def test_scheduler_that_tells_nothing_gives_no_timeline() -> None:
    assert read_timeline(None, BEGAN) is None
    assert read_timeline([{"EventType": "TaskCompleted"}, {}], BEGAN) is None


def test_axis_is_marked_at_round_times() -> None:
    for stop, marks in ((0.4, "0.1 s"), (9, "2 s"), (100, "40 s"), (4000, "40 min"), (90_000, "10 h")):
        timeline = read_timeline([ended("clean_up", 0, stop)], BEGAN)
        assert timeline is not None
        assert f">{marks}<" in axis(timeline)
