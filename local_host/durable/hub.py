"""The embedded engine's state machine: instances, what they wait for, and what is to be done next.

It has no thread and no clock of its own: a caller changes it, commits, and only then hands out the work it takes, so
that nothing is ever done that a crash could forget. Every instance has at most one turn at work. A turn's new events
stay in the inbox until its outcome is recorded: after a crash the turn is simply taken again.
"""

from __future__ import annotations

import heapq
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable import events, orders
from local_host.durable.engine import InstanceExists, InstanceNotFound, InvalidInstance, Turn
from local_host.durable.entity_hub import EntityHub
from local_host.durable.store import InboxRow, InstanceRow, Store

KEPT_OVER_CONTINUE_AS_NEW = frozenset({"eventRaised", "executionSuspended", "executionResumed"})
"""Unseen events that are meant for the instance, not for one execution of it."""


@dataclass(slots=True)
class Live:
    """An unfinished instance in memory. ``inbox`` is what it has not seen; a turn at work sees the first ``taken``."""

    row: InstanceRow
    history: list[pb.HistoryEvent] = field(default_factory=list)
    inbox: list[InboxRow] = field(default_factory=list)
    timers: dict[int, InboxRow] = field(default_factory=dict)
    turn: Turn | None = None
    taken: int = 0


class Hub:
    """All unfinished orchestrations and entities. Not thread-safe: one thread at a time."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._live: dict[str, Live] = {row.id: Live(row, store.history(row.key)) for row in store.unfinished()}
        self._ready: dict[str, None] = {}
        self._due: list[tuple[float, int, str]] = []
        self._outdated = 0
        self._activities: list[pb.ActivityRequest] = []
        self.entities = EntityHub(store)
        self._recover()

    def _recover(self) -> None:
        by_key = {live.row.key: live for live in self._live.values()}
        for unseen in self._store.inbox():
            self._accept(by_key[unseen.instance], unseen)
        for _, request in self._store.tasks():
            self._activities.append(request)

    # What is to be done

    def take_turns(self, limit: int) -> Iterator[Turn]:
        """At most ``limit`` turns that can be executed now; they are at work until `finish_turn`."""
        while self._ready and limit > 0:
            instance_id = next(iter(self._ready))
            del self._ready[instance_id]
            limit -= 1
            yield self._begin_turn(self._live[instance_id])

    def take_activities(self) -> list[pb.ActivityRequest]:
        """Every activity that was scheduled since the last call."""
        taken, self._activities = self._activities, []
        return taken

    def next_due(self) -> float | None:
        """When the next timer is due, in seconds since 1970."""
        return self._due[0][0] if self._due else None

    def fire_due(self) -> None:
        """Deliver the timers whose time has come."""
        now = self._clock()
        while self._due and self._due[0][0] <= now:
            _, key, instance_id = heapq.heappop(self._due)
            live = self._live.get(instance_id)
            unseen = live.timers.pop(key, None) if live else None
            if live and unseen:
                # A scheduled start comes before whatever was sent to the instance in the meantime.
                live.inbox.insert(0 if unseen.event.HasField("executionStarted") else len(live.inbox), unseen)
                self._wake(live)

    def _begin_turn(self, live: Live) -> Turn:
        live.taken = len(live.inbox)
        now = events.timestamp(self._clock())
        started = pb.HistoryEvent(
            eventId=events.NO_TASK, timestamp=now, orchestratorStarted=pb.OrchestratorStartedEvent()
        )
        new = [started, *(unseen.event for unseen in live.inbox)]
        live.turn = Turn(live.row.id, live.row.execution, live.history, new)
        return live.turn

    # Outcomes of work

    def finish_turn(self, response: pb.OrchestratorResponse) -> None:
        """Record what an orchestrator decided. The token is the execution's id; an outdated outcome is ignored."""
        live = self._live.get(response.instanceId)
        if live is None or live.turn is None or live.row.execution != response.completionToken:
            return
        now = self._clock()
        recorded = [*live.turn.new]
        ending: pb.CompleteOrchestrationAction | None = None
        for action in response.actions:
            if action.HasField("completeOrchestration"):
                ending = action.completeOrchestration
            else:
                recorded.append(self._schedule(live, action, now))
        recorded.append(pb.HistoryEvent(eventId=events.NO_TASK, orchestratorCompleted=pb.OrchestratorCompletedEvent()))
        recorded[-1].timestamp.CopyFrom(events.timestamp(now))
        self._close_turn(live, recorded)
        if live.row.status == events.PENDING:
            live.row.status = events.RUNNING
        if response.HasField("customStatus"):
            live.row.custom_status = response.customStatus.value
        if ending is None:
            self._save(live, now)
            self._wake(live)
        elif ending.orchestrationStatus == events.CONTINUED_AS_NEW:
            self._continue_as_new(live, ending, now)
        else:
            self._end(live, ending, now)

    def finish_activity(self, response: pb.ActivityResponse) -> None:
        """Record an activity's outcome. The token is the id of the execution that scheduled it."""
        live = self._live.get(response.instanceId)
        if live is None or live.row.execution != response.completionToken:
            return
        self._store.remove_task(live.row.key, response.taskId)
        failure = response.failureDetails if response.HasField("failureDetails") else None
        result = response.result.value if response.HasField("result") else None
        self._deliver(live, events.task_ended(response.taskId, result, failure))

    def finish_entity(self, result: pb.EntityBatchResult) -> None:
        """Record a batch of an entity's operations."""
        for answer in self.entities.finish(result, self._clock()):
            caller = self._live.get(answer.instance_id)
            if caller and caller.row.execution == answer.execution_id:
                self._deliver(caller, answer.event)

    def _close_turn(self, live: Live, recorded: list[pb.HistoryEvent]) -> None:
        self._store.append_history(live.row.key, len(live.history), recorded)
        self._store.remove_inbox(unseen.key for unseen in live.inbox[: live.taken])
        live.history.extend(recorded)
        live.inbox = live.inbox[live.taken :]
        live.turn, live.taken = None, 0

    def _schedule(self, live: Live, action: pb.OrchestratorAction, now: float) -> pb.HistoryEvent:
        """Start what the action asks for; the event that says so in the history."""
        event = orders.record(action, live.row, now)
        match action.WhichOneof("orchestratorActionType"):
            case "scheduleTask":
                request = orders.activity(action, live.row)
                self._store.add_tasks(live.row.key, [request])
                self._activities.append(request)
            case "createTimer":
                fired = orders.firing(action)
                due = events.seconds(fired.timestamp)
                self._accept(live, self._store.add_inbox(live.row.key, due, fired))
            case "createSubOrchestration":
                try:
                    self._create(*orders.child(action, live.row, event), now)
                except (InstanceExists, InvalidInstance) as error:
                    failure = events.failure(type(error).__name__, str(error))
                    self._deliver(live, events.child_ended(action.id, None, failure))
            case _:
                self.entities.add(orders.target(event), event)
        return event

    # Life and death of instances

    def start_instance(self, request: pb.CreateInstanceRequest) -> str:
        """Start an orchestration that nobody waits for."""
        return self._create(request, None, self._clock())

    def _create(self, request: pb.CreateInstanceRequest, parent: pb.ParentInstanceInfo | None, now: float) -> str:
        instance_id = request.instanceId or uuid.uuid4().hex
        orders.check_instance_id(instance_id)
        existing = self._store.instance(instance_id)
        if existing and existing.status not in events.TERMINAL:
            name = events.status_name(existing.status)
            raise InstanceExists(f"An Orchestration instance with the status {name} already exists.")
        if existing:
            self._store.remove_instance(existing.key)
        row = InstanceRow(
            key=0, id=instance_id, execution=uuid.uuid4().hex, name=request.name,
            version=request.version.value if request.HasField("version") else None, status=events.PENDING,
            created=now, updated=now, input=request.input.value if request.HasField("input") else None,
            parent=parent.SerializeToString() if parent else None,
        )  # fmt: skip
        row.key = self._store.add_instance(row)
        live = self._live[instance_id] = Live(row)
        starts = events.seconds(request.scheduledStartTimestamp) if request.HasField("scheduledStartTimestamp") else 0.0
        started = orders.beginning(row, parent)
        started.timestamp.CopyFrom(events.timestamp(now))
        self._accept(live, self._store.add_inbox(row.key, starts, started))
        return instance_id

    def _continue_as_new(self, live: Live, ending: pb.CompleteOrchestrationAction, now: float) -> None:
        row = live.row
        self._store.clear_execution(row.key)
        kept = [unseen for unseen in live.inbox if unseen.event.WhichOneof("eventType") in KEPT_OVER_CONTINUE_AS_NEW]
        self._store.remove_inbox([unseen.key for unseen in live.inbox] + list(live.timers))
        row.execution = uuid.uuid4().hex
        row.input = ending.result.value if ending.HasField("result") else None
        self._save(live, now)
        live.history, live.inbox = [], []
        self._forget_timers(live)
        parent = pb.ParentInstanceInfo.FromString(row.parent) if row.parent else None
        self._deliver(live, orders.beginning(row, parent))
        for unseen in kept:
            self._accept(live, self._store.add_inbox(row.key, 0.0, unseen.event))

    def _end(self, live: Live, ending: pb.CompleteOrchestrationAction, now: float) -> None:
        row = live.row
        row.status, row.completed = ending.orchestrationStatus, now
        row.output = ending.result.value if ending.HasField("result") else None
        row.failure = ending.failureDetails.SerializeToString() if ending.HasField("failureDetails") else None
        completed = pb.ExecutionCompletedEvent(
            orchestrationStatus=row.status, result=events.text(row.output),
            failureDetails=ending.failureDetails if row.failure else None,
        )  # fmt: skip
        event = pb.HistoryEvent(eventId=events.NO_TASK, timestamp=events.timestamp(now), executionCompleted=completed)
        self._store.append_history(row.key, len(live.history), [event])
        self._store.remove_inbox([unseen.key for unseen in live.inbox] + list(live.timers))
        self._store.clear_tasks(row.key)
        self._save(live, now)
        self._forget_timers(live)
        del self._live[row.id]
        self._ready.pop(row.id, None)
        if row.parent:
            self._tell_parent(pb.ParentInstanceInfo.FromString(row.parent), row, ending)

    def _tell_parent(
        self, info: pb.ParentInstanceInfo, child: InstanceRow, ending: pb.CompleteOrchestrationAction
    ) -> None:
        parent = self._live.get(info.orchestrationInstance.instanceId)
        if parent is None or parent.row.execution != info.orchestrationInstance.executionId.value:
            return
        failure = ending.failureDetails if ending.HasField("failureDetails") else None
        if child.status == events.TERMINATED:
            reason = f"Sub-orchestration '{child.id}' was terminated: {json.loads(child.output or 'null')}"
            failure = events.failure("Terminated", reason)
        self._deliver(parent, events.child_ended(info.taskScheduledId, child.output, failure))

    def raise_event(self, request: pb.RaiseEventRequest) -> None:
        """Deliver an external event; one for an instance that has ended is dropped."""
        raised = pb.EventRaisedEvent(name=request.name, input=request.input if request.HasField("input") else None)
        live = self._find_live(request.instanceId)
        if live:
            self._deliver(live, pb.HistoryEvent(eventId=events.NO_TASK, eventRaised=raised))

    def terminate(self, instance_id: str, reason: str | None) -> None:
        """End an instance without asking its orchestrator, whose turn, if one is at work, no longer counts."""
        live = self._find_live(instance_id)
        if live is None:
            return
        now = self._clock()
        output = events.output_of(reason)
        terminated = pb.ExecutionTerminatedEvent(input=events.text(output))
        event = pb.HistoryEvent(eventId=events.NO_TASK, timestamp=events.timestamp(now), executionTerminated=terminated)
        self._store.append_history(live.row.key, len(live.history), [event])
        live.history.append(event)
        ending = pb.CompleteOrchestrationAction(orchestrationStatus=events.TERMINATED, result=events.text(output))
        self._end(live, ending, now)

    def suspend(self, instance_id: str, reason: str | None) -> None:
        """Take no more turns of the instance; what arrives meanwhile waits."""
        live = self._find_live(instance_id)
        if live and live.row.status != events.SUSPENDED:
            live.row.status = events.SUSPENDED
            self._ready.pop(instance_id, None)
            suspended = pb.ExecutionSuspendedEvent(input=events.text(reason))
            self._deliver(live, pb.HistoryEvent(eventId=events.NO_TASK, executionSuspended=suspended))
            self._save(live, self._clock())

    def resume(self, instance_id: str, reason: str | None) -> None:
        """Take turns of a suspended instance again."""
        live = self._find_live(instance_id)
        if live and live.row.status == events.SUSPENDED:
            live.row.status = events.RUNNING
            resumed = pb.ExecutionResumedEvent(input=events.text(reason))
            self._deliver(live, pb.HistoryEvent(eventId=events.NO_TASK, executionResumed=resumed))
            self._save(live, self._clock())

    # Parts

    def _find_live(self, instance_id: str) -> Live | None:
        live = self._live.get(instance_id)
        if live is None and self._store.instance(instance_id) is None:
            raise InstanceNotFound(f"no instance with id {instance_id!r}")
        return live

    def _deliver(self, live: Live, event: pb.HistoryEvent) -> None:
        """Keep an event, which happens now, for the instance's next turn."""
        event.timestamp.CopyFrom(events.timestamp(self._clock()))
        self._accept(live, self._store.add_inbox(live.row.key, 0.0, event))

    def _accept(self, live: Live, unseen: InboxRow) -> None:
        if unseen.due > self._clock():
            live.timers[unseen.key] = unseen
            heapq.heappush(self._due, (unseen.due, unseen.key, live.row.id))
        else:
            live.inbox.append(unseen)
            self._wake(live)

    def _forget_timers(self, live: Live) -> None:
        """Nobody waits for them any more."""
        # Of approvals that were in time nothing may stay in memory until their deadlines: the queue of timers is swept
        # when half of it could be outdated.
        self._outdated += len(live.timers)
        live.timers = {}
        if self._outdated > len(self._due) // 2:
            self._due = [one for one in self._due if (other := self._live.get(one[2])) and one[1] in other.timers]
            heapq.heapify(self._due)
            self._outdated = 0

    def _wake(self, live: Live) -> None:
        can_start = live.history or (live.inbox and live.inbox[0].event.HasField("executionStarted"))
        if live.inbox and can_start and live.turn is None and live.row.status != events.SUSPENDED:
            self._ready[live.row.id] = None

    def _save(self, live: Live, now: float) -> None:
        live.row.updated = now
        self._store.save_instance(live.row)
