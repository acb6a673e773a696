"""An executor whose functions are given: the real SDK's replay, on threads, without an app or worker processes."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.entity import Entity

from local_host.durable import events
from local_host.durable.engine import ActivityDone, EntityDone, Turn, TurnDone
from local_host.durable.entities import run_batch, split_entity_id
from local_host.durable.replay import Replayer


@dataclass(frozen=True, slots=True)
class Script:
    orchestrators: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    activities: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    entities: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)


class ScriptedExecutor:
    """Once it has `vanished`, nothing that it does is told to anybody."""

    def __init__(self, script: Script, threads: int = 16) -> None:
        self._script = script
        self._threads = ThreadPoolExecutor(threads)
        self._replayer = Replayer()
        self._vanished = threading.Event()
        self._guard = threading.Lock()
        self._running = 0
        self.most_running = 0
        self.calls: Counter[str] = Counter()

    def vanish(self) -> None:
        self._vanished.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def run_turn(self, turn: Turn, done: TurnDone) -> None:
        orchestrator = self._script.orchestrators[turn.started.name]
        self._submit(lambda: done(self._replayer.run(turn, orchestrator, None)))

    def run_activities(self, requests: Sequence[pb.ActivityRequest], done: ActivityDone) -> None:
        for request in requests:
            self._submit(lambda request=request: self._answer(self._activity(request), done))

    def run_entity(self, request: pb.EntityBatchRequest, done: EntityDone) -> None:
        handle = Entity.create(self._script.entities[split_entity_id(request.instanceId)[0]])
        self._submit(lambda: done(run_batch(request, handle)))

    def _submit(self, work: Callable[[], None]) -> None:
        if not self._vanished.is_set():
            self._threads.submit(work)

    def _answer(self, response: pb.ActivityResponse, done: ActivityDone) -> None:
        if not self._vanished.is_set():
            done(response)

    def _activity(self, request: pb.ActivityRequest) -> pb.ActivityResponse:
        with self._guard:
            self.calls[request.name] += 1
            self._running += 1
            self.most_running = max(self.most_running, self._running)
        try:
            return self._outcome(request)
        finally:
            with self._guard:
                self._running -= 1

    def _outcome(self, request: pb.ActivityRequest) -> pb.ActivityResponse:
        instance = request.orchestrationInstance
        response = pb.ActivityResponse(
            instanceId=instance.instanceId, taskId=request.taskId, completionToken=instance.executionId.value
        )
        try:
            response.result.value = json.dumps(self._script.activities[request.name](json.loads(request.input.value)))
        except Exception as error:  # noqa: BLE001 - an activity's failure is an outcome
            response.failureDetails.CopyFrom(events.failure(type(error).__name__, str(error)))
        return response
