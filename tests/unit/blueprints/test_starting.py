import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from azure.durable_functions import OrchestrationRuntimeStatus as Status
from durable_client import Client

from blueprints.starting import Found, redrive, refuse, start_once, start_requested
from fanfold.errors import Cancelled, DatasetSuperseded, PipelineFault, RequestRefused, RunGoingOn
from fanfold.pipeline.completion import ended
from fanfold.pipeline.messages import Completion, DatasetVersion, Failure, Refusal, RunRequest, to_wire

DATASET = DatasetVersion(account="a", container="input", blob="b.csv", etag="e", size=1)
REQUEST = RunRequest(run_id="run", dataset=DATASET, options={"chunk_bytes": 5})
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("status", [None, Status.Failed, Status.Terminated])
def test_a_dataset_that_has_no_run_is_started(status: Status | None) -> None:
    client = Client(status)
    assert asyncio.run(start_once(client, REQUEST))
    assert client.started == [("run_dataset", to_wire(REQUEST))]


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


def failed(kind: type, failed_chunks: int = 0) -> Completion:
    completion = ended(REQUEST, Failure(kind=kind.__name__, message="m"), NOW, NOW)
    return msgspec.structs.replace(completion, failed_chunks=failed_chunks)


def completed(failed_chunks: int) -> Completion:
    return Completion(
        run_id="run", dataset=DATASET, outcome="completed", completed_at="", duration_s=0, failed_chunks=failed_chunks
    )


@pytest.mark.parametrize("outcome", [failed(PipelineFault), failed(Cancelled), completed(2)])
@pytest.mark.parametrize("as_text", [True, False])
def test_a_run_that_failed_or_lost_chunks_runs_again_with_what_it_was_asked(outcome: Completion, as_text: bool) -> None:
    wires = [to_wire(REQUEST), to_wire(outcome)]
    given = [json.dumps(wire) for wire in wires] if as_text else wires
    client = Client(Status.Completed, input=given[0], output=given[1])
    asyncio.run(redrive(client, "run"))
    assert client.started == [("run_dataset", to_wire(REQUEST))]


@pytest.mark.parametrize("status", [Status.Failed, Status.Terminated])
def test_a_run_whose_orchestration_broke_runs_again(status: Status) -> None:
    client = Client(status, input=to_wire(REQUEST), output="it broke")
    asyncio.run(redrive(client, "run"))
    assert len(client.started) == 1


@pytest.mark.parametrize(
    ("client", "named"),
    [
        (Client(), "there is none"),
        (Client(Status.Running), "found Running"),
        (Client(Status.Pending), "found Pending"),
        (Client(Status.Completed, output=to_wire(completed(0))), "found completed"),
        (Client(Status.Completed, output=to_wire(failed(DatasetSuperseded))), "found superseded"),
        (Client(Status.Completed, output=to_wire(failed(DatasetSuperseded, failed_chunks=1))), "found superseded"),
    ],
)
def test_a_run_with_nothing_left_to_do_is_not_redriven(client: Client, named: str) -> None:
    with pytest.raises(RequestRefused, match=named):
        asyncio.run(redrive(client, "run"))
    assert client.started == []


def test_of_two_redrives_at_once_one_is_refused() -> None:
    client = Client(Status.Failed, starts_elsewhere=True, input=to_wire(REQUEST))
    with pytest.raises(RequestRefused, match="meanwhile"):
        asyncio.run(redrive(client, "run"))


@pytest.mark.parametrize("asked", [to_wire(REQUEST), json.dumps(to_wire(REQUEST))])
@pytest.mark.parametrize(
    ("status", "found"),
    [
        (None, Found.NOTHING),
        (Status.Failed, Found.NOTHING),
        (Status.Terminated, Found.NOTHING),
        (Status.Pending, Found.GOING_ON),
        (Status.Running, Found.GOING_ON),
        (Status.Suspended, Found.GOING_ON),
        (Status.Completed, Found.ENDED),
    ],
)
def test_a_request_that_repeats_itself_finds_its_run(asked: Any, status: Status | None, found: Found) -> None:
    client = Client(status, input=asked)
    assert asyncio.run(start_requested(client, REQUEST)) is found
    assert len(client.started) == (found is Found.NOTHING)


OTHER = to_wire(RunRequest(run_id="run", dataset=DATASET, options={}))


def test_a_request_with_other_options_replaces_a_run_that_has_ended() -> None:
    client = Client(Status.Completed, input=OTHER)
    assert asyncio.run(start_requested(client, REQUEST)) is Found.NOTHING
    assert client.started == [("run_dataset", to_wire(REQUEST))]


def test_a_request_with_other_options_is_refused_while_a_run_goes_on() -> None:
    client = Client(Status.Running, input=OTHER)
    with pytest.raises(RunGoingOn, match="other options"):
        asyncio.run(start_requested(client, REQUEST))
    assert client.started == []


@pytest.mark.parametrize("status", [None, *Status])
def test_a_refusal_is_told_once_and_not_where_there_is_a_run(status: Status | None) -> None:
    client = Client(status)
    told = Refusal(run_id="run", dataset=DATASET, error=Failure(kind="RequestRefused", message="m"))
    asyncio.run(refuse(client, told))
    assert client.started == ([("announce_refusal", to_wire(told))] if status is None else [])
