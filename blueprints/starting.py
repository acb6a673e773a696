"""Starting a run: once per dataset, however many events tell of it."""

import logging

import azure.durable_functions as df

from fanfold.pipeline.context import RUN
from fanfold.pipeline.messages import RunRequest, to_wire

_LOG = logging.getLogger(__name__)
_MAY_START = frozenset({None, df.OrchestrationRuntimeStatus.Failed, df.OrchestrationRuntimeStatus.Terminated})


async def start_once(client: df.DurableOrchestrationClient, request: RunRequest) -> bool:
    """Start the run unless it is going on or has ended; says whether this call started it.

    The run id follows from the dataset's version, so a duplicate event finds the run that the first one started. The
    scheduler refuses a second start of a running id, which settles the race of two events at once.
    """
    if await _status(client, request.run_id) not in _MAY_START:
        _LOG.info("run %s is there already", request.run_id)
        return False
    try:
        await client.start_new(RUN, request.run_id, to_wire(request))
    except Exception:
        # The SDK raises a bare Exception for "already running": then the other event has won, and all is well.
        if await _status(client, request.run_id) in _MAY_START:
            raise
        return False
    _LOG.info("run %s started", request.run_id)
    return True


async def _status(client: df.DurableOrchestrationClient, run_id: str) -> df.OrchestrationRuntimeStatus | None:
    status = await client.get_status(run_id)
    return status.runtime_status if status else None
