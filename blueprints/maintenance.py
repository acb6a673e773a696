"""What happens by the clock."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import azure.functions as func

from blueprints.starting import is_going_on
from blueprints.wiring import SETTINGS, ports
from fanfold import limits
from fanfold.pipeline.cleaning import clean_up, leftovers
from fanfold.pipeline.messages import CleanTask
from fanfold.pipeline.ports import Ports

bp = df.Blueprint()
_LOG = logging.getLogger(__name__)


@bp.timer_trigger(arg_name="timer", schedule="0 17 * * * *")
@bp.durable_client_input(client_name="client")
async def sweep_leftovers(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001 - theirs
    """Remove the work of runs that have ended and were not taken up again for some days."""
    await sweep(client, ports(), datetime.now(UTC) - timedelta(days=SETTINGS.work_retention_days))


async def sweep(
    client: df.DurableOrchestrationClient,
    outside: Ports,
    before: datetime,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Remove the work of runs that have stored nothing since a time and are not going on.

    As much as fits into the function's own limit: what is left, of very many blobs, is there for the next sweep.
    """
    ends_at = clock() + limits.SWEEP_S
    found = iter(leftovers(outside.work, before))
    while (run_id := await asyncio.to_thread(next, found, None)) is not None:
        if not await is_going_on(client, run_id) and await _remove(run_id, outside, ends_at, clock):
            _LOG.info("run %s: its work was removed, nothing was stored for it since %s", run_id, before.isoformat())
        if clock() >= ends_at:
            return


async def _remove(run_id: str, outside: Ports, ends_at: float, clock: Callable[[], float]) -> bool:
    """Remove its blobs, an activity's worth at a time; says whether none is left."""
    while clock() < ends_at:
        if (await asyncio.to_thread(clean_up, CleanTask(run_id=run_id), outside)).everything:
            return True
    return False
