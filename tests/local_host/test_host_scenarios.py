"""`python -m local_host start --app tests/apps/<scenario>`: every app starts and its main function does its work."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from running_host import APPS, Azurite, RunningHost, running

BROKEN = {"bad_binding", "bad_schedule", "duplicate_names", "identity", "import_error", "no_app", "no_trigger",
          "syntax_error"}  # fmt: skip
"""Apps that are refused at start (see test_host_process.py)."""


def waits_for(host: RunningHost) -> str:
    instance = host.start("wait")
    path = f"/runtime/webhooks/durabletask/instances/{instance}/raiseEvent/Answer"
    host.request("POST", path, json.dumps("yes"))
    return str(host.finish(instance)["output"])


def items(host: RunningHost) -> int:
    return host.request("GET", "/v1/items/1").status


DRIVES: Mapping[str, tuple[Callable[[RunningHost], object], object]] = {
    "client": (waits_for, "yes"),
    "entities": (lambda host: host.run("add_and_get", [1, 2]), 3),
    "eternal": (lambda host: host.run("count_down", 3), "launched"),
    "failures": (lambda host: host.finish(host.start("fails"))["runtimeStatus"], "Failed"),
    "fan_out": (lambda host: host.run("square_all", 4), 14),
    "hello_cities": (lambda host: host.run("hello_orchestrator")[0], "Hello Tokyo!"),
    "human_interaction": (lambda host: host.run("approval", 0), "escalated"),
    "limits": (lambda host: host.request("GET", "/api/talks").body, b"said"),
    "monitor": (lambda host: host.run("monitor"), 4),
    "retries": (lambda host: host.run("patient", {"file": host.log.parent.joinpath("calls").as_posix(), "failures": 1}),
                "worked at call 2"),
    "storage": (lambda host: host.request("GET", "/admin/host/status").json(), {"state": "Running"}),
    "sub_orchestrations": (lambda host: host.run("tree", {"depth": 1, "width": 2}), 2),
    "timer": (lambda host: host.request("POST", "/admin/functions/tick", {}).status, 202),
    "unsupported": (lambda host: host.request("GET", "/api/fine").body, b"fine"),
    "web": (items, 201),
}  # fmt: skip


def test_every_app_is_driven_or_known_to_be_broken() -> None:
    apps = {folder.name for folder in APPS.iterdir() if (folder / "function_app.py").exists()}
    assert apps == DRIVES.keys() | BROKEN


@pytest.mark.parametrize("app", DRIVES)
def test_app_starts_by_the_command_line_and_does_its_work(app: str, azurite: Azurite, tmp_path: Path) -> None:
    drive, expected = DRIVES[app]
    names = {name: f"{name.lower()}-{uuid.uuid4().hex[:8]}" for name in ("CONTAINER", "REQUESTS", "RESULTS")}
    storage = {"AzureWebJobsStorage": azurite.connection_string}
    with running(app, tmp_path, "--workers", "1", **storage, **names) as host:
        assert drive(host) == expected
        assert host.stop() == 0
