"""The actions of an orchestrator: what the SDK makes of its calls, and what the engine is asked for them. Pure."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.models.actions import (
    CallActivityAction,
    CallActivityWithRetryAction,
    CallHttpAction,
    CallSubOrchestratorAction,
)
from azure.durable_functions.models.actions.CallEntityAction import CallEntityAction
from azure.durable_functions.models.actions.CallSubOrchestratorWithRetryAction import (
    CallSubOrchestratorWithRetryAction,
)
from azure.durable_functions.models.actions.ContinueAsNewAction import ContinueAsNewAction
from azure.durable_functions.models.actions.SignalEntityAction import SignalEntityAction

from local_host.durable import events
from local_host.durable.engine import Turn


@dataclass(frozen=True, slots=True)
class Numbered:
    """An action and the number the SDK gave it."""

    id: int
    action: Any
    fire_at: Any = None
    place: str = ""
    """File and line of the orchestrator's code."""


def ask_for(numbered: Numbered, turn: Turn) -> pb.OrchestratorAction:
    """The protocol's action; `NotImplementedError` names what the engine does not have."""
    action = pb.OrchestratorAction(id=numbered.id)
    asked = numbered.action
    match asked:
        case CallActivityAction() | CallActivityWithRetryAction():
            action.scheduleTask.name = asked.function_name
            action.scheduleTask.input.value = asked.input_
        case CallSubOrchestratorAction() | CallSubOrchestratorWithRetryAction():
            child = action.createSubOrchestration
            child.name, child.instanceId = asked.function_name, asked.instance_id or ""
            # The extension takes the SDK's JSON for a string, and encodes it once more.
            child.input.value = json.dumps(asked._input)  # noqa: SLF001 - has no public name
            if asked.version:
                child.version.value = asked.version
        case CallEntityAction():
            called = action.sendEntityMessage.entityOperationCalled
            called.requestId = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{turn.execution_id}:{numbered.id}"))
            called.operation, called.input.value = asked.operation, json.dumps(asked.input_)
            called.targetInstanceId.value = asked.instance_id
            called.parentInstanceId.value, called.parentExecutionId.value = turn.instance_id, turn.execution_id
        case SignalEntityAction():
            signaled = action.sendEntityMessage.entityOperationSignaled
            signaled.requestId = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{turn.execution_id}:{numbered.id}"))
            signaled.operation, signaled.input.value = asked.operation, json.dumps(asked.input_)
            signaled.targetInstanceId.value = asked.instance_id
        case ContinueAsNewAction():
            action.completeOrchestration.orchestrationStatus = events.CONTINUED_AS_NEW
            action.completeOrchestration.result.value = json.dumps(asked.input_)
        case CallHttpAction():
            raise NotImplementedError("context.call_http is not supported by the local host: use an activity")
        case _ if numbered.fire_at is not None:
            action.createTimer.fireAt.CopyFrom(events.when(numbered.fire_at))
        case _:
            raise NotImplementedError(f"{type(asked).__name__} is not supported by the local host")
    return action


def describe(numbered: Numbered) -> str:
    """The event that the action leaves in the history, and whom it calls."""
    match numbered.action:
        case CallActivityAction() | CallActivityWithRetryAction():
            return f"taskScheduled {numbered.action.function_name}"
        case CallSubOrchestratorAction() | CallSubOrchestratorWithRetryAction():
            return f"subOrchestrationInstanceCreated {numbered.action.function_name}"
        case CallEntityAction():
            return "entityOperationCalled"
        case SignalEntityAction():
            return "entityOperationSignaled"
        case _:
            return "timerCreated" if numbered.fire_at else type(numbered.action).__name__
