"""Runs asked for on the queue and over HTTP, looked at, and steered: on the running app, good and bad."""

import base64
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from typing import Any

import pytest
import schemathesis
from app import ROOT, App, wait_until
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import TextBase64EncodePolicy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CSV = b"a,b\n1,2\n3,4\n"
ENDED = {"completed", "failed", "superseded", "completed_with_failures"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app in which only names below dropped/ start runs by appearing."""
    state = tmp_path_factory.mktemp("api")
    running = App(
        state,
        SAMPLES_ENABLED="false",
        INPUT_PREFIX="dropped/",
        INPUT_SUFFIXES=".csv, .txt",
        REQUEST_CONTAINERS="archive",
        RECONCILE_SCHEDULE="off",
    ).start()
    yield running
    assert running.stop() == 0, running.log()


@dataclass
class Answer:
    status: int
    headers: Message
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


def call(app: App, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = urllib.request.Request(app.http + "/api" + path, data, headers, method=method)  # noqa: S310 - our own host
    try:
        with urllib.request.urlopen(request, timeout=300) as response:  # noqa: S310 - our own host
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def put(app: App, container: str, name: str, data: bytes = CSV) -> None:
    client = app.blobs.get_container_client(container)
    if not client.exists():
        client.create_container()
    client.upload_blob(name, data, overwrite=True)


def send(app: App, text: str) -> None:
    queue = app.queues.get_queue_client("requests", message_encode_policy=TextBase64EncodePolicy())
    with suppress(ResourceExistsError):
        queue.create_queue()
    queue.send_message(text)


def ended(app: App, run_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        run = call(app, "GET", f"/runs/{run_id}").body
        return run if run.get("status") in ENDED else None

    found: dict[str, Any] = wait_until(look, 300, f"the end of {run_id}\n{app.log()}")
    return found


def problem_of(answer: Answer, status: int) -> str:
    assert (answer.status, answer.body["status"]) == (status, status), answer
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    return str(answer.body["detail"])


# The queue


def test_a_request_on_the_queue_starts_a_run(app: App) -> None:
    put(app, "input", "queued.csv", b"a;b\n1;2\n")
    send(app, json.dumps({"container": "input", "blob": "queued.csv", "options": {"delimiter": ";"}}))
    event = app.completion("queued.csv")
    assert (event["type"], event["data"]["records"]) == ("fanfold.run.completed", 1)
    assert app.document(event)["run"]["options"] == {"delimiter": ";"}


@pytest.mark.parametrize(
    ("message", "kind", "said"),
    [
        ('{"blob": "bad-key.csv", "option": {}}', "RequestRefused", "unknown field option"),
        ('{"blob": "bad-option.csv", "options": {"chunk_size": 5}}', "RequestRefused", "chunk_size"),
        ('{"blob": "not-there.csv"}', "DatasetMissing", "input/not-there.csv: expected a blob"),
        ('{"blob": "elsewhere.csv", "container": "work"}', "RequestRefused", "expected input or archive"),
    ],
)
def test_a_bad_request_on_the_queue_ends_in_a_failed_message_at_once(
    app: App, message: str, kind: str, said: str
) -> None:
    send(app, message)
    name = json.loads(message)["blob"]
    event = app.completion(name, 300)
    assert event["type"] == "fanfold.run.failed"
    assert event["data"]["error"]["kind"] == kind
    assert said in event["data"]["error"]["message"]
    run = call(app, "GET", f"/runs/{event['id']}").body
    assert (run["status"], run["dataset"]["blob"], run["error"]) == ("failed", name, event["data"]["error"])
    assert set(run["links"]) == {"self"}


@pytest.mark.parametrize("message", ["no JSON", "[" * 5000, '{"blob": "../output/x"}', '"text"'])
def test_a_request_that_nobody_can_read_ends_in_a_failed_message_too(app: App, message: str) -> None:
    before = {run["run_id"] for run in call(app, "GET", "/runs?status=failed&limit=200").body["runs"]}
    send(app, message)

    def look() -> list[dict[str, Any]]:
        runs = call(app, "GET", "/runs?status=failed&limit=200").body["runs"]
        return [run for run in runs if run["run_id"] not in before]

    (run,) = wait_until(look, 300, "the refusal in the list of runs")
    assert run["run_id"].startswith("request-")
    assert run["error"]["kind"] == "RequestRefused"
    assert app.completion(run["run_id"], 300)["data"]["error"] == run["error"]
    assert "requests-poison" not in [queue.name for queue in app.queues.list_queues() if _waiting(app, queue.name)]


def _waiting(app: App, queue: str) -> int:
    return int(app.queues.get_queue_client(queue).get_queue_properties().approximate_message_count or 0)


def test_a_poisoned_blob_is_a_failed_run(app: App) -> None:
    put(app, "input", "poisoned.csv")
    etag = app.blobs.get_blob_client("input", "poisoned.csv").get_blob_properties().etag
    told = {
        "Type": "BlobTrigger",
        "FunctionId": "Host.Functions.dataset_dropped",
        "BlobType": "BlockBlob",
        "ContainerName": "input",
        "BlobName": "poisoned.csv",
        "ETag": etag,
    }
    queue = app.queues.get_queue_client("webjobs-blobtrigger-poison")
    if "webjobs-blobtrigger-poison" not in [one.name for one in app.queues.list_queues()]:
        queue.create_queue()
    queue.send_message(base64.b64encode(json.dumps(told).encode()).decode())
    event = app.completion("poisoned.csv", 300)
    assert event["type"] == "fanfold.run.failed"
    assert "start of the run" in event["data"]["error"]["message"]
    again = call(app, "POST", "/runs", {"blob": "poisoned.csv"})
    assert (again.status, again.body["run_id"]) == (202, event["id"])
    assert ended(app, event["id"])["status"] == "completed"


def test_a_request_that_was_given_up_is_a_failed_run(app: App) -> None:
    queue = app.queues.get_queue_client("requests-poison", message_encode_policy=TextBase64EncodePolicy())
    with suppress(ResourceExistsError):
        queue.create_queue()
    queue.send_message(json.dumps({"blob": "given-up.csv"}))
    event = app.completion("given-up.csv", 300)
    assert (event["type"], event["data"]["error"]["kind"]) == ("fanfold.run.failed", "PipelineFault")


# Several datasets as one run


def test_several_datasets_are_one_run_with_one_report_and_one_message(app: App) -> None:
    rows = [b"1,2\n3,4\n", b"5,6\nbroken\n", b"7,8\n"]
    for place, data in enumerate(rows):
        put(app, "input", f"several/{place}.csv", b"a,b\n" + data)
    put(app, "input", "several.whole.csv", b"a,b\n" + b"".join(rows))
    blobs = [f"several/{place}.csv" for place in range(3)]
    request = {"blobs": blobs, "name": "listed", "options": {"chunk_bytes": 6, "header": True}}
    run_id = call(app, "POST", "/runs", request).body["run_id"]
    run = ended(app, run_id)
    assert (run["status"], run["error"], run["datasets"], run["records"], run["rejected"]) == (
        "completed", None, 3, 4, 1,
    )  # fmt: skip
    assert run["progress"]["done"] == run["progress"]["chunks"] == 7
    event = app.completion("listed")
    assert (event["id"], event["data"]["records"]) == (run_id, 4)
    whole = call(app, "POST", "/runs", {"blob": "several.whole.csv", "options": {"header": True}}).body["run_id"]
    ended(app, whole)
    report, other = (call(app, "GET", f"/runs/{one}/report").body for one in (run_id, whole))
    assert report["columns"] == other["columns"]
    assert report["alerts"] == other["alerts"]
    assert [one["blob"] for one in report["run"]["datasets"]] == blobs
    again = call(app, "POST", "/runs", request)
    assert (again.status, again.body["run_id"], again.body["started"]) == (200, run_id, False)
    assert not list(app.blobs.get_container_client("work").list_blob_names(name_starts_with=run_id))
    ids = {one["run_id"] for one in call(app, "GET", "/runs?limit=200&name=several/").body["runs"]}
    assert ids == set()


def test_a_prefix_is_asked_for_on_the_queue(app: App) -> None:
    for name in ("folder/b.csv", "folder/a.csv"):
        put(app, "input", name)
    send(app, json.dumps({"prefix": "folder/", "options": {"header": True}}))
    event = app.completion("folder")
    assert (event["type"], event["data"]["records"], event["data"]["error"]) == ("fanfold.run.completed", 4, None)
    datasets = app.document(event)["run"]["datasets"]
    assert [one["blob"] for one in datasets] == ["folder/a.csv", "folder/b.csv"]


def test_datasets_that_do_not_fit_together_end_in_a_failure_that_names_them(app: App) -> None:
    put(app, "input", "unlike/a.csv")
    put(app, "input", "unlike/b.csv", b"a,c\n1,2\n")
    run = ended(app, call(app, "POST", "/runs", {"prefix": "unlike/", "options": {"header": True}}).body["run_id"])
    assert run["status"] == "failed"
    assert "unlike/b.csv has the columns ['a', 'c']" in run["error"]["message"]
    assert set(run["links"]) == {"self", "redrive"}


# Starting over HTTP


def test_a_run_is_started_once_and_found_again(app: App) -> None:
    put(app, "input", "once.csv")
    first = call(app, "POST", "/runs", {"blob": "once.csv"})
    run_id = first.body["run_id"]
    assert (first.status, first.body["started"], first.headers["Location"]) == (202, True, f"/api/runs/{run_id}")
    run = ended(app, run_id)
    assert (run["status"], run["records"], run["error"]) == ("completed", 2, None)
    assert run["dataset"]["blob"] == "once.csv"
    assert (run["progress"]["done"], run["progress"]["bytes"]) == (1, len(CSV))
    again = call(app, "POST", "/runs", {"blob": "once.csv"})
    assert (again.status, again.body["run_id"], again.body["started"]) == (200, run_id, False)


def test_other_options_replace_a_run_that_has_ended(app: App) -> None:
    put(app, "input", "other.csv", b"a;b\n1;2\n")
    first = call(app, "POST", "/runs", {"blob": "other.csv", "options": {"delimiter": ","}}).body["run_id"]
    ended(app, first)
    second = call(app, "POST", "/runs", {"blob": "other.csv", "options": {"delimiter": ";"}})
    assert (second.status, second.body["started"], second.body["run_id"]) == (202, True, first)
    wait_until(lambda: ended(app, first)["options"] == {"delimiter": ";"}, 300, "the second run")
    assert len(call(app, "GET", f"/runs/{first}/report").body["columns"]) == 2


def test_a_container_that_is_allowed_is_read(app: App) -> None:
    put(app, "archive", "old.csv")
    run = ended(app, call(app, "POST", "/runs", {"container": "archive", "blob": "old.csv"}).body["run_id"])
    assert (run["status"], run["dataset"]["container"]) == ("completed", "archive")


def test_an_upload_is_stored_and_run(app: App) -> None:
    options = urllib.parse.quote('{"delimiter": ";"}')
    path = f"/runs?name={urllib.parse.quote('up/ü loaded.csv')}&options={options}"
    answer = call(app, "POST", path, b"a;b\n1;2\n", Content_Type="text/csv; charset=utf-8")
    assert answer.status == 202, answer
    run = ended(app, answer.body["run_id"])
    assert (run["dataset"]["blob"], run["options"]) == ("up/ü loaded.csv", {"delimiter": ";"})
    assert app.blobs.get_blob_client("input", "up/ü loaded.csv").download_blob().readall() == b"a;b\n1;2\n"
    assert "replace=true" in problem_of(call(app, "POST", path, CSV, Content_Type="text/csv"), 409)
    assert call(app, "POST", path + "&replace=true", CSV, Content_Type="text/csv").status == 202


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"blob": "x.csv", "blop": 1}, "unknown field blop"),
        ({"container": "input"}, "found none of blob, blobs, prefix"),
        ({"blob": "a\u0000b.csv"}, "control character"),
        ({"blob": "../work/x"}, '".."'),
        ({"blob": "a/./b"}, '".."'),
        ({"blob": "x" * 1025}, "1025 characters"),
        ({"blob": "x.csv", "container": "output"}, "expected input or archive"),
        ({"blob": "x.csv", "options": {"chunk_bytes": 0}}, "options.chunk_bytes"),
        ({"blob": "x.csv", "options": {"nonsense": 1}}, "nonsense"),
        ({"blob": "x.csv", "prefix": "y/"}, "found blob and prefix"),
        ({"blobs": []}, "blobs: 0 of them"),
        ({"blobs": ["x.csv", "x.csv"]}, "is there twice"),
        ({"prefix": "x/", "options": {"emit": "csv"}}, "options.emit"),
        (b"{", "expected JSON"),
        (b"[" * 60_000, "expected JSON"),
        (b'{"blob": ' + b"[" * 60 + b"]" * 60 + b"}", "levels"),
        (b'{"blob": "' + b"x" * 70_000 + b'"}', "expected at most"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(app: App, body: Any, said: str) -> None:
    assert said in problem_of(call(app, "POST", "/runs", body), 400)


@pytest.mark.parametrize(
    ("query", "kind", "status", "said"),
    [
        ("?name=..%2Fwork%2Fx", "text/csv", 400, '".."'),
        ("?name=x.csv&nmae=y", "text/csv", 400, "nmae"),
        ("", "text/csv", 400, "?name=orders.csv"),
        ("?name=x.csv&options=5", "text/csv", 400, "expected a JSON object"),
        ("?name=x.csv&replace=yes", "text/csv", 400, "true or false"),
        ("?name=x.csv", "image/png", 415, "image/png"),
    ],
)
def test_a_bad_upload_is_told_what_is_wrong(app: App, query: str, kind: str, status: int, said: str) -> None:
    assert said in problem_of(call(app, "POST", f"/runs{query}", CSV, Content_Type=kind), status)


def test_the_command_of_the_readme_starts_a_run(app: App) -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(
        r"^curl -H 'Content-Type: (\S+)' --data-binary @(\S+) 'localhost:7071/api(\S+)'$", page, re.MULTILINE
    )
    assert len(commands) == page.count("\ncurl") == 1
    ((kind, file, path),) = commands
    assert path.endswith(f"name={file}")
    started = call(app, "POST", path, CSV, Content_Type=kind)
    assert started.status == 202
    assert ended(app, started.body["run_id"])["status"] == "completed"


def test_an_upload_that_is_too_long_is_refused(app: App) -> None:
    answer = call(app, "POST", "/runs?name=long.csv", b"1\n" * (33 << 20), Content_Type="text/csv")
    assert "input container" in problem_of(answer, 413)


def test_a_blob_that_is_not_there_is_not_found(app: App) -> None:
    assert "input/nowhere.csv" in problem_of(call(app, "POST", "/runs", {"blob": "nowhere.csv"}), 404)
    assert "input/nowhere.csv" in problem_of(call(app, "POST", "/runs", {"blobs": ["nowhere.csv"]}), 404)
    assert "input/nowhere/" in problem_of(call(app, "POST", "/runs", {"prefix": "nowhere/"}), 404)


# Looking


def test_the_list_is_paged_and_filtered(app: App) -> None:
    ids = set()
    for n in range(5):
        put(app, "input", f"page/{n}.csv")
        ids.add(call(app, "POST", "/runs", {"blob": f"page/{n}.csv"}).body["run_id"])
    for run_id in ids:
        ended(app, run_id)
    found: list[str] = []
    created: list[str] = []
    path = "/runs?name=page/&limit=2"
    for _ in range(10):
        page = call(app, "GET", path).body
        assert len(page["runs"]) <= 2
        found += [run["run_id"] for run in page["runs"]]
        created += [run["created_at"] for run in page["runs"]]
        if page["continuation"] is None:
            break
        path = f"/runs?name=page/&limit=2&continuation={page['continuation']}"
    assert (len(found), set(found)) == (5, ids)
    assert created == sorted(created, reverse=True)
    assert {run["run_id"] for run in call(app, "GET", "/runs?name=page/&status=completed,failed").body["runs"]} == ids
    assert call(app, "GET", "/runs?name=page/&status=running,pending").body["runs"] == []
    assert call(app, "GET", "/runs?name=page/&to=2020-01-01T00:00:00Z").body["runs"] == []
    assert len(call(app, "GET", "/runs?name=page/&from=2020-01-01").body["runs"]) == 5


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=done", "status"),
        ("limit=0", "limit"),
        ("limit=%D9%A3", "limit"),
        ("from=yesterday", "from"),
        ("continuation=%00", "continuation"),
        ("continuation=bm9uZQ", "continuation"),
        ("stauts=failed", "stauts"),
        ("name=" + "x" * 1025, "name"),
    ],
)
def test_a_bad_query_is_told_what_is_wrong(app: App, query: str, said: str) -> None:
    assert said in problem_of(call(app, "GET", f"/runs?{query}"), 400)


@pytest.mark.parametrize("path", ["/runs/nobody", "/runs/a-0123456789abcdef", "/runs/x%3Fy", "/runs/%00"])
def test_a_run_that_is_not_there_is_not_found(app: App, path: str) -> None:
    assert "there is none" in problem_of(call(app, "GET", path), 404)
    if "%" not in path:
        assert problem_of(call(app, "POST", f"{path}/cancel"), 404)
        assert problem_of(call(app, "POST", f"{path}/redrive"), 404)
        assert problem_of(call(app, "GET", f"{path}/report"), 404)


def test_many_runs_are_shown_in_the_order_they_are_asked_for(app: App) -> None:
    put(app, "input", "many.csv")
    run_id = call(app, "POST", "/runs", {"blob": "many.csv"}).body["run_id"]
    ended(app, run_id)
    runs = call(app, "POST", "/runs/status", {"run_ids": ["nobody", run_id]}).body["runs"]
    assert runs == [{"run_id": "nobody", "status": "not_found"}, call(app, "GET", f"/runs/{run_id}").body]


@pytest.mark.parametrize("body", [{}, {"run_ids": []}, {"run_ids": ["x"] * 101}, {"run_ids": [1]}, b"", b"null"])
def test_a_bad_request_for_many_is_told_what_is_wrong(app: App, body: Any) -> None:
    assert problem_of(call(app, "POST", "/runs/status", body), 400)


# Reports


def test_the_report_comes_in_the_form_that_is_asked_for(app: App) -> None:
    put(app, "input", "formats.csv")
    run_id = call(app, "POST", "/runs", {"blob": "formats.csv"}).body["run_id"]
    path = ended(app, run_id)["links"]["report"].removeprefix("/api")
    html = call(app, "GET", path, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert html.headers["Content-Type"].startswith("text/html")
    assert b"<html" in html.raw
    for answer in (html, call(app, "GET", path)):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert call(app, "GET", path).body["run"]["id"] == run_id
    assert call(app, "GET", f"{path}?format=html", Accept="application/json").raw == html.raw
    assert call(app, "GET", path, Accept="text/markdown").raw.startswith(b"#")
    assert "pdf" in problem_of(call(app, "GET", f"{path}?format=pdf"), 400)
    assert problem_of(call(app, "GET", path, Accept="image/png"), 406)


def test_a_failed_run_has_no_report_and_says_why_in_the_output_container(app: App) -> None:
    put(app, "input", "binary.csv", b"\x00\x01" * 500)
    run_id = call(app, "POST", "/runs", {"blob": "binary.csv"}).body["run_id"]
    run = ended(app, run_id)
    assert (run["status"], run["error"]["kind"]) == ("failed", "DatasetRejected")
    assert "failed" in problem_of(call(app, "GET", f"/runs/{run_id}/report"), 404)
    told = app.blobs.get_blob_client("output", f"binary.csv/{run_id}/completion.json").download_blob().readall()
    assert json.loads(told)["data"]["error"] == run["error"]


# Steering


def test_a_run_that_goes_on_is_cancelled_and_taken_up_again(app: App) -> None:
    data = b"a,b\n" + b"1,2\n" * 4000
    put(app, "input", "slow.csv", data)
    request = {"blob": "slow.csv", "options": {"chunk_bytes": 100, "max_concurrency": 2}}
    run_id = call(app, "POST", "/runs", request).body["run_id"]
    wait_until(lambda: call(app, "GET", f"/runs/{run_id}").body["progress"]["done"] > 0, 300, "the first chunks")
    run = call(app, "GET", f"/runs/{run_id}").body
    assert (run["status"], run["phase"], run["progress"]["chunks"]) == ("running", "profiling", 161)
    assert set(run["links"]) == {"self", "cancel"}
    assert "going on" in problem_of(call(app, "POST", "/runs", {"blob": "slow.csv"}), 409)
    assert call(app, "POST", "/runs", request).body["started"] is False
    assert problem_of(call(app, "POST", f"/runs/{run_id}/redrive"), 409)
    assert problem_of(call(app, "POST", f"/runs/{run_id}/cancel", {"why": 1}), 400)
    assert call(app, "POST", f"/runs/{run_id}/cancel", {"reason": "too slow"}).status == 202
    stopped = ended(app, run_id)
    assert stopped["error"] == {"kind": "Cancelled", "message": "too slow"}
    assert problem_of(call(app, "POST", f"/runs/{run_id}/cancel"), 409)
    assert call(app, "POST", f"/runs/{run_id}/redrive").status == 202


def test_a_run_that_is_well_is_not_taken_up_again(app: App) -> None:
    put(app, "input", "well.csv")
    run_id = call(app, "POST", "/runs", {"blob": "well.csv"}).body["run_id"]
    ended(app, run_id)
    assert "completed" in problem_of(call(app, "POST", f"/runs/{run_id}/redrive"), 409)


# Events


def test_only_the_names_that_are_wanted_start_a_run_by_appearing(app: App) -> None:
    names = ["dropped/x.bin", "y.csv", "dropped/a.csv", "dropped/b.txt"]
    for name in names:
        put(app, "input", name)
    app.completion("dropped/a.csv")
    app.completion("dropped/b.txt")
    assert call(app, "GET", "/runs?name=y.csv").body["runs"] == []
    assert call(app, "GET", "/runs?name=dropped/x").body["runs"] == []


# Health


def test_the_app_says_that_it_is_alive_and_what_it_reaches(app: App) -> None:
    assert call(app, "GET", "/health/live").body == {"status": "live"}
    ready = call(app, "GET", "/health/ready")
    assert (ready.status, ready.body["status"]) == (200, "ready")
    assert [check["name"] for check in ready.body["checks"]] == [
        "container input", "container output", "container work", "queue requests", "queue completions", "scheduler",
    ]  # fmt: skip


# The description of the API


DESCRIPTION = json.loads((ROOT / "docs" / "openapi.json").read_text())


URL_CHARS_MAX = 6000


def test_the_description_that_is_served_is_the_published_one(app: App) -> None:
    assert call(app, "GET", "/openapi.json").body == DESCRIPTION


def test_the_description_has_every_route_of_the_api_and_no_other(app: App) -> None:
    shown = json.loads(urllib.request.urlopen(f"{app.http}/admin/functions", timeout=300).read())  # noqa: S310 - our own host
    routes = set()
    for function in shown:
        trigger = function["bindings"][0]
        if trigger["type"] == "httpTrigger":
            routes |= {(method.lower(), f"/{trigger['route']}") for method in trigger["methods"]}
    assert routes == {(method, path) for path, item in DESCRIPTION["paths"].items() for method in item}


def test_no_request_breaks_the_api_or_its_description(app: App) -> None:
    """Requests made up from the description, good and bad ones, get answers that keep to it."""
    api = schemathesis.openapi.from_dict(DESCRIPTION)
    api.config.base_url = f"{app.http}/api"
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    for operation in api.get_all_operations():
        _try(operation.ok(), checks)


def _try(operation: Any, checks: list[Any]) -> None:
    for mode in schemathesis.GenerationMode:

        @settings(
            max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send_one(case: Any) -> None:
            # What is no route, or too long, is the host's to answer, in its own way.
            assume(
                all(re.fullmatch(r"[\w.~-]+", str(part), re.ASCII) for part in (case.path_parameters or {}).values())
            )
            url = case.as_transport_kwargs()["url"] + "?" + urllib.parse.urlencode(case.query or {}, doseq=True)
            assume(len(url) < URL_CHARS_MAX)
            case.call_and_validate(checks=checks, timeout=300)

        with suppress(Unsatisfiable):  # nothing can be wrong with a request that takes nothing
            send_one()
