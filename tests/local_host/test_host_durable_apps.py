from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from running_host import API, APPS, StartHost, wait_for


def test_chain_started_over_http_returns_what_each_activity_said(host_of: StartHost) -> None:
    host = host_of("hello_cities")
    links = host.request("GET", "/api/orchestrators/hello_orchestrator").json()
    assert host.finish(links["id"])["output"] == ["Hello Tokyo!", "Hello Seattle!", "Hello London!"]
    assert links["statusQueryGetUri"].startswith(host.http)


def test_chain_of_two_hundred_steps_goes_on_between_full_replays(host_of: StartHost) -> None:
    assert host_of("hello_cities").run("long_chain", 200) == sum(range(200))


def test_second_start_of_a_running_id_is_refused_and_a_finished_one_is_replaced(host_of: StartHost) -> None:
    host = host_of("human_interaction")
    host.start("two_events", None, "mine")
    answer = host.request("POST", f"{API}/orchestrators/two_events/mine")
    assert answer.status == 500
    assert "already exists" in answer.json()["ExceptionMessage"]
    host.request("POST", f"{API}/instances/mine/terminate?reason=enough")
    host.start("two_events", None, "mine")
    assert host.status("mine")["runtimeStatus"] in ("Pending", "Running")


def test_fan_out_sums_what_comes_back(host_of: StartHost) -> None:
    assert host_of("fan_out").run("square_all", 50) == sum(n * n for n in range(50))


def test_race_is_won_by_the_faster_activity(host_of: StartHost) -> None:
    assert host_of("fan_out").run("race") == 0.05


def test_tree_of_sub_orchestrations_counts_its_leaves(host_of: StartHost) -> None:
    assert host_of("sub_orchestrations").run("tree", {"depth": 2, "width": 4}) == 16


def test_failure_of_a_sub_orchestration_can_be_caught(host_of: StartHost) -> None:
    assert "no luck" in host_of("sub_orchestrations").run("parent_of_failing")


def test_approval_in_time_stops_the_timer(host_of: StartHost) -> None:
    host = host_of("human_interaction")
    instance = host.start("approval", 600)
    host.request("POST", f"{API}/instances/{instance}/raiseEvent/Approval", {"by": "me"})
    assert host.finish(instance)["output"] == {"by": "me"}


def test_missing_approval_is_escalated_by_the_timer(host_of: StartHost) -> None:
    assert host_of("human_interaction").run("approval", 0.2) == "escalated"


def test_events_that_come_before_they_are_waited_for_are_kept(host_of: StartHost) -> None:
    host = host_of("human_interaction")
    instance = host.start("two_events")
    host.request("POST", f"{API}/instances/{instance}/raiseEvent/Second", 2)
    host.request("POST", f"{API}/instances/{instance}/raiseEvent/First", 1)
    ended = host.finish(instance)
    assert ended["output"] == [1, 2]
    assert ended["customStatus"] == {"first": 1}


def test_event_for_a_finished_or_unknown_instance_is_gone_or_not_found(host_of: StartHost) -> None:
    host = host_of("human_interaction")
    instance = host.start("approval", 0)
    host.finish(instance)
    assert host.request("POST", f"{API}/instances/{instance}/raiseEvent/Approval", 1).status == 410
    assert host.request("POST", f"{API}/instances/nobody/raiseEvent/Approval", 1).status == 404


def test_suspended_instance_rests_until_it_is_resumed(host_of: StartHost) -> None:
    host = host_of("human_interaction")
    instance = host.start("two_events")
    host.request("POST", f"{API}/instances/{instance}/suspend?reason=lunch")
    for event in ("First", "Second"):
        host.request("POST", f"{API}/instances/{instance}/raiseEvent/{event}", 0)
    assert host.status(instance)["runtimeStatus"] == "Suspended"
    host.request("POST", f"{API}/instances/{instance}/resume?reason=back")
    assert host.finish(instance)["output"] == [0, 0]


def test_terminated_instance_has_the_reason_as_output(host_of: StartHost) -> None:
    host = host_of("human_interaction")
    instance = host.start("two_events")
    assert host.request("POST", f"{API}/instances/{instance}/terminate?reason=enough").status == 202
    ended = host.finish(instance)
    assert (ended["runtimeStatus"], ended["output"]) == ("Terminated", "enough")
    assert host.request("POST", f"{API}/instances/{instance}/terminate?reason=again").status == 410


def test_rewind_is_refused_by_name(host_of: StartHost) -> None:
    host = host_of("human_interaction")
    instance = host.start("approval", 0)
    answer = host.request("POST", f"{API}/instances/{instance}/rewind?reason=x")
    assert answer.status == 501
    assert "rewind" in answer.json()["ExceptionMessage"]


def test_restarted_instance_runs_with_the_same_input(host_of: StartHost) -> None:
    host = host_of("fan_out")
    first = host.start("square_all", 3)
    host.finish(first)
    again = host.request("POST", f"{API}/instances/{first}/restart").json()["id"]
    assert again != first
    assert host.finish(again)["output"] == 5


def test_monitor_asks_until_it_is_done(host_of: StartHost) -> None:
    host = host_of("monitor")
    instance = host.start("monitor")
    ended = host.finish(instance)
    assert (ended["output"], ended["customStatus"]) == (4, "asked 4 times")


def test_eternal_orchestration_keeps_its_id_and_a_short_history(host_of: StartHost) -> None:
    host = host_of("eternal")
    instance = host.start("count_down", 20)
    assert host.finish(instance)["output"] == "launched"
    history = host.status(instance, "?showHistory=true")["historyEvents"]
    assert [event["EventType"] for event in history] == ["ExecutionStarted", "TaskCompleted", "ExecutionCompleted"]


def test_entity_does_signals_before_the_call_that_follows_them(host_of: StartHost) -> None:
    assert host_of("entities").run("add_and_get", [1, 2, 3]) == 6


def test_failing_operation_of_an_entity_reaches_its_caller(host_of: StartHost) -> None:
    assert "a counter cannot fly" in host_of("entities").run("ask_too_much")


def test_client_signals_and_reads_an_entity(host_of: StartHost) -> None:
    host = host_of("entities")
    assert host.request("GET", "/api/counters/new").json() == {"exists": False, "state": None}
    for _ in range(3):
        host.request("POST", "/api/counters/mine", 5)
    wait_for(lambda: host.request("GET", "/api/counters/mine").json() == {"exists": True, "state": 15}, "fifteen")
    listed = host.request("GET", f"{API}/entities/Counter?fetchState=true").json()
    assert {"name": "counter", "key": "mine"} in [entity["entityId"] for entity in listed]
    assert not any("counter" in one["instanceId"] for one in host.request("GET", f"{API}/instances").json())
    host.request("DELETE", f"{API}/entities/Counter/mine")
    wait_for(lambda: host.request("GET", f"{API}/entities/Counter/mine").status == 404, "the entity to be gone")


@pytest.mark.parametrize(("orchestrator", "failures"), [("patient", 2), ("patient_parent", 2)])
def test_flaky_work_is_tried_until_it_succeeds(
    host_of: StartHost, tmp_path: Path, orchestrator: str, failures: int
) -> None:
    spec = {"file": str(tmp_path / "calls"), "failures": failures}
    assert host_of("retries").run(orchestrator, spec) == "worked at call 3"


def test_work_that_fails_more_often_than_it_may_fails_its_orchestration(host_of: StartHost, tmp_path: Path) -> None:
    host = host_of("retries")
    ended = host.finish(host.start("patient", {"file": str(tmp_path / "calls"), "failures": 9}))
    assert ended["runtimeStatus"] == "Failed"
    assert "failure 3" in ended["output"]


def test_failing_activity_names_itself_and_its_error(host_of: StartHost) -> None:
    host = host_of("failures")
    ended = host.finish(host.start("call", "raises"))
    assert ended["runtimeStatus"] == "Failed"
    assert (
        "Orchestrator function 'call' failed: Activity function 'raises' failed: KeyError: 'not there'"
        in ended["output"]
    )


def test_failing_orchestrator_names_itself_and_its_error(host_of: StartHost) -> None:
    host = host_of("failures")
    ended = host.finish(host.start("fails"))
    assert ended["output"] == "Orchestrator function 'fails' failed: wrong from the start"


def test_activity_that_returns_no_json_fails(host_of: StartHost) -> None:
    host = host_of("failures")
    assert "activity trigger output must be json serializable" in host.finish(host.start("call", "not_json"))["output"]
    place = r"returned by not_json, .*tests/apps/failures/function_app\.py:\d+"
    assert re.search(place, host.log.read_text())


def test_unknown_activity_fails_with_the_known_ones(host_of: StartHost) -> None:
    host = host_of("failures")
    output = host.finish(host.start("call", "nobody"))["output"]
    assert "The function 'nobody' doesn't exist" in output
    assert "'raises'" in output


def test_unknown_orchestrator_is_a_bad_request(host_of: StartHost) -> None:
    answer = host_of("failures").request("POST", f"{API}/orchestrators/nobody")
    assert answer.status == 400
    assert "The function 'nobody' doesn't exist" in answer.json()["ExceptionMessage"]


def test_orchestrator_that_changes_its_mind_is_told_so(host_of: StartHost) -> None:
    host = host_of("failures")
    output = host.finish(host.start("changes_its_mind"))["output"]
    assert "Non-Deterministic workflow detected" in output
    assert "taskScheduled one" in output
    line = (APPS / "failures" / "function_app.py").read_text().split("yield context.call_activity(first")[0].count("\n")
    assert f"the replay scheduled 'taskScheduled other' at {APPS}/failures/function_app.py:{line + 1}." in output


def test_call_http_is_refused_by_name(host_of: StartHost) -> None:
    host = host_of("failures")
    assert "call_http is not supported" in host.finish(host.start("calls_http"))["output"]


def test_log_of_a_failure_shows_the_apps_code_and_none_of_the_hosts(host_of: StartHost) -> None:
    host = host_of("failures")
    before = len(host.log.read_text())
    for orchestrator in ("fails", "changes_its_mind", "calls_http"):
        host.finish(host.start(orchestrator))
    host.finish(host.start("call", "not_json"))
    told = host.log.read_text()[before:]
    assert f'File "{APPS}/failures/function_app.py", line' in told
    assert [line for line in told.splitlines() if "site-packages" in line or "local_host/durable" in line] == []


def test_activity_beyond_the_function_timeout_fails_and_its_worker_is_replaced(host_of: StartHost) -> None:
    host = host_of("failures")
    began = time.monotonic()
    output = host.finish(host.start("call", "never_ends"))["output"]
    assert "Timeout value of 00:00:02 exceeded by function: never_ends" in output
    assert time.monotonic() - began < 30
    assert host.finish(host.start("call", "one"))["output"] == 1


@pytest.mark.parametrize(("orchestrator", "given"), [("hangs", 600), ("runs_in_circles", None)])
def test_orchestrator_beyond_the_function_timeout_fails_with_its_place(
    host_of: StartHost, orchestrator: str, given: object
) -> None:
    host = host_of("failures")
    output = host.finish(host.start(orchestrator, given))["output"]
    assert f"Timeout value of 00:00:02 exceeded by function: {orchestrator}; it was at " in output
    assert re.search(rf"failures/function_app\.py:\d+ in {orchestrator}: ", output)
    assert host.finish(host.start("call", "one"))["output"] == 1  # the others go on


def test_entity_beyond_the_function_timeout_fails_its_caller(host_of: StartHost) -> None:
    host = host_of("failures")
    output = host.finish(host.start("asks_a_hanging_entity"))["output"]
    assert "Timeout value of 00:00:02 exceeded by function: stuck" in output


def test_activity_that_kills_its_worker_again_and_again_fails_in_the_end(host_of: StartHost) -> None:
    host = host_of("failures")
    assert "died 5 times while it ran the function dies" in host.finish(host.start("call", "dies"))["output"]


def test_failing_http_function_answers_nothing_and_the_log_says_where(host_of: StartHost) -> None:
    host = host_of("failures")
    answer = host.request("GET", "/api/raises")
    assert (answer.status, answer.body) == (500, b"")
    trace = host.log.read_text().rpartition("Traceback")[2]
    assert "RuntimeError: not today" in trace
    assert "failures/function_app.py" in trace
    assert "local_host/functions" not in trace


def test_list_is_filtered_and_paged(host_of: StartHost) -> None:
    host = host_of("fan_out")
    ids = [host.start("square_all", n, f"page-{n}") for n in range(1, 6)]
    for instance in ids:
        host.finish(instance)
    path = f"{API}/instances?instanceIdPrefix=page-&runtimeStatus=Completed&top=2"
    found: list[str] = []
    headers: dict[str, str] = {}
    while True:
        page = host.request("GET", path, headers=headers)
        found += [one["instanceId"] for one in page.json()]
        if "x-ms-continuation-token" not in page.headers:
            break
        headers = {"x-ms-continuation-token": page.headers["x-ms-continuation-token"]}
    assert found == ids
    assert host.request("GET", f"{API}/instances?instanceIdPrefix=page-&runtimeStatus=Failed").json() == []


def test_status_shows_history_and_input_when_asked(host_of: StartHost) -> None:
    host = host_of("fan_out")
    instance = host.start("square_all", 2)
    host.finish(instance)
    brief = host.status(instance, "?showInput=false")
    assert brief["input"] is None
    assert "historyEvents" not in brief
    history = host.status(instance, "?showHistory=true&showHistoryOutput=true")["historyEvents"]
    assert [event["EventType"] for event in history] == [
        "ExecutionStarted",
        "TaskCompleted",
        "TaskCompleted",
        "ExecutionCompleted",
    ]
    assert {event["FunctionName"] for event in history[1:3]} == {"square"}
    assert history[-1]["Result"] == 1
    assert "Result" not in host.status(instance, "?showHistory=true")["historyEvents"][-1]


def test_purge_forgets_finished_instances_only(host_of: StartHost) -> None:
    host = host_of("human_interaction")
    done, waiting = host.start("approval", 0, "purge-done"), host.start("two_events", None, "purge-waiting")
    host.finish(done)
    assert host.request("DELETE", f"{API}/instances/{waiting}").json() == {"instancesDeleted": 0}
    assert host.request("DELETE", f"{API}/instances/{done}").json() == {"instancesDeleted": 1}
    assert host.request("GET", f"{API}/instances/{done}").status == 404
    assert host.request("DELETE", f"{API}/instances").status == 400
    since = "2020-01-01T00:00:00Z"
    assert host.request("DELETE", f"{API}/instances?createdTimeFrom={since}&runtimeStatus=Failed").status == 404
