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
from blueprints.samples.fan_out import Context, Steps, calls, children, chunked, divide, fan_out, values
from blueprints.samples.items import PROCESS, tasks_of
from fanfold import limits
from fanfold.pipeline.envelopes import succeeded
from fanfold.pipeline.messages import from_wire, to_wire

ORDER = "process_order"
CHUNK_OF_ITEMS = "process_chunk_of_items"
AGGREGATE_CHUNKS = "aggregate_chunks_of_items"
BOUNDED_PART = "process_bounded_part"

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
    results = values((yield from children(context, ORDER, [to_wire(order) for order in orders], "order")))
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
    (opened,) = yield from calls(context, ORDER_TOTAL, [to_wire(order)])
    if opened.failure is not None:
        return succeeded({"orderId": order.id, "success": False, "error": opened.failure.message})
    return succeeded({"orderId": order.id, "success": True, "total": opened.value})


def process_with_bounded_concurrency(context: Context) -> Steps:
    """At most so many items at a time.

    1. Up to F items are children of this orchestration, in waves of that width.
    2. More are sub-orchestrations, one after another, so that the bound holds for all of them.
    """
    body = from_wire(context.get_input(), BoundedItems)
    if len(body.items) <= limits.FAN_OUT_MAX:
        return values((yield from calls(context, PROCESS, tasks_of(body.items), body.max_concurrency)))
    parts = [
        to_wire(BoundedItems(items=tuple(part), max_concurrency=body.max_concurrency)) for part in divide(body.items)
    ]
    ended = values((yield from children(context, BOUNDED_PART, parts, "part", width=1)))
    return [result for part in ended for result in part]


def process_bounded_part(context: Context) -> Steps:
    """Some of the items, in an envelope."""
    return succeeded((yield from process_with_bounded_concurrency(context)))


def process_large_dataset(context: Context) -> Steps:
    """A sub-orchestration for each chunk, `<instance id>-chunk-<n>`; what comes back are counts alone."""
    body = from_wire(context.get_input(), LargeDataset)
    inputs = [{"items": chunk} for chunk in chunked(body.items, body.chunk_size)]
    chunks = values((yield from children(context, CHUNK_OF_ITEMS, inputs, "chunk")))
    return values((yield from calls(context, AGGREGATE_CHUNKS, [{"chunks": chunks}])))[0]


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
bp.orchestration_trigger(context_name="context", orchestration=BOUNDED_PART)(process_bounded_part)
bp.activity_trigger(input_name="task", activity=AGGREGATE_CHUNKS)(aggregate_chunks)
