"""The orchestrators, activities and entities with which the contract is tested."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
from scripted_executor import Script

Steps = Generator[Any, Any, Any]
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=3)


def chain(context: Any) -> Steps:
    total = 0
    for number in range(context.get_input()):
        total += yield context.call_activity("same", number)
    return total


def fan_out(context: Any) -> Steps:
    return sum((yield context.task_all([context.call_activity("same", n) for n in range(context.get_input())])))


def waves(context: Any) -> Steps:
    total = 0
    for _ in range(context.get_input()):
        total += sum((yield context.task_all([context.call_activity("same", 1) for _ in range(100)])))
    return total


def naps(context: Any) -> Steps:
    yield context.task_all([context.call_activity("nap", n) for n in range(context.get_input())])


def tree(context: Any) -> Steps:
    depth = context.get_input()
    if depth == 0:
        return (yield context.call_activity("same", 1))
    return sum((yield context.task_all([context.call_sub_orchestrator("tree", depth - 1) for _ in range(3)])))


def sleeps(context: Any) -> Steps:
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=context.get_input()))
    return "awake"


def sleeps_often(context: Any) -> Steps:
    at = context.current_utc_datetime + timedelta(hours=1)
    timers = [context.create_timer(at) for _ in range(context.get_input())]
    yield context.task_any([context.wait_for_external_event("Wake"), *timers])
    for timer in timers:
        timer.cancel()
    return "awake"


def parent(context: Any) -> Steps:
    return (yield context.call_sub_orchestrator("sleeps", context.get_input(), "child"))


def two_events(context: Any) -> Steps:
    first = yield context.wait_for_external_event("First")
    second = yield context.wait_for_external_event("Second")
    return [first, second]


def event_or_timeout(context: Any) -> Steps:
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=60))
    event = context.wait_for_external_event("Approval")
    winner = yield context.task_any([event, timer])
    if winner is event:
        timer.cancel()
        return "approved"
    return "escalated"


def counting(context: Any) -> Steps:
    left = context.get_input()
    yield context.call_activity("same", left)
    if left:
        context.continue_as_new(left - 1)
        return None
    return "end"


def reports(context: Any) -> Steps:
    context.set_custom_status({"at": "gate"})
    yield context.wait_for_external_event("Go")
    context.set_custom_status({"at": "end"})
    return context.instance_id


def flaky(context: Any) -> Steps:
    return (yield context.call_activity_with_retry("flaky", RETRY, context.get_input()))


def fails(context: Any) -> Steps:
    yield context.call_activity("raises", "on purpose")


def catches(context: Any) -> Steps:
    try:
        yield context.call_sub_orchestrator("fails")
    except Exception as error:  # noqa: BLE001 - what the SDK raises
        return "on purpose" in str(error)


def echo(context: Any) -> Steps:
    return (yield context.call_activity("same", context.get_input()))


def grow(context: Any) -> Steps:
    """A history of many MiB, of which nothing is large."""
    sizes = yield context.task_all([context.call_activity("fill", 1_000_000) for _ in range(context.get_input())])
    done = yield context.call_activity("same", "done")
    return [sum(len(size) for size in sizes), done]


def held(context: Any) -> Steps:
    return (yield context.call_activity("hold", "once"))


def counts(context: Any) -> Steps:
    counter = df.EntityId("counter", context.get_input())
    context.signal_entity(counter, "add", 5)
    yield context.call_entity(counter, "add", 2)
    return (yield context.call_entity(counter, "get"))


def asks_too_much(context: Any) -> Steps:
    try:
        yield context.call_entity(df.EntityId("counter", "c"), "fly")
    except Exception as error:  # noqa: BLE001 - what the SDK raises
        return "cannot fly" in str(error)


def counter(context: Any) -> None:
    value = context.get_state(lambda: 0)
    if context.operation_name == "add":
        context.set_state(value + context.get_input())
    elif context.operation_name == "get":
        context.set_result(value)
    else:
        raise ValueError(f"a counter cannot {context.operation_name}")


class Gate:
    """Lets nobody through until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.reached = threading.Event()

    def hold(self, given: Any) -> Any:
        self.reached.set()
        self.opened.wait(30)
        return given


def raises(text: str) -> None:
    raise ValueError(text)


def nap(number: int) -> int:
    time.sleep(0.02)
    return number


def script(gate: Gate) -> Script:
    tried: list[int] = []

    def fails_twice(given: Any) -> Any:
        tried.append(given)
        if len(tried) < 3:
            raise ValueError("not yet")
        return given

    orchestrators = [
        chain, fan_out, waves, naps, tree, sleeps, sleeps_often, parent, two_events, event_or_timeout, counting,
        reports, flaky, fails, catches, echo, grow, held, counts, asks_too_much,
    ]  # fmt: skip
    return Script(
        {one.__name__: one for one in orchestrators},
        {"same": lambda x: x, "raises": raises, "flaky": fails_twice, "hold": gate.hold, "nap": nap,
         "fill": lambda size: "x" * size},
        {"counter": counter},
    )  # fmt: skip
