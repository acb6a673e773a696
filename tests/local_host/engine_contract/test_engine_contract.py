"""What every engine promises: the embedded one, and one behind gRPC."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import active_count

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from contract_bench import Bench
from contract_script import Gate
from running_host import wait_for

from local_host.durable import events
from local_host.durable.engine import InstanceExists, InstanceNotFound, InvalidInstance

# The SDK warns of completions that come when nobody waits for them, and of its own codec.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Potential duplicate Task completion"),
    pytest.mark.filterwarnings("ignore:azure.functions df_loads"),
]

MIB = 1 << 20


@pytest.mark.parametrize(
    ("name", "given", "output"),
    [("chain", 10, 45), ("fan_out", 50, 1225), ("tree", 3, 27), ("counting", 5, "end"), ("catches", None, True)],
)
def test_orchestration_ends_with_its_output(bench: Bench, name: str, given: object, output: object) -> None:
    assert bench.run(name, given) == output


def test_events_wait_until_they_are_waited_for(bench: Bench) -> None:
    instance = bench.start("two_events")
    bench.raise_event(instance, "Second", 2)
    bench.raise_event(instance, "First", 1)
    assert bench.output(instance) == [1, 2]


@pytest.mark.parametrize(("approved", "winner"), [(True, "approved"), (False, "escalated")])
def test_race_of_event_and_timer_has_one_winner(bench: Bench, approved: bool, winner: str) -> None:
    instance = bench.start("event_or_timeout")
    bench.await_history(instance, "timerCreated")
    if approved:
        bench.raise_event(instance, "Approval", True)
    else:
        bench.skip(61)
    assert bench.output(instance) == winner


def test_timer_does_not_fire_before_its_time(bench: Bench) -> None:
    began = time.monotonic()
    assert bench.run("sleeps", 1) == "awake"
    assert time.monotonic() - began >= 1.0


def test_failing_activity_is_tried_again_after_the_pause(bench: Bench) -> None:
    instance = bench.start("flaky", 7)
    for timers in (1, 2):
        wait_for(lambda timers=timers: count(bench, instance, "timerCreated") == timers, "the pause")
        bench.skip(1.1)
    assert bench.output(instance) == 7


def count(bench: Bench, instance: str, kind: str) -> int:
    return sum(event.HasField(kind) for event in bench.engine.get_history(instance))  # type: ignore[arg-type]


def test_failed_orchestration_tells_why(bench: Bench) -> None:
    state = bench.finish(bench.start("fails"))
    assert state.orchestrationStatus == events.FAILED
    assert "on purpose" in state.failureDetails.errorMessage


def test_custom_status_is_seen_while_the_orchestration_runs(bench: Bench) -> None:
    instance = bench.start("reports")
    wait_for(lambda: bench.state(instance).customStatus.value == '{"at": "gate"}', "the custom status")
    bench.raise_event(instance, "Go")
    assert bench.output(instance) == instance
    assert json.loads(bench.state(instance).customStatus.value) == {"at": "end"}


def test_terminated_orchestration_ends_with_the_reason(bench: Bench) -> None:
    instance = bench.start("two_events")
    bench.reach(instance, events.RUNNING)
    bench.engine.terminate(instance, "enough")
    state = bench.finish(instance)
    assert (state.orchestrationStatus, json.loads(state.output.value)) == (events.TERMINATED, "enough")


def test_suspended_orchestration_rests_until_it_is_resumed(bench: Bench) -> None:
    instance = bench.start("reports")
    bench.reach(instance, events.RUNNING)
    bench.engine.suspend(instance, "wait")
    bench.reach(instance, events.SUSPENDED)
    bench.raise_event(instance, "Go")
    time.sleep(0.2)
    assert bench.state(instance).orchestrationStatus == events.SUSPENDED
    bench.engine.resume(instance, "go on")
    assert bench.output(instance) == instance


def test_running_id_is_refused_and_finished_one_replaced(bench: Bench) -> None:
    bench.start("reports", instance_id="same")
    with pytest.raises(InstanceExists, match="already exists"):
        bench.start("chain", 3, "same")
    bench.raise_event("same", "Go")
    assert bench.output("same") == "same"
    bench.start("chain", 3, "same")
    assert bench.output("same") == 3


def test_impossible_id_is_refused(bench: Bench) -> None:
    with pytest.raises(InvalidInstance, match="must not start with @"):
        bench.start("chain", 1, "@chain@1")


def test_unknown_instance_is_told_so(bench: Bench) -> None:
    assert bench.engine.get_instance("nobody") is None
    for ask in (
        lambda: bench.raise_event("nobody", "Go"),
        lambda: bench.engine.terminate("nobody", None),
        lambda: bench.engine.get_history("nobody"),
    ):
        with pytest.raises(InstanceNotFound, match="nobody"):
            ask()


def test_purge_forgets_finished_instances_only(bench: Bench) -> None:
    done, waiting = bench.start("chain", 1), bench.start("two_events")
    bench.finish(done)
    purge = [bench.engine.purge(pb.PurgeInstancesRequest(instanceId=one)) for one in (done, waiting, "nobody")]
    assert purge == [1, 0, 0]
    assert bench.engine.get_instance(done) is None
    again = bench.start("chain", 1)
    bench.finish(again)
    chosen = pb.PurgeInstanceFilter(createdTimeFrom=events.timestamp(0), runtimeStatus=[events.COMPLETED])
    assert bench.engine.purge(pb.PurgeInstancesRequest(purgeInstanceFilter=chosen)) == 1
    assert bench.engine.get_instance(waiting) is not None


def test_query_is_filtered_and_paged_in_order(bench: Bench) -> None:
    wanted = [bench.start("echo", n, f"page-{n}") for n in range(5)]
    bench.start("echo", 0, "other")
    for instance in wanted:
        bench.finish(instance)
    query = pb.InstanceQuery(
        runtimeStatus=[events.COMPLETED], instanceIdPrefix=events.text("page-"), maxInstanceCount=2
    )
    found: list[tuple[str, str]] = []
    pages = 0
    while True:
        page = bench.engine.query_instances(query)
        pages += 1
        found += [(state.instanceId, state.output.value) for state in page.orchestrationState]
        if not page.HasField("continuationToken"):
            break
        query.continuationToken.CopyFrom(page.continuationToken)
    assert found == [(instance, str(n)) for n, instance in enumerate(wanted)]
    assert pages == 3


def test_history_tells_every_step_in_order(bench: Bench) -> None:
    instance = bench.start("chain", 1)
    bench.finish(instance)
    assert [event.WhichOneof("eventType") for event in bench.engine.get_history(instance)] == [
        "orchestratorStarted", "executionStarted", "taskScheduled", "orchestratorCompleted",
        "orchestratorStarted", "taskCompleted", "orchestratorCompleted", "executionCompleted",
    ]  # fmt: skip


def test_entity_is_called_and_signalled_in_order(bench: Bench) -> None:
    assert bench.run("counts", "mine") == 7
    # As the SDK's client does: JSON in a JSON string.
    three = events.text(json.dumps(json.dumps(3)))
    signal = pb.SignalEntityRequest(instanceId="@counter@mine", name="add", input=three, requestId="1")
    bench.engine.signal_entity(signal)
    assert bench.run("counts", "mine") == 17
    found = bench.engine.get_entity("@counter@mine")
    assert found is not None
    assert json.loads(found.serializedState.value) == 17
    assert bench.engine.get_entity("@counter@nobody") is None


def test_failing_operation_reaches_its_caller(bench: Bench) -> None:
    assert bench.run("asks_too_much") is True


def test_entities_are_listed_in_pages(bench: Bench) -> None:
    for key in "abc":
        bench.run("counts", key)
    query = pb.EntityQuery(instanceIdStartsWith=events.text("@counter@"))
    query.pageSize.value = 2
    first = bench.engine.query_entities(query)
    query.continuationToken.CopyFrom(first.continuationToken)
    second = bench.engine.query_entities(query)
    ids = [entity.instanceId for page in (first, second) for entity in page.entities]
    assert ids == ["@counter@a", "@counter@b", "@counter@c"]
    assert not second.HasField("continuationToken")


# What ``durabletask.testing.InMemoryOrchestrationBackend`` lacks for real work


def test_parent_of_a_sub_orchestration_longer_than_thirty_seconds_does_not_wait_forever(bench: Bench) -> None:
    instance = bench.start("parent", 3600)
    wait_for(lambda: bench.engine.get_instance("child"), "the child")
    bench.await_history("child", "timerCreated")
    bench.skip(3601)
    assert bench.output(instance) == "awake"


def test_payload_beyond_the_four_mib_receive_limit_does_not_leave_an_instance_stuck(bench: Bench) -> None:
    assert bench.run("echo", "x" * 5 * MIB) == "x" * 5 * MIB


def test_history_beyond_the_four_mib_receive_limit_does_not_leave_an_instance_stuck(bench: Bench) -> None:
    assert bench.run("grow", 6) == [6_000_000, "done"]


def test_history_longer_than_a_maximum_size_does_not_hang_silently(bench: Bench) -> None:
    instance = bench.start("waves", 6)
    assert bench.output(instance) == 600
    assert len(bench.engine.get_history(instance)) > 1200


def test_activities_of_a_lost_worker_are_not_lost(bench: Bench, gate: Gate) -> None:
    instance = bench.start("held")
    assert gate.reached.wait(10)
    bench.lose_worker()
    gate.opened.set()
    assert bench.output(instance) == "once"
    assert bench.executor.calls["hold"] == 1


def test_activity_whose_outcome_was_answered_is_not_repeated_for_a_new_worker(bench: Bench, gate: Gate) -> None:
    done, waiting = bench.start("chain", 3), bench.start("held")
    bench.finish(done)
    assert gate.reached.wait(10)
    bench.lose_worker()
    gate.opened.set()
    assert bench.output(waiting) == "once"
    assert bench.executor.calls["same"] == 0


def test_many_streams_waits_timers_and_children_need_no_thread_each(bench: Bench) -> None:
    others = active_count()
    with ThreadPoolExecutor(50) as callers:
        many = [bench.start("sleeps_often", 20) for _ in range(20)]
        trees = [bench.start("tree", 2) for _ in range(10)]
        waits = [callers.submit(bench.output, instance) for instance in many + trees]
        for instance in many:
            bench.reach(instance, events.RUNNING)
        # 400 timers and 120 sub-orchestrations, beside the threads of callers, executor and connection.
        assert active_count() - others < 50 + 16 + 32 + 40
        for instance in many:
            bench.raise_event(instance, "Wake")
        assert {wait.result() for wait in waits} == {"awake", 9}
