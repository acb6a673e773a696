"""The engine's thread: many callers, group commits, timers, and the end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from running_host import wait_for

from local_host.durable import events
from local_host.durable.embedded import EmbeddedEngine
from local_host.durable.engine import ActivityDone, EngineStopped, EntityDone, InstanceNotFound, Turn, TurnDone


class FanOutExecutor:
    """Every orchestration schedules as many activities as its input says, and ends with the last of them."""

    def __init__(self) -> None:
        self.turns = 0
        self.most_activities = 0

    def run_turn(self, turn: Turn, done: TurnDone) -> None:
        self.turns += 1
        response = pb.OrchestratorResponse(instanceId=turn.instance_id, completionToken=turn.execution_id)
        history = [*turn.past, *turn.new]
        wanted = int(history[1].executionStarted.input.value)
        completed = sum(event.HasField("taskCompleted") for event in history)
        if not turn.past:
            for task in range(wanted):
                action = response.actions.add(id=task)
                action.scheduleTask.name = "any"
        if completed == wanted:
            ending = response.actions.add(id=-1).completeOrchestration
            ending.orchestrationStatus = events.COMPLETED
            ending.result.value = json.dumps(completed)
        done(response)

    def run_activities(self, requests: Sequence[pb.ActivityRequest], done: ActivityDone) -> None:
        self.most_activities = max(self.most_activities, len(requests))
        for request in requests:
            instance = request.orchestrationInstance
            done(
                pb.ActivityResponse(
                    instanceId=instance.instanceId, taskId=request.taskId, completionToken=instance.executionId.value
                )
            )

    def run_entity(self, request: pb.EntityBatchRequest, done: EntityDone) -> None:
        raise NotImplementedError(request.instanceId)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine(tmp_path / "durable.db")
    made.open(FanOutExecutor())
    yield made
    made.close()


def start(engine: EmbeddedEngine, count: int, instance_id: str = "") -> str:
    request = pb.CreateInstanceRequest(instanceId=instance_id, name="any", input=events.text(str(count)))
    return engine.start_instance(request)


def ended(engine: EmbeddedEngine, instance_id: str) -> bool:
    state = engine.get_instance(instance_id)
    return state is not None and state.orchestrationStatus == events.COMPLETED


def test_fan_out_of_a_thousand_takes_few_turns_and_less_than_a_second(tmp_path: Path) -> None:
    executor = FanOutExecutor()
    engine = EmbeddedEngine(tmp_path / "durable.db")
    engine.open(executor)
    began = time.process_time()
    instance = start(engine, 1000)
    wait_for(lambda: ended(engine, instance), "the end")
    assert time.process_time() - began < 1.0
    assert executor.most_activities == 1000
    assert executor.turns <= 20
    engine.close()


class SlowTurns(FanOutExecutor):
    """Takes turns on threads, and knows how many there were at once."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        super().__init__()
        self._threads, self._now, self.most = threads, 0, 0
        self._lock = threading.Lock()

    def run_turn(self, turn: Turn, done: TurnDone) -> None:
        self._threads.submit(self._take, turn, done)

    def _take(self, turn: Turn, done: TurnDone) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.005)
        with self._lock:
            self._now -= 1
            super().run_turn(turn, done)


def test_limit_of_orchestrators_at_once_is_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor(10) as threads:
        executor, engine = SlowTurns(threads), EmbeddedEngine(tmp_path / "durable.db", turns=3)
        engine.open(executor)
        ids = [start(engine, 1) for _ in range(30)]
        wait_for(lambda: all(ended(engine, one) for one in ids), "the end of all")
        engine.close()
    assert executor.most == 3


def test_many_callers_at_once_are_all_answered(engine: EmbeddedEngine) -> None:
    with ThreadPoolExecutor(16) as pool:
        instances = list(pool.map(lambda n: start(engine, n % 5, f"i{n}"), range(200)))
    wait_for(lambda: all(ended(engine, instance) for instance in instances), "the end of all")


def test_query_pages_through_all_instances_in_order(engine: EmbeddedEngine) -> None:
    ids = [start(engine, 0, f"i{n:02}") for n in range(25)]
    found, token = [], ""
    while True:
        query = pb.InstanceQuery(maxInstanceCount=10, continuationToken=events.text(token))
        page = engine.query_instances(query)
        found += [state.instanceId for state in page.orchestrationState]
        if not page.HasField("continuationToken"):
            break
        token = page.continuationToken.value
    assert found == ids


def test_refusal_reaches_the_caller_and_the_engine_goes_on(engine: EmbeddedEngine) -> None:
    with pytest.raises(InstanceNotFound):
        engine.terminate("nobody", None)
    with pytest.raises(InstanceNotFound):
        engine.get_history("nobody")
    assert engine.get_instance("nobody") is None
    start(engine, 1, "next")
    wait_for(lambda: ended(engine, "next"), "the end")


def test_closed_engine_leaves_no_thread_and_its_work_to_the_next(tmp_path: Path) -> None:
    before = set(threading.enumerate())  # engines of other tests may still be open
    first = EmbeddedEngine(tmp_path / "durable.db")
    instance = start_unopened(first)
    second = EmbeddedEngine(tmp_path / "durable.db")
    second.open(FanOutExecutor())
    wait_for(lambda: ended(second, instance), "the end")
    second.close()
    assert "durable-engine" not in [thread.name for thread in set(threading.enumerate()) - before]


def start_unopened(engine: EmbeddedEngine) -> str:
    """Start an instance in an engine that hands out no work, and close it."""

    class Idle(FanOutExecutor):
        def run_turn(self, turn: Turn, done: TurnDone) -> None:
            """Never answer."""

    engine.open(Idle())
    instance = start(engine, 3)
    engine.close()
    return instance


def test_purge_by_time_and_state_forgets_what_matches(engine: EmbeddedEngine) -> None:
    for n in range(3):
        start(engine, 0, f"i{n}")
    wait_for(lambda: all(ended(engine, f"i{n}") for n in range(3)), "the end")
    chosen = pb.PurgeInstanceFilter(createdTimeFrom=events.timestamp(0), runtimeStatus=[events.COMPLETED])
    assert engine.purge(pb.PurgeInstancesRequest(purgeInstanceFilter=chosen)) == 3
    assert engine.get_instance("i0") is None


def test_engine_that_fails_inside_says_so_and_keeps_its_file_sound(tmp_path: Path) -> None:
    class Broken(FanOutExecutor):
        def run_turn(self, turn: Turn, _: TurnDone) -> None:
            raise ZeroDivisionError(turn.instance_id)

    engine = EmbeddedEngine(tmp_path / "durable.db")
    engine.open(Broken())
    start(engine, 1, "i")
    assert isinstance(engine.failed.exception(10), ZeroDivisionError)
    with pytest.raises(EngineStopped):
        engine.get_instance("i")
    engine.close()
    again = EmbeddedEngine(tmp_path / "durable.db")
    again.open(FanOutExecutor())
    wait_for(lambda: ended(again, "i"), "the end")
    again.close()
