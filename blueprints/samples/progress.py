"""The pattern of an entity that keeps count while an orchestration goes on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df

from blueprints.samples.bodies import BATCH_ITEMS, Batches
from blueprints.samples.fan_out import Context, Steps, children, chunked, outcomes, values
from blueprints.samples.items import PROCESS, tasks_of
from fanfold.pipeline.envelopes import succeeded
from fanfold.pipeline.messages import from_wire

TRACKER = "ProgressTracker"
TRACKED_BATCH = "process_tracked_batch"
INITIALIZE, INCREMENT, GET = "Initialize", "IncrementProcessed", "GetProgress"

bp = df.Blueprint()


def track_progress(context: Context) -> Steps:
    """Batches of ten, one after another; the entity of this orchestration's id knows how far they are."""
    items = from_wire(context.get_input(), Batches).items
    yield context.call_entity(df.EntityId(TRACKER, context.instance_id), INITIALIZE, len(items))
    batches = [{"items": batch, "tracker": context.instance_id} for batch in chunked(items, BATCH_ITEMS)]
    ended = values((yield from children(context, TRACKED_BATCH, batches, "batch", width=1)))
    return [result for batch in ended for result in batch]


def process_tracked_batch(context: Context) -> Steps:
    """One batch: each item is counted as soon as it is done."""
    task = context.get_input()
    tracker = df.EntityId(TRACKER, task["tracker"])
    started = _start(context, task["items"])
    running = list(started)
    while running:
        running.remove((yield context.task_any(running)))
        yield context.call_entity(tracker, INCREMENT)
    return succeeded(values((yield from outcomes(context, lambda task: task, started))))


def _start(context: Context, items: Sequence[str]) -> list[Any]:
    return [context.call_activity(PROCESS, task) for task in tasks_of(items)]


def track(context: df.DurableEntityContext) -> None:
    """How many items there are, how many are done, and since when. An entity is not replayed: it may read the clock."""
    state = context.get_state(lambda: None)
    now = datetime.now(UTC).isoformat()
    if context.operation_name == INITIALIZE:
        total = context.get_input()
        state = {"totalItems": total, "processedItems": 0, "startTime": now, "lastUpdateTime": now}
        context.set_state(state)
    elif context.operation_name == INCREMENT:
        context.set_state({**state, "processedItems": state["processedItems"] + 1, "lastUpdateTime": now})
    elif context.operation_name == GET:
        context.set_result(state)
    else:
        raise ValueError(
            f"{TRACKER} has no operation {context.operation_name}; expected {INITIALIZE}, {INCREMENT} or {GET}"
        )


bp.orchestration_trigger(context_name="context", orchestration=TRACKED_BATCH)(process_tracked_batch)
bp.entity_trigger(context_name="context", entity_name=TRACKER)(track)
