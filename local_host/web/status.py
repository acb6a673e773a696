"""What the Durable management API tells of an instance: its state, and its history for people. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable import events
from local_host.durable.history import translate

_STARTS = {
    "taskCompleted": "taskScheduled",
    "taskFailed": "taskScheduled",
    "subOrchestrationInstanceCompleted": "subOrchestrationInstanceCreated",
    "subOrchestrationInstanceFailed": "subOrchestrationInstanceCreated",
}
"""An ending, and the beginning that is folded into it."""

_HIDDEN = ("EventId", "IsPlayed", "TaskScheduledId", "TimerId", "Version")


def describe(state: pb.OrchestrationState, *, show_input: bool, history: list[dict[str, Any]] | None) -> dict[str, Any]:
    """The answer to a status query."""
    output = parse(state.output.value) if state.HasField("output") else None
    if state.HasField("failureDetails"):
        output = state.failureDetails.errorMessage
    answer = {
        "name": state.name,
        "instanceId": state.instanceId,
        "runtimeStatus": events.status_name(state.orchestrationStatus),
        "input": parse(state.input.value) if show_input and state.HasField("input") else None,
        "customStatus": parse(state.customStatus.value) if state.HasField("customStatus") else None,
        "output": output,
        "createdTime": _time(state.createdTimestamp),
        "lastUpdatedTime": _time(state.lastUpdatedTimestamp),
    }
    return answer if history is None else {**answer, "historyEvents": history}


def describe_history(
    history: Iterable[pb.HistoryEvent], *, show_output: bool, show_input: bool
) -> list[dict[str, Any]]:
    """The history as people read it: one entry a task, its beginning folded into its end, no bookkeeping."""
    entries: dict[int, dict[str, Any]] = {}
    begun: dict[tuple[str, int], int] = {}
    for n, event in enumerate(history):
        kind = str(event.WhichOneof("eventType"))
        if kind in ("orchestratorStarted", "orchestratorCompleted"):
            continue
        entry = {**translate(event), "EventType": kind[0].upper() + kind[1:]}
        if kind in _STARTS.values():
            begun[kind, event.eventId] = n
        elif kind in _STARTS:
            start = entries.pop(begun.pop((_STARTS[kind], entry["TaskScheduledId"]), -1), {})
            entry |= {
                "ScheduledTime": start.get("Timestamp"),
                "FunctionName": start.get("Name"),
                "Input": start.get("Input"),
            }
        elif kind == "executionStarted":
            entry["FunctionName"] = entry.pop("Name")
        elif kind == "executionCompleted":
            entry["OrchestrationStatus"] = events.status_name(event.executionCompleted.orchestrationStatus)
        entries[n] = _shown(entry, show_output=show_output, show_input=show_input)
    return list(entries.values())


def parse(text: str) -> Any:
    """JSON, or the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _shown(entry: dict[str, Any], *, show_output: bool, show_input: bool) -> dict[str, Any]:
    hidden = {*_HIDDEN, *(() if show_output else ("Result",)), *(() if show_input else ("Input",))}
    if show_output and isinstance(entry.get("Result"), str):
        entry["Result"] = parse(entry["Result"])
    return {name: value for name, value in entry.items() if name not in hidden}


def _time(stamp: Any) -> str:
    return str(stamp.ToDatetime().isoformat(timespec="seconds")) + "Z"
