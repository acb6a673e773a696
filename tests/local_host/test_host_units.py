"""Small pure parts: schedules, routes, expressions, settings, histories for people."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from azure.functions.meta import Datum

from local_host import spans
from local_host.durable import events
from local_host.durable.history import translate
from local_host.functions.expressions import BlobPath, bind, fields_of
from local_host.functions.index import Function, load_app
from local_host.functions.invoke import Invoker, Occasion
from local_host.functions.storage import Storage
from local_host.settings import (
    BlobSettings,
    apply_app_settings,
    read_host_settings,
)
from local_host.triggers.ncrontab import Schedule
from local_host.triggers.retry import read_retry_policy
from local_host.web.routes import Match, Routes
from local_host.web.status import describe_history


@pytest.mark.parametrize(
    ("expression", "after", "following"),
    [
        ("0 */5 * * * *", "2024-01-01T00:00:00", "2024-01-01T00:05:00"),
        ("*/10 * * * * *", "2024-01-01T00:00:05", "2024-01-01T00:00:10"),
        ("0 30 9 * * mon-fri", "2024-05-03T10:00:00", "2024-05-06T09:30:00"),
        ("0 0 0 29 2 *", "2023-03-01T00:00:00", "2024-02-29T00:00:00"),
        ("0 0 0 13 * 5", "2024-01-01T00:00:00", "2024-09-13T00:00:00"),
        ("0 0 12 1 jan,jul *", "2024-02-01T00:00:00", "2024-07-01T12:00:00"),
        ("15 10 * * *", "2024-12-31T23:59:59", "2025-01-01T10:15:00"),
        ("0 5-10/5 * * * *", "2024-01-01T00:06:00", "2024-01-01T00:10:00"),
        ("00:00:30", "2024-01-01T00:00:07", "2024-01-01T00:00:37"),
        ("1.00:00:30", "2024-01-01T00:00:07", "2024-01-02T00:00:37"),
    ],
)
def test_schedule_gives_the_next_time(expression: str, after: str, following: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert Schedule(expression).next(moment) == datetime.fromisoformat(following).replace(tzinfo=UTC)


def function(name: str, **trigger: object) -> Function:
    return Function(name, MappingProxyType(trigger), (), print, {}, frozenset())


def route(template: str, path: str) -> dict[str, str] | None:
    found = Routes([function("f", route=template)], "api").match("GET", path)
    return found.parameters if isinstance(found, Match) else None


@pytest.mark.parametrize(
    ("template", "path", "parameters"),
    [
        ("orders", "/api/orders", {}),
        ("orders", "/api/ORDERS/", {}),
        ("orders/{id}", "/api/orders/7", {"id": "7"}),
        ("orders/{id}", "/api/orders", None),
        ("orders/{id?}", "/api/orders", {}),
        ("orders/{id=1}", "/api/orders", {"id": "1"}),
        ("orders/{id:int}", "/api/orders/x", None),
        ("orders/{id:long}", "/api/orders/-12", {"id": "-12"}),
        ("orders/{id:bool}", "/api/orders/true", {"id": "true"}),
        ("orders/{id:bool}", "/api/orders/yes", None),
        ("orders/{id:alpha}", "/api/orders/ab1", None),
        ("orders/{id:decimal}", "/api/orders/-1.5", {"id": "-1.5"}),
        (
            "orders/{id:guid}",
            "/api/orders/01234567-89ab-cdef-0123-456789abcdef",
            {"id": "01234567-89ab-cdef-0123-456789abcdef"},
        ),
        ("orders/{id:guid}", "/api/orders/7", None),
        ("orders/{id:datetime}", "/api/orders/2024-05-06", {"id": "2024-05-06"}),
        ("{*rest}", "/api/a/b", {"rest": "a/b"}),
        ("{*rest}", "/api", {}),
        ("{name}.{ext}", "/api/file.txt", {"name": "file", "ext": "txt"}),
    ],
)
def test_route_gives_its_parameters(template: str, path: str, parameters: dict[str, str] | None) -> None:
    assert route(template, path) == parameters


def test_more_specific_route_wins_and_methods_are_told() -> None:
    routes = Routes([function("any", route="{*r}"), function("post", route="a/{b}", methods=("POST",))], "")
    matched = [routes.match(method, "/a/b") for method in ("POST", "GET")]
    assert [one.function.name for one in matched] == ["post", "any"]
    only = Routes([function("post", route="a", methods=("POST",))], "")
    assert only.match("GET", "/a") == frozenset({"POST"})
    assert only.match("GET", "/b") is None


def test_routes_of_different_methods_or_patterns_do_not_conflict() -> None:
    one, other = function("f", route="a", methods=("GET",)), function("g", route="a", methods=("POST",))
    routes = Routes([one, other, function("h", route="{a}")], "api")
    found = [routes.match(method, "/api/a") for method in ("GET", "POST", "PUT")]
    assert [match.function.name for match in found if isinstance(match, Match)] == ["f", "g", "h"]


@pytest.mark.parametrize("text", ["[1]", "no JSON", "[" * 100_000, b"\xff"])
def test_content_that_is_no_json_object_has_no_fields(text: str | bytes) -> None:
    assert fields_of(text) == {}


@pytest.mark.parametrize(
    ("template", "blob", "values"),
    [
        ("c/{name}", "a/b.csv", {"name": "a/b.csv"}),
        ("c/in/{name}.csv", "in/x.csv", {"name": "x"}),
        ("c/in/{name}.csv", "in/x.txt", None),
        ("c/{folder}/{name}", "a/b", {"folder": "a", "name": "b"}),
    ],
)
def test_blob_path_gives_its_values(template: str, blob: str, values: dict[str, str] | None) -> None:
    assert BlobPath(template).match(blob) == values


def test_expressions_of_the_host_itself_have_a_value_each_time() -> None:
    assert bind("{rand-guid}", {}, "f") != bind("{rand-guid}", {}, "f")
    assert datetime.strptime(bind("{DateTime}", {}, "f"), "%Y-%m-%dT%H-%M-%SZ").replace(tzinfo=UTC) <= datetime.now(UTC)
    with pytest.raises(KeyError, match="DateTime:yyyy"):
        bind("{DateTime:yyyy}", {}, "f")


def test_expression_takes_settings_and_values_of_the_trigger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE", "here")
    assert bind("%PLACE%/{order.id}-{name}", {"order": {"id": 7}, "name": "n"}, "f") == "here/7-n"
    with pytest.raises(KeyError, match=r"no value for the binding expression '\{missing\}'"):
        bind("{missing}", {}, "f")


def test_queue_message_is_base64_or_plain_as_host_json_says() -> None:
    assert Storage(base64_queues=False).decode("{}") == "{}"
    assert Storage(base64_queues=True).decode("e30=") == "{}"
    with pytest.raises(ValueError, match="the message is not base64"):
        Storage(base64_queues=True).decode("{}")


def test_host_settings_read_what_matters(tmp_path: Path) -> None:
    content = {
        "functionTimeout": "1.02:03:04",
        "extensions": {
            "queues": {
                "messageEncoding": "none",
                "batchSize": 4,
                "maxDequeueCount": 2,
                "visibilityTimeout": "00:00:30",
            },
            "http": {"routePrefix": ""},
            "durableTask": {
                "maxConcurrentActivityFunctions": 3,
                "maxConcurrentOrchestratorFunctions": 2,
                "hubName": "Hub",
            },
            "blobs": {"poisonBlobThreshold": 2, "maxDegreeOfParallelism": 1},
        },
    }
    (tmp_path / "host.json").write_text(json.dumps(content))
    settings = read_host_settings(tmp_path)
    assert settings.function_timeout_s == 93784
    assert (settings.queues.base64, settings.queues.batch_size, settings.queues.new_batch_threshold) == (False, 4, 2)
    assert (settings.queues.dequeue_count_max, settings.queues.retry_delay_s) == (2, 30)
    assert (settings.route_prefix, settings.hub_name) == ("", "Hub")
    assert (settings.activities_max, settings.orchestrators_max) == (3, 2)
    assert settings.blobs == BlobSettings(tries_max=2, parallel_max=1)


def test_null_in_host_json_is_as_good_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text('{"extensions": null, "logging": null, "functionTimeout": null}')
    settings = read_host_settings(tmp_path)
    (tmp_path / "host.json").unlink()
    assert settings == read_host_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:05:00", 300), ("1.02:03:04", 93784), ("0:0:0.25", 0.25), ("soon", None), ("5:00", None)]
)
def test_span_of_time_is_read_as_dotnet_writes_it(text: str, seconds: float | None) -> None:
    span = spans.parse(text)
    assert (span.total_seconds() if span else None) == seconds


def test_span_of_time_is_told_as_dotnet_writes_it() -> None:
    assert [spans.describe(one) for one in (2, 93784)] == ["00:00:02", "1.02:03:04"]


def test_retry_policy_gives_the_pauses_and_then_no_more() -> None:
    fixed = {"strategy": "fixed_delay", "max_retry_count": "2", "delay_interval": "00:00:10"}
    growing = {"strategy": "exponential_backoff", "max_retry_count": "-1", "minimum_interval": "00:00:01",
               "maximum_interval": "00:01:00"}  # fmt: skip
    assert [read_retry_policy(fixed).delay_s(n) for n in range(3)] == [10, 10, None]
    assert [read_retry_policy(growing).delay_s(n) for n in (0, 1, 2, 9, 9999)] == [1, 2, 4, 60, 60]
    assert read_retry_policy(None).delay_s(0) is None


@pytest.mark.parametrize("setting", ["AzureWebJobs.f.Disabled", "AzureWebJobs__f__Disabled"])
def test_function_is_disabled_by_either_setting(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    timer = function("f", type="timerTrigger")
    assert timer.runs
    monkeypatch.setenv(setting, "true")
    assert not timer.runs


APPS = """
import azure.functions as func
one, two, blueprint = func.FunctionApp(), func.FunctionApp(), func.Blueprint()

@one.route()
def first(req: func.HttpRequest) -> str: return ""

@two.route()
def second(req: func.HttpRequest) -> str: return ""

@blueprint.route()
def third(req: func.HttpRequest) -> str: return ""

two.register_functions(blueprint)
"""


def test_functions_of_several_apps_and_blueprints_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "function_app.py").write_text(APPS)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "function_app", raising=False)
    app = load_app(tmp_path)
    monkeypatch.delitem(sys.modules, "function_app")
    assert set(app.functions) == {"first", "second", "third"}
    assert app.functions["third"].place == f"{tmp_path}/function_app.py:11"


@pytest.mark.filterwarnings("ignore:azure.functions df_loads")  # the SDK's, of its own codec
def test_async_functions_of_a_process_share_one_loop() -> None:
    async def tell(nothing: object) -> str:
        del nothing
        return json.dumps(id(asyncio.get_running_loop()))

    trigger = {"type": "activityTrigger", "name": "nothing"}
    both = [Function(name, trigger, (), tell, {}, frozenset({"nothing"})) for name in ("one", "two")]
    storage = Storage(base64_queues=True)
    invoker = Invoker(storage, lambda _: "", 2)
    results = {invoker.submit(one, Occasion(Datum("null", "json"))).result(5).value for one in both}
    invoker.close()
    assert len(results) == 1


def test_environment_wins_and_development_storage_becomes_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", "outside")
    monkeypatch.delenv("AzureWebJobsStorage", raising=False)
    changed = apply_app_settings({"ONE": "file", "TWO": "file", "OTHER": "UseDevelopmentStorage=true"}, "real")
    assert changed == {"TWO": "file", "OTHER": "real", "AzureWebJobsStorage": "real"}


def test_entity_answer_is_an_event_named_by_its_request() -> None:
    completed = pb.EntityOperationCompletedEvent(requestId="r", output=events.text("5"))
    translated = translate(pb.HistoryEvent(entityOperationCompleted=completed))
    assert (translated["EventType"], translated["Name"], translated["Input"]) == (15, "r", '{"result": "5"}')


def test_event_that_the_sdk_cannot_replay_is_named() -> None:
    with pytest.raises(NotImplementedError, match="executionRewound cannot be replayed"):
        translate(pb.HistoryEvent(executionRewound=pb.ExecutionRewoundEvent()))


def test_history_for_people_folds_a_beginning_into_its_end() -> None:
    scheduled = pb.TaskScheduledEvent(name="work", input=events.text("1"))
    history = [
        pb.HistoryEvent(orchestratorStarted=pb.OrchestratorStartedEvent()),
        pb.HistoryEvent(executionStarted=pb.ExecutionStartedEvent(name="main")),
        pb.HistoryEvent(eventId=0, timestamp=events.timestamp(5), taskScheduled=scheduled),
        pb.HistoryEvent(eventId=1, taskScheduled=scheduled),
        events.task_ended(0, '{"a": 1}', None),
        events.task_ended(1, None, events.failure("KeyError", "gone")),
    ]
    shown = describe_history(history, show_output=True, show_input=False)
    assert [event["EventType"] for event in shown] == ["ExecutionStarted", "TaskCompleted", "TaskFailed"]
    assert shown[1]["ScheduledTime"] == "1970-01-01T00:00:05.000000Z"
    assert (shown[1]["FunctionName"], shown[1]["Result"], shown[2]["Reason"]) == ("work", {"a": 1}, "gone")
    assert "Input" not in shown[1]
