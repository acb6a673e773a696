"""An engine behind gRPC: a Durable Task Scheduler, its emulator, or our own `serving`.

The SDK's worker keeps the connection: it authenticates, connects again when it was cut off, and bounds what runs at
once. Only what it does with a work item is ours: the `Executor` does it, with the app's code. The SDK's client keeps
the other connection, on which everything is asked.
"""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc  # type: ignore[import-untyped]
from durabletask.azuremanaged.client import DurableTaskSchedulerClient
from durabletask.grpc_options import GrpcChannelOptions, GrpcWorkerResiliencyOptions
from durabletask.worker import ConcurrencyOptions
from google.protobuf.empty_pb2 import Empty

from local_host.durable import events
from local_host.durable.engine import (
    EngineError,
    EngineStopped,
    Executor,
    InstanceExists,
    InstanceNotFound,
    InvalidInstance,
)
from local_host.durable.remote_worker import ExecutorWorker
from local_host.durable.scheduler import Scheduler

sdk_log = logging.getLogger("Host.Triggers.DurableTask.Connection")

UNLIMITED = GrpcChannelOptions(max_receive_message_length=-1, max_send_message_length=-1)
"""A history is as long as it is; the endpoint has limits of its own."""

RECONNECT_MAX_S = 5.0
"""The pause between two tries to connect grows up to this."""

HELLO_S = 15.0
"""How long the endpoint may take to answer at the start."""

ERRORS: dict[grpc.StatusCode, type[EngineError]] = {
    grpc.StatusCode.ALREADY_EXISTS: InstanceExists,
    grpc.StatusCode.NOT_FOUND: InstanceNotFound,
    grpc.StatusCode.INVALID_ARGUMENT: InvalidInstance,
    grpc.StatusCode.UNAVAILABLE: EngineStopped,
    grpc.StatusCode.CANCELLED: EngineStopped,
}

T = TypeVar("T")


class RemoteEngine:
    """An `Engine` behind a DurableTask endpoint; any number of hosts may work for it."""

    def __init__(self, scheduler: Scheduler, *, turns: int = 8, activities: int = 8) -> None:
        """``turns`` and ``activities`` bound what runs here at once, each; entities count like orchestrators."""
        self._scheduler = scheduler
        common: dict[str, Any] = {
            "host_address": scheduler.address,
            "taskhub": scheduler.hub,
            "token_credential": scheduler.credential(),
            "secure_channel": scheduler.secure,
            "channel_options": UNLIMITED,
            "logger": sdk_log,
        }
        self._client = DurableTaskSchedulerClient(**common)
        self._worker = ExecutorWorker(
            **common,
            resiliency_options=GrpcWorkerResiliencyOptions(
                reconnect_backoff_base_seconds=0.2, reconnect_backoff_cap_seconds=RECONNECT_MAX_S
            ),
            concurrency_options=ConcurrencyOptions(activities, turns, turns, activities + 2 * turns),
        )
        self.failed: Future[None] = Future()
        """Never: the connection is tried again for ever."""

    def open(self, executor: Executor) -> None:
        """Take up all unfinished work, and hand it to the executor from now on."""
        try:
            self._stub.Hello(Empty(), timeout=HELLO_S, wait_for_ready=True)
        except grpc.RpcError as error:
            reason = f"{error.code().name}: {error.details()}"
            raise EngineStopped(f"no DurableTask endpoint answers at {self._scheduler.address} ({reason})") from error
        self._worker.open(executor)

    def close(self) -> None:
        """Hand out nothing more; what was not answered yet is handed to another worker."""
        self._worker.close()
        self._client.close()

    @property
    def _stub(self) -> Any:
        # The SDK replaces it when it has to connect again.
        return self._client._stub  # noqa: SLF001 - the client's own methods encode and decode; we have messages

    def _ask(self, question: Callable[[], T]) -> T:
        with _translated():
            return question()

    # What callers ask

    def start_instance(self, request: pb.CreateInstanceRequest) -> str:
        """Start an orchestration and return its id. A finished one of the same id is replaced."""
        asked = pb.CreateInstanceRequest()
        asked.CopyFrom(request)
        asked.instanceId = request.instanceId or uuid.uuid4().hex
        asked.orchestrationIdReusePolicy.replaceableStatus.extend(sorted(events.TERMINAL))
        return self._ask(lambda: str(self._stub.StartInstance(asked).instanceId))

    def get_instance(self, instance_id: str) -> pb.OrchestrationState | None:
        """The state of an orchestration, inputs and outputs included."""
        request = pb.GetInstanceRequest(instanceId=instance_id, getInputsAndOutputs=True)
        response = self._ask(lambda: self._stub.GetInstance(request))
        return response.orchestrationState if response.exists else None

    def get_history(self, instance_id: str) -> list[pb.HistoryEvent]:
        """The history of an orchestration's present execution."""
        request = pb.StreamInstanceHistoryRequest(instanceId=instance_id)
        return self._ask(
            lambda: [event for chunk in self._stub.StreamInstanceHistory(request) for event in chunk.events]
        )

    def query_instances(self, query: pb.InstanceQuery) -> pb.QueryInstancesResponse:
        """A page of instances; the response's token, where there is one, asks for the next."""
        request = pb.QueryInstancesRequest(query=query)
        request.query.fetchInputsAndOutputs = True
        page: pb.QueryInstancesResponse = self._ask(lambda: self._stub.QueryInstances(request))
        return page

    def raise_event(self, request: pb.RaiseEventRequest) -> None:
        """Send an external event to an orchestration."""
        self._ask(lambda: self._stub.RaiseEvent(request))

    def terminate(self, instance_id: str, reason: str | None) -> None:
        """End an orchestration at once, with the reason as its output."""
        request = pb.TerminateRequest(instanceId=instance_id, output=events.text(events.output_of(reason)))
        self._ask(lambda: self._stub.TerminateInstance(request))

    def suspend(self, instance_id: str, reason: str | None) -> None:
        """Let an orchestration rest until it is resumed."""
        request = pb.SuspendRequest(instanceId=instance_id, reason=events.text(reason))
        self._ask(lambda: self._stub.SuspendInstance(request))

    def resume(self, instance_id: str, reason: str | None) -> None:
        """Let a suspended orchestration go on."""
        request = pb.ResumeRequest(instanceId=instance_id, reason=events.text(reason))
        self._ask(lambda: self._stub.ResumeInstance(request))

    def purge(self, request: pb.PurgeInstancesRequest) -> int:
        """Forget finished instances; how many were forgotten."""
        count, complete = 0, False
        while not complete:
            response = self._ask(lambda: self._stub.PurgeInstances(request))
            count += response.deletedInstanceCount
            complete = response.deletedInstanceCount == 0 or not response.HasField("isComplete")
            complete = complete or response.isComplete.value
        return count

    def signal_entity(self, request: pb.SignalEntityRequest) -> None:
        """Send an operation to an entity, without an answer."""
        self._ask(lambda: self._stub.SignalEntity(request))

    def get_entity(self, entity_id: str) -> pb.EntityMetadata | None:
        """An entity and its state."""
        request = pb.GetEntityRequest(instanceId=entity_id, includeState=True)
        response = self._ask(lambda: self._stub.GetEntity(request))
        return response.entity if response.exists else None

    def query_entities(self, query: pb.EntityQuery) -> pb.QueryEntitiesResponse:
        """A page of entities; the response's token, where there is one, asks for the next."""
        request = pb.QueryEntitiesRequest(query=query)
        request.query.includeState = True
        page: pb.QueryEntitiesResponse = self._ask(lambda: self._stub.QueryEntities(request))
        return page


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as error:
        code, details = error.code(), error.details()
        if code == grpc.StatusCode.UNIMPLEMENTED:
            raise NotImplementedError(f"the scheduler does not support it: {details}") from error
        if code in ERRORS:
            raise ERRORS[code](details) from error
        raise EngineError(f"{code.name}: {details}") from error
