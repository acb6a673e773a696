"""The SDK's durable client, method by method, from within an app."""

from __future__ import annotations

import time
from typing import Any

import pytest
from running_host import API, RunningHost, StartHost, wait_for


@pytest.fixture(scope="module")
def host(host_of: StartHost) -> RunningHost:
    return host_of("client")


def ask(host: RunningHost, method: str, **arguments: Any) -> Any:
    answer = host.request("POST", f"/api/{method}", arguments)
    assert answer.status == 200, (answer.status, host.log.read_text()[-2000:])
    return answer.json()


def start(host: RunningHost, orchestrator: str, instance_id: str, value: Any = None) -> None:
    given = {"orchestration_function_name": orchestrator, "instance_id": instance_id, "client_input": value}
    assert ask(host, "start_new", **given) == instance_id


def await_status(host: RunningHost, instance_id: str, status: str) -> dict[str, Any]:
    def found() -> Any:
        told = ask(host, "get_status", instance_id=instance_id, show_input=True)
        return told if told["runtimeStatus"] == status else None

    answer: dict[str, Any] = wait_for(found, f"{instance_id} to be {status}")
    return answer


def test_client_starts_raises_an_event_and_reads_the_end(host: RunningHost) -> None:
    start(host, "wait", "one", {"n": 1})
    ask(host, "raise_event", instance_id="one", event_name="Answer", event_data={"a": 2})
    ended = await_status(host, "one", "Completed")
    assert (ended["output"], ended["customStatus"]) == ({"a": 2}, {"asked": {"n": 1}})
    # The SDK looks for the history under another name than the API has: not by the client.
    history = host.status("one", "?showHistory=true")["historyEvents"]
    kinds = [event["EventType"] for event in history]
    assert kinds == ["ExecutionStarted", "EventRaised", "TaskCompleted", "ExecutionCompleted"]


def test_plain_post_starts_with_an_object_and_nothing_else(host: RunningHost) -> None:
    ids = [host.request("POST", f"{API}/orchestrators/quick", given).json()["id"] for given in ({"n": 1}, 5)]
    assert await_status(host, ids[0], "Completed")["output"] == {"n": 1}
    await_status(host, ids[1], "Failed")


def test_client_suspends_resumes_and_terminates(host: RunningHost) -> None:
    start(host, "wait", "two")
    ask(host, "suspend", instance_id="two", reason="lunch")
    await_status(host, "two", "Suspended")
    ask(host, "resume", instance_id="two", reason="back")
    await_status(host, "two", "Running")
    ask(host, "terminate", instance_id="two", reason="enough")
    assert await_status(host, "two", "Terminated")["output"] == "enough"


def test_client_restarts_under_a_new_id_or_the_same(host: RunningHost) -> None:
    start(host, "quick", "three", [3])
    await_status(host, "three", "Completed")
    again = ask(host, "restart", instance_id="three")["id"]
    assert again != "three"
    assert await_status(host, again, "Completed")["output"] == [3]
    same = ask(host, "restart", instance_id="three", restart_with_new_instance_id=False)
    assert same["id"] == "three"
    assert await_status(host, "three", "Completed")["output"] == [3]


def test_restart_of_an_unknown_or_running_instance_is_refused(host: RunningHost) -> None:
    assert host.request("POST", f"{API}/instances/nobody/restart").status == 404
    start(host, "wait", "busy")
    path = f"{API}/instances/busy/restart?restartWithNewInstanceId=false"
    assert "already exists" in host.request("POST", path).json()["ExceptionMessage"]


def test_client_lists_and_purges_by_status_and_time(host: RunningHost) -> None:
    for n in range(3):
        start(host, "quick", f"list-{n}")
        await_status(host, f"list-{n}", "Completed")
    found = ask(host, "get_status_by", instance_id_prefix="list-", runtime_status=["Completed"])
    assert sorted(one["instanceId"] for one in found) == ["list-0", "list-1", "list-2"]
    assert {one["instanceId"] for one in ask(host, "get_status_all")} >= {"list-0", "list-1", "list-2"}
    now = time.time()
    assert ask(host, "get_status_by", created_time_from=now + 60) == []
    assert ask(host, "purge_instance_history", instance_id="list-0") == 1
    purge = {"created_time_from": now - 3600, "created_time_to": now + 3600, "runtime_status": ["Completed"]}
    assert ask(host, "purge_instance_history_by", **purge) >= 2
    assert ask(host, "get_status_by", instance_id_prefix="list-") == []


def test_client_waits_for_the_end_or_hands_out_the_links(host: RunningHost) -> None:
    method = "/api/wait_for_completion_or_create_check_status_response"
    start(host, "quick", "four", ["done"])
    ended = host.request("POST", method, {"instance_id": "four", "retry_interval_in_milliseconds": 50})
    assert (ended.status, ended.json()) == (200, ["done"])
    start(host, "wait", "five")
    arguments = {"instance_id": "five", "timeout_in_milliseconds": 100, "retry_interval_in_milliseconds": 50}
    waiting = host.request("POST", method, arguments)
    assert (waiting.status, waiting.json()["id"]) == (202, "five")


def test_clients_rewind_is_refused_by_name(host: RunningHost) -> None:
    start(host, "quick", "six")
    assert host.request("POST", "/api/rewind", {"instance_id": "six", "reason": "x"}).status == 500
    assert "501" in host.log.read_text()
