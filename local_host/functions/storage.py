"""Blobs and queues behind the app's connections, by the plain Azure SDK."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import threading
from typing import Any, TypeVar

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient, QueueServiceClient

Service = TypeVar("Service", BlobServiceClient, QueueServiceClient)


class BadConnection(Exception):
    """A connection that a binding names cannot be used; the message says which and why."""


def brief(error: AzureError) -> str:
    """What the service complains of, in one line that is the same each time."""
    text = re.sub("^<[^>]*>: ", "", str(error.message).partition("\n")[0])
    code = getattr(error, "error_code", None)
    return f"{text} ({getattr(code, 'value', code)})" if code else text


def connection_string(name: str) -> str:
    """The connection string that the app setting ``name`` (or ``AzureWebJobs<name>``) holds."""
    name = name or "AzureWebJobsStorage"
    for setting in (name, f"AzureWebJobs{name}"):
        if os.environ.get(setting):
            return os.environ[setting]
        if any(key.startswith(f"{setting}__") for key in os.environ):
            raise NotImplementedError(
                f"connection {setting}: identity-based connections are not supported by the local host;"
                f" set {setting} to a connection string"
            )
    raise BadConnection(f"the app setting {name}, which a binding names as its connection, does not exist")


def _connect(client: type[Service], connection: str) -> Service:
    text = connection_string(connection)
    # No proxy stands between a machine and itself; not to look for one makes a poll a quarter cheaper.
    local = "://127.0.0.1:" in text or "://localhost:" in text
    try:
        return client.from_connection_string(text, transport=RequestsTransport(use_env_settings=not local))
    except ValueError as error:
        raise BadConnection(f"the app setting {connection} holds no connection string of storage: {error}") from error


class Storage:
    """Clients of containers and queues, one service client a connection. Thread-safe."""

    def __init__(self, *, base64_queues: bool) -> None:
        self._base64 = base64_queues
        self._blobs: dict[str, BlobServiceClient] = {}
        self._queues: dict[str, QueueServiceClient] = {}
        self._lock = threading.Lock()

    def container(self, connection: str, container: str) -> ContainerClient:
        """A client of the container, which need not exist."""
        with self._lock:
            if connection not in self._blobs:
                self._blobs[connection] = _connect(BlobServiceClient, connection)
            return self._blobs[connection].get_container_client(container)

    def queue(self, connection: str, queue: str) -> QueueClient:
        """A client of the queue, which need not exist. Contents are sent and received as they are."""
        with self._lock:
            if connection not in self._queues:
                self._queues[connection] = _connect(QueueServiceClient, connection)
            return self._queues[connection].get_queue_client(queue)

    def close(self) -> None:
        """Close every client."""
        for blobs in self._blobs.values():
            blobs.close()
        for queues in self._queues.values():
            queues.close()

    def read_blob(self, connection: str, path: str) -> bytes | None:
        """The content of ``container/blob``; None where it does not exist."""
        container, _, blob = path.partition("/")
        try:
            return self.container(connection, container).download_blob(blob).readall()
        except ResourceNotFoundError:
            return None

    def write_blob(self, connection: str, path: str, content: bytes | str) -> None:
        """Write ``container/blob``, creating the container where it does not exist."""
        name, _, blob = path.partition("/")
        container = self.container(connection, name)
        try:
            container.upload_blob(blob, content, overwrite=True)
        except ResourceNotFoundError:
            _create(container.create_container)
            container.upload_blob(blob, content, overwrite=True)

    def send(self, connection: str, queue: str, text: str) -> None:
        """Send a message in the encoding of ``host.json``, creating the queue where it does not exist."""
        content = base64.b64encode(text.encode()).decode() if self._base64 else text
        self.send_raw(connection, queue, content)

    def send_raw(self, connection: str, queue: str, content: str) -> None:
        """Send a message whose content is encoded already."""
        client = self.queue(connection, queue)
        try:
            client.send_message(content)
        except ResourceNotFoundError:
            _create(client.create_queue)
            client.send_message(content)

    def create(self, connection: str, *, container: str | None = None, queue: str | None = None) -> None:
        """Create a container or a queue where it does not exist."""
        if container is not None:
            _create(self.container(connection, container).create_container)
        if queue is not None:
            _create(self.queue(connection, queue).create_queue)

    def decode(self, content: str) -> str:
        """The text of a message; one that is not base64 although it should be raises ValueError."""
        if not self._base64:
            return content
        try:
            return base64.b64decode(content, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError(
                f"the message is not base64 of UTF-8, as host.json's messageEncoding says: {error}"
            ) from error


def messages(value: Any) -> list[str]:
    """The messages in an encoded output: a text, bytes, a JSON object, or a JSON list with one message an item."""
    if value.type != "json":
        return [value.value.decode() if isinstance(value.value, bytes) else value.value]
    content = json.loads(value.value)
    return [_message(item) for item in content] if isinstance(content, list) else [_message(content)]


def _message(item: Any) -> str:
    if isinstance(item, dict) and set(item) == {"id", "body"}:  # how the SDK encodes a QueueMessage
        return str(item["body"])
    return item if isinstance(item, str) else json.dumps(item)


def _create(create: Any) -> None:
    try:
        create()
    except ResourceExistsError:
        return
