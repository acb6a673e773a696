"""Drives the engine's hub without threads, processes or a real clock, with the real SDK's replay.

Time stands still until there is nothing else to do, and then jumps to the next timer. Every commit is a point at which
the simulation may crash: the hub is thrown away, and the next one begins from the file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.entity import Entity

from local_host.durable import events
from local_host.durable.embedded import state_of
from local_host.durable.entities import run_batch, split_entity_id
from local_host.durable.hub import Hub
from local_host.durable.replay import Replayer
from local_host.durable.store import Store

START = 1_700_000_000.0
STEPS_MAX = 10_000


class Crash(Exception):
    """The process is gone."""


@dataclass
class Simulation:
    path: Path
    orchestrators: Mapping[str, Callable[[Any], Any]]
    activities: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    entities: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)
    now: float = START
    commits_left: int | None = None
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    unacknowledged: list[tuple[str, int]] = field(default_factory=list)
    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    """Activities (by execution and task) whose outcome is on disk: none of them may ever run again."""

    def __post_init__(self) -> None:
        self.boot()

    def boot(self) -> None:
        self.store = Store(self.path)
        self.hub = Hub(self.store, lambda: self.now)
        self.replayer = Replayer()

    def crash(self) -> None:
        self.store.close()
        self.unacknowledged.clear()

    def commit(self) -> None:
        if self.commits_left is not None:
            if self.commits_left == 0:
                raise Crash
            self.commits_left -= 1
        self.store.commit()
        self.acknowledged.update(self.unacknowledged)
        self.unacknowledged.clear()

    def start(self, name: str, given: Any = None, instance_id: str = "i") -> str:
        # As the SDK's client does: JSON in a JSON string.
        text = events.text(None if given is None else json.dumps(json.dumps(given)))
        request = pb.CreateInstanceRequest(instanceId=instance_id, name=name, input=text)
        started = self.hub.start_instance(request)
        self.commit()
        return started

    def raise_event(self, name: str, data: Any = None, instance_id: str = "i") -> None:
        raised = pb.RaiseEventRequest(instanceId=instance_id, name=name, input=events.text(json.dumps(data)))
        self.hub.raise_event(raised)
        self.commit()

    def settle(self, *, until: float | None = None) -> None:
        """Do everything that can be done; let time pass (up to ``until``) when nothing else is left."""
        for _ in range(STEPS_MAX):
            if not self.step():
                due = self.hub.next_due()
                if due is None or (until is not None and due > until):
                    return
                self.now = max(self.now, due)
                self.hub.fire_due()
        raise AssertionError("the simulation does not come to rest")

    def step(self) -> bool:
        """Hand out what there is, take in the outcomes one commit at a time; whether there was anything."""
        outcomes: list[Callable[[], None]] = []
        for turn in self.hub.take_turns(100):
            name = [*turn.past[:2], *turn.new[:2]][1].executionStarted.name
            response = self.replayer.run(turn, self.orchestrators[name], None)
            outcomes.append(lambda response=response: self.hub.finish_turn(response))
        for request in self.hub.take_activities():
            activity = self._activity(request)
            outcomes.append(lambda activity=activity: self._acknowledge(activity))
        for batch in self.hub.entities.take_work():
            handle = Entity.create(self.entities[split_entity_id(batch.instanceId)[0]])
            result = run_batch(batch, handle)
            outcomes.append(lambda result=result: self.hub.finish_entity(result))
        for outcome in outcomes:
            outcome()
            self.commit()
        return bool(outcomes)

    def _activity(self, request: pb.ActivityRequest) -> pb.ActivityResponse:
        self.calls[request.name, request.input.value] += 1
        instance = request.orchestrationInstance
        assert (instance.executionId.value, request.taskId) not in self.acknowledged
        response = pb.ActivityResponse(
            instanceId=instance.instanceId, taskId=request.taskId, completionToken=instance.executionId.value
        )
        try:
            response.result.value = json.dumps(self.activities[request.name](json.loads(request.input.value)))
        except Exception as error:  # noqa: BLE001 - an activity's failure is an outcome
            response.failureDetails.CopyFrom(events.failure(type(error).__name__, str(error)))
        return response

    def _acknowledge(self, response: pb.ActivityResponse) -> None:
        self.hub.finish_activity(response)
        self.unacknowledged.append((response.completionToken, response.taskId))

    def state(self, instance_id: str = "i") -> pb.OrchestrationState:
        row = self.store.instance(instance_id)
        assert row is not None
        return state_of(row)

    def output(self, instance_id: str = "i") -> Any:
        state = self.state(instance_id)
        assert state.orchestrationStatus == events.COMPLETED, state
        return json.loads(state.output.value)
