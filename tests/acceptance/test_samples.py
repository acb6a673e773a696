"""The systems and patterns of docs/patterns.md, asked for over HTTP as their users would."""

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any

import pytest
from app import ROOT, App, wait_until

ENDED = {"Completed", "Failed"}


@dataclass
class Answer:
    status: int
    headers: Message
    body: Any


def call(app: App, method: str, path: str, body: Any = None) -> Answer:
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    url = path if path.startswith("http") else app.http + path
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - our own host
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - our own host
            return Answer(response.status, response.headers, json.loads(response.read() or b"null"))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, json.loads(error.read() or b"null"))


def outcome(app: App, started: Answer) -> dict[str, Any]:
    """The end of what was started, by the URL that the answer gave."""
    assert started.status == 202, started
    assert started.headers["Location"] == started.body["statusQueryGetUri"]

    def ended() -> dict[str, Any] | None:
        shown: dict[str, Any] = call(app, "GET", started.body["statusQueryGetUri"]).body
        return shown if shown["runtimeStatus"] in ENDED else None

    found: dict[str, Any] = wait_until(ended, 30, f"the end of {started.body['id']}")
    return found


def pattern(app: App, name: str, body: Any) -> Any:
    ended = outcome(app, call(app, "POST", f"/api/patterns/{name}", body))
    assert ended["runtimeStatus"] == "Completed", ended
    return ended["output"]


def names(count: int) -> list[str]:
    return [f"i{n}" for n in range(count)]


def processed(items: list[str]) -> list[dict[str, str]]:
    return [{"item": item, "output": f"Processed {item}"} for item in items]


def test_orchestrations_are_started_shown_and_measured(app: App) -> None:
    wish = {"iterations": 3, "parallelActivities": 4, "parallelOrchestrations": 2}
    started = call(app, "POST", "/api/orchestrations", wish)
    assert (started.status, started.body["count"], len(set(started.body["instanceIds"]))) == (202, 2, 2)
    assert started.headers["Location"] == "/api/orchestrations/status"
    ids = started.body["instanceIds"]

    def all_shown() -> Any:
        many = call(app, "POST", "/api/orchestrations/status", [*ids, "nobody"]).body
        return many if all(one["status"] == "Completed" for one in many[:2]) else None

    many = wait_until(all_shown, 30, "the orchestrations to end")
    assert [one["instanceId"] for one in many] == [*ids, "nobody"]
    assert (many[2]["status"], many[2]["output"]) == ("NotFound", None)
    one = call(app, "GET", f"/api/orchestrations/{ids[0]}")
    assert (one.status, one.body) == (200, many[0])
    assert datetime.fromisoformat(one.body["createdAt"]) <= datetime.fromisoformat(one.body["lastUpdatedAt"])
    result = json.loads(one.body["output"])
    assert list(result) == ["totalActivities", "elapsedTimeMs", "averageActivityTimeMs", "results"]
    assert result == one.body["result"]
    assert result["totalActivities"] == 12
    assert 0 < result["elapsedTimeMs"] < 30_000
    assert result["averageActivityTimeMs"] == sum(r["processingTimeMs"] for r in result["results"]) / 12
    assert [(r["iterationNumber"], r["activityNumber"], r["output"]) for r in result["results"]] == [
        (n, m, "Hello World") for n in range(3) for m in range(4)
    ]


def test_numbers_of_orchestrations_have_defaults(app: App) -> None:
    started = call(app, "POST", "/api/orchestrations", {})
    assert (started.status, started.body["count"]) == (202, 1)


def test_the_service_says_that_it_runs(app: App) -> None:
    shown = call(app, "GET", "/api/status")
    assert (shown.status, shown.body["status"]) == (200, "running")


def test_work_items_are_summed_up(app: App) -> None:
    started = call(app, "POST", "/api/fan_out_fan_in", {"workItems": ["Task1", "Task2", "Task3"]})
    by_default = call(app, "POST", "/api/fan_out_fan_in", {})
    assert {"id", "statusQueryGetUri", "sendEventPostUri", "terminatePostUri", "purgeHistoryDeleteUri"} <= set(
        started.body
    )
    assert outcome(app, started)["runtimeStatus"] == "Completed"
    shown = call(app, "GET", f"/api/status/{started.body['id']}")
    assert (shown.status, shown.body["instanceId"]) == (200, started.body["id"])
    assert shown.body["runtimeStatus"] == "Completed"
    assert json.loads(shown.body["input"]) == {"workItems": ["Task1", "Task2", "Task3"]}
    summary = shown.body["output"]
    assert list(summary) == [
        "total_items_processed", "total_value", "average_value", "total_processing_time", "processed_items", "success",
    ]  # fmt: skip
    assert summary["processed_items"] == ["Processed_Task1", "Processed_Task2", "Processed_Task3"]
    assert (summary["total_items_processed"], summary["success"]) == (3, True)
    assert summary["average_value"] == summary["total_value"] / 3
    assert 1.5 <= summary["total_processing_time"] < 10
    running = call(app, "GET", f"/api/status/{by_default.body['id']}").body
    assert running["instanceId"] == by_default.body["id"]
    assert outcome(app, by_default)["output"]["total_items_processed"] == 5


def test_numbers_are_processed_in_parallel(app: App) -> None:
    started = call(app, "POST", "/api/ParallelProcessing/start", 70)
    assert (started.status, list(started.body)) == (200, ["instanceId"])
    path = f"/api/ParallelProcessing/status/{started.body['instanceId']}"
    wait_until(lambda: call(app, "GET", path).body["status"] in ENDED, 30, "the numbers")
    assert call(app, "GET", path).body == {**started.body, "status": "Completed", "output": [2 * n for n in range(70)]}


def test_five_items_become_five_lines(app: App) -> None:
    ended = outcome(app, call(app, "POST", "/api/start-fanout"))
    assert (ended["runtimeStatus"], ended["output"]) == ("Completed", [f"Processed item-{n}" for n in range(1, 6)])


def test_parallel(app: App) -> None:
    assert pattern(app, "parallel", {"items": names(70)}) == processed(names(70))


def test_an_item_that_looks_like_a_number_stays_a_text(app: App) -> None:
    assert pattern(app, "parallel", ["5", "null", "ü"]) == processed(["5", "null", "ü"])


def test_result_types(app: App) -> None:
    assert pattern(app, "result-types", {"data": "hello wide world"}) == {
        "validation": {"valid": True, "characters": 16},
        "enrichment": {"words": 3, "longestWord": "hello"},
        "classification": {"category": "text"},
    }


def test_batches(app: App) -> None:
    assert pattern(app, "batches", {"items": names(23)}) == {"totalProcessed": 23, "results": processed(names(23))}


def test_dynamic_batches(app: App) -> None:
    body = {"items": names(12), "itemComplexity": "High"}
    assert pattern(app, "dynamic-batches", body) == {"results": processed(names(12))}


def test_sub_orchestrations(app: App) -> None:
    orders = [{"id": "a", "quantity": 2, "unitPrice": 1.25}, {"id": "b", "quantity": 0, "unitPrice": 1}]
    assert pattern(app, "sub-orchestrations", orders) == {
        "totalOrders": 2,
        "successful": 1,
        "failed": 1,
        "results": [
            {"orderId": "a", "success": True, "total": 2.5},
            {"orderId": "b", "success": False, "error": "order b: quantity 0; expected 1 or more"},
        ],
    }


def test_collect_all(app: App) -> None:
    assert pattern(app, "collect-all", ["a", "fail-1", "b"]) == {
        "totalItems": 3,
        "successCount": 2,
        "failureCount": 1,
        "failures": [{"item": "fail-1", "success": False, "error": "fail-1 failed, as its name asks for"}],
    }


def test_fail_fast(app: App) -> None:
    assert pattern(app, "fail-fast", ["a", "b"]) == processed(["a", "b"])
    for items in (["a", "fail-1", "b"], ["fail-1", *names(70)]):
        ended = outcome(app, call(app, "POST", "/api/patterns/fail-fast", items))
        assert ended["runtimeStatus"] == "Failed"
        assert "fail-1 failed, as its name asks for" in ended["output"]


def test_threshold(app: App) -> None:
    body = {"items": ["a", "fail-1", "b"], "failureThreshold": 0.5}
    result = pattern(app, "threshold", body)
    assert (result["totalProcessed"], result["successCount"], result["failureCount"]) == (3, 2, 1)
    assert [one["success"] for one in result["results"]] == [True, False, True]
    ended = outcome(app, call(app, "POST", "/api/patterns/threshold", {**body, "failureThreshold": 0.3}))
    assert ended["runtimeStatus"] == "Failed"
    assert "1 of 3 items failed; the threshold allows 0" in ended["output"]


def test_progress(app: App) -> None:
    started = call(app, "POST", "/api/patterns/progress", names(13))
    assert outcome(app, started)["output"] == processed(names(13))
    state = call(app, "GET", f"/api/patterns/progress/{started.body['id']}").body
    assert (state["totalItems"], state["processedItems"]) == (13, 13)
    assert datetime.fromisoformat(state["startTime"]) <= datetime.fromisoformat(state["lastUpdateTime"])


def test_sum(app: App) -> None:
    orders = [{"id": "a", "quantity": 3, "unitPrice": 0.1}, {"id": "b", "quantity": 1, "unitPrice": 2}]
    assert pattern(app, "sum", {"orders": orders}) == 2.3


def test_custom_aggregation(app: App) -> None:
    sources = [
        {"name": "s", "records": [{"category": "x", "value": 1}, {"value": "q"}]},
        {"name": "t", "records": [{"category": "y"}]},
    ]
    result = pattern(app, "custom-aggregation", {"sources": sources})
    assert 0 < result.pop("averageProcessingTime") < 10
    errors = {"MissingCategory": 1, "NotANumber": 2}
    assert result == {"totalRecords": 3, "uniqueCategories": ["x", "y"], "errorSummary": errors}


def test_map_reduce(app: App) -> None:
    chunks = ["a b a", "b", "c a", "d", "e"]
    assert pattern(app, "map-reduce", {"chunks": chunks}) == {"finalResult": {"a": 3, "b": 2, "c": 1, "d": 1, "e": 1}}


def test_bounded_concurrency(app: App) -> None:
    assert pattern(app, "bounded-concurrency", {"items": names(9), "maxConcurrency": 2}) == processed(names(9))


def test_large_dataset(app: App) -> None:
    body = {"items": ["fail", *names(149)], "chunkSize": 70}
    assert pattern(app, "large-dataset", body) == "149 items processed and 1 failed in 3 chunks"


def test_the_commands_of_the_page_start_what_they_say(app: App) -> None:
    page = (ROOT / "docs" / "patterns.md").read_text("utf-8")
    commands = re.findall(r"^curl -X POST localhost:7071(\S+) -d '(.+)'$", page, re.MULTILINE)
    assert len(commands) == page.count("\ncurl")
    assert [call(app, "POST", path, body.encode()).status for path, body in commands] == [202] * len(commands)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("orchestrations", {"iterations": 0}, r"\$\.iterations"),
        ("orchestrations", {"iterations": 64, "parallelActivities": 64}, "4096; expected at most 1000"),
        ("orchestrations", {"surprise": 1}, "unknown field `surprise`"),
        ("orchestrations", b"{", "expected JSON"),
        ("orchestrations/status", {}, "Expected `array`"),
        ("orchestrations/status", b"", "found nothing"),
        ("fan_out_fan_in", {"workItems": []}, r"length >= 1 - at `\$\.workItems`"),
        ("fan_out_fan_in", {"workItems": "Task1"}, "Expected `array`, got `str`"),
        ("ParallelProcessing/start", -1, "Expected `int` >= 1"),
        ("patterns/parallel", {"items": ["a"] * 1001}, "length <= 1000"),
        ("patterns/threshold", ["a"], "missing required field `failureThreshold`"),
    ],
)
def test_a_wrong_request_is_a_problem_that_names_what_is_wrong(app: App, path: str, body: Any, said: str) -> None:
    answer = call(app, "POST", f"/api/{path}", body)
    assert (answer.status, answer.body["status"], answer.body["title"]) == (400, 400, "Bad Request")
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert re.search(said, answer.body["detail"]), answer.body


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "orchestrations/nobody", "nobody"),
        ("GET", "orchestrations/no body", "no body"),
        ("GET", "status/nobody", "nobody"),
        ("GET", "ParallelProcessing/status/nobody", "nobody"),
        ("GET", "patterns/progress/nobody", "nobody"),
        ("POST", "patterns/unknown", "map-reduce"),
    ],
)
def test_what_is_not_there_is_a_problem_that_names_it(app: App, method: str, path: str, said: str) -> None:
    answer = call(app, method, f"/api/{path.replace(' ', '%20')}", b"{}" if method == "POST" else None)
    assert (answer.status, answer.body["title"]) == (404, "Not Found")
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert said in answer.body["detail"]
