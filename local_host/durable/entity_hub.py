"""The entities' half of the hub: operations wait in order, an entity does one batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable import events
from local_host.durable.store import Store

OPERATIONS_PER_BATCH = 100
"""An entity's state is written once a batch: larger batches write less, smaller ones repeat less after a crash."""


@dataclass(slots=True)
class Desk:
    """What one entity has to do: the oldest ``busy`` operations are at work."""

    waiting: list[tuple[int, pb.HistoryEvent]] = field(default_factory=list)
    busy: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a called operation, on its way to the orchestration that called."""

    instance_id: str
    execution_id: str
    event: pb.HistoryEvent


class EntityHub:
    """Keeps operations until they are done, and entities' states. Not thread-safe: one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._desks: dict[str, Desk] = {}
        for key, entity_id, event in store.operations():
            self._desks.setdefault(entity_id, Desk()).waiting.append((key, event))
        self._ready = dict.fromkeys(self._desks)

    def add(self, entity_id: str, event: pb.HistoryEvent) -> None:
        """Keep an operation (EntityOperationCalled or -Signaled) for its entity."""
        key = self._store.add_operation(entity_id, event)
        desk = self._desks.setdefault(entity_id, Desk())
        desk.waiting.append((key, event))
        if not desk.busy:
            self._ready[entity_id] = None

    def take_work(self) -> Iterator[pb.EntityBatchRequest]:
        """A batch for each entity that has operations waiting and none at work."""
        while self._ready:
            entity_id = next(iter(self._ready))
            del self._ready[entity_id]
            desk = self._desks[entity_id]
            batch = desk.waiting[:OPERATIONS_PER_BATCH]
            desk.busy = len(batch)
            state = self._store.entity(entity_id)
            yield pb.EntityBatchRequest(
                instanceId=entity_id,
                entityState=events.text(state[0]) if state else None,
                operations=[_request(event) for _, event in batch],
            )

    def finish(self, result: pb.EntityBatchResult, now: float) -> Iterator[Answer]:
        """Take in the result of a batch (its token is the entity's id); the answers that callers wait for."""
        entity_id = result.completionToken
        desk = self._desks[entity_id]
        done, desk.waiting, desk.busy = desk.waiting[: desk.busy], desk.waiting[desk.busy :], 0
        self._store.remove_operations(key for key, _ in done)
        if not result.HasField("failureDetails"):
            self._store.save_entity(
                entity_id, result.entityState.value if result.HasField("entityState") else None, now
            )
        if desk.waiting:
            self._ready[entity_id] = None
        else:
            del self._desks[entity_id]
        for n, (_, event) in enumerate(done):
            if event.HasField("entityOperationCalled"):
                called = event.entityOperationCalled
                answer = _answer(called.requestId, result, n)
                yield Answer(called.parentInstanceId.value, called.parentExecutionId.value, answer)


def _request(event: pb.HistoryEvent) -> pb.OperationRequest:
    asked: pb.EntityOperationCalledEvent | pb.EntityOperationSignaledEvent = (
        event.entityOperationCalled if event.HasField("entityOperationCalled") else event.entityOperationSignaled
    )
    has_input = asked.HasField("input")
    return pb.OperationRequest(
        operation=asked.operation, requestId=asked.requestId, input=asked.input if has_input else None
    )


def _answer(request_id: str, result: pb.EntityBatchResult, n: int) -> pb.HistoryEvent:
    failure = result.failureDetails if result.HasField("failureDetails") else None
    if failure is None and result.results[n].HasField("failure"):
        failure = result.results[n].failure.failureDetails
    if failure is not None:
        failed = pb.EntityOperationFailedEvent(requestId=request_id, failureDetails=failure)
        return pb.HistoryEvent(eventId=events.NO_TASK, entityOperationFailed=failed)
    completed = pb.EntityOperationCompletedEvent(requestId=request_id, output=result.results[n].success.result)
    return pb.HistoryEvent(eventId=events.NO_TASK, entityOperationCompleted=completed)
