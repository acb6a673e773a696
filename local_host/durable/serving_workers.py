"""What workers ask of the served engine: work items, and what becomes of them. The names are the protocol's.

An answer that a worker gets is on disk: after an outcome was told to the engine, the handler waits for one more
question to be answered, which the engine does behind a commit.
"""

# ruff: noqa: N802, D102 - the protocol's names, which say what its documentation says

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc  # type: ignore[import-untyped]

from local_host.durable.dispatch import Appetite, Dispatcher, Kind, Response, Stream
from local_host.durable.engine import Engine
from local_host.durable.serving_calls import Asking, Context, abort
from local_host.durable.unsupported import refuse_entity_actions, refuse_orchestrator_actions

PING_S = 30.0
"""A worker of the SDK takes a stream that is silent for 120 s for dead."""


class WorkerRpcs(Asking):
    """Hand out work items, take back their outcomes."""

    def __init__(self, engine: Engine, threads: ThreadPoolExecutor, dispatcher: Dispatcher) -> None:
        super().__init__(engine, threads)
        self._dispatcher = dispatcher

    async def GetWorkItems(self, request: pb.GetWorkItemsRequest, _: Context) -> AsyncIterator[pb.WorkItem]:
        stream = self._dispatcher.connect(_appetites(request))
        try:
            while True:
                yield await _next_message(stream)
        finally:
            self._dispatcher.disconnect(stream)

    async def CompleteOrchestratorTask(
        self, request: pb.OrchestratorResponse, context: Context
    ) -> pb.CompleteTaskResponse:
        if request.isPartial or request.requiresHistory:
            await abort(context, grpc.StatusCode.UNIMPLEMENTED, "outcomes in parts are not supported")
        refuse_orchestrator_actions(request)
        return await self._complete(context, "orchestration", request)

    async def CompleteActivityTask(self, request: pb.ActivityResponse, context: Context) -> pb.CompleteTaskResponse:
        return await self._complete(context, "activity", request)

    async def CompleteEntityTask(self, request: pb.EntityBatchResult, context: Context) -> pb.CompleteTaskResponse:
        refuse_entity_actions(request)
        return await self._complete(context, "entity", request)

    async def _complete(self, context: Context, kind: Kind, response: Response) -> pb.CompleteTaskResponse:
        item = self._dispatcher.find(kind, response.completionToken)
        if item is None:
            await _abort_unknown(context, response.completionToken)
        self._dispatcher.complete(item, response)
        # Behind the outcome in the engine's line: once this is answered, the outcome is on disk.
        await self._ask(context, lambda: self._engine.get_entity(""))
        return pb.CompleteTaskResponse()

    async def AbandonTaskOrchestratorWorkItem(
        self, request: pb.AbandonOrchestrationTaskRequest, context: Context
    ) -> pb.AbandonOrchestrationTaskResponse:
        await self._abandon(context, "orchestration", request.completionToken)
        return pb.AbandonOrchestrationTaskResponse()

    async def AbandonTaskActivityWorkItem(
        self, request: pb.AbandonActivityTaskRequest, context: Context
    ) -> pb.AbandonActivityTaskResponse:
        await self._abandon(context, "activity", request.completionToken)
        return pb.AbandonActivityTaskResponse()

    async def AbandonTaskEntityWorkItem(
        self, request: pb.AbandonEntityTaskRequest, context: Context
    ) -> pb.AbandonEntityTaskResponse:
        await self._abandon(context, "entity", request.completionToken)
        return pb.AbandonEntityTaskResponse()

    async def _abandon(self, context: Context, kind: Kind, token: str) -> None:
        item = self._dispatcher.find(kind, token)
        if item is None:
            await _abort_unknown(context, token)
        self._dispatcher.abandon(item)


async def _abort_unknown(context: Context, token: str) -> NoReturn:
    text = f"work item {token!r} was answered already, or has been handed to another worker since"
    await abort(context, grpc.StatusCode.NOT_FOUND, text)


async def _next_message(stream: Stream) -> pb.WorkItem:
    """The next work item, or a ping when there is none for long."""
    try:
        return await asyncio.wait_for(stream.outbox.get(), PING_S)
    except TimeoutError:
        return pb.WorkItem(healthPing=pb.HealthPing())


def _appetites(request: pb.GetWorkItemsRequest) -> dict[Kind, Appetite]:
    names: dict[Kind, frozenset[str] | None] = {"orchestration": None, "activity": None, "entity": None}
    if request.HasField("workItemFilters"):
        filters = request.workItemFilters
        names = {
            "orchestration": frozenset(one.name for one in filters.orchestrations),
            "activity": frozenset(one.name for one in filters.activities),
            "entity": frozenset(one.name.lower() for one in filters.entities),
        }
    return {
        "orchestration": Appetite(request.maxConcurrentOrchestrationWorkItems, names["orchestration"]),
        "activity": Appetite(request.maxConcurrentActivityWorkItems, names["activity"]),
        "entity": Appetite(request.maxConcurrentEntityWorkItems, names["entity"]),
    }
