import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from azure.durable_functions import OrchestrationRuntimeStatus as Status

from blueprints.starting import start_once
from fanfold.pipeline.messages import DatasetVersion, RunRequest

DATASET = DatasetVersion(account="a", container="input", blob="b.csv", etag="e", size=1)
REQUEST = RunRequest(run_id="run", dataset=DATASET, options={})


@dataclass
class Client:
    """A Durable client with one instance at most."""

    status: Status | None = None
    starts_elsewhere: bool = False
    started: list[str] = field(default_factory=list)

    async def get_status(self, _instance_id: str) -> Any:
        return SimpleNamespace(runtime_status=self.status)

    async def start_new(self, name: str, instance_id: str, _input: Any) -> str:
        if self.starts_elsewhere:
            self.status = Status.Running
        if self.status is Status.Running:
            raise Exception("already running")  # noqa: TRY002 - as the SDK does
        self.started.append(name)
        return instance_id


@pytest.mark.parametrize("status", [None, Status.Failed, Status.Terminated])
def test_a_dataset_that_has_no_run_is_started(status: Status | None) -> None:
    client = Client(status)
    assert asyncio.run(start_once(client, REQUEST))
    assert client.started == ["run_dataset"]


@pytest.mark.parametrize("status", [Status.Pending, Status.Running, Status.Completed, Status.Suspended])
def test_a_duplicate_event_starts_nothing(status: Status) -> None:
    client = Client(status)
    assert not asyncio.run(start_once(client, REQUEST))
    assert client.started == []


def test_the_loser_of_a_race_of_two_events_is_content() -> None:
    assert not asyncio.run(start_once(Client(starts_elsewhere=True), REQUEST))


def test_a_start_that_fails_is_not_swallowed() -> None:
    class Broken(Client):
        async def start_new(self, *_: Any) -> str:
            raise ConnectionError("no scheduler")

    with pytest.raises(ConnectionError):
        asyncio.run(start_once(Broken(), REQUEST))
