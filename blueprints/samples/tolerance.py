"""Patterns on what a failure among many means."""

from collections.abc import Sequence
from typing import Any

from blueprints.samples.bodies import Items, PartialSuccess
from blueprints.samples.fan_out import Context, SampleFailed, Steps, divide, fan_out
from blueprints.samples.items import PROCESS, PROCESS_OR_RAISE, tasks_of
from fanfold import limits
from fanfold.pipeline.envelopes import Opened
from fanfold.pipeline.messages import from_wire, to_wire

FAIL_FAST = "pattern_fail_fast"


def collect_all(context: Context) -> Steps:
    """All items are processed, whatever fails; the failures are told."""
    results = yield from _outcomes(context, from_wire(context.get_input(), Items).items)
    failures = [result for result in results if not result["success"]]
    return {
        "totalItems": len(results),
        "successCount": len(results) - len(failures),
        "failureCount": len(failures),
        "failures": failures,
    }


def fail_fast(context: Context) -> Steps:
    """The first failure ends the orchestration; nobody waits for the others.

    1. Up to F items are children of this orchestration, and task_all fails with the first of them.
    2. More are sub-orchestrations of itself, the first of which to fail does the same to this one.
    """
    items = from_wire(context.get_input(), Items).items
    if len(items) <= limits.FAN_OUT_MAX:
        return (yield context.task_all([context.call_activity(PROCESS_OR_RAISE, task) for task in tasks_of(items)]))
    parts = [
        context.call_sub_orchestrator(FAIL_FAST, to_wire(Items(items=tuple(part))), f"{context.instance_id}-part-{n}")
        for n, part in enumerate(divide(items))
    ]
    return [result for part in (yield context.task_all(parts)) for result in part]


def tolerate_some(context: Context) -> Steps:
    """All items are processed; more failures than the threshold allows fail the orchestration."""
    body = from_wire(context.get_input(), PartialSuccess)
    results = yield from _outcomes(context, body.items)
    failures = sum(not result["success"] for result in results)
    allowed = int(len(results) * body.failure_threshold)
    if failures > allowed:
        raise SampleFailed(f"{failures} of {len(results)} items failed; the threshold allows {allowed}")
    return {
        "totalProcessed": len(results),
        "successCount": len(results) - failures,
        "failureCount": failures,
        "results": results,
    }


def _outcomes(context: Context, items: Sequence[str]) -> Steps:
    ended = yield from fan_out(context, PROCESS, tasks_of(items), "wave")
    return [_outcome(item, one) for item, one in zip(items, ended, strict=True)]


def _outcome(item: str, ended: Opened) -> dict[str, Any]:
    if ended.failure is not None:
        return {"item": item, "success": False, "error": ended.failure.message}
    return {"item": item, "success": True, "result": ended.value}
