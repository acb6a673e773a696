"""What orchestrating a run costs, apart from its chunks: linear in their number, in time and in memory.

The real orchestrations with chunks that take no time: on the local host with everything that a run of 10,000 chunks
needs there, and, for 100,000 chunks, on the local host's engine alone, turn by turn through the SDK's replay.
`theirs` is our own figure at the smaller size: a ratio of 1 is linear.
"""

import json
import logging
import multiprocessing
import resource
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.entity import Entity

from benchmarks.comparison import Row, seconds_of
from benchmarks.local_host import local_host
from benchmarks.stub_chunks import stub_chunk, stub_fold, whole_span
from fanfold.pipeline.context import CHUNK, FOLD, SPAN
from fanfold.pipeline.messages import SpanTask, to_wire
from fanfold.pipeline.orchestration import process_span
from fanfold.pipeline.progress import add
from local_host.durable import events
from local_host.durable.entities import run_batch
from local_host.durable.hub import Hub
from local_host.durable.replay import Replayer
from local_host.durable.store import Store

HERE = Path(__file__).resolve().parent
FEW, MANY = 1_000, 10_000
SIMULATED_FEW, SIMULATED_MANY = 10_000, 100_000
ROUNDS = 3
STEPS: dict[str, Callable[[Any], Any]] = {CHUNK: stub_chunk, FOLD: stub_fold}


def main() -> Iterable[Row]:
    """Both, each at two sizes in turn."""
    yield on_the_local_host()
    yield from on_the_engine()


def on_the_local_host() -> Row:
    """Seconds per 1,000 chunks, from start to end of the orchestration, over HTTP."""
    with tempfile.TemporaryDirectory() as state, local_host(str(HERE / "spans_app"), state) as host:
        host.run("span_of", FEW)
        seconds: dict[int, list[float]] = {FEW: [], MANY: []}
        for _ in range(ROUNDS):
            for chunks in (MANY, FEW):
                seconds[chunks].append(seconds_of(lambda chunks=chunks: host.run("span_of", chunks)) * 1_000 / chunks)
    note = f"trivial chunks on the local host; theirs: the same at {FEW:,}"
    return Row(
        f"run of {MANY:,} chunks", "s per 1,000 chunks", median(seconds[MANY]), median(seconds[FEW]), ROUNDS, note
    )


def on_the_engine() -> Iterable[Row]:
    """The whole tree of spans with stub activities, each turn replayed by the SDK; each size in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        few, many = pool.map(grown, (SIMULATED_FEW, SIMULATED_MANY), chunksize=1)
    case, theirs = f"simulated run of {SIMULATED_MANY:,} chunks", f"theirs: the same at {SIMULATED_FEW:,}"
    note = f"{theirs}; {many.instances:,} instances, longest history {many.longest:,} events"
    yield Row(case, "CPU s per 1,000 chunks", per_thousand(many.cpu_s, many), per_thousand(few.cpu_s, few), 1, note)
    note = f"{theirs}; all histories are in memory"
    yield Row(case, "MB per 1,000 chunks", per_thousand(many.mb, many), per_thousand(few.mb, few), 1, note)


def grown(chunks: int) -> "Cost":
    """One simulated run."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    return Tree().grow(whole_span(chunks))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run has taken."""

    chunks: int
    instances: int
    longest: int
    """Events of the longest history."""
    cpu_s: float
    mb: float


def per_thousand(figure: float, cost: Cost) -> float:
    """A figure of a run by the number of its chunks."""
    return figure * 1_000 / cost.chunks


@dataclass
class Tree:
    """One run's tree of orchestrations on the engine, without processes, disk or real time."""

    instances: int = 0
    longest: int = 0
    replayer: Replayer = field(default_factory=Replayer)

    def grow(self, whole: SpanTask, store: Store | None = None) -> Cost:
        """Run it to its end; the histories are in the store then."""
        before, begun = _peak_mb(), time.process_time()
        hub = Hub(store or Store(":memory:"), lambda: 1_700_000_000.0)
        given = json.dumps(json.dumps(to_wire(whole)))
        hub.start_instance(pb.CreateInstanceRequest(instanceId="whole", name=SPAN, input=events.text(given)))
        while self._step(hub):
            pass
        return Cost(whole.stop, self.instances, self.longest, time.process_time() - begun, _peak_mb() - before)

    def _step(self, hub: Hub) -> bool:
        worked = False
        for turn in list(hub.take_turns(100)):
            worked = True
            self.instances += not turn.past
            response = self.replayer.run(turn, process_span, None)
            self.longest = max(self.longest, len(turn.past) + len(turn.new) + len(response.actions))
            hub.finish_turn(response)
        for request in hub.take_activities():
            worked = True
            hub.finish_activity(_answer(request))
        for batch in list(hub.entities.take_work()):
            worked = True
            hub.finish_entity(run_batch(batch, Entity.create(_count)))
        return worked


def _answer(request: pb.ActivityRequest) -> pb.ActivityResponse:
    instance = request.orchestrationInstance
    response = pb.ActivityResponse(
        instanceId=instance.instanceId, taskId=request.taskId, completionToken=instance.executionId.value
    )
    response.result.value = json.dumps(STEPS[request.name](json.loads(request.input.value)))
    return response


def _count(context: Any) -> None:
    context.set_state(add(context.get_state(lambda: None), context.get_input()))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
