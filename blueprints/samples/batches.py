"""Patterns that bound how much is at work at a time, or how much one orchestration sees."""

from collections.abc import Sequence
from typing import Any

import azure.durable_functions as df

from blueprints.samples.aggregation import ORDER_TOTAL
from blueprints.samples.bodies import (
    BATCH_ITEMS,
    Batches,
    BoundedItems,
    DynamicBatches,
    Items,
    LargeDataset,
    Order,
    OrderBatch,
)
from blueprints.samples.fan_out import Context, Steps, chunked, divide, fan_out, outcomes, values
from blueprints.samples.items import PROCESS, tasks_of
from fanfold import limits
from fanfold.pipeline.envelopes import succeeded
from fanfold.pipeline.messages import from_wire, to_wire

ORDER = "process_order"
CHUNK_OF_ITEMS = "process_chunk_of_items"
AGGREGATE_CHUNKS = "aggregate_chunks_of_items"
BOUNDED = "pattern_bounded_concurrency"

bp = df.Blueprint()


def process_batches(context: Context) -> Steps:
    """Batches of ten, one after another."""
    results = yield from _batches(context, from_wire(context.get_input(), Batches).items, BATCH_ITEMS)
    return {"totalProcessed": len(results), "results": results}


def process_dynamic_batches(context: Context) -> Steps:
    """Batches, one after another; the more an item costs, the fewer are in one."""
    body = from_wire(context.get_input(), DynamicBatches)
    return {"results": (yield from _batches(context, body.items, body.batch_items))}


def _batches(context: Context, items: Sequence[str], size: int) -> Steps:
    batches = chunked(items, size)
    room = limits.FAN_OUT_MAX // len(batches)
    results: list[Any] = []
    for n, batch in enumerate(batches):
        context.set_custom_status({"batch": n + 1, "batches": len(batches)})
        results += values((yield from fan_out(context, PROCESS, tasks_of(batch), f"batch-{n}", room)))
    return results


def process_orders(context: Context) -> Steps:
    """An orchestration for each order, side by side, `<instance id>-order-<n>`."""
    orders = from_wire(context.get_input(), OrderBatch).orders
    tasks = [
        context.call_sub_orchestrator(ORDER, to_wire(order), f"{context.instance_id}-order-{n}")
        for n, order in enumerate(orders)
    ]
    results = values((yield from outcomes(context, tasks)))
    successful = sum(result["success"] for result in results)
    return {
        "totalOrders": len(results),
        "successful": successful,
        "failed": len(results) - successful,
        "results": results,
    }


def process_order(context: Context) -> Steps:
    """One order, which may fail without harm to the others."""
    order = from_wire(context.get_input(), Order)
    opened = (yield from outcomes(context, [context.call_activity(ORDER_TOTAL, to_wire(order))]))[0]
    if opened.failure is not None:
        return succeeded({"orderId": order.id, "success": False, "error": opened.failure.message})
    return succeeded({"orderId": order.id, "success": True, "total": opened.value})


def process_with_bounded_concurrency(context: Context) -> Steps:
    """At most so many items at a time: as soon as one is done the next begins.

    1. Up to F items are children of this orchestration, behind a sliding window.
    2. More are sub-orchestrations of itself, one after another, so that the bound holds for all of them.
    """
    body = from_wire(context.get_input(), BoundedItems)
    if len(body.items) <= limits.FAN_OUT_MAX:
        return (yield from _slide(context, body))
    results: list[Any] = []
    for n, part in enumerate(divide(body.items)):
        wire = to_wire(BoundedItems(items=tuple(part), max_concurrency=body.max_concurrency))
        results += yield context.call_sub_orchestrator(BOUNDED, wire, f"{context.instance_id}-part-{n}")
    return results


def _slide(context: Context, body: BoundedItems) -> Steps:
    started: list[Any] = []
    running: list[Any] = []
    for task in tasks_of(body.items):
        if len(running) == body.max_concurrency:
            running.remove((yield context.task_any(running)))
        started.append(context.call_activity(PROCESS, task))
        running.append(started[-1])
    return values((yield from outcomes(context, started)))


def process_large_dataset(context: Context) -> Steps:
    """A sub-orchestration for each chunk, `<instance id>-chunk-<n>`; what comes back are counts alone."""
    body = from_wire(context.get_input(), LargeDataset)
    tasks = [
        context.call_sub_orchestrator(CHUNK_OF_ITEMS, {"items": chunk}, f"{context.instance_id}-chunk-{n}")
        for n, chunk in enumerate(chunked(body.items, body.chunk_size))
    ]
    chunks = values((yield from outcomes(context, tasks)))
    return values((yield from outcomes(context, [context.call_activity(AGGREGATE_CHUNKS, {"chunks": chunks})])))[0]


def process_chunk_of_items(context: Context) -> Steps:
    """One chunk of a large dataset, whose items it fans out once more."""
    items = from_wire(context.get_input(), Items).items
    ended = yield from fan_out(context, PROCESS, tasks_of(items), "wave")
    failures = sum(one.failure is not None for one in ended)
    return succeeded({"processed": len(ended) - failures, "failed": failures})


def aggregate_chunks(task: dict) -> dict:
    """One sentence on all chunks."""
    chunks = task["chunks"]
    processed, failed = (sum(chunk[name] for chunk in chunks) for name in ("processed", "failed"))
    return succeeded(f"{processed} items processed and {failed} failed in {len(chunks)} chunks")


bp.orchestration_trigger(context_name="context", orchestration=ORDER)(process_order)
bp.orchestration_trigger(context_name="context", orchestration=CHUNK_OF_ITEMS)(process_chunk_of_items)
bp.activity_trigger(input_name="task", activity=AGGREGATE_CHUNKS)(aggregate_chunks)
