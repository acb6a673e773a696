"""The embedded engine: one thread owns the hub and its file; everybody else sends it messages.

The thread takes all messages that are there, applies them, commits once (group commit), and only then hands out work
and answers. When nothing is due it sleeps until the next message or the next timer.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TypeVar

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable import events
from local_host.durable.engine import EngineStopped, Executor, InstanceNotFound
from local_host.durable.hub import Hub
from local_host.durable.store import InstanceRow, Store

log = logging.getLogger("Host.Triggers.DurableTask")

MESSAGES_PER_COMMIT = 500
"""Bounds how long an answer waits for the messages behind it."""

PAGE_SIZE = 100
"""Instances or entities in a page, where the query does not say."""

SLEEP_MAX_S = 3600.0
"""A wait on a queue cannot be longer than the platform's longest; an hour more or less costs nothing."""

ALIVE_CHECK_S = 0.5
"""How often a caller who waits makes sure that the thread still lives."""

T = TypeVar("T")
Message = Callable[[], None]


class EmbeddedEngine:
    """An `Engine` in this process, its state in one SQLite file."""

    def __init__(self, path: Path | str, *, turns: int = 8, clock: Callable[[], float] = time.time) -> None:
        """``turns`` is how many orchestrators may execute at once."""
        self._store = Store(path)
        self._clock = clock
        self._hub = Hub(self._store, clock)
        self._turns_free = turns
        self._mailbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._answers: list[Message] = []
        self._thread = threading.Thread(target=self._run, name="durable-engine", daemon=True)
        self._executor: Executor | None = None
        self.failed: Future[None] = Future()
        """Gets the exception that stopped the thread, should there be one; the state on disk is sound then."""

    def open(self, executor: Executor) -> None:
        """Take up all unfinished work, and hand it to the executor from now on."""
        self._executor = executor
        self._thread.start()

    def close(self) -> None:
        """Hand out nothing more; everything accepted so far is on disk."""
        if self._thread.is_alive():
            self._mailbox.put(None)
            self._thread.join()
        self._store.close()

    # The thread

    def _run(self) -> None:
        try:
            running = True
            while running:
                self._hand_out()
                running = self._apply(self._take_messages())
        except Exception as error:
            log.exception("the durable engine stopped; its state is as of the last commit")
            self.failed.set_exception(error)

    def _apply(self, messages: list[Message | None]) -> bool:
        """Apply, commit, answer; whether to go on."""
        for message in messages:
            if message is not None:
                message()
        self._hub.fire_due()
        self._store.commit()
        answers, self._answers = self._answers, []
        for answer in answers:
            answer()
        return None not in messages

    def _take_messages(self) -> list[Message | None]:
        """Whatever is in the mailbox; an empty list when a timer is due first."""
        due = self._hub.next_due()
        taken: list[Message | None] = []
        try:
            taken.append(self._mailbox.get(timeout=None if due is None else self._until(due)))
            while len(taken) < MESSAGES_PER_COMMIT:
                taken.append(self._mailbox.get_nowait())
        except queue.Empty:
            pass
        return taken

    def _until(self, due: float) -> float:
        return min(max(0.0, due - self._clock()), SLEEP_MAX_S)

    def _hand_out(self) -> None:
        executor = self._executor
        if executor is None:
            return
        for turn in self._hub.take_turns(self._turns_free):
            self._turns_free -= 1
            executor.run_turn(turn, lambda response: self._mailbox.put(lambda: self._finish_turn(response)))
        if activities := self._hub.take_activities():
            executor.run_activities(
                activities, lambda response: self._mailbox.put(lambda: self._hub.finish_activity(response))
            )
        for batch in self._hub.entities.take_work():
            executor.run_entity(batch, lambda result: self._mailbox.put(lambda: self._hub.finish_entity(result)))

    def _finish_turn(self, response: pb.OrchestratorResponse) -> None:
        self._turns_free += 1
        self._hub.finish_turn(response)

    def _ask(self, question: Callable[[], T]) -> T:
        """Answer a caller of another thread: with the value, once it is committed, or with the error."""
        future: Future[T] = Future()

        def ask() -> None:
            try:
                value = question()
            except Exception as error:  # noqa: BLE001 - the caller's to handle
                refused = error
                self._answers.append(lambda: future.set_exception(refused))
            else:
                self._answers.append(lambda: future.set_result(value))

        self._mailbox.put(ask)
        while not wait([future], ALIVE_CHECK_S).done:
            if not self._thread.is_alive():
                raise EngineStopped("the durable engine is not running")
        return future.result()

    # What callers ask

    def start_instance(self, request: pb.CreateInstanceRequest) -> str:
        """Start an orchestration and return its id. A finished one of the same id is replaced."""
        return self._ask(lambda: self._hub.start_instance(request))

    def get_instance(self, instance_id: str) -> pb.OrchestrationState | None:
        """The state of an orchestration, inputs and outputs included."""
        row = self._ask(lambda: self._store.instance(instance_id))
        return state_of(row) if row else None

    def get_history(self, instance_id: str) -> list[pb.HistoryEvent]:
        """The history of an orchestration's present execution."""

        def read() -> list[pb.HistoryEvent]:
            row = self._store.instance(instance_id)
            if row is None:
                raise InstanceNotFound(f"no instance with id {instance_id!r}")
            return self._store.history(row.key)

        return self._ask(read)

    def query_instances(self, query: pb.InstanceQuery) -> pb.QueryInstancesResponse:
        """A page of instances; the response's token, where there is one, asks for the next."""
        size = query.maxInstanceCount or PAGE_SIZE
        after = int(query.continuationToken.value or 0)
        rows = self._ask(lambda: self._store.find(query, after, size + 1))
        token = events.text(str(rows[size - 1].key)) if len(rows) > size else None
        return pb.QueryInstancesResponse(
            orchestrationState=[state_of(row) for row in rows[:size]], continuationToken=token
        )

    def raise_event(self, request: pb.RaiseEventRequest) -> None:
        """Send an external event to an orchestration."""
        self._ask(lambda: self._hub.raise_event(request))

    def terminate(self, instance_id: str, reason: str | None) -> None:
        """End an orchestration at once, with the reason as its output."""
        self._ask(lambda: self._hub.terminate(instance_id, reason))

    def suspend(self, instance_id: str, reason: str | None) -> None:
        """Let an orchestration rest until it is resumed."""
        self._ask(lambda: self._hub.suspend(instance_id, reason))

    def resume(self, instance_id: str, reason: str | None) -> None:
        """Let a suspended orchestration go on."""
        self._ask(lambda: self._hub.resume(instance_id, reason))

    def purge(self, request: pb.PurgeInstancesRequest) -> int:
        """Forget finished instances; how many were forgotten."""
        return self._ask(lambda: self._purge(request))

    def _purge(self, request: pb.PurgeInstancesRequest) -> int:
        if request.HasField("purgeInstanceFilter"):
            asked = request.purgeInstanceFilter
            query = pb.InstanceQuery(runtimeStatus=asked.runtimeStatus)
            if asked.HasField("createdTimeFrom"):
                query.createdTimeFrom.CopyFrom(asked.createdTimeFrom)
            if asked.HasField("createdTimeTo"):
                query.createdTimeTo.CopyFrom(asked.createdTimeTo)
            found = self._store.find(query, 0, -1)
        else:
            ids = [request.instanceId] if request.HasField("instanceId") else list(request.instanceBatch.instanceIds)
            found = [row for row in map(self._store.instance, ids) if row]
        finished = [row for row in found if row.status in events.TERMINAL]
        for row in finished:
            self._store.remove_instance(row.key)
        return len(finished)

    def signal_entity(self, request: pb.SignalEntityRequest) -> None:
        """Send an operation to an entity, without an answer."""
        signaled = pb.EntityOperationSignaledEvent(
            requestId=request.requestId,
            operation=request.name,
            input=request.input if request.HasField("input") else None,
            targetInstanceId=events.text(request.instanceId),
        )
        event = pb.HistoryEvent(eventId=events.NO_TASK, entityOperationSignaled=signaled)
        event.timestamp.CopyFrom(events.timestamp(self._clock()))
        self._ask(lambda: self._hub.entities.add(request.instanceId, event))

    def get_entity(self, entity_id: str) -> pb.EntityMetadata | None:
        """An entity and its state."""
        found = self._ask(lambda: self._store.entity(entity_id))
        return _metadata(entity_id, *found) if found else None

    def query_entities(self, query: pb.EntityQuery) -> pb.QueryEntitiesResponse:
        """A page of entities; the response's token, where there is one, asks for the next."""
        size = query.pageSize.value or PAGE_SIZE
        prefix, after = query.instanceIdStartsWith.value, query.continuationToken.value
        rows = self._ask(lambda: self._store.find_entities(prefix, after, size + 1))
        token = events.text(rows[size - 1][0]) if len(rows) > size else None
        return pb.QueryEntitiesResponse(entities=[_metadata(*row) for row in rows[:size]], continuationToken=token)


def state_of(row: InstanceRow) -> pb.OrchestrationState:
    """An instance's row as the protocol tells of it."""
    parent = pb.ParentInstanceInfo.FromString(row.parent) if row.parent else None
    return pb.OrchestrationState(
        instanceId=row.id,
        name=row.name,
        version=events.text(row.version),
        orchestrationStatus=row.status,
        createdTimestamp=events.timestamp(row.created),
        lastUpdatedTimestamp=events.timestamp(row.updated),
        completedTimestamp=events.timestamp(row.completed) if row.completed else None,
        input=events.text(row.input),
        output=events.text(row.output),
        customStatus=events.text(row.custom_status),
        failureDetails=pb.TaskFailureDetails.FromString(row.failure) if row.failure else None,
        executionId=events.text(row.execution),
        parentInstanceId=events.text(parent.orchestrationInstance.instanceId if parent else None),
    )


def _metadata(entity_id: str, state: str | None, updated: float) -> pb.EntityMetadata:
    return pb.EntityMetadata(
        instanceId=entity_id, lastModifiedTime=events.timestamp(updated), serializedState=events.text(state)
    )
