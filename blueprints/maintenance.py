"""What happens by the clock."""

import asyncio
import logging
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


@bp.timer_trigger(arg_name="timer", schedule="0 17 3 * * *")
@bp.durable_client_input(client_name="client")
async def sweep_leftovers(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001 - theirs
    """Remove the work of runs that have ended and were not taken up again for some days."""
    await sweep(client, ports(), datetime.now(UTC) - timedelta(days=SETTINGS.work_retention_days))


async def sweep(client: df.DurableOrchestrationClient, outside: Ports, before: datetime) -> None:
    """Remove the work of runs that have stored nothing since a time and are not going on.

    As much as fits into one activity's limit: what is left is older tomorrow.
    """
    found = await asyncio.to_thread(lambda: list(leftovers(outside.work, before)))
    for run_id in found[: limits.SWEPT_AT_ONCE]:
        if await is_going_on(client, run_id):
            continue
        await asyncio.to_thread(clean_up, CleanTask(run_id=run_id), outside)
        _LOG.info("run %s: its work was removed, nothing was stored for it since %s", run_id, before.isoformat())
