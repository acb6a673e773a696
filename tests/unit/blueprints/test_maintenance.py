import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from azure.durable_functions import OrchestrationRuntimeStatus as Status
from durable_client import Client

from fanfold.storage.memory import MemoryPorts

NOW = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")


def swept(status: Status | None) -> list[str]:
    from blueprints.maintenance import sweep  # noqa: PLC0415 - reads the settings when it is loaded

    ports = MemoryPorts()
    for run_id, days in (("old", 9), ("young", 2)):
        ports.work.clock = lambda days=days: NOW - timedelta(days=days)
        ports.work.put(f"{run_id}/layout.json", b"")
    asyncio.run(sweep(Client(status), ports, NOW - timedelta(days=7)))
    return list(ports.work.runs())


@pytest.mark.parametrize("status", [None, Status.Completed, Status.Failed, Status.Terminated])
def test_old_work_of_a_run_that_has_ended_is_swept(status: Status | None) -> None:
    assert swept(status) == ["young"]


@pytest.mark.parametrize("status", [Status.Running, Status.Suspended, Status.Pending])
def test_work_of_a_run_that_goes_on_is_left_however_old(status: Status) -> None:
    assert swept(status) == ["old", "young"]
