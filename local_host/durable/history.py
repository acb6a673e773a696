"""Translates the protocol's history events into the JSON that the Durable Functions SDK replays. Pure.

The shape is the one the Durable extension writes: names in Pascal case, event types as numbers, and an entity's answer
as an event that is named by the id of the request.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

Json = dict[str, Any]


def translate(event: pb.HistoryEvent) -> Json:
    """The event as the SDK's ``HistoryEvent`` takes it."""
    kind = event.WhichOneof("eventType")
    if kind not in _FIELDS:
        raise NotImplementedError(f"history event {kind} cannot be replayed by the Durable Functions SDK for Python")
    number, fields = _FIELDS[kind]
    return {
        "EventType": number,
        "EventId": event.eventId,
        "IsPlayed": False,
        "Timestamp": iso(event.timestamp),
        **fields(getattr(event, kind)),
    }


def iso(stamp: Timestamp) -> str:
    """``2024-05-06T07:08:09.123456Z``."""
    return str(stamp.ToDatetime().isoformat(timespec="microseconds")) + "Z"


def _value(message: Any, name: str) -> str | None:
    wrapped: StringValue = getattr(message, name)
    return wrapped.value if message.HasField(name) else None


def _nothing(_: Any) -> Json:
    return {}


def _started(event: pb.ExecutionStartedEvent) -> Json:
    return {"Name": event.name, "Version": _value(event, "version"), "Input": _value(event, "input")}


def _completed(event: pb.ExecutionCompletedEvent) -> Json:
    failure = event.failureDetails.errorMessage if event.HasField("failureDetails") else None
    return {"OrchestrationStatus": int(event.orchestrationStatus), "Result": _value(event, "result") or failure}


def _task(event: pb.TaskScheduledEvent) -> Json:
    return {"Name": event.name, "Input": _value(event, "input")}


def _child(event: pb.SubOrchestrationInstanceCreatedEvent) -> Json:
    return {"Name": event.name, "InstanceId": event.instanceId, "Input": _value(event, "input")}


def _ended(event: pb.TaskCompletedEvent | pb.SubOrchestrationInstanceCompletedEvent) -> Json:
    return {"TaskScheduledId": event.taskScheduledId, "Result": _value(event, "result")}


def _failed(event: pb.TaskFailedEvent | pb.SubOrchestrationInstanceFailedEvent) -> Json:
    failure = event.failureDetails
    details = failure.stackTrace.value if failure.HasField("stackTrace") else failure.errorType
    return {"TaskScheduledId": event.taskScheduledId, "Reason": failure.errorMessage, "Details": details}


def _timer(event: pb.TimerCreatedEvent) -> Json:
    return {"FireAt": iso(event.fireAt)}


def _fired(event: pb.TimerFiredEvent) -> Json:
    return {"TimerId": event.timerId, "FireAt": iso(event.fireAt)}


def _raised(event: pb.EventRaisedEvent) -> Json:
    return {"Name": event.name, "Input": _value(event, "input")}


def _sent(event: pb.EntityOperationCalledEvent | pb.EntityOperationSignaledEvent) -> Json:
    message = {"id": event.requestId, "op": event.operation}
    return {"InstanceId": _value(event, "targetInstanceId"), "Name": "op", "Input": json.dumps(message)}


def _answered(event: pb.EntityOperationCompletedEvent) -> Json:
    return {"Name": event.requestId, "Input": json.dumps({"result": _value(event, "output") or "null"})}


def _refused(event: pb.EntityOperationFailedEvent) -> Json:
    failure = event.failureDetails
    answer = {"result": json.dumps(failure.errorMessage), "exceptionType": failure.errorType}
    return {"Name": event.requestId, "Input": json.dumps(answer)}


def _reason(event: pb.ExecutionTerminatedEvent | pb.ExecutionSuspendedEvent | pb.ExecutionResumedEvent) -> Json:
    return {"Reason": _value(event, "input")}


_FIELDS: dict[str, tuple[int, Callable[[Any], Json]]] = {
    "executionStarted": (0, _started),
    "executionCompleted": (1, _completed),
    "executionTerminated": (3, _reason),
    "taskScheduled": (4, _task),
    "taskCompleted": (5, _ended),
    "taskFailed": (6, _failed),
    "subOrchestrationInstanceCreated": (7, _child),
    "subOrchestrationInstanceCompleted": (8, _ended),
    "subOrchestrationInstanceFailed": (9, _failed),
    "timerCreated": (10, _timer),
    "timerFired": (11, _fired),
    "orchestratorStarted": (12, _nothing),
    "orchestratorCompleted": (13, _nothing),
    "entityOperationCalled": (14, _sent),
    "entityOperationSignaled": (14, _sent),
    "eventRaised": (15, _raised),
    "entityOperationCompleted": (15, _answered),
    "entityOperationFailed": (15, _refused),
    "executionSuspended": (19, _reason),
    "executionResumed": (20, _reason),
}
"""The protocol's name of an event: its number in the SDK's ``HistoryEventType``, and its own fields."""
