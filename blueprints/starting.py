"""Starting a run: once per dataset, however many events tell of it, and again when somebody asks for that."""

import json
import logging
from enum import Enum
from typing import Any

import azure.durable_functions as df

from fanfold.errors import RequestRefused, RunGoingOn
from fanfold.pipeline.completion import COMPLETED_WITH_FAILURES, FAILED, status
from fanfold.pipeline.context import REFUSE, RUN
from fanfold.pipeline.messages import Completion, Refusal, RunRequest, from_wire, to_wire

_LOG = logging.getLogger(__name__)
_ENDED_BADLY = frozenset({df.OrchestrationRuntimeStatus.Failed, df.OrchestrationRuntimeStatus.Terminated})
_GOING_ON = frozenset(
    {
        df.OrchestrationRuntimeStatus.Pending,
        df.OrchestrationRuntimeStatus.Running,
        df.OrchestrationRuntimeStatus.Suspended,
        df.OrchestrationRuntimeStatus.ContinuedAsNew,
    }
)


class Found(Enum):
    """What a request found."""

    NOTHING = "nothing"
    """It has started the run."""
    GOING_ON = "going on"
    ENDED = "ended"


async def start_once(client: df.DurableOrchestrationClient, request: RunRequest) -> bool:
    """Start the run unless it is going on or has ended; says whether this call started it.

    The run id follows from the dataset's version, so a duplicate event finds the run that the first one started. The
    scheduler refuses a second start of a running id, which settles the race of two events at once.
    """
    if not _may_start(await _runtime_status(client, request.run_id)):
        _LOG.info("run %s is there already", request.run_id)
        return False
    return await _start(client, RUN, request)


async def start_requested(client: df.DurableOrchestrationClient, request: RunRequest) -> Found:
    """Start the run that somebody asks for by name; says what there was (docs/decisions/0021).

    A request that repeats itself finds its run, whether that goes on or has ended. One that wishes other options than
    the run that has ended gets a new one in its place; RunGoingOn when that goes on.
    """
    found = await client.get_status(request.run_id, show_input=True)
    state = found.runtime_status if found else None
    if state in _GOING_ON:
        if not _asks_for_the_same(found, request):
            raise RunGoingOn(
                f"run {request.run_id} of {request.dataset.blob} is going on with other options: "
                "expected its end, or that somebody cancels it, before another request"
            )
        return Found.GOING_ON
    if state == df.OrchestrationRuntimeStatus.Completed and _asks_for_the_same(found, request):
        return Found.ENDED
    return Found.NOTHING if await _start(client, RUN, request) else Found.GOING_ON


async def refuse(client: df.DurableOrchestrationClient, refusal: Refusal) -> None:
    """Tell of a request that came to nothing as of a run that has failed; once, and not where there is a run."""
    if await _runtime_status(client, refusal.run_id) is None:
        await _start(client, REFUSE, refusal)


async def is_there(client: df.DurableOrchestrationClient, run_id: str) -> bool:
    """Whether the scheduler knows of the run, whatever has become of it."""
    return await _runtime_status(client, run_id) is not None


def _asks_for_the_same(found: Any, request: RunRequest) -> bool:
    return found.name == RUN and from_wire(_json(found.input_), RunRequest) == request


async def redrive(client: df.DurableOrchestrationClient, run_id: str) -> None:
    """Run again what has failed, was cancelled, or has completed without some chunks, with what is stored of it.

    RequestRefused when there is no such run, or when there is nothing to do for it. An event never does this: a dataset
    that has ended stays ended until somebody asks.
    """
    found = await client.get_status(run_id, show_input=True)
    state = found.runtime_status if found else None
    if state is None:
        raise RequestRefused(f"run {run_id}: there is none; expected one that has failed")
    if found.name == REFUSE:
        raise RequestRefused(f"run {run_id}: it was refused before it began; expected a new request")
    outcome = _outcome(found)
    if state not in _ENDED_BADLY and (outcome is None or not _can_be_redriven(outcome)):
        what = state.name if outcome is None else status(outcome)
        raise RequestRefused(f"run {run_id}: found {what}; expected one that has failed, or has lost chunks")
    if not await _start(client, RUN, from_wire(_json(found.input_), RunRequest)):
        raise RequestRefused(f"run {run_id}: somebody else has started it meanwhile")


def _can_be_redriven(outcome: Completion) -> bool:
    return status(outcome) in {FAILED, COMPLETED_WITH_FAILURES}


async def _start(client: df.DurableOrchestrationClient, name: str, request: RunRequest | Refusal) -> bool:
    try:
        await client.start_new(name, request.run_id, to_wire(request))
    except Exception:
        # The SDK raises a bare Exception for "already running": then the other one has won, and all is well.
        if await _runtime_status(client, request.run_id) in _GOING_ON:
            return False
        raise
    _LOG.info("run %s started", request.run_id)
    return True


def _may_start(state: df.OrchestrationRuntimeStatus | None) -> bool:
    return state is None or state in _ENDED_BADLY


async def is_going_on(client: df.DurableOrchestrationClient, run_id: str) -> bool:
    """Whether the run has been started and has not ended."""
    return await _runtime_status(client, run_id) in _GOING_ON


async def _runtime_status(client: df.DurableOrchestrationClient, run_id: str) -> df.OrchestrationRuntimeStatus | None:
    found = await client.get_status(run_id)
    return found.runtime_status if found else None


def _outcome(found: Any) -> Completion | None:
    """How the run ended, None while it goes on or when its orchestration itself has failed."""
    if found.runtime_status != df.OrchestrationRuntimeStatus.Completed:
        return None
    return from_wire(_json(found.output), Completion)


def _json(value: Any) -> Any:
    """Inputs and outputs come as JSON, or as a text of it."""
    return json.loads(value) if isinstance(value, str) else value
