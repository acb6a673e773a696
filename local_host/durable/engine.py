"""The seam between the host and whatever keeps the orchestrations.

An `Engine` keeps instances, histories, timers and entities, and hands out work; an `Executor` does the work with the
app's code. Both speak the messages of the DurableTask protocol (``TaskHubSidecarService``), so that an engine can live
in this process or behind gRPC.

Errors::

    EngineError
    |- InstanceExists      an instance of that id is still going on
    |- InstanceNotFound    there is no instance of that id
    |- InvalidInstance     the id, or the name of the orchestrator, cannot be
    |- EngineStopped       the engine is closed, or has failed, or cannot be reached
    '- StateUnreadable     the state on disk was written by another version
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import durabletask.internal.orchestrator_service_pb2 as pb


class EngineError(Exception):
    """Something that was asked of the engine cannot be done."""


class InstanceExists(EngineError):
    """An instance of that id is still going on."""


class InstanceNotFound(EngineError):
    """There is no instance of that id."""


class InvalidInstance(EngineError):
    """The id, or the name of the orchestrator, cannot be."""


class EngineStopped(EngineError):
    """The engine is closed, or has failed, or cannot be reached."""


class StateUnreadable(EngineError):
    """The state on disk was written by another version."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One execution of an orchestrator: all that happened before, and what is new (``OrchestratorRequest``)."""

    instance_id: str
    execution_id: str
    past: Sequence[pb.HistoryEvent]
    new: Sequence[pb.HistoryEvent]

    @property
    def started(self) -> pb.ExecutionStartedEvent:
        """How the execution began: the orchestrator's name, its input, its parent."""
        events = chain(self.past, self.new)
        return next(event.executionStarted for event in events if event.HasField("executionStarted"))


TurnDone = Callable[[pb.OrchestratorResponse], None]
ActivityDone = Callable[[pb.ActivityResponse], None]
EntityDone = Callable[[pb.EntityBatchResult], None]


class Executor(Protocol):
    """Does the engine's work. Every method returns at once; ``done`` may be called from any thread."""

    def run_turn(self, turn: Turn, done: TurnDone) -> None:
        """Execute an orchestrator over its history."""

    def run_activities(self, requests: Sequence[pb.ActivityRequest], done: ActivityDone) -> None:
        """Execute activities; ``done`` is called once for each, in any order."""

    def run_entity(self, request: pb.EntityBatchRequest, done: EntityDone) -> None:
        """Execute a batch of operations of one entity."""


class Engine(Protocol):
    """Keeps orchestrations and entities. Every method may be called from any thread and blocks shortly."""

    failed: Future[None]
    """Gets the exception that stopped the engine, should there be one."""

    def open(self, executor: Executor) -> None:
        """Take up all unfinished work, and hand it to the executor from now on."""

    def close(self) -> None:
        """Hand out nothing more; everything accepted so far is on disk."""

    def start_instance(self, request: pb.CreateInstanceRequest) -> str:
        """Start an orchestration and return its id. A finished one of the same id is replaced."""

    def get_instance(self, instance_id: str) -> pb.OrchestrationState | None:
        """The state of an orchestration, inputs and outputs included."""

    def get_history(self, instance_id: str) -> list[pb.HistoryEvent]:
        """The history of an orchestration's present execution."""

    def query_instances(self, query: pb.InstanceQuery) -> pb.QueryInstancesResponse:
        """A page of instances; the response's token, where there is one, asks for the next."""

    def raise_event(self, request: pb.RaiseEventRequest) -> None:
        """Send an external event to an orchestration."""

    def terminate(self, instance_id: str, reason: str | None) -> None:
        """End an orchestration at once, with the reason as its output."""

    def suspend(self, instance_id: str, reason: str | None) -> None:
        """Let an orchestration rest until it is resumed."""

    def resume(self, instance_id: str, reason: str | None) -> None:
        """Let a suspended orchestration go on."""

    def purge(self, request: pb.PurgeInstancesRequest) -> int:
        """Forget finished instances; how many were forgotten."""

    def signal_entity(self, request: pb.SignalEntityRequest) -> None:
        """Send an operation to an entity, without an answer."""

    def get_entity(self, entity_id: str) -> pb.EntityMetadata | None:
        """An entity and its state."""

    def query_entities(self, query: pb.EntityQuery) -> pb.QueryEntitiesResponse:
        """A page of entities; the response's token, where there is one, asks for the next."""
