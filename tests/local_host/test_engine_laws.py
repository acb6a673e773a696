"""What the engine promises, on the hub alone, with the real SDK's replay."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from engine_simulation import Crash, Simulation

from local_host.durable import events, replay
from local_host.durable.engine import InstanceExists, InstanceNotFound, InvalidInstance, StateUnreadable
from local_host.durable.store import Store

# The SDK warns of completions that come when nobody waits for them, and of its own codec.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Potential duplicate Task completion"),
    pytest.mark.filterwarnings("ignore:azure.functions df_loads"),
]

RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=3)


def chain(context: Any) -> Generator[Any, Any, Any]:
    total = 0
    for number in range(context.get_input()):
        total += yield context.call_activity("same", number)
    return total


def fan_out(context: Any) -> Generator[Any, Any, Any]:
    return sum((yield context.task_all([context.call_activity("same", n) for n in range(context.get_input())])))


def tree(context: Any) -> Generator[Any, Any, Any]:
    depth = context.get_input()
    if depth == 0:
        return (yield context.call_activity("same", 1))
    return sum((yield context.task_all([context.call_sub_orchestrator("tree", depth - 1) for _ in range(3)])))


def everything(context: Any) -> Generator[Any, Any, Any]:
    """Something of each kind, so that a crash can come between any two of them."""
    first = yield context.call_activity("same", 1)
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=5))
    both = yield context.task_all([context.call_activity("same", 2), context.call_sub_orchestrator("fan_out", 3)])
    counter = df.EntityId("counter", "c")
    context.signal_entity(counter, "add", 5)
    count = yield context.call_entity(counter, "get")
    retried = yield context.call_activity_with_retry("flaky", RETRY, 7)
    context.set_custom_status("nearly")
    return [first, both, count, retried, context.new_uuid() == context.new_uuid()]


def counting(context: Any) -> Generator[Any, Any, Any]:
    left = context.get_input()
    yield context.call_activity("same", left)
    if left:
        context.continue_as_new(left - 1)
        return None
    return "end"


def begins_anew(context: Any) -> Generator[Any, Any, Any]:
    """Hears of Go, and of nothing else, before it begins anew; then waits for two more."""
    if context.get_input() is None:
        yield context.wait_for_external_event("Go")
        context.continue_as_new("anew")
        return None
    first = yield context.wait_for_external_event("A")
    second = yield context.wait_for_external_event("B")
    return [first, second]


def keeps_version(context: Any) -> Generator[Any, Any, Any]:
    yield context.call_activity("same", 1)
    return context.version


def waiting(context: Any) -> Generator[Any, Any, Any]:
    first = yield context.wait_for_external_event("A")
    second = yield context.wait_for_external_event("B")
    return [first, second]


def timeout(context: Any) -> Generator[Any, Any, Any]:
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    event = context.wait_for_external_event("A")
    winner = yield context.task_any([timer, event])
    if winner is event:
        timer.cancel()
    return "event" if winner is event else "timer"


def long_sleep(context: Any) -> Generator[Any, Any, Any]:
    yield context.create_timer(context.current_utc_datetime + timedelta(days=30))
    return context.current_utc_datetime.isoformat()


def calls_named(context: Any) -> Generator[Any, Any, Any]:
    return (yield context.call_sub_orchestrator("waiting", None, context.get_input()))


def counter(context: Any) -> None:
    value = context.get_state(lambda: 0)
    if context.operation_name == "add":
        context.set_state(value + context.get_input())
    context.set_result(context.get_state())


ORCHESTRATORS = {
    function.__name__: function
    for function in (
        chain,
        fan_out,
        tree,
        everything,
        counting,
        begins_anew,
        keeps_version,
        waiting,
        timeout,
        long_sleep,
        calls_named,
    )
}


def make(path: Path) -> Simulation:
    calls: list[int] = []

    def flaky(value: int) -> int:
        calls.append(value)
        if len(calls) < 2:
            raise RuntimeError("not yet")
        return value

    activities = {"same": lambda value: value, "flaky": flaky}
    return Simulation(path / "durable.db", ORCHESTRATORS, activities, {"counter": counter})


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    made = make(tmp_path)
    yield made
    made.crash()


@pytest.mark.parametrize(("name", "given", "output"), [("chain", 5, 10), ("fan_out", 20, 190), ("tree", 3, 27)])
def test_orchestration_ends_with_its_output(simulation: Simulation, name: str, given: object, output: object) -> None:
    simulation.start(name, given)
    simulation.settle()
    assert simulation.output() == output


def test_long_chain_is_right_between_full_replays(simulation: Simulation) -> None:
    simulation.start("chain", 500)
    simulation.settle()
    assert simulation.output() == sum(range(500))
    assert set(simulation.calls.values()) == {1}


@pytest.mark.parametrize(("name", "given"), [("everything", None), ("tree", 2), ("counting", 3)])
def test_crash_at_any_commit_changes_no_outcome_and_repeats_nothing_acknowledged(
    tmp_path: Path, name: str, given: object
) -> None:
    commits, outcome = 0, None
    while True:
        folder = tmp_path / str(commits)
        folder.mkdir()
        simulation = make(folder)
        simulation.commits_left = commits
        crashed = True
        try:
            simulation.start(name, given)
            simulation.settle()
            crashed = False
        except Crash:
            simulation.crash()
            simulation.commits_left = None
            simulation.boot()
            if simulation.store.instance("i") is None:
                simulation.start(name, given)
            simulation.settle()
        ended = simulation.output()
        outcome = ended if outcome is None else outcome
        assert ended == outcome, f"after a crash at commit {commits}"
        assert _left_over(folder) == {"inbox": 0, "tasks": 0, "operations": 0}
        simulation.crash()
        if not crashed:
            break
        commits += 1
    assert commits > 5


def _left_over(folder: Path) -> dict[str, int]:
    database = sqlite3.connect(folder / "durable.db")
    tables = ("inbox", "tasks", "operations")
    counts = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608 - constants
    database.close()
    return counts


def test_continue_as_new_forgets_the_history_and_keeps_the_id(simulation: Simulation) -> None:
    simulation.start("counting", 50)
    simulation.settle()
    assert simulation.output() == "end"
    row = simulation.store.instance("i")
    assert len(simulation.store.history(row.key)) < 10


def test_event_that_an_execution_has_seen_is_gone_with_it_and_a_later_one_is_kept(simulation: Simulation) -> None:
    simulation.start("begins_anew")
    simulation.raise_event("A", "too early")
    simulation.settle()
    simulation.raise_event("Go")
    turn = next(simulation.hub.take_turns(1))
    response = simulation.replayer.run(turn, begins_anew, None)
    simulation.raise_event("B", "while it began anew")
    simulation.hub.finish_turn(response)
    simulation.settle()
    assert simulation.state().orchestrationStatus == events.RUNNING
    simulation.raise_event("A", "in time")
    simulation.settle()
    assert simulation.output() == ["in time", "while it began anew"]


def test_version_is_kept_and_shown_to_the_orchestrator(simulation: Simulation) -> None:
    request = pb.CreateInstanceRequest(instanceId="i", name="keeps_version", version=events.text("2.1"))
    simulation.hub.start_instance(request)
    simulation.commit()
    simulation.crash()
    simulation.boot()
    simulation.settle()
    assert simulation.output() == simulation.state().version.value == "2.1"


def test_sub_orchestrations_of_a_terminated_parent_go_on(simulation: Simulation) -> None:
    simulation.start("calls_named", "child")
    simulation.settle()
    simulation.hub.terminate("i", "enough")
    simulation.raise_event("A", 1, "child")
    simulation.raise_event("B", 2, "child")
    simulation.settle()
    assert simulation.output("child") == [1, 2]


def test_events_wait_until_they_are_waited_for(simulation: Simulation) -> None:
    simulation.start("waiting")
    simulation.raise_event("B", 2)
    simulation.settle()
    simulation.raise_event("A", 1)
    simulation.settle()
    assert simulation.output() == [1, 2]


def test_events_survive_a_restart(simulation: Simulation) -> None:
    simulation.start("waiting")
    simulation.settle()
    simulation.raise_event("A", {"deep": [1]})
    simulation.crash()
    simulation.boot()
    simulation.raise_event("B", None)
    simulation.settle()
    assert simulation.output() == [{"deep": [1]}, None]


@pytest.mark.parametrize(("raised", "winner"), [(True, "event"), (False, "timer")])
def test_race_of_event_and_timer_has_one_winner(simulation: Simulation, raised: bool, winner: str) -> None:
    simulation.start("timeout")
    simulation.settle(until=simulation.now + 60)
    if raised:
        simulation.raise_event("A")
    simulation.settle()
    assert simulation.output() == winner


def test_timer_of_thirty_days_fires_then_and_not_before(simulation: Simulation) -> None:
    simulation.start("long_sleep")
    simulation.settle(until=simulation.now + 29 * 86400)
    assert simulation.state().orchestrationStatus == events.RUNNING
    simulation.crash()
    simulation.boot()
    simulation.settle()
    assert simulation.output().startswith("2023-12-14T22:13:20")


def test_nothing_of_finished_instances_stays_in_memory(simulation: Simulation) -> None:
    """The approvals were in time, or called off; their timers are far away."""
    for n in range(300):
        simulation.start("timeout", instance_id=f"i{n}")
    simulation.settle(until=simulation.now + 60)
    assert simulation.hub.next_due() is not None
    for n in range(300):
        if n % 3:
            simulation.raise_event("A", instance_id=f"i{n}")
        else:
            simulation.hub.terminate(f"i{n}", "enough")
    simulation.settle(until=simulation.now + 60)
    hub = simulation.hub
    assert (hub._live, hub._ready, hub._due, hub._activities) == ({}, {}, [], [])


def test_suspended_orchestrators_in_memory_are_bounded_by_their_events(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "SESSION_EVENTS_MAX", 100)
    for n in range(60):
        simulation.start("timeout", instance_id=f"i{n}")
    simulation.settle(until=simulation.now + 60)
    sessions = simulation.replayer._sessions
    assert 0 < sum(one.seen for one in sessions.values()) == simulation.replayer._events <= 100
    for n in range(60):
        simulation.raise_event("A", instance_id=f"i{n}")
    simulation.settle(until=simulation.now + 60)
    assert [simulation.output(f"i{n}") for n in range(60)] == ["event"] * 60
    assert (len(sessions), simulation.replayer._events) == (0, 0)


def test_running_id_is_refused_and_finished_one_replaced(simulation: Simulation) -> None:
    simulation.start("waiting")
    with pytest.raises(InstanceExists, match="with the status Pending already exists"):
        simulation.start("waiting")
    simulation.hub.terminate("i", "enough")
    simulation.start("fan_out", 3)
    simulation.settle()
    assert simulation.output() == 3


@pytest.mark.parametrize("bad", ["@entity@like", "with/slash", "with#hash", "with?mark", "x" * 101, "tab\t"])
def test_impossible_id_is_refused(simulation: Simulation, bad: str) -> None:
    with pytest.raises(InvalidInstance):
        simulation.start("waiting", None, bad)


def test_sub_orchestration_with_the_id_of_a_running_instance_fails_its_caller(simulation: Simulation) -> None:
    simulation.start("waiting", None, "busy")
    simulation.start("calls_named", "busy")
    simulation.settle()
    state = simulation.state()
    assert state.orchestrationStatus == events.FAILED
    assert "already exists" in state.failureDetails.errorMessage


def test_termination_does_not_wait_for_a_turn_at_work(simulation: Simulation) -> None:
    simulation.start("fan_out", 3)
    turn = next(simulation.hub.take_turns(1))
    response = simulation.replayer.run(turn, fan_out, None)
    simulation.hub.terminate("i", "now")
    simulation.hub.finish_turn(response)
    assert simulation.hub.take_activities() == []
    assert simulation.state().orchestrationStatus == events.TERMINATED


def test_terminated_child_fails_its_parent(simulation: Simulation) -> None:
    simulation.start("calls_named", "child")
    simulation.settle()
    simulation.hub.terminate("child", "enough")
    simulation.settle()
    assert "Sub-orchestration 'child' was terminated: enough" in simulation.state().failureDetails.errorMessage


def test_suspended_instance_takes_no_turn_even_over_a_restart(simulation: Simulation) -> None:
    simulation.start("waiting")
    simulation.settle()
    simulation.hub.suspend("i", "lunch")
    simulation.raise_event("A", 1)
    simulation.raise_event("B", 2)
    simulation.crash()
    simulation.boot()
    simulation.settle()
    assert simulation.state().orchestrationStatus == events.SUSPENDED
    simulation.hub.resume("i", "back")
    simulation.settle()
    assert simulation.output() == [1, 2]


def test_scheduled_start_comes_before_events_that_were_sent_earlier(simulation: Simulation) -> None:
    request = pb.CreateInstanceRequest(instanceId="i", name="waiting")
    request.scheduledStartTimestamp.CopyFrom(events.timestamp(simulation.now + 100))
    simulation.hub.start_instance(request)
    simulation.raise_event("A", 1)
    simulation.raise_event("B", 2)
    simulation.settle(until=simulation.now + 50)
    assert simulation.state().orchestrationStatus == events.PENDING
    simulation.settle()
    assert simulation.output() == [1, 2]


def test_event_for_an_unknown_instance_is_an_error_and_for_an_ended_one_dropped(simulation: Simulation) -> None:
    with pytest.raises(InstanceNotFound):
        simulation.raise_event("A", None, "nobody")
    simulation.start("fan_out", 1)
    simulation.settle()
    simulation.raise_event("A")
    assert not simulation.step()


def test_outdated_activity_of_an_earlier_execution_is_ignored(simulation: Simulation) -> None:
    simulation.start("counting", 1)
    simulation.step()
    old = simulation._activity(simulation.hub.take_activities()[0])
    simulation.hub.finish_activity(old)
    simulation.step()
    simulation.hub.finish_activity(old)
    simulation.settle()
    assert simulation.output() == "end"


def test_state_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "durable.db"
    Store(path).close()
    database = sqlite3.connect(path)
    database.execute("UPDATE meta SET version = '99'")
    database.commit()
    database.close()
    with pytest.raises(StateUnreadable, match="holds durable state of version 99; this host reads version 1"):
        Store(path)


def test_orchestrator_that_does_not_repeat_itself_fails(simulation: Simulation) -> None:
    def fickle(context: Any) -> Generator[Any, Any, Any]:
        yield context.call_activity("flaky" if context.is_replaying else "same", 1)

    simulation.orchestrators["fickle"] = fickle
    simulation.start("fickle")
    simulation.settle()
    assert "Non-Deterministic workflow detected" in simulation.state().failureDetails.errorMessage


def test_output_that_is_no_json_fails_the_orchestration(simulation: Simulation) -> None:
    simulation.orchestrators["odd"] = lambda _: object()
    simulation.start("odd")
    simulation.settle()
    assert "not JSON serializable" in simulation.state().failureDetails.errorMessage


def test_entity_state_is_kept_between_batches(simulation: Simulation) -> None:
    simulation.start("everything")
    simulation.settle()
    simulation.start("everything", None, "again")
    simulation.settle()
    assert [simulation.output(one)[2] for one in ("i", "again")] == [5, 10]
    assert json.loads(simulation.store.entity("@counter@c")[0]) == 10
