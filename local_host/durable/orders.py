"""What an orchestrator's action orders: its event in the history, and the message for whoever does it. Pure.

Also what an execution begins with, and which ids an instance may have.
"""

from __future__ import annotations

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable import events
from local_host.durable.engine import InvalidInstance
from local_host.durable.store import InstanceRow

INSTANCE_ID_CHARACTERS_MAX = 100
"""As the Durable Task Scheduler has it."""


def record(action: pb.OrchestratorAction, row: InstanceRow, now: float) -> pb.HistoryEvent:
    """The event in the history of the instance ``row``."""
    event = pb.HistoryEvent(eventId=action.id, timestamp=events.timestamp(now))
    match action.WhichOneof("orchestratorActionType"):
        case "scheduleTask":
            event.taskScheduled.name = action.scheduleTask.name
            event.taskScheduled.input.CopyFrom(action.scheduleTask.input)
        case "createTimer":
            event.timerCreated.fireAt.CopyFrom(action.createTimer.fireAt)
        case "createSubOrchestration":
            asked, created = action.createSubOrchestration, event.subOrchestrationInstanceCreated
            created.instanceId = asked.instanceId or f"{row.execution}:{action.id:x}"
            created.name = asked.name
            created.input.CopyFrom(asked.input)
        case "sendEntityMessage":
            _record_operation(action.sendEntityMessage, row, event)
        case other:
            raise NotImplementedError(f"orchestrator action {other} is not supported by the embedded engine")
    return event


def _record_operation(message: pb.SendEntityMessageAction, row: InstanceRow, event: pb.HistoryEvent) -> None:
    if message.HasField("entityOperationCalled"):
        called = event.entityOperationCalled
        called.CopyFrom(message.entityOperationCalled)
        # Not every SDK says who calls.
        called.parentInstanceId.value, called.parentExecutionId.value = row.id, row.execution
    elif message.HasField("entityOperationSignaled"):
        event.entityOperationSignaled.CopyFrom(message.entityOperationSignaled)
    else:
        raise NotImplementedError("entity locks are not supported by the embedded engine")


def target(event: pb.HistoryEvent) -> str:
    """The id of the entity that an operation is for."""
    if event.HasField("entityOperationCalled"):
        return event.entityOperationCalled.targetInstanceId.value
    return event.entityOperationSignaled.targetInstanceId.value


def activity(action: pb.OrchestratorAction, row: InstanceRow) -> pb.ActivityRequest:
    """The activity that the action asks for."""
    asked = action.scheduleTask
    return pb.ActivityRequest(
        name=asked.name, input=asked.input, orchestrationInstance=_instance(row), taskId=action.id
    )


def firing(action: pb.OrchestratorAction) -> pb.HistoryEvent:
    """What the timer that the action asks for tells, at the time of its stamp."""
    fire_at = action.createTimer.fireAt
    fired = pb.TimerFiredEvent(fireAt=fire_at, timerId=action.id)
    return pb.HistoryEvent(eventId=events.NO_TASK, timestamp=fire_at, timerFired=fired)


def child(
    action: pb.OrchestratorAction, row: InstanceRow, event: pb.HistoryEvent
) -> tuple[pb.CreateInstanceRequest, pb.ParentInstanceInfo]:
    """The sub-orchestration that the action asks for and ``event`` names, and what it knows of its parent."""
    asked = action.createSubOrchestration
    parent = pb.ParentInstanceInfo(
        taskScheduledId=action.id, name=events.text(row.name), orchestrationInstance=_instance(row)
    )
    request = pb.CreateInstanceRequest(
        instanceId=event.subOrchestrationInstanceCreated.instanceId, name=asked.name, input=asked.input
    )
    if asked.HasField("version"):
        request.version.CopyFrom(asked.version)
    return request, parent


def beginning(row: InstanceRow, parent: pb.ParentInstanceInfo | None) -> pb.HistoryEvent:
    """What the execution that the row tells of begins with."""
    started = pb.ExecutionStartedEvent(
        name=row.name,
        version=events.text(row.version),
        input=events.text(row.input),
        orchestrationInstance=_instance(row),
        parentInstance=parent,
    )
    return pb.HistoryEvent(eventId=events.NO_TASK, executionStarted=started)


def _instance(row: InstanceRow) -> pb.OrchestrationInstance:
    return pb.OrchestrationInstance(instanceId=row.id, executionId=events.text(row.execution))


def check_instance_id(instance_id: str) -> None:
    """Refuse what the scheduler would refuse."""
    if instance_id.startswith("@"):
        raise InvalidInstance("Orchestration instance ids must not start with @.")
    if any(character in "/\\#?" or not character.isprintable() for character in instance_id):
        raise InvalidInstance("Orchestration instance ids must not contain /, \\, #, ?, or control characters.")
    if len(instance_id) > INSTANCE_ID_CHARACTERS_MAX:
        raise InvalidInstance(f"Instance ID lengths must not exceed {INSTANCE_ID_CHARACTERS_MAX} characters.")
