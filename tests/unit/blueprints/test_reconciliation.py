import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from azure.durable_functions import OrchestrationRuntimeStatus as Status
from durable_client import Client

from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.pipeline.messages import DatasetVersion, RunRequest
from fanfold.storage.intake import Page
from fanfold.storage.memory import MemoryWorkStore


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")


def request(name: str) -> RunRequest:
    return RunRequest(
        run_id=name, dataset=DatasetVersion(account="a", container="i", blob=name, etag="", size=0), options={}
    )


@dataclass
class Datasets:
    """An input container of some pages, and which of its datasets have left a completion message."""

    pages: dict[str | None, Page]
    ended: frozenset[str] = frozenset()
    asked: list[str | None] = field(default_factory=list)

    def page(self, after: str | None) -> Page:
        self.asked.append(after)
        if after not in self.pages:
            raise PipelineFault("no such place")
        return self.pages[after]

    def has_ended(self, asked: RunRequest) -> bool:
        return asked.run_id in self.ended


def tick(client: Client, datasets: Datasets, work: MemoryWorkStore) -> int:
    from blueprints.reconciliation import reconcile  # noqa: PLC0415 - reads the settings when it is loaded

    return asyncio.run(reconcile(client, datasets, work))  # type: ignore[arg-type]


def started(client: Client) -> list[str]:
    return [wire["run_id"] for _, wire in client.started]


def test_what_has_no_run_and_no_message_is_started() -> None:
    client, datasets = Client(None), Datasets({None: Page((request("a"), request("b")), None)}, frozenset({"a"}))
    assert tick(client, datasets, MemoryWorkStore()) == 1
    assert started(client) == ["b"]


@pytest.mark.parametrize("status", list(Status))
def test_what_the_scheduler_knows_is_left_whatever_became_of_it(status: Status) -> None:
    client, datasets = Client(status), Datasets({None: Page((request("a"),), None)})
    assert tick(client, datasets, MemoryWorkStore()) == 0
    assert client.started == []


def test_the_next_tick_goes_on_where_the_last_one_stopped_and_then_begins_anew() -> None:
    datasets = Datasets({None: Page((request("a"),), "then"), "then": Page((request("b"),), None)})
    work = MemoryWorkStore()
    for _ in range(3):
        tick(Client(None), datasets, work)
    assert datasets.asked == [None, "then", None]


def test_a_tick_starts_only_so_many_and_the_next_one_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RECONCILE_STARTS_MAX", 2)
    datasets = Datasets({None: Page(tuple(map(request, "abc")), "then")})
    work: Any = MemoryWorkStore()
    assert tick(Client(None), datasets, work) == 2
    assert tick(Client(None), Datasets(datasets.pages, frozenset("ab")), work) == 1


def test_a_place_that_is_no_longer_one_makes_it_begin_anew() -> None:
    datasets = Datasets({None: Page((), "gone")})
    work = MemoryWorkStore()
    tick(Client(None), datasets, work)
    with pytest.raises(PipelineFault):
        tick(Client(None), datasets, work)
    tick(Client(None), datasets, work)
    assert datasets.asked == [None, "gone", None]
