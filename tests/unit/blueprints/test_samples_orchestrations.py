"""The samples' decisions, told by a fake context that allows no orchestration more children than it should have."""

from collections import Counter
from typing import Any

import pytest
from sample_orchestra import play

from blueprints.samples import aggregation, batches, five_items, iterations, parallel, progress, tolerance, work_items
from blueprints.samples.fan_out import SampleFailed, divide
from fanfold.pipeline.envelopes import succeeded

LENGTHS = [1, 2, 63, 64, 65, 300, 1000]


def names(count: int) -> list[str]:
    return [f"i{n}" for n in range(count)]


def processed(items: list[str]) -> list[dict[str, str]]:
    return [{"item": item, "output": f"Processed {item}"} for item in items]


@pytest.mark.parametrize("count", LENGTHS)
def test_a_fan_out_of_any_width_gives_all_results_in_order(count: int) -> None:
    result, stage = play(aggregation.process_in_parallel, {"items": names(count)})
    assert result == processed(names(count))
    assert len(stage.calls) == count


@pytest.mark.parametrize("room", [1, 2, 64])
@pytest.mark.parametrize("count", [1, 64, 65, 4096, 5000])
def test_parts_are_no_more_than_the_room_and_hold_everything(count: int, room: int) -> None:
    parts = divide(range(count), room)
    assert len(parts) <= room
    assert [n for part in parts for n in part] == list(range(count))


@pytest.mark.parametrize(("rounds", "width"), [(1, 1), (10, 5), (1, 1000), (64, 15), (10, 100), (13, 76)])
def test_iterations_count_every_activity_once(rounds: int, width: int) -> None:
    result, _ = play(iterations.say_hello_world, {"iterations": rounds, "parallelActivities": width})
    assert result["totalActivities"] == rounds * width
    assert [(one["iterationNumber"], one["activityNumber"]) for one in result["results"]] == [
        (n, m) for n in range(rounds) for m in range(width)
    ]
    assert {one["output"] for one in result["results"]} == {"Hello World"}


def test_iterations_average_what_the_activities_measured() -> None:
    def slow(task: Any) -> Any:
        return succeeded({**task, "processingTimeMs": 10 * task["activityNumber"], "output": ""})

    result, _ = play(iterations.say_hello_world, {"iterations": 2, "parallelActivities": 3}, SayHello=slow)
    assert result["averageActivityTimeMs"] == 10.0
    assert "elapsedTimeMs" not in result  # read from the history by whoever shows it, for an orchestrator has no clock


def test_work_items_are_summed_up_by_an_activity() -> None:
    def work(task: Any) -> Any:
        return succeeded({"processed_item": f"Processed_{task['item']}", "value": 55, "processing_time": 1.157})

    result, stage = play(work_items.process_work_items, {"workItems": ["Task1", "Task2"]}, process_work_item=work)
    assert result == {
        "total_items_processed": 2,
        "total_value": 110,
        "average_value": 55.0,
        "total_processing_time": 2.31,
        "processed_items": ["Processed_Task1", "Processed_Task2"],
        "success": True,
    }
    assert stage.calls[-1][0] == "aggregate_results"


def test_numbers_are_doubled() -> None:
    assert play(parallel.process_numbers, {"workItemCount": 100})[0] == [2 * n for n in range(100)]


def test_five_items_need_no_input() -> None:
    assert play(five_items.process_five_items, None)[0] == [f"Processed item-{n}" for n in range(1, 6)]


def test_different_results_come_back_under_their_names() -> None:
    result, stage = play(aggregation.combine_result_types, {"data": "hello wide world"})
    assert result == {
        "validation": {"valid": True, "characters": 16},
        "enrichment": {"words": 3, "longestWord": "hello"},
        "classification": {"category": "text"},
    }
    assert stage.at_work_most == 3


@pytest.mark.parametrize("count", [1, 10, 11, 64, 65, 640])
def test_batches_of_ten_follow_one_another(count: int) -> None:
    result, stage = play(batches.process_batches, {"items": names(count)})
    assert result == {"totalProcessed": count, "results": processed(names(count))}
    assert stage.at_work_most <= 10
    assert stage.statuses[-1] == {"batch": -(-count // 10), "batches": -(-count // 10)}


@pytest.mark.parametrize(("complexity", "size"), [("Low", 50), ("Medium", 20), ("High", 5), (None, 10)])
def test_batches_are_the_smaller_the_more_an_item_costs(complexity: str | None, size: int) -> None:
    result, stage = play(batches.process_dynamic_batches, {"items": names(51), "itemComplexity": complexity})
    assert result == {"results": processed(names(51))}
    assert len(stage.statuses) == -(-51 // size)


def test_every_order_is_an_orchestration_of_a_telling_id() -> None:
    orders = [{"id": f"o{n}", "quantity": n, "unitPrice": 1.25} for n in range(64)]
    result, stage = play(batches.process_orders, {"orders": orders})
    assert (result["totalOrders"], result["successful"], result["failed"]) == (64, 63, 1)
    assert result["results"][0] == {
        "orderId": "o0",
        "success": False,
        "error": "order o0: quantity 0; expected 1 or more",
    }
    assert result["results"][2] == {"orderId": "o2", "success": True, "total": 2.5}
    assert {f"sample-order-{n}" for n in range(64)} <= stage.children.keys()


@pytest.mark.parametrize("extra", [[], names(100)])
def test_collecting_all_waits_for_all_and_tells_the_failures(extra: list[str]) -> None:
    result, stage = play(tolerance.collect_all, {"items": ["fail-1", "b", *extra]})
    assert (result["totalItems"], result["successCount"], result["failureCount"]) == (2 + len(extra), 1 + len(extra), 1)
    assert result["failures"] == [{"item": "fail-1", "success": False, "error": "fail-1 failed, as its name asks for"}]
    assert len(stage.calls) == 2 + len(extra)


def test_collecting_all_tells_of_a_worker_that_died_too() -> None:
    def die(task: Any) -> Any:
        if task["item"] == "a":
            raise RuntimeError("the worker is gone")
        return succeeded({"item": task["item"], "output": "done"})

    result, _ = play(tolerance.collect_all, {"items": ["a", "b"]}, process_item=die)
    assert result["failures"] == [{"item": "a", "success": False, "error": "the worker is gone"}]


@pytest.mark.parametrize("count", [3, 200])
def test_failing_fast_does_not_wait_for_the_others(count: int) -> None:
    items = ["a", "fail-1", *names(count - 2)]
    with pytest.raises(SampleFailed, match="fail-1"):
        play(tolerance.fail_fast, {"items": items})
    result, _ = play(tolerance.fail_fast, {"items": names(count)})
    assert result == processed(names(count))


def test_as_many_failures_as_the_threshold_allows_are_tolerated_and_not_one_more() -> None:
    items = ["a", "fail-1", "b", "fail-2", "c"]
    result, _ = play(tolerance.tolerate_some, {"items": items, "failureThreshold": 0.4})
    assert (result["totalProcessed"], result["successCount"], result["failureCount"]) == (5, 3, 2)
    assert [one["success"] for one in result["results"]] == [True, False, True, False, True]
    assert result["results"][0]["result"] == {"item": "a", "output": "Processed a"}
    with pytest.raises(SampleFailed, match="2 of 5 items failed; the threshold allows 1"):
        play(tolerance.tolerate_some, {"items": items, "failureThreshold": 0.39})


@pytest.mark.parametrize("count", [1, 10, 25, 640])
def test_the_entity_counts_every_item(count: int) -> None:
    result, stage = play(progress.track_progress, {"items": names(count)})
    assert result == processed(names(count))
    state = stage.states["ProgressTracker/sample"]
    assert (state["totalItems"], state["processedItems"]) == (count, count)
    assert state["startTime"] <= state["lastUpdateTime"]
    assert stage.at_work_most <= 10


def test_totals_of_orders_add_up_exactly() -> None:
    orders = [{"id": f"o{n}", "quantity": 1, "unitPrice": 0.1} for n in range(300)]
    assert play(aggregation.sum_orders, {"orders": orders})[0] == 30.0


def test_an_order_that_fails_fails_the_sum() -> None:
    with pytest.raises(SampleFailed, match="order a: quantity -1; expected 1 or more"):
        play(aggregation.sum_orders, {"orders": [{"id": "a", "quantity": -1, "unitPrice": 1}]})


def test_figures_of_all_sources_are_folded_into_one() -> None:
    sources = [
        {"name": "s", "records": [{"category": "x", "value": 1}, {"value": "q"}]},
        {"name": "t", "records": [{"category": "y"}, {"category": "x", "value": 0.5}]},
    ]
    result, _ = play(aggregation.analyze_sources, {"sources": sources})
    assert result.pop("averageProcessingTime") > 0
    assert result == {
        "totalRecords": 4,
        "uniqueCategories": ["x", "y"],
        "errorSummary": {"MissingCategory": 1, "NotANumber": 2},
    }


@pytest.mark.parametrize("count", [1, 2, 3, 16, 17, 100, 1000])
def test_map_and_reduce_count_every_word(count: int) -> None:
    chunks = [f"a w{n % 7} A" for n in range(count)]
    expected = Counter(word for chunk in chunks for word in chunk.lower().split())
    result, stage = play(aggregation.map_and_reduce, {"chunks": chunks})
    assert result == {"finalResult": dict(sorted(expected.items()))}
    assert all(len(task["results"]) <= 2 for name, task in stage.calls if name == "add_word_counts")


@pytest.mark.parametrize("width", [1, 3, 64])
@pytest.mark.parametrize("count", [1, 9, 64, 65, 200])
def test_no_more_items_are_at_work_than_the_bound_allows(count: int, width: int) -> None:
    body = {"items": names(count), "maxConcurrency": width}
    result, stage = play(batches.process_with_bounded_concurrency, body)
    assert result == processed(names(count))
    assert stage.at_work_most == min(count, width)


@pytest.mark.parametrize(("count", "size", "chunks"), [(3, 1000, 1), (4096, 1000, 5), (4096, 64, 64), (64, 1, 64)])
def test_of_a_large_dataset_only_counts_come_back(count: int, size: int, chunks: int) -> None:
    items = ["fail", *names(count - 1)]
    result, stage = play(batches.process_large_dataset, {"items": items, "chunkSize": size})
    assert result == f"{count - 1} items processed and 1 failed in {chunks} chunks"
    assert {f"sample-chunk-{n}" for n in range(chunks)} <= stage.children.keys()
