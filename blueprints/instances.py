"""Runs as the scheduler knows them: one, or a page of the list of them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import aiohttp
import azure.durable_functions as df

from fanfold import limits
from fanfold.errors import NothingThere, PipelineFault
from fanfold.pipeline.progress import entity_of
from fanfold.pipeline.run_listing import RunPage, list_newest
from fanfold.pipeline.run_queries import RunQuery, check_run_id
from fanfold.pipeline.runs import GOING_ON, Instance, describe_run, runtime_statuses

_TOKEN = "x-ms-continuation-token"  # noqa: S105 - the name of a header
_TIMEOUT = aiohttp.ClientTimeout(total=30)


async def find_run(client: df.DurableOrchestrationClient, run_id: str) -> dict[str, Any] | None:
    """One run, counted across its whole tree while it goes on; None when there is no such run."""
    if not check_run_id(run_id):
        return None
    found = await client.get_status(run_id, show_input=True)
    if not found or found.runtime_status is None:
        return None
    instance = Instance(
        name=found.name,
        instance_id=run_id,
        runtime_status=found.runtime_status.name,
        input=found.input_,
        output=found.output,
        custom_status=found.custom_status,
        created_at=_iso(found.created_time),
        updated_at=_iso(found.last_updated_time),
    )
    if not instance.is_run:
        return None
    run = describe_run(instance)
    return describe_run(instance, await _counted(client, run_id)) if run["status"] in GOING_ON else run


async def get_run(client: df.DurableOrchestrationClient, run_id: str) -> dict[str, Any]:
    """One run; NothingThere when there is no such run."""
    run = await find_run(client, run_id)
    if run is None:
        raise NothingThere(f"run {run_id[:100]!r}: there is none")
    return run


async def find_history(client: df.DurableOrchestrationClient, run_id: str) -> list[dict[str, Any]] | None:
    """What the scheduler has recorded of a run, None where it tells nothing."""
    found = await client.get_status(run_id, show_history=True, show_history_output=True, show_input=True)
    # The SDK has no word for it, and sets what the host answers as an attribute.
    return getattr(found, "historyEvents", None)


async def list_runs(client: df.DurableOrchestrationClient, query: RunQuery) -> RunPage:
    """The newest runs that are asked for."""
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:

        async def gather(start: datetime | None, stop: datetime | None) -> list[dict[str, Any]] | None:
            return await _gather(session, _base_url(client), replace(query, created_from=start, created_to=stop))

        return await list_newest(gather, query, datetime.now(UTC))


async def _gather(session: aiohttp.ClientSession, base_url: str, query: RunQuery) -> list[dict[str, Any]] | None:
    """All runs that are asked for, of any number; None when they are among too many parts of runs."""
    runs: list[dict[str, Any]] = []
    token: str | None = None
    for _ in range(limits.RUNS_PAGES_LOOKED_AT):
        page, token = await _page(session, base_url, query, token)
        described = (describe_run(instance) for instance in page if instance.is_run)
        runs += [run for run in described if query.admits(run)]
        if token is None:
            return runs
    return None


async def _page(
    session: aiohttp.ClientSession, base_url: str, query: RunQuery, token: str | None
) -> tuple[list[Instance], str | None]:
    headers = {} if token is None else {_TOKEN: token}
    try:
        async with session.get(f"{base_url}instances/", params=_parameters(query), headers=headers) as answer:
            if answer.status != HTTPStatus.OK:
                raise PipelineFault(f"the scheduler's list of runs: status {answer.status}")
            found = [_instance(one) for one in json.loads(await answer.read())]
            return found, answer.headers.get(_TOKEN) or None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise PipelineFault(f"the scheduler's list of runs: {type(error).__name__}: {error}") from error


def _parameters(query: RunQuery) -> dict[str, str]:
    parameters = {
        "showInput": "true",
        "top": str(limits.RUNS_PAGE_MAX),
        "instanceIdPrefix": query.id_prefix,
        "runtimeStatus": ",".join(runtime_statuses(query.statuses)),
        "createdTimeFrom": _utc(query.created_from),
        "createdTimeTo": _utc(query.created_to),
    }
    return {name: value for name, value in parameters.items() if value}


def _instance(wire: dict[str, Any]) -> Instance:
    return Instance(
        name=wire.get("name") or "",
        instance_id=wire["instanceId"],
        runtime_status=wire["runtimeStatus"],
        input=wire.get("input"),
        output=wire.get("output"),
        custom_status=wire.get("customStatus"),
        created_at=wire["createdTime"],
        updated_at=wire["lastUpdatedTime"],
    )


def _utc(time: datetime | None) -> str:
    return "" if time is None else time.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


async def _counted(client: df.DurableOrchestrationClient, run_id: str) -> dict[str, Any] | None:
    name = entity_of(run_id)
    state = await client.read_entity_state(df.EntityId(name.name, name.key))
    return state.entity_state if state.entity_exists else None


def _base_url(client: df.DurableOrchestrationClient) -> str:
    # The client's own get_status_by reads the whole list at once and throws the token of the next page away.
    return str(client._orchestration_bindings.rpc_base_url)  # noqa: SLF001


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time.tzinfo else time.strftime("%Y-%m-%dT%H:%M:%SZ")
