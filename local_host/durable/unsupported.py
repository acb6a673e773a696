"""What workers of other SDKs may ask for and the embedded engine does not do: refused by name, where it was asked."""

from __future__ import annotations

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable import events

SUPPORTED_ACTIONS = frozenset(
    {"scheduleTask", "createTimer", "createSubOrchestration", "sendEntityMessage", "completeOrchestration"}
)

SUPPORTED_ENTITY_MESSAGES = frozenset({"entityOperationCalled", "entityOperationSignaled"})


def refuse_orchestrator_actions(response: pb.OrchestratorResponse) -> None:
    """Fail the orchestration where one of its actions is not supported."""
    asked = [name for action in response.actions if (name := _unsupported_name(action))]
    if asked:
        text = f"not supported by the local host's scheduler: {', '.join(sorted(set(asked)))}"
        del response.actions[:]
        ending = response.actions.add(id=events.NO_TASK).completeOrchestration
        ending.orchestrationStatus = events.FAILED
        ending.failureDetails.CopyFrom(events.failure("NotImplementedError", text))


def _unsupported_name(action: pb.OrchestratorAction) -> str | None:
    kind = str(action.WhichOneof("orchestratorActionType"))
    if kind not in SUPPORTED_ACTIONS:
        return kind
    if kind == "sendEntityMessage":
        message = str(action.sendEntityMessage.WhichOneof("EntityMessageType"))
        return None if message in SUPPORTED_ENTITY_MESSAGES else message
    return None


def refuse_entity_actions(result: pb.EntityBatchResult) -> None:
    """Fail the batch, leaving the state as it was, where an operation signals entities or starts orchestrations."""
    if result.actions:
        asked = {str(action.WhichOneof("operationActionType")) for action in result.actions}
        text = f"not supported by the local host's scheduler, in an entity: {', '.join(sorted(asked))}"
        del result.actions[:]
        result.failureDetails.CopyFrom(events.failure("NotImplementedError", text))
