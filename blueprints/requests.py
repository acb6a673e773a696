"""Runs that are asked for on a queue, and what went wrong before a run began."""

import asyncio
import logging

import azure.durable_functions as df
import azure.functions as func

from blueprints.starting import refuse, start_requested
from blueprints.wiring import SETTINGS, intake
from fanfold.errors import FanfoldError, PipelineFault
from fanfold.pipeline.messages import Failure, Refusal, RunRequest
from fanfold.pipeline.requests import poisoned_blob, read_reference, refusal
from fanfold.storage.settings import CONNECTION

bp = df.Blueprint()
_LOG = logging.getLogger(__name__)
_GIVEN_UP = "it failed each time it was tried; the log of the function says why"


@bp.queue_trigger(arg_name="message", queue_name="%REQUESTS_QUEUE%", connection=CONNECTION)
@bp.durable_client_input(client_name="client")
async def run_requested(message: func.QueueMessage, client: df.DurableOrchestrationClient) -> None:
    """Somebody asks for a run: start it, or say in a completion message why not.

    What is wrong with the request stays wrong, so it is refused at once; only faults of ours are tried again.
    """
    data = message.get_body()
    try:
        await start_requested(client, await asyncio.to_thread(find_requested, data))
    except PipelineFault:
        raise
    except FanfoldError as error:
        await _refuse(client, message, Failure(kind=error.kind, message=str(error)))


@bp.queue_trigger(arg_name="message", queue_name="%REQUESTS_QUEUE%-poison", connection=CONNECTION)
@bp.durable_client_input(client_name="client")
async def request_given_up(message: func.QueueMessage, client: df.DurableOrchestrationClient) -> None:
    """The host has given up a request: say so in a completion message."""
    await _refuse(client, message, Failure(kind=PipelineFault.__name__, message=f"the request: {_GIVEN_UP}"))


@bp.queue_trigger(arg_name="message", queue_name="webjobs-blobtrigger-poison", connection=CONNECTION)
@bp.durable_client_input(client_name="client")
async def blob_given_up(message: func.QueueMessage, client: df.DurableOrchestrationClient) -> None:
    """The host has given up starting the run of a blob: that is a failed run, unless there is one nevertheless."""
    account = await asyncio.to_thread(lambda: intake().account)
    failure = Failure(kind=PipelineFault.__name__, message=f"the start of the run: {_GIVEN_UP}")
    await _tell(client, poisoned_blob(str(message.id), message.get_body(), account, failure))


def find_requested(data: bytes) -> RunRequest:
    """The run that a request asks for."""
    reference = read_reference(data, SETTINGS.input_container, SETTINGS.request_containers)
    return intake().find(reference)


async def _refuse(client: df.DurableOrchestrationClient, message: func.QueueMessage, failure: Failure) -> None:
    account = await asyncio.to_thread(lambda: intake().account)
    data = message.get_body()
    await _tell(client, refusal(str(message.id), data, account, SETTINGS.input_container, failure))


async def _tell(client: df.DurableOrchestrationClient, told: Refusal) -> None:
    _LOG.warning("run %s: %s: %s", told.run_id, told.error.kind, told.error.message)
    await refuse(client, told)
