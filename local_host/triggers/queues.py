"""Queue triggers: one polling thread a queue, backing off while the queue is empty.

A message stays invisible to others while its function runs, and is deleted when it succeeded. It comes back when the
function failed, and goes to the poison queue after the last try.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.functions.meta import Datum
from azure.storage.queue import QueueMessage

from local_host.functions.expressions import fields_of, resolve_settings
from local_host.functions.index import Function
from local_host.functions.invoke import Invoker, Occasion
from local_host.functions.storage import Storage, brief
from local_host.settings import QueueSettings

log = logging.getLogger("Host.Triggers.Queue")

POLL_MIN_S = 0.1
POLL_MAX_S = 2.0
"""Whatever ``maxPollingInterval`` says: nobody waits for a minute at a desk."""
VISIBILITY_S = 60
"""How long a crash of the host hides a message; renewed while the function runs."""
RENEWAL_S = 20.0
CLOSE_TIMEOUT_S = 2.0


class QueueTrigger:
    """Feeds one function from one queue, at most ``batch_size + new_batch_threshold`` messages at once."""

    def __init__(self, function: Function, invoker: Invoker, storage: Storage, settings: QueueSettings) -> None:
        self._function, self._invoker, self._storage, self._settings = function, invoker, storage, settings
        self._connection = str(function.trigger["connection"])
        self._name = resolve_settings(str(function.trigger["queueName"]))
        self._queue = storage.queue(self._connection, self._name)
        self._stop = threading.Event()
        self._idle_slots = threading.Condition()
        self._running = 0
        self._messages = ThreadPoolExecutor(settings.batch_size + settings.new_batch_threshold, f"queue-{self._name}")
        self._thread = threading.Thread(target=self._poll, name=f"queue-{self._name}", daemon=True)

    def create_storage(self) -> None:
        """Create the queue where it does not exist."""
        self._storage.create(self._connection, queue=self._name)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def close(self) -> None:
        """Poll no more; messages at work come back if they are not finished."""
        self._stop.set()
        with self._idle_slots:
            self._idle_slots.notify_all()
        self._messages.shutdown(wait=False, cancel_futures=True)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _poll(self) -> None:
        wait_s, complaint = POLL_MIN_S, ""
        while not self._stop.is_set():
            with self._idle_slots:
                self._idle_slots.wait_for(
                    lambda: self._running <= self._settings.new_batch_threshold or self._stop.is_set()
                )
            try:
                found, complaint = self._receive(), ""
            except AzureError as error:
                found, complaint = [], self._complain(complaint, brief(error))
            for message in found:
                with self._idle_slots:
                    self._running += 1
                with contextlib.suppress(RuntimeError):  # closed meanwhile: the message comes back
                    self._messages.submit(self._process, message)
            wait_s = POLL_MIN_S if found else min(wait_s * 1.5, self._settings.polling_interval_max_s, POLL_MAX_S)
            if not found:
                self._stop.wait(wait_s)

    def _receive(self) -> list[QueueMessage]:
        size = self._settings.batch_size
        try:
            return list(
                self._queue.receive_messages(messages_per_page=size, max_messages=size, visibility_timeout=VISIBILITY_S)
            )
        except ResourceNotFoundError:
            return []

    def _complain(self, before: str, now: str) -> str:
        """Tell what is wrong, once; what it is."""
        if now != before and not self._stop.is_set():
            log.warning("queue %s: %s", self._name, now)
        return now

    def _process(self, message: QueueMessage) -> None:
        try:
            self._try(message)
        except AzureError as error:
            log.warning("queue %s, message %s: %s", self._name, message.id, brief(error))
        finally:
            with self._idle_slots:
                self._running -= 1
                self._idle_slots.notify_all()

    def _try(self, message: QueueMessage) -> None:
        try:
            text = self._storage.decode(message.content)
            running = self._invoker.submit(self._function, _occasion(message, text))
            self._keep_invisible(message, running)
            running.result()
        except Exception:
            if self._stop.is_set():
                return
            log.exception(
                "Executed '%s' (Failed), message %s, try %s", self._function.name, message.id, message.dequeue_count
            )
            self._give_back(message)
        else:
            self._queue.delete_message(message.id, message.pop_receipt)

    def _keep_invisible(self, message: QueueMessage, running: Future[Any]) -> None:
        """Wait for the function's end, so that nobody else gets its message."""
        while not _finished(running, RENEWAL_S):
            try:
                renewed = self._queue.update_message(message.id, message.pop_receipt, visibility_timeout=VISIBILITY_S)
                message.pop_receipt = renewed.pop_receipt
            except AzureError as error:
                log.warning("queue %s, message %s: %s", self._name, message.id, brief(error))

    def _give_back(self, message: QueueMessage) -> None:
        if int(message.dequeue_count or 0) >= self._settings.dequeue_count_max:
            poison = f"{self._name}-poison"
            log.error("message %s has reached MaxDequeueCount of %d, moving it to queue '%s'",
                      message.id, self._settings.dequeue_count_max, poison)  # fmt: skip
            self._storage.send_raw(self._connection, poison, message.content)
            self._queue.delete_message(message.id, message.pop_receipt)
        else:
            delay_s = int(self._settings.retry_delay_s)
            self._queue.update_message(message.id, message.pop_receipt, visibility_timeout=delay_s)


def _finished(running: Future[Any], timeout_s: float) -> bool:
    try:
        running.exception(timeout_s)
    except TimeoutError:
        return running.done()
    return True


def _occasion(message: QueueMessage, text: str) -> Occasion:
    times = {
        "InsertionTime": message.inserted_on,
        "ExpirationTime": message.expires_on,
        "NextVisibleTime": message.next_visible_on,
    }
    metadata = {
        "Id": Datum(message.id, "string"),
        "DequeueCount": Datum(str(message.dequeue_count), "string"),
        "PopReceipt": Datum(message.pop_receipt, "string"),
        **{name: Datum(moment.isoformat(), "string") for name, moment in times.items() if moment},
    }
    data = {"id": message.id, "dequeueCount": message.dequeue_count, **binding_data(text)}
    return Occasion(Datum(text, "string"), metadata, data, str(message.id))


def binding_data(text: str) -> dict[str, Any]:
    """What binding expressions know of a message: its text, and the fields of one that is a JSON object."""
    return {"queueTrigger": text, **fields_of(text)}
