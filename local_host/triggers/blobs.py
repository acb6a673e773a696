"""Blob triggers: one polling thread a container; every version of a blob reaches each function that wants it once.

What a function has had is kept as a receipt, by function, blob and ETag. A version whose function fails five times is
announced on the poison queue, and counts as had.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.functions.meta import Datum
from azure.storage.blob import BlobProperties

from local_host.functions.expressions import BlobPath
from local_host.functions.index import Function
from local_host.functions.invoke import Invoker, Occasion, binds_sdk_type, model_binding
from local_host.functions.storage import Storage, brief
from local_host.settings import BlobSettings
from local_host.triggers.glance import Glance
from local_host.triggers.memory import Memory

log = logging.getLogger("Host.Triggers.Blobs")

POLL_S = 0.25
POLL_BY_SDK_S = 0.45
"""A drop is found within half a second always, and sooner where a look costs next to nothing."""

POLL_SHARE = 0.1
"""Of its time a poller spends at most this share listing: large containers are listed less often."""

RETRY_DELAY_S = 0.1
POISON_QUEUE = "webjobs-blobtrigger-poison"
CLOSE_TIMEOUT_S = 2.0


@dataclass(slots=True)
class _Subscriber:
    function: Function
    path: BlobPath
    had: dict[str, str]
    at_work: dict[str, str] = field(default_factory=dict)


class BlobTrigger:
    """Watches one container of one connection for all functions that want its blobs."""

    def __init__(
        self,
        functions: Sequence[Function],
        invoker: Invoker,
        storage: Storage,
        memory: Memory,
        settings: BlobSettings,
    ) -> None:
        self._tries_max = settings.tries_max
        paths = [BlobPath(str(function.trigger["path"])) for function in functions]
        self._invoker, self._storage, self._memory = invoker, storage, memory
        self._connection, self._container = str(functions[0].trigger["connection"]), paths[0].container
        self._subscribers = [
            _Subscriber(function, path, memory.receipts(function.name, self._container))
            for function, path in zip(functions, paths, strict=True)
        ]
        self._client = storage.container(self._connection, self._container)
        self._glance = Glance(self._client)
        self._seen: bytes | None = None
        self._again = threading.Event()
        self._stop = threading.Event()
        self._deliveries = ThreadPoolExecutor(settings.parallel_max, f"blobs-{self._container}")
        self._thread = threading.Thread(target=self._poll, name=f"blobs-{self._container}", daemon=True)

    def create_storage(self) -> None:
        """Create the container where it does not exist."""
        self._storage.create(self._connection, container=self._container)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def close(self) -> None:
        """Poll no more; a version at work comes again if it is not finished."""
        self._stop.set()
        self._deliveries.shutdown(wait=False, cancel_futures=True)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _poll(self) -> None:
        complaint = ""
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._glance_or_look()
                complaint = ""
            except ResourceNotFoundError:
                log.debug("container %s does not exist yet", self._container)
            except AzureError as error:
                if brief(error) != complaint and not self._stop.is_set():
                    log.warning("container %s: %s", self._container, brief(error))
                complaint = brief(error)
            took = time.monotonic() - began
            pause_s = POLL_S if self._glance.possible else POLL_BY_SDK_S
            self._stop.wait(max(pause_s, took / POLL_SHARE))
        self._glance.close()

    def _glance_or_look(self) -> None:
        """Look, unless nothing has changed and no delivery has to be made again."""
        listed = self._glance.read()
        if listed == b"" or (listed is not None and listed == self._seen and not self._again.is_set()):
            return
        self._seen = None
        self._again.clear()
        self._look()
        self._seen = listed  # what came since the glance makes the next one differ

    def _look(self) -> None:
        """List the container, page by page, and deliver what is new."""
        present: set[str] = set()
        for blob in self._client.list_blobs():
            present.add(blob.name)
            for subscriber in self._subscribers:
                known = subscriber.at_work.get(blob.name) or subscriber.had.get(blob.name)
                if known != blob.etag and subscriber.path.match(blob.name) is not None:
                    subscriber.at_work[blob.name] = blob.etag
                    with contextlib.suppress(RuntimeError):  # closed meanwhile: it is found again
                        self._deliveries.submit(self._deliver, subscriber, blob)
        for subscriber in self._subscribers:
            for name in subscriber.had.keys() - present:
                del subscriber.had[name]
                self._memory.remove_receipt(subscriber.function.name, self._container, name)

    def _deliver(self, subscriber: _Subscriber, blob: BlobProperties) -> None:
        try:
            if self._try(subscriber.function, subscriber.path, blob):
                self._memory.add_receipt(subscriber.function.name, self._container, blob.name, blob.etag)
                subscriber.had[blob.name] = blob.etag
        except AzureError as error:
            log.warning("blob %s/%s: %s", self._container, blob.name, brief(error))
        finally:
            if subscriber.at_work.get(blob.name) == blob.etag:
                del subscriber.at_work[blob.name]
            if subscriber.had.get(blob.name) != blob.etag:
                self._again.set()

    def _try(self, function: Function, path: BlobPath, blob: BlobProperties) -> bool:
        """Call the function until it succeeds, or has failed for good; whether this version is dealt with."""
        subject = f"{self._container}/{blob.name}"
        for attempt in range(1, self._tries_max + 1):
            try:
                occasion = self._occasion(function, path, blob)
                if occasion is None:
                    return True  # deleted since it was listed
                self._invoker.submit(function, occasion).result()
            except Exception:
                if self._stop.is_set():
                    return False
                log.exception(
                    "Executed '%s' (Failed), blob %s, try %d of %d", function.name, subject, attempt, self._tries_max
                )
                self._stop.wait(RETRY_DELAY_S)
            else:
                return True
        self._poison(function, blob)
        return True

    def _poison(self, function: Function, blob: BlobProperties) -> None:
        log.error("blob %s/%s has failed %d times, announcing it on queue '%s'",
                  self._container, blob.name, self._tries_max, POISON_QUEUE)  # fmt: skip
        message = {
            "Type": "BlobTrigger",
            "FunctionId": f"Host.Functions.{function.name}",
            "BlobType": "BlockBlob",
            "ContainerName": self._container,
            "BlobName": blob.name,
            "ETag": f'"{blob.etag}"',
        }
        self._storage.send(self._connection, POISON_QUEUE, json.dumps(message))

    def _occasion(self, function: Function, path: BlobPath, blob: BlobProperties) -> Occasion | None:
        subject = f"{self._container}/{blob.name}"
        properties: dict[str, Any] = {
            "Length": blob.size,
            "ContentLength": blob.size,
            "ETag": f'"{blob.etag}"',
            "LastModified": blob.last_modified.isoformat(),
            "ContentType": blob.content_settings.content_type,
        }
        uri = self._client.get_blob_client(blob.name).url
        metadata = {
            "BlobTrigger": Datum(subject, "string"),
            "Uri": Datum(json.dumps(uri), "json"),
            "Properties": Datum(json.dumps(properties), "json"),
            "Metadata": Datum(json.dumps(blob.metadata or {}), "json"),
        }
        data = {"blobTrigger": subject, "uri": uri, **(path.match(blob.name) or {})}
        if binds_sdk_type(function):
            return Occasion(model_binding(self._connection, subject), metadata, data, subject)
        content = self._storage.read_blob(self._connection, subject)
        return None if content is None else Occasion(Datum(content, "bytes"), metadata, data, subject)
