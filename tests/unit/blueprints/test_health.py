import asyncio
import json
from typing import Any

import pytest
from durable_client import Client

from fanfold.storage.health import Check, check_storage
from fanfold.storage.settings import Settings

NOBODY = (
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;"
    "BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a;"
)


def ready(monkeypatch: pytest.MonkeyPatch, client: Any, *checks: Check) -> Any:
    monkeypatch.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")
    from blueprints import health  # noqa: PLC0415 - reads the settings when it is loaded

    monkeypatch.setattr(health, "check_storage", lambda _: list(checks))
    return asyncio.run(health.answer_readiness(client))


def test_storage_that_does_not_answer_is_named() -> None:
    checks = check_storage(Settings(connection_string=NOBODY))
    assert [check.ok for check in checks] == [False] * 5
    assert {check.name for check in checks} >= {"container input", "queue completions"}
    assert all(check.detail for check in checks)


def test_an_app_that_misses_something_is_not_ready_and_says_what(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dead(Client):
        async def get_status(self, _instance_id: str, *, show_input: bool = False) -> Any:  # noqa: ARG002 - theirs
            raise ConnectionError("nobody there\nsecond line")

    answer = ready(monkeypatch, Dead(), Check("queue requests", ok=False, detail="no"))
    body = json.loads(answer.get_body())
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert body["detail"] == "not reached: queue requests, scheduler"
    assert body["checks"][-1] == {"name": "scheduler", "ok": False, "detail": "nobody there"}


def test_an_app_that_reaches_everything_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ready(monkeypatch, Client(None), Check("queue requests", ok=True, detail="there"))
    assert (answer.status_code, json.loads(answer.get_body())["status"]) == (200, "ready")
