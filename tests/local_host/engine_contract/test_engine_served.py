"""The embedded engine as a scheduler: what workers and clients of any SDK rely on."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import durabletask.internal.orchestrator_service_pb2_grpc as rpc
import grpc
import pytest
from contract_bench import Bench, MakeBench
from contract_script import Gate, script
from durabletask.client import OrchestrationStatus, TaskHubGrpcClient
from durabletask.entities import EntityInstanceId
from durabletask.task import when_all
from durabletask.worker import TaskHubGrpcWorker, WorkItemFilters
from running_host import wait_for
from scripted_executor import ScriptedExecutor
from served_engine import ServedEngine, serve

from local_host.durable import events
from local_host.durable.embedded import EmbeddedEngine
from local_host.durable.engine import EngineStopped
from local_host.durable.remote import RemoteEngine
from local_host.durable.scheduler import Scheduler

# The SDK warns of its own codec.
pytestmark = pytest.mark.filterwarnings("ignore:azure.functions df_loads")

LIMITLESS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedEngine]:
    made = serve(tmp_path / "durable.db")
    yield made
    made.close()


@pytest.fixture
def stub(served: ServedEngine) -> Iterator[Any]:
    with grpc.insecure_channel(f"127.0.0.1:{served.port}", LIMITLESS) as channel:
        yield rpc.TaskHubSidecarServiceStub(channel)


def start(stub: Any, name: str = "fan", **fields: Any) -> str:
    return str(stub.StartInstance(pb.CreateInstanceRequest(name=name, **fields)).instanceId)


def schedule(work: pb.WorkItem, count: int) -> pb.OrchestratorResponse:
    response = pb.OrchestratorResponse(
        instanceId=work.orchestratorRequest.instanceId, completionToken=work.completionToken
    )
    for task in range(1, count + 1):
        response.actions.add(id=task).scheduleTask.name = "work"
    return response


def with_activities(stub: Any, count: int) -> str:
    """An orchestration that has scheduled so many activities."""
    instance = start(stub)
    turns = stub.GetWorkItems(pb.GetWorkItemsRequest(workItemFilters=filters(orchestrations=["fan"])))
    stub.CompleteOrchestratorTask(schedule(next(turns), count))
    turns.cancel()
    return instance


def filters(**names: list[str]) -> pb.WorkItemFilters:
    return pb.WorkItemFilters(
        orchestrations=[pb.OrchestrationFilter(name=name) for name in names.get("orchestrations", [])],
        activities=[pb.ActivityFilter(name=name) for name in names.get("activities", [])],
    )


def activities_of(stub: Any, limit: int = 0) -> Any:
    return stub.GetWorkItems(
        pb.GetWorkItemsRequest(maxConcurrentActivityWorkItems=limit, workItemFilters=filters(activities=["work"]))
    )


def done(work: pb.WorkItem) -> pb.ActivityResponse:
    return pb.ActivityResponse(completionToken=work.completionToken, result=events.text("1"))


def refused(call: Any, request: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    return caught.value.code(), caught.value.details()


def test_abandoned_activity_is_handed_out_again(stub: Any) -> None:
    with_activities(stub, 1)
    stream = activities_of(stub)
    first = next(stream)
    stub.AbandonTaskActivityWorkItem(pb.AbandonActivityTaskRequest(completionToken=first.completionToken))
    again = next(stream)
    assert again.activityRequest == first.activityRequest
    assert again.completionToken != first.completionToken
    assert refused(stub.CompleteActivityTask, done(first))[0] == grpc.StatusCode.NOT_FOUND
    stub.CompleteActivityTask(done(again))


def test_abandoned_turn_is_handed_out_again(stub: Any) -> None:
    start(stub)
    stream = stub.GetWorkItems(pb.GetWorkItemsRequest())
    first = next(stream)
    stub.AbandonTaskOrchestratorWorkItem(pb.AbandonOrchestrationTaskRequest(completionToken=first.completionToken))
    assert next(stream).orchestratorRequest == first.orchestratorRequest


def test_work_items_of_a_broken_stream_are_handed_to_another_worker(stub: Any) -> None:
    with_activities(stub, 3)
    lost, kept = activities_of(stub), None
    taken = [next(lost) for _ in range(3)]
    stub.CompleteActivityTask(done(taken[0]))
    lost.cancel()
    kept = activities_of(stub)
    again = [next(kept) for _ in range(2)]
    assert [one.activityRequest.taskId for one in again] == [one.activityRequest.taskId for one in taken[1:]]


def test_late_answer_counts_as_long_as_nobody_else_has_the_work(stub: Any) -> None:
    instance = with_activities(stub, 1)
    stream = activities_of(stub)
    work = next(stream)
    stream.cancel()
    time.sleep(0.2)
    stub.CompleteActivityTask(done(work))
    turn = next(stub.GetWorkItems(pb.GetWorkItemsRequest())).orchestratorRequest
    assert (turn.instanceId, turn.newEvents[1].taskCompleted.taskScheduledId) == (instance, 1)


def test_worker_never_has_more_activities_than_it_takes(stub: Any) -> None:
    with_activities(stub, 5)
    received: list[pb.WorkItem] = []
    stream = activities_of(stub, limit=2)
    reader = threading.Thread(target=lambda: _read(stream, received))
    reader.start()
    wait_for(lambda: len(received) == 2, "two activities")
    time.sleep(0.2)
    assert len(received) == 2
    stub.CompleteActivityTask(done(received[0]))
    wait_for(lambda: len(received) == 3, "the third")
    stream.cancel()
    reader.join()


def _read(stream: Any, received: list[pb.WorkItem]) -> None:
    with contextlib.suppress(grpc.RpcError):  # the end of the stream
        for work in stream:
            received.append(work)  # noqa: PERF402 - one by one, as they come


def test_worker_gets_only_what_it_knows(stub: Any) -> None:
    start(stub, "unknown")
    start(stub, "known")
    stream = stub.GetWorkItems(pb.GetWorkItemsRequest(workItemFilters=filters(orchestrations=["known"])))
    assert next(stream).orchestratorRequest.newEvents[1].executionStarted.name == "known"


def test_answered_outcome_is_on_disk(tmp_path: Path, stub: Any) -> None:
    with_activities(stub, 1)
    stub.CompleteActivityTask(done(next(activities_of(stub))))
    # What a process that comes after kill -9 would find: everything but the locks of this one.
    copy = tmp_path / "after"
    copy.mkdir()
    for file in tmp_path.glob("durable.db*"):
        (copy / file.name).write_bytes(file.read_bytes())
    executor = ScriptedExecutor(script(Gate()))
    engine = EmbeddedEngine(copy / "durable.db")
    assert engine._hub.take_activities() == []
    assert [len(turn.new) for turn in engine._hub.take_turns(9)] == [2]
    executor.vanish()
    engine.close()


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("RewindInstance", pb.RewindInstanceRequest()), ("ListInstanceIds", pb.ListInstanceIdsRequest()),
        ("CreateTaskHub", pb.CreateTaskHubRequest()), ("DeleteTaskHub", pb.DeleteTaskHubRequest()),
        ("CleanEntityStorage", pb.CleanEntityStorageRequest()),
        ("SkipGracefulOrchestrationTerminations", pb.SkipGracefulOrchestrationTerminationsRequest()),
    ],
)  # fmt: skip
def test_unsupported_rpc_is_refused_by_name(stub: Any, name: str, request_: Any) -> None:
    code, details = refused(getattr(stub, name), request_)
    assert code == grpc.StatusCode.UNIMPLEMENTED
    assert name in details


def test_unsupported_action_fails_its_orchestration_by_name_and_harms_nobody_else(stub: Any) -> None:
    instance = start(stub)
    stream = stub.GetWorkItems(pb.GetWorkItemsRequest())
    response = schedule(next(stream), 1)
    response.actions.add(id=2).sendEvent.name = "x"
    stub.CompleteOrchestratorTask(response)
    state = stub.WaitForInstanceCompletion(pb.GetInstanceRequest(instanceId=instance)).orchestrationState
    assert "sendEvent" in state.failureDetails.errorMessage
    assert start(stub)


def test_two_waits_of_a_client_end_with_their_instance(stub: Any) -> None:
    instance = start(stub)
    request = pb.GetInstanceRequest(instanceId=instance, getInputsAndOutputs=True)
    with ThreadPoolExecutor(40) as callers:
        waits = [callers.submit(stub.WaitForInstanceCompletion, request) for _ in range(40)]
        stream = stub.GetWorkItems(pb.GetWorkItemsRequest())
        response = schedule(next(stream), 0)
        response.actions.add(id=-1).completeOrchestration.orchestrationStatus = events.COMPLETED
        stub.CompleteOrchestratorTask(response)
        ended = {wait.result(10).orchestrationState.orchestrationStatus for wait in waits}
    assert ended == {events.COMPLETED}
    assert not stub.WaitForInstanceStart(pb.GetInstanceRequest(instanceId="nobody")).exists


def test_reuse_of_an_id_follows_the_policy_of_the_request(stub: Any) -> None:
    start(stub, instanceId="same")
    policy = pb.OrchestrationIdReusePolicy(replaceableStatus=[events.COMPLETED])
    request = pb.CreateInstanceRequest(name="fan", instanceId="same", orchestrationIdReusePolicy=policy)
    assert refused(stub.StartInstance, request)[0] == grpc.StatusCode.ALREADY_EXISTS
    policy.replaceableStatus.append(events.PENDING)
    request.orchestrationIdReusePolicy.CopyFrom(policy)
    assert stub.StartInstance(request).instanceId == "same"


@pytest.mark.parametrize("make_bench", ["remote"], indirect=True)
def test_termination_reaches_sub_orchestrations_when_asked_to(make_bench: MakeBench) -> None:
    bench = make_bench()
    assert bench.served
    parent = bench.start("parent", 3600)
    wait_for(lambda: bench.engine.get_instance("child"), "the child")
    client(bench.served).terminate_orchestration(parent, output="enough", recursive=True)
    assert bench.finish("child").orchestrationStatus == events.TERMINATED


@pytest.mark.parametrize("make_bench", ["remote"], indirect=True)
def test_limit_of_concurrent_activities_is_not_ignored(make_bench: MakeBench) -> None:
    bench = make_bench(activities=3)
    bench.run("naps", 30)
    assert bench.executor.most_running == 3


def client(served: ServedEngine) -> TaskHubGrpcClient:
    return TaskHubGrpcClient(host_address=served.address)


# The SDK's own worker and client, with orchestrators of their own kind


def sums(context: Any, count: int) -> Generator[Any, Any, Any]:
    parts = yield when_all([context.call_activity("square", input=n) for n in range(count)])
    yield context.create_timer(context.current_utc_datetime)
    child = yield context.call_sub_orchestrator("waits")
    entity = EntityInstanceId("tally", "mine")
    context.signal_entity(entity, "add", sum(parts))
    total = yield context.call_entity(entity, "get")
    return [sum(parts), child, total]


def waits(context: Any, _: Any) -> Generator[Any, Any, Any]:
    return (yield context.wait_for_external_event("go"))


def square(_: Any, number: int) -> int:
    return number * number


def tally(context: Any, given: Any) -> Any:
    if context.operation == "add":
        context.set_state(context.get_state(int, 0) + given)
        return None
    return context.get_state(int, 0)


def test_worker_and_client_of_the_sdk_work_with_it(served: ServedEngine) -> None:
    worker = TaskHubGrpcWorker(host_address=served.address)
    for add, code in (
        (worker.add_orchestrator, sums), (worker.add_orchestrator, waits),
        (worker.add_activity, square), (worker.add_entity, tally),
    ):  # fmt: skip
        add(code)
    worker.use_work_item_filters(WorkItemFilters._from_registry(worker._registry))
    with worker:
        worker.start()
        sdk = client(served)
        instance = sdk.schedule_new_orchestration("sums", input=10)
        wait_for(lambda: len(sdk.get_all_orchestration_states()) == 2, "the child")
        child = next(one for one in sdk.get_all_orchestration_states() if one.instance_id != instance)
        sdk.raise_orchestration_event(child.instance_id, "go", data="went")
        state = sdk.wait_for_orchestration_completion(instance, timeout=20)
        assert state is not None
        assert state.runtime_status == OrchestrationStatus.COMPLETED
        assert state.serialized_output == '[285, "went", 285]'
        assert sdk.purge_orchestration(instance).deleted_instance_count == 1
        sdk.close()


# The remote engine's connection


@pytest.mark.parametrize("make_bench", ["remote"], indirect=True)
def test_remote_engine_goes_on_when_the_scheduler_comes_back(tmp_path: Path, make_bench: MakeBench) -> None:
    bench = make_bench()
    assert bench.served
    instance = bench.start("two_events")
    bench.raise_event(instance, "First", 1)
    bench.await_history(instance, "eventRaised")
    port = bench.served.port
    bench.served.close()
    with pytest.raises(EngineStopped):
        bench.engine.get_instance(instance)
    bench.served = serve(tmp_path / "durable.db", port)
    wait_for(lambda: answers(bench), "the connection")
    bench.raise_event(instance, "Second", 2)
    assert bench.output(instance) == [1, 2]


def answers(bench: Bench) -> bool:
    try:
        return bench.engine.get_instance("nobody") is None
    except EngineStopped:
        return False


@contextlib.contextmanager
def working(served: ServedEngine) -> Iterator[tuple[RemoteEngine, ScriptedExecutor]]:
    executor, engine = ScriptedExecutor(script(Gate())), RemoteEngine(served.scheduler, activities=2)
    try:
        engine.open(executor)
        yield engine, executor
    finally:
        executor.vanish()
        engine.close()


def test_two_hosts_share_one_task_hub(served: ServedEngine) -> None:
    request = pb.CreateInstanceRequest(name="waves", input=events.text(json.dumps("6")))
    with working(served) as (one, first), working(served) as (two, second):
        for instance in [one.start_instance(request) for _ in range(2)]:
            wait_for(lambda instance=instance: _ended(two, instance), "the end")
            state = two.get_instance(instance)
            assert state is not None
            assert state.output.value == "600"
    assert first.calls["same"] + second.calls["same"] == 1200
    assert min(first.calls["same"], second.calls["same"]) > 0


def _ended(engine: RemoteEngine, instance: str) -> bool:
    state = engine.get_instance(instance)
    return state is not None and state.orchestrationStatus in events.TERMINAL


def test_endpoint_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_host.durable.remote.HELLO_S", 0.3)
    engine = RemoteEngine(Scheduler("http://127.0.0.1:9", "default"))
    with pytest.raises(EngineStopped, match=r"no DurableTask endpoint answers at http://127\.0\.0\.1:9"):
        engine.open(ScriptedExecutor(script(Gate())))
    engine.close()
