"""What clients ask of the served engine: the rpcs about instances and entities. Their names are the protocol's."""

# ruff: noqa: N802, D102 - the protocol's names, which say what its documentation says

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc  # type: ignore[import-untyped]

from local_host.durable import events
from local_host.durable.engine import Engine, InstanceExists, InstanceNotFound
from local_host.durable.serving_calls import Asking, Context, abort

POLL_MIN_S, POLL_MAX_S = 0.02, 0.5
"""How often a wait for an instance looks: less often the longer it takes."""

EVENTS_PER_CHUNK = 500
"""Of a history that is streamed."""


class ClientRpcs(Asking):
    """Start, look at, steer and forget instances; signal and look at entities."""

    # Instances

    async def StartInstance(self, request: pb.CreateInstanceRequest, context: Context) -> pb.CreateInstanceResponse:
        started = await self._ask(context, lambda: self._start(request))
        return pb.CreateInstanceResponse(instanceId=started)

    def _start(self, request: pb.CreateInstanceRequest) -> str:
        """A finished instance of the same id is replaced, unless the request says which states may be."""
        if request.HasField("orchestrationIdReusePolicy") and request.instanceId:
            replaceable = request.orchestrationIdReusePolicy.replaceableStatus
            existing = self._engine.get_instance(request.instanceId)
            if existing and existing.orchestrationStatus in replaceable:
                self._engine.terminate(request.instanceId, "replaced")
            elif existing:
                name = events.status_name(existing.orchestrationStatus)
                raise InstanceExists(f"An Orchestration instance with the status {name} already exists.")
        return self._engine.start_instance(request)

    async def RestartInstance(self, request: pb.RestartInstanceRequest, context: Context) -> pb.RestartInstanceResponse:
        return pb.RestartInstanceResponse(instanceId=await self._ask(context, lambda: self._restart(request)))

    def _restart(self, request: pb.RestartInstanceRequest) -> str:
        state = self._engine.get_instance(request.instanceId)
        if state is None:
            raise InstanceNotFound(f"no instance with id {request.instanceId!r}")
        fresh = request.restartWithNewInstanceId
        return self._engine.start_instance(events.restart(state, "" if fresh else state.instanceId))

    async def GetInstance(self, request: pb.GetInstanceRequest, context: Context) -> pb.GetInstanceResponse:
        state = await self._ask(context, lambda: self._engine.get_instance(request.instanceId))
        return _found(state, full=request.getInputsAndOutputs)

    async def WaitForInstanceStart(self, request: pb.GetInstanceRequest, context: Context) -> pb.GetInstanceResponse:
        return await self._wait(request, context, frozenset(events.STATUSES.values()) - {events.PENDING})

    async def WaitForInstanceCompletion(
        self, request: pb.GetInstanceRequest, context: Context
    ) -> pb.GetInstanceResponse:
        return await self._wait(request, context, events.TERMINAL)

    async def _wait(
        self, request: pb.GetInstanceRequest, context: Context, wanted: frozenset[pb.OrchestrationStatus]
    ) -> pb.GetInstanceResponse:
        pause_s = POLL_MIN_S
        while True:
            state = await self._ask(context, lambda: self._engine.get_instance(request.instanceId))
            if state is None or state.orchestrationStatus in wanted:
                return _found(state, full=request.getInputsAndOutputs)
            await asyncio.sleep(pause_s)
            pause_s = min(POLL_MAX_S, pause_s * 1.5)

    async def QueryInstances(self, request: pb.QueryInstancesRequest, context: Context) -> pb.QueryInstancesResponse:
        page = await self._ask(context, lambda: self._engine.query_instances(request.query))
        if not request.query.fetchInputsAndOutputs:
            for state in page.orchestrationState:
                _strip(state)
        return page

    async def PurgeInstances(self, request: pb.PurgeInstancesRequest, context: Context) -> pb.PurgeInstancesResponse:
        count = await self._ask(context, lambda: self._engine.purge(request))
        response = pb.PurgeInstancesResponse(deletedInstanceCount=count)
        response.isComplete.value = True
        return response

    async def StreamInstanceHistory(
        self, request: pb.StreamInstanceHistoryRequest, context: Context
    ) -> AsyncIterator[pb.HistoryChunk]:
        history = await self._ask(context, lambda: self._engine.get_history(request.instanceId))
        for start in range(0, len(history), EVENTS_PER_CHUNK):
            yield pb.HistoryChunk(events=history[start : start + EVENTS_PER_CHUNK])

    async def RaiseEvent(self, request: pb.RaiseEventRequest, context: Context) -> pb.RaiseEventResponse:
        await self._ask(context, lambda: self._engine.raise_event(request))
        return pb.RaiseEventResponse()

    async def TerminateInstance(self, request: pb.TerminateRequest, context: Context) -> pb.TerminateResponse:
        await self._ask(context, lambda: self._terminate(request))
        return pb.TerminateResponse()

    def _terminate(self, request: pb.TerminateRequest) -> None:
        reason = events.reason_of(request.output.value if request.HasField("output") else None)
        below = descendants(self._engine, request.instanceId) if request.recursive else []
        for instance_id in (request.instanceId, *below):
            self._engine.terminate(instance_id, reason)

    async def SuspendInstance(self, request: pb.SuspendRequest, context: Context) -> pb.SuspendResponse:
        reason = request.reason.value if request.HasField("reason") else None
        await self._ask(context, lambda: self._engine.suspend(request.instanceId, reason))
        return pb.SuspendResponse()

    async def ResumeInstance(self, request: pb.ResumeRequest, context: Context) -> pb.ResumeResponse:
        reason = request.reason.value if request.HasField("reason") else None
        await self._ask(context, lambda: self._engine.resume(request.instanceId, reason))
        return pb.ResumeResponse()

    # Entities

    async def SignalEntity(self, request: pb.SignalEntityRequest, context: Context) -> pb.SignalEntityResponse:
        if request.HasField("scheduledTime"):
            await abort(context, grpc.StatusCode.UNIMPLEMENTED, "scheduled signals are not supported")
        await self._ask(context, lambda: self._engine.signal_entity(request))
        return pb.SignalEntityResponse()

    async def GetEntity(self, request: pb.GetEntityRequest, context: Context) -> pb.GetEntityResponse:
        found = await self._ask(context, lambda: self._engine.get_entity(request.instanceId))
        if found and not request.includeState:
            found.ClearField("serializedState")
        return pb.GetEntityResponse(exists=found is not None, entity=found)

    async def QueryEntities(self, request: pb.QueryEntitiesRequest, context: Context) -> pb.QueryEntitiesResponse:
        page = await self._ask(context, lambda: self._engine.query_entities(request.query))
        if not request.query.includeState:
            for entity in page.entities:
                entity.ClearField("serializedState")
        return page


def descendants(engine: Engine, instance_id: str) -> list[str]:
    """The unfinished sub-orchestrations of an instance, theirs included."""
    children: dict[str, list[str]] = {}
    query = pb.InstanceQuery(runtimeStatus=[events.PENDING, events.RUNNING, events.SUSPENDED])
    more = True
    while more:
        page = engine.query_instances(query)
        for state in page.orchestrationState:
            children.setdefault(state.parentInstanceId.value, []).append(state.instanceId)
        query.continuationToken.CopyFrom(page.continuationToken)
        more = page.HasField("continuationToken")
    found = [instance_id]
    for parent in found:
        found += children.get(parent, [])
    return found[1:]


def _found(state: pb.OrchestrationState | None, *, full: bool) -> pb.GetInstanceResponse:
    if state is not None and not full:
        _strip(state)
    return pb.GetInstanceResponse(exists=state is not None, orchestrationState=state)


def _strip(state: pb.OrchestrationState) -> None:
    for name in ("input", "output", "customStatus"):
        state.ClearField(name)
