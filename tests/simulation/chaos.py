"""The local engine's hub with the real orchestrators and steps, a fake clock, and dice for everything that can happen.

Every turn replays its history through the SDK, as the platform does. Activities take their time, end in any order, are
executed again although they were done (their acknowledgement was lost), die in the middle, or never answer. The engine
itself is killed at any commit and goes on from what it has on disk.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.entity import Entity

from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.pipeline.context import (
    CHUNK,
    EMIT,
    MEMBER,
    RUN,
    SPAN,
)
from fanfold.pipeline.envelopes import run_step
from fanfold.pipeline.messages import (
    RunRequest,
    SpanTask,
    to_wire,
)
from fanfold.pipeline.orchestration import emit_span, process_span, profile_member, run_dataset
from fanfold.pipeline.progress import ADD, CLOSE, add
from local_host.durable import events
from local_host.durable.entities import run_batch, split_entity_id
from tests.local_host.engine_simulation import Crash, Simulation
from tests.pipeline_steps import STEPS
from tests.simulation.faults import FaultyPorts, WorkerDied

TURNS_MAX = 20_000
HISTORY_EVENTS_MAX = 1_000


def run_progress(context: Any) -> None:
    """As blueprints.entities has it, without the decorator."""
    if context.operation_name == ADD:
        context.set_state(add(context.get_state(lambda: None), context.get_input()))
    elif context.operation_name == CLOSE:
        context.destruct_on_exit()


@dataclass
class Odds:
    """How likely each misfortune is, for one activity."""

    lost_acknowledgement: float = 0.0
    silence: float = 0.0
    longest_s: float = 5.0
    commits_between_crashes: int | None = None


@dataclass(order=True)
class Pending:
    """An activity under way, and when it answers."""

    due: float
    number: int
    request: pb.ActivityRequest = field(compare=False)


@dataclass
class Chaos(Simulation):
    """One world: storage, engine, and the dice."""

    dice: random.Random = field(default_factory=random.Random)
    odds: Odds = field(default_factory=Odds)
    ports: FaultyPorts | None = None
    pending: list[Pending] = field(default_factory=list)
    lost: frozenset[int] = frozenset()
    """Chunks that fail at every attempt."""
    at_work_most: int = 0
    chunk_deadline_s: float = float("inf")
    issued: dict[tuple[str, int], float] = field(default_factory=dict)
    """When each chunk that has not answered was first handed out: by execution and task."""
    when: list[tuple[Callable[[], bool], Callable[[], None]]] = field(default_factory=list)
    """What the world does once something is true: overwrite the blob, cancel the run."""

    @classmethod
    def make(cls, path: Path, ports: FaultyPorts, dice: random.Random, odds: Odds) -> Chaos:
        world = cls(
            path,
            {RUN: run_dataset, SPAN: process_span, EMIT: emit_span, MEMBER: profile_member},
            entities={"run_progress": run_progress},
            dice=dice,
            odds=odds,
        )
        world.ports = ports
        ports.real.work.clock = lambda: datetime.fromtimestamp(world.now, UTC)
        world.dread()
        return world

    def boot(self) -> None:
        super().boot()
        self.store._db.execute("PRAGMA synchronous = OFF")  # the process dies here, not the machine

    def dread(self) -> None:
        """Set the next crash of the engine."""
        most = self.odds.commits_between_crashes
        self.commits_left = None if most is None else self.dice.randint(1, most)

    def drive(self, request: RunRequest) -> None:
        """Start a run and let everything happen until nothing is left."""
        self._surviving(lambda: self.start(RUN, to_wire(request), request.run_id))
        for _ in range(TURNS_MAX):
            self._happen()
            if self._surviving(self._work):
                continue
            dues = [due for due in (self.hub.next_due(), *(one.due for one in self.pending)) if due is not None]
            if not dues:
                return
            self.now = max(self.now, min(dues))
            self.hub.fire_due()
        raise AssertionError("the run does not come to rest")

    def _surviving(self, deed: Callable[[], Any]) -> Any:
        try:
            return deed()
        except Crash:
            self.crash()
            self.pending.clear()
            self.dread()
            self.boot()
            return True

    def _happen(self) -> None:
        for one in [one for one in self.when if one[0]()]:
            self.when.remove(one)
            self._surviving(one[1])

    def _work(self) -> bool:
        worked = False
        for turn in list(self.hub.take_turns(100)):
            worked = True
            assert len(turn.past) < HISTORY_EVENTS_MAX, f"history of {len(turn.past)} events"
            response = self.replayer.run(turn, self.orchestrators[turn.started.name], None)
            self.hub.finish_turn(response)
            self.commit()
        for request in self.hub.take_activities():
            worked = True
            self._issue(request)
        for batch in list(self.hub.entities.take_work()):
            worked = True
            handle = Entity.create(self.entities[split_entity_id(batch.instanceId)[0]])
            self.hub.finish_entity(run_batch(batch, handle))
            self.commit()
        for one in sorted(one for one in self.pending if one.due <= self.now):
            worked = True
            self.pending.remove(one)
            self._answer(one.request)
        return worked

    def _issue(self, request: pb.ActivityRequest) -> None:
        assert len(request.input.value) <= limits.MESSAGE_BYTES_MAX
        self.calls[request.name, request.input.value] += 1
        if request.name == CHUNK:
            self.issued.setdefault(_key(request), self.now)
            given_up = self.now - self.chunk_deadline_s + 0.001  # timers are exact to the microsecond alone
            self.at_work_most = max(self.at_work_most, sum(issued > given_up for issued in self.issued.values()))
        self._later(request)

    def _later(self, request: pb.ActivityRequest) -> None:
        self.pending.append(Pending(self.now + self.dice.random() * self.odds.longest_s, len(self.calls), request))

    def _answer(self, request: pb.ActivityRequest) -> None:
        step, kind = STEPS[request.name]
        given = json.loads(request.input.value)
        if request.name == CHUNK and given["first"] in self.lost:
            step = _fail
        try:
            result = run_step(step, kind, given, self.ports)  # type: ignore[arg-type]
        except WorkerDied:
            return self._after_a_death(request)
        roll = self.dice.random()
        if roll < self.odds.lost_acknowledgement:
            return self._later(request)
        if roll < self.odds.lost_acknowledgement + self.odds.silence:
            return None
        response = _response(request)
        response.result.value = json.dumps(result)
        return self._tell(request, response)

    def _after_a_death(self, request: pb.ActivityRequest) -> None:
        """The platform notices and hands it out again, or reports a failure, or never notices."""
        roll = self.dice.random()
        if roll < 0.4:
            self._later(request)
        elif roll < 0.8:
            response = _response(request)
            response.failureDetails.CopyFrom(events.failure("WorkerDied", "the worker process exited"))
            self._tell(request, response)

    def _tell(self, request: pb.ActivityRequest, response: pb.ActivityResponse) -> None:
        self.hub.finish_activity(response)
        self.commit()
        self.issued.pop(_key(request), None)


def _fail(task: SpanTask, _ports: FaultyPorts) -> None:
    raise PipelineFault(f"chunk {task.first} cannot be read")


def _key(request: pb.ActivityRequest) -> tuple[str, int]:
    return request.orchestrationInstance.executionId.value, request.taskId


def _response(request: pb.ActivityRequest) -> pb.ActivityResponse:
    instance = request.orchestrationInstance
    return pb.ActivityResponse(
        instanceId=instance.instanceId, taskId=request.taskId, completionToken=instance.executionId.value
    )
