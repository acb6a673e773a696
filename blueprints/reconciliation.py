"""Runs that no event has started: what is in the input container, compared with what has had its run."""

import asyncio
import logging

import azure.durable_functions as df
import azure.functions as func

from blueprints.starting import is_there, start_once
from blueprints.wiring import SETTINGS, intake, ports
from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.pipeline.messages import RunRequest
from fanfold.pipeline.ports import WorkStore
from fanfold.storage.intake import Intake
from fanfold.storage.settings import RECONCILE_SCHEDULE

bp = df.Blueprint()
_LOG = logging.getLogger(__name__)
_CURSOR = "reconciliation/cursor"
"""Where in the container the next tick goes on: its blobs may be more than one tick can look at."""


@bp.timer_trigger(arg_name="timer", schedule=SETTINGS.reconcile_schedule or RECONCILE_SCHEDULE)
@bp.durable_client_input(client_name="client")
async def start_missed(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001 - theirs
    """Events get lost, and hosts are down: start the runs of blobs that have none (promise P1)."""
    await reconcile(client, await asyncio.to_thread(intake), ports().work)


async def reconcile(client: df.DurableOrchestrationClient, datasets: Intake, work: WorkStore) -> int:
    """Look at the next page of the input container and start what has no run; says how many that were.

    What the scheduler has forgotten has left its completion message, so it is not run again. With more to start than
    one tick may, the next one looks at the same page.
    """
    after = await asyncio.to_thread(_load_cursor, work)
    try:
        page = await asyncio.to_thread(datasets.page, after)
    except PipelineFault:
        # Perhaps the place is no longer one: the next tick begins at the beginning.
        await asyncio.to_thread(work.put, _CURSOR, b"")
        raise
    started = 0
    for request in page.requests:
        if started == limits.RECONCILE_STARTS_MAX:
            return started
        started += await _start_missed(client, datasets, request)
    await asyncio.to_thread(work.put, _CURSOR, (page.then or "").encode())
    return started


async def _start_missed(client: df.DurableOrchestrationClient, datasets: Intake, request: RunRequest) -> bool:
    if await is_there(client, request.run_id) or await asyncio.to_thread(datasets.has_ended, request):
        return False
    _LOG.warning("run %s of %s was missed: starting it", request.run_id, request.dataset.blob)
    return await start_once(client, request)


def _load_cursor(work: WorkStore) -> str | None:
    if work.summary(_CURSOR) is None:
        return None
    return work.get(_CURSOR).decode() or None
