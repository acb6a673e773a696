"""Makes the messages of the DurableTask protocol: times, strings, history events, failures."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import durabletask.internal.orchestrator_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

RUNNING = pb.ORCHESTRATION_STATUS_RUNNING
COMPLETED = pb.ORCHESTRATION_STATUS_COMPLETED
CONTINUED_AS_NEW = pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW
FAILED = pb.ORCHESTRATION_STATUS_FAILED
TERMINATED = pb.ORCHESTRATION_STATUS_TERMINATED
PENDING = pb.ORCHESTRATION_STATUS_PENDING
SUSPENDED = pb.ORCHESTRATION_STATUS_SUSPENDED

STATUSES = {
    "Running": RUNNING,
    "Completed": COMPLETED,
    "ContinuedAsNew": CONTINUED_AS_NEW,
    "Failed": FAILED,
    "Canceled": pb.ORCHESTRATION_STATUS_CANCELED,
    "Terminated": TERMINATED,
    "Pending": PENDING,
    "Suspended": SUSPENDED,
}

TERMINAL = frozenset({COMPLETED, FAILED, TERMINATED, pb.ORCHESTRATION_STATUS_CANCELED})

NO_TASK = -1
"""The eventId of an event that no action of the orchestrator asked for."""


def timestamp(seconds: float) -> Timestamp:
    """Seconds since 1970 as the protocol's time, to the microsecond."""
    stamp = Timestamp()
    stamp.FromMicroseconds(round(seconds * 1_000_000))
    return stamp


def seconds(stamp: Timestamp) -> float:
    """Seconds since 1970."""
    return int(stamp.ToMicroseconds()) / 1_000_000


def when(moment: datetime) -> Timestamp:
    """A datetime as the protocol's time; a naive one is UTC, as the SDK reads it."""
    return timestamp((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def text(value: str | None) -> StringValue | None:
    """An optional string, as the protocol carries it."""
    return None if value is None else StringValue(value=value)


def status_name(status: pb.OrchestrationStatus) -> str:
    """``Running``, ``ContinuedAsNew``, ...: the name that the management API and the SDK use."""
    return next(name for name, number in STATUSES.items() if number == status)


def restart(state: pb.OrchestrationState, instance_id: str) -> pb.CreateInstanceRequest:
    """What starts an instance again with the same input; an empty id is a new one."""
    return pb.CreateInstanceRequest(
        instanceId=instance_id,
        name=state.name,
        input=state.input if state.HasField("input") else None,
        version=state.version if state.HasField("version") else None,
    )


def failure(kind: str, message: str, stack: str | None = None) -> pb.TaskFailureDetails:
    """Why a task or an orchestration failed."""
    return pb.TaskFailureDetails(errorType=kind, errorMessage=message, stackTrace=text(stack))


def task_ended(task: int, result: str | None, details: pb.TaskFailureDetails | None) -> pb.HistoryEvent:
    """TaskCompleted, or TaskFailed where there are failure details."""
    if details is None:
        return pb.HistoryEvent(
            eventId=NO_TASK, taskCompleted=pb.TaskCompletedEvent(taskScheduledId=task, result=text(result))
        )
    return pb.HistoryEvent(eventId=NO_TASK, taskFailed=pb.TaskFailedEvent(taskScheduledId=task, failureDetails=details))


def child_ended(task: int, result: str | None, details: pb.TaskFailureDetails | None) -> pb.HistoryEvent:
    """SubOrchestrationInstanceCompleted, or -Failed where there are failure details."""
    if details is None:
        completed = pb.SubOrchestrationInstanceCompletedEvent(taskScheduledId=task, result=text(result))
        return pb.HistoryEvent(eventId=NO_TASK, subOrchestrationInstanceCompleted=completed)
    failed = pb.SubOrchestrationInstanceFailedEvent(taskScheduledId=task, failureDetails=details)
    return pb.HistoryEvent(eventId=NO_TASK, subOrchestrationInstanceFailed=failed)


def reason_of(output: str | None) -> str | None:
    """Why an instance was terminated, from the JSON that the protocol has as its output."""
    if output is None:
        return None
    try:
        reason = json.loads(output)
    except ValueError:
        return output
    return reason if isinstance(reason, str) else output


def output_of(reason: str | None) -> str | None:
    """Why an instance was terminated, as the JSON that is its output."""
    return None if reason is None else json.dumps(reason)
