"""What the host refuses, by name and place: apps, settings and state that cannot be."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest
from aiohttp.test_utils import make_mocked_request

from local_host.cli import main
from local_host.durable.engine import Engine, EngineStopped, StateUnreadable
from local_host.durable.store import Store
from local_host.functions.bindings import check_bindings
from local_host.functions.expressions import BlobPath
from local_host.functions.index import App, BadApp, Function, load_app
from local_host.functions.storage import BadConnection, Storage
from local_host.host import locked
from local_host.settings import (
    BadSettings,
    read_app_settings,
    read_host_settings,
    substitute,
)
from local_host.triggers.memory import Memory
from local_host.triggers.ncrontab import Schedule
from local_host.triggers.retry import read_retry_policy
from local_host.triggers.timers import TimerTrigger
from local_host.web.links import Links
from local_host.web.management import Management
from local_host.web.routes import Routes


def function(name: str, **trigger: object) -> Function:
    return Function(name, MappingProxyType(trigger), (), print, {}, frozenset())


@pytest.mark.parametrize(
    "expression", ["* * *", "61 * * * * *", "* * * * * 7", "a * * * * *", "*/0 * * * * *", "00:00:00"]
)
def test_impossible_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"fields|is no"):
        Schedule(expression)


def test_schedule_that_never_comes_says_so() -> None:
    with pytest.raises(ValueError, match="never comes"):
        Schedule("0 0 0 30 2 *").next(datetime(2024, 1, 1, tzinfo=UTC))


def test_unknown_route_constraint_is_named() -> None:
    with pytest.raises(BadApp, match="constraint 'regex' is not supported"):
        Routes([function("f", route="{a:regex}")], "")


@pytest.mark.parametrize(
    ("functions", "complaint"),
    [
        ((function("f", route="a/{b}"), function("g", route="A/{b}")), "conflicts with the route defined by function"),
        ((function("f", route="a"), function("g", route="a", methods=("POST",))), "conflicts with the route defined"),
        ((function("f", route="admin-area"),), "conflicts with one or more built in routes"),
        ((function("f", route="runtime/x"),), "conflicts with one or more built in routes"),
        ((function("f", route="{a}/{a}"),), "has the parameter 'a' more than once"),
        ((function("f", route="{a:min(1)}"),), "the route segment .* is not supported"),
    ],
)
def test_route_that_the_real_host_refuses_is_refused(functions: tuple[Function, ...], complaint: str) -> None:
    with pytest.raises(BadApp, match=f"function [fg]: .*{complaint}"):
        Routes(functions, "api")


@pytest.mark.parametrize(
    ("binding", "complaint"),
    [
        ({"queueName": "%NOWHERE%", "connection": "STORAGE"}, "'%NOWHERE%' does not resolve to a value"),
        ({"queueName": "q", "connection": "NOWHERE"}, "the app setting NOWHERE, which a binding names"),
        ({"path": "c/{DateTime:yyyy}", "connection": "STORAGE"}, "formats as in '{DateTime:yyyy}' are not supported"),
        (
            {"type": "blobTrigger", "path": "c/{a}{a}", "connection": "STORAGE"},
            "the placeholder '{a}' is not supported",
        ),
    ],
)
def test_binding_that_can_never_work_is_refused_with_its_function(
    monkeypatch: pytest.MonkeyPatch, binding: dict[str, str], complaint: str
) -> None:
    monkeypatch.setenv("STORAGE", "a connection string")
    bound = Function("f", {"type": "httpTrigger"}, ({"type": "queue", **binding},), print, {}, frozenset(), "app.py:7")
    with pytest.raises(BadApp, match=f"app.py:7: function f: .*{re.escape(complaint)}"):
        check_bindings(bound)


def test_binding_that_the_trigger_fills_in_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE", "a connection string")
    bound = {"type": "blob", "path": "%CONTAINER%/{a.b}/{rand-guid}", "connection": "STORAGE"}
    monkeypatch.setenv("CONTAINER", "c")
    check_bindings(Function("f", {"type": "httpTrigger"}, (bound,), print, {}, frozenset()))


def test_schedule_that_never_comes_is_refused_before_the_timer_starts() -> None:
    trigger = {"type": "timerTrigger", "schedule": "0 0 0 30 2 *"}
    timer, nothing = Function("never", trigger, (), print, {}, frozenset(), "app.py:7"), cast("Any", None)
    with pytest.raises(BadApp, match=r"app.py:7: function never: the schedule '0 0 0 30 2 \*' never comes"):
        TimerTrigger(timer, nothing, nothing)


@pytest.mark.parametrize("path", ["c/{name:guid}", "c/{a}/{a}", "c/{a-b}"])
def test_placeholder_of_a_path_that_is_not_supported_is_named(path: str) -> None:
    with pytest.raises(BadSettings, match=r"the placeholder '\{.*\}' is not supported"):
        BlobPath(path)


def test_setting_that_does_not_exist_is_named() -> None:
    with pytest.raises(BadSettings, match="'%NOWHERE%' does not resolve"):
        substitute("%NOWHERE%", {})


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold a JSON object"),
        ('{"functionTimeout": "soon"}', ": functionTimeout: 'soon' is no span of time"),
        ('{"functions": ["one"]}', "'functions' is not supported"),
        ('{"extensions": []}', ": extensions must be an object"),
        ('{"logging": {"logLevel": "Information"}}', ": logging.logLevel must be an object, not 'Information'"),
        ('{"extensions": {"http": {"routePrefix": 1}}}', ": extensions.http.routePrefix must be a string, not 1"),
        ('{"extensions": {"queues": {"batchSize": "many"}}}', "batchSize must be a whole number from 1 on, not 'many'"),
        ('{"extensions": {"queues": {"batchSize": 33}}}', "batchSize must be at most 32, not 33"),
        ('{"extensions": {"queues": {"messageEncoding": "utf8"}}}', "messageEncoding must be 'base64' or 'none'"),
    ],
)
def test_unusable_host_json_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "host.json").write_text(content)
    with pytest.raises(BadSettings, match=rf"host\.json.*{re.escape(complaint)}"):
        read_host_settings(tmp_path)


def test_encrypted_settings_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text('{"IsEncrypted": true, "Values": {"A": "b"}}')
    with pytest.raises(BadSettings, match=r"local\.settings\.json is encrypted"):
        read_app_settings(tmp_path)


@pytest.mark.parametrize(
    ("change", "complaint"), [({"strategy": "hope"}, "'hope' is no retry strategy"), ({"delay_interval": "5"}, "'5'")]
)
def test_impossible_retry_policy_is_refused_by_name(change: dict[str, str], complaint: str) -> None:
    policy = {"strategy": "fixed_delay", "max_retry_count": "2", "delay_interval": "00:00:10", **change}
    with pytest.raises(ValueError, match=complaint):
        read_retry_policy(policy)


def test_http_streaming_is_named_as_unsupported() -> None:
    request = type("Request", (), {"__module__": "azurefunctions.extensions.http.fastapi"})
    streaming = Function("f", {"type": "httpTrigger", "name": "req"}, (), print, {"req": request}, frozenset())
    assert streaming.unsupported == ("HTTP streaming",)


def test_error_in_a_library_of_the_app_points_to_the_line_that_imports_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / ".venv" / "site-packages"
    library.mkdir(parents=True)
    (library / "broken_library.py").write_text("raise RuntimeError('no licence')\n")
    (tmp_path / "function_app.py").write_text("import broken_library\n")
    monkeypatch.setattr(sys, "path", [str(library), *sys.path])
    monkeypatch.delitem(sys.modules, "function_app", raising=False)
    with pytest.raises(BadApp) as caught:
        load_app(tmp_path)
    place = f"{tmp_path}/function_app.py:1 in <module>: import broken_library"
    assert str(caught.value) == f"{place}\n  RuntimeError: no licence"


def test_port_that_cannot_be_is_a_mistake_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["start", "--port", "70000"])
    assert "70000 is no port: 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("state", [Store, Memory])
def test_state_that_cannot_be_read_is_refused_by_name(tmp_path: Path, state: Callable[[Path], object]) -> None:
    (tmp_path / "state.db").write_bytes(b"no database" * 100)
    with pytest.raises(StateUnreadable, match=r"state\.db cannot be read \(file is not a database\)"):
        state(tmp_path / "state.db")


def test_triggers_state_is_read_again_and_that_of_another_version_refused(tmp_path: Path) -> None:
    path = tmp_path / "triggers.db"
    memory = Memory(path)
    memory.add_receipt("f", "c", "b", "1")
    memory.close()
    again = Memory(path)
    assert again.receipts("f", "c") == {"b": "1"}
    again.close()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(StateUnreadable, match="holds triggers' state of version 99; this host reads version 1"):
        Memory(path)


class Refuses:
    """An engine that does not do what it is asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_instance(self, _: str) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status"), [(NotImplementedError("no such thing"), 501), (EngineStopped("no such thing"), 500)]
)
def test_management_names_what_the_engine_refuses(error: Exception, status: int) -> None:
    engine = cast("Engine", Refuses(error))
    handler = Management(engine, App(Path(), {}), Links("http://x", "Hub", "key")).routes()[-2].handler
    request = make_mocked_request("GET", "/", match_info={"id": "one"})
    answer = asyncio.run(cast("Any", handler)(request))
    assert (answer.status, json.loads(answer.body)["ExceptionMessage"]) == (status, "no such thing")


def test_connection_string_that_is_none_is_refused_by_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE", "garbage")
    with pytest.raises(BadConnection, match="the app setting STORAGE holds no connection string of storage"):
        Storage(base64_queues=True).queue("STORAGE", "q")


def test_file_cannot_be_the_folder_for_the_state(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSettings, match="file cannot be the folder for the state"), locked(tmp_path / "file"):
        pass
