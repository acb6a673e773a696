"""The webhook that hears of the end of runs: its queue, and the requests to it."""

import asyncio
import logging
import time
from http import HTTPStatus

import aiohttp
import msgspec
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueServiceClient

from fanfold import limits
from fanfold.pipeline.webhook import (
    AGAIN,
    DELIVERED,
    Answer,
    Delivery,
    delay_s,
    delivery_id,
    judge_answer,
    signed_headers,
)
from fanfold.storage.clients import BASE64
from fanfold.storage.faults import storage_faults
from fanfold.storage.settings import Webhook

QUEUE_SUFFIX = "-webhooks"
"""Of the queue of deliveries; its name begins as that of the completion messages."""

_LOG = logging.getLogger(__name__)
_TIMEOUT = aiohttp.ClientTimeout(total=limits.WEBHOOK_TIMEOUT_S)
_HEADERS = {"Content-Type": "application/cloudevents+json; charset=utf-8", "User-Agent": "fanfold"}


class WebhookQueue:
    """Deliveries that wait for their time."""

    def __init__(self, queues: QueueServiceClient, completions_queue: str) -> None:
        self._name = completions_queue + QUEUE_SUFFIX
        self._queue = queues.get_queue_client(self._name, **BASE64)

    def send(self, message: bytes) -> None:
        """A completion message, to be delivered at once."""
        self.put(Delivery(event=msgspec.Raw(message)), 0)

    def put(self, delivery: Delivery, wait_s: int) -> None:
        """A delivery, to be tried after some time; the queue is created when it is missing."""
        text = msgspec.json.encode(delivery).decode("utf-8")
        with storage_faults(self._name):
            try:
                self._queue.send_message(text, visibility_timeout=wait_s, time_to_live=-1)
            except ResourceNotFoundError:
                self._queue.create_queue()
                self._queue.send_message(text, visibility_timeout=wait_s, time_to_live=-1)


async def deliver(delivery: Delivery, webhook: Webhook, queue: WebhookQueue) -> None:
    """Try once; what may work later goes back to the queue, what cannot is told in the log."""
    event = bytes(delivery.event)
    answer = await _post(event, webhook)
    verdict = judge_answer(answer)
    attempt = delivery.attempt + 1
    what = f"webhook {delivery_id(event)} to {webhook.host}, attempt {attempt}: {_told(answer)}"
    wait_s = delay_s(attempt, answer) if verdict == AGAIN else None
    if verdict == DELIVERED:
        _LOG.info("%s", what)
    elif wait_s is None:
        _LOG.error("%s; it is given up", what)
    else:
        _LOG.warning("%s; again in %d s", what, wait_s)
        await asyncio.to_thread(queue.put, msgspec.structs.replace(delivery, attempt=attempt), wait_s)


async def _post(event: bytes, webhook: Webhook) -> Answer:
    """One request, of which only the status and the wish to wait are read: the time for all of it is bounded."""
    headers = {**_HEADERS, **signed_headers(event, webhook.secrets, int(time.time()))}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.post(webhook.url, data=event, headers=headers, allow_redirects=False) as answer,
        ):
            return Answer(answer.status, _seconds(answer.headers.get("Retry-After", "")))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Answer(reason=type(error).__name__)  # its text may hold the URL, and that a secret


def _seconds(text: str) -> int:
    """A number of seconds; the other form of that header, a date, is not read."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0


def _told(answer: Answer) -> str:
    if answer.status is None:
        return f"no answer ({answer.reason})"
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return f"status {answer.status}, a redirect, which is not followed"
    return f"status {answer.status}"
