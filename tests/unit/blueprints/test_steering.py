import asyncio

import pytest
from azure.durable_functions import OrchestrationRuntimeStatus as Status
from durable_client import Client

from blueprints.steering import cancel, view
from fanfold.errors import RequestRefused


@pytest.mark.parametrize("status", [Status.Pending, Status.Running, Status.Suspended])
def test_a_run_that_goes_on_is_told_to_end(status: Status) -> None:
    client = Client(status)
    asyncio.run(cancel(client, "run", "too slow"))
    assert client.raised == [("run", "cancel", "too slow")]


@pytest.mark.parametrize("status", [None, Status.Completed, Status.Failed])
def test_a_run_that_does_not_go_on_cannot_be_cancelled(status: Status | None) -> None:
    client = Client(status)
    with pytest.raises(RequestRefused, match="run"):
        asyncio.run(cancel(client, "run"))
    assert client.raised == []


def test_progress_is_what_the_tree_has_told_or_what_the_root_knows() -> None:
    shown = {"phase": "profiling", "chunks": 500, "done": 64, "records": 640, "bytes": 64}
    counted = {"started_at": "2026", "done": 200, "failed": 1, "records": 600, "bytes": 200}
    found = asyncio.run(view(Client(Status.Running, custom_status=shown, entity_state=counted), "run"))
    assert found is not None
    assert (found.phase, found.chunks, found.done, found.failed) == ("profiling", 500, 200, 1)
    assert (found.records, found.bytes, found.runtime_status) == (640, 200, "Running")


def test_a_run_that_has_not_begun_has_done_nothing() -> None:
    found = asyncio.run(view(Client(Status.Pending), "run"))
    assert found is not None
    assert (found.phase, found.done) == (None, 0)


def test_a_run_that_is_not_there_is_none() -> None:
    assert asyncio.run(view(Client(), "run")) is None
