import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from azure.durable_functions import OrchestrationRuntimeStatus as Status
from durable_client import Client

from fanfold import limits
from fanfold.storage.memory import MemoryPorts, MemoryWorkStore

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


def test_a_run_of_more_blobs_than_one_removal_takes_is_swept_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CLEAN_AT_ONCE", 3)
    assert list(left_of(10).runs()) == []


def test_a_sweep_ends_in_time_and_the_next_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CLEAN_AT_ONCE", 3)
    seconds = iter(range(0, 10_000, limits.SWEEP_S // 2))
    assert len(left_of(10, lambda: next(seconds)).stored) == 7


def left_of(blobs: int, clock: Callable[[], float] = lambda: 0.0) -> MemoryWorkStore:
    """What a sweep leaves of the work of one old run."""
    from blueprints.maintenance import sweep  # noqa: PLC0415 - reads the settings when it is loaded

    ports = MemoryPorts()
    ports.work.clock = lambda: NOW - timedelta(days=9)
    for number in range(blobs):
        ports.work.put(f"old/chunk/{number}", b"")
    asyncio.run(sweep(Client(None), ports, NOW - timedelta(days=7), clock))
    return ports.work
