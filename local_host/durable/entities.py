"""Executes a batch of an entity's operations through the real Durable Functions SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable import events


def entity_id(name: str, key: str) -> str:
    """``@counter@mine``: how the protocol names an entity; names know no case."""
    return f"@{name.lower()}@{key}"


def split_entity_id(identity: str) -> tuple[str, str]:
    """Name (in lower case) and key of an entity's id."""
    _, name, key = identity.split("@", 2)
    return name, key


def run_batch(request: pb.EntityBatchRequest, handle: Callable[[str], str]) -> pb.EntityBatchResult:
    """Let the SDK's handler do the operations; the answer's token is the entity's id."""
    name, key = split_entity_id(request.instanceId)
    exists = request.HasField("entityState")
    context = {
        "self": {"name": name, "key": key},
        "exists": exists,
        "state": request.entityState.value if exists else None,
        "batch": [
            {"name": operation.operation, "input": operation.input.value if operation.HasField("input") else None}
            for operation in request.operations
        ],
    }
    outcome = json.loads(handle(json.dumps(context)))
    result = pb.EntityBatchResult(completionToken=request.instanceId)
    if outcome["entityExists"]:
        result.entityState.value = outcome["entityState"]
    result.results.extend(_result(one) for one in outcome["results"])
    return result


def failed_batch(request: pb.EntityBatchRequest, kind: str, message: str) -> pb.EntityBatchResult:
    """No operation of the batch was done: the state stays, every caller gets the failure."""
    return pb.EntityBatchResult(completionToken=request.instanceId, failureDetails=events.failure(kind, message))


def _result(one: dict[str, Any]) -> pb.OperationResult:
    if one["isError"]:
        details = events.failure("Exception", str(json.loads(one["result"])))
        return pb.OperationResult(failure=pb.OperationResultFailure(failureDetails=details))
    return pb.OperationResult(success=pb.OperationResultSuccess(result=events.text(one["result"])))
