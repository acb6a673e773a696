"""The webhook on the end of runs; part of the app where COMPLETION_WEBHOOK_URL is set."""

import logging

import azure.durable_functions as df
import azure.functions as func
import msgspec

from blueprints.wiring import SETTINGS, webhook_queue
from fanfold.pipeline.webhook import Delivery
from fanfold.storage.settings import CONNECTION
from fanfold.storage.webhook import QUEUE_SUFFIX, deliver

bp = df.Blueprint()
_LOG = logging.getLogger(__name__)


@bp.queue_trigger(arg_name="message", queue_name=f"%COMPLETIONS_QUEUE%{QUEUE_SUFFIX}", connection=CONNECTION)
async def webhook_due(message: func.QueueMessage) -> None:
    """A delivery is due: try it once. Whether it is tried again is its own matter, not the host's."""
    try:
        delivery = msgspec.json.decode(message.get_body(), type=Delivery)
    except msgspec.DecodeError as error:
        _LOG.error("message %s is no delivery: %s", message.id, error)
        return
    if SETTINGS.webhook is not None:
        await deliver(delivery, SETTINGS.webhook, webhook_queue())
