"""Orchestrations of every shape, whose outputs are known."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df

app = df.DFApp()

RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=100, max_number_of_attempts=3)


@app.orchestration_trigger(context_name="context")
def chained(context: Any) -> Generator[Any, Any, Any]:
    total = 0
    for _ in range(context.get_input()):
        total += yield context.call_activity("square", 1)
    return total


@app.orchestration_trigger(context_name="context")
def fanned_out(context: Any) -> Generator[Any, Any, Any]:
    return sum((yield context.task_all([context.call_activity("square", n) for n in range(context.get_input())])))


@app.orchestration_trigger(context_name="context")
def branched(context: Any) -> Generator[Any, Any, Any]:
    depth = context.get_input()
    if depth == 0:
        return (yield context.call_activity("square", 1))
    return sum((yield context.task_all([context.call_sub_orchestrator("branched", depth - 1) for _ in range(3)])))


@app.orchestration_trigger(context_name="context")
def slept(context: Any) -> Generator[Any, Any, Any]:
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=context.get_input()))
    return "awake"


@app.orchestration_trigger(context_name="context")
def began_anew(context: Any) -> Generator[Any, Any, Any]:
    left = context.get_input()
    yield context.call_activity("square", left)
    if left:
        context.continue_as_new(left - 1)
        return None
    return "end"


@app.orchestration_trigger(context_name="context")
def signalled(context: Any) -> Generator[Any, Any, Any]:
    return (yield context.wait_for_external_event("Go"))


@app.orchestration_trigger(context_name="context")
def recovered(context: Any) -> Generator[Any, Any, Any]:
    """The first tries of an activity fail, whatever else happens."""
    try:
        yield context.call_activity_with_retry("fails", RETRY, "on purpose")
    except Exception:  # noqa: BLE001 - what the SDK raises
        return context.get_input()


@app.orchestration_trigger(context_name="context")
def counted(context: Any) -> Generator[Any, Any, Any]:
    """An entity of its own counts to the input."""
    counter = df.EntityId("counter", context.instance_id)
    for _ in range(context.get_input()):
        context.signal_entity(counter, "add", 1)
    return (yield context.call_entity(counter, "get"))


@app.activity_trigger(input_name="n")
def square(n: int) -> int:
    return n * n


@app.activity_trigger(input_name="text")
def fails(text: str) -> str:
    raise ValueError(text)


@app.entity_trigger(context_name="context")
def counter(context: Any) -> None:
    value = context.get_state(lambda: 0)
    if context.operation_name == "add":
        context.set_state(value + context.get_input())
    else:
        context.set_result(value)
