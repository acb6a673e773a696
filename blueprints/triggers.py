"""The ways in: what starts a run."""

import asyncio
import logging

import azure.durable_functions as df
import azure.functions as func
from azure.core.exceptions import ResourceNotFoundError
from azurefunctions.extensions.bindings import blob

from blueprints.starting import start_once
from blueprints.wiring import SETTINGS
from fanfold.storage.events import is_wanted, request_for
from fanfold.storage.settings import CONNECTION

bp = df.Blueprint()
_LOG = logging.getLogger(__name__)


@bp.blob_trigger(
    arg_name="dropped",
    path="%INPUT_CONTAINER%/{name}",
    connection=CONNECTION,
    source=func.BlobSource(SETTINGS.blob_trigger_source),
)
@bp.durable_client_input(client_name="client")
async def dataset_dropped(dropped: blob.BlobClient, client: df.DurableOrchestrationClient) -> None:
    """A blob appeared, or changed, in the input container: start the run of this version, once.

    The blob is bound as a client, so that its content never passes through the trigger.
    """
    if not is_wanted(str(dropped.blob_name), SETTINGS):
        _LOG.debug("%s is not among the names that start a run", dropped.blob_name)
        return
    try:
        request = await asyncio.to_thread(request_for, dropped, SETTINGS)
    except ResourceNotFoundError:
        _LOG.warning("%s was deleted before its run began", dropped.blob_name)
        return
    await start_once(client, request)
