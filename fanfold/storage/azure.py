"""The pipeline's ports on Azure Storage, or on Azurite."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO, Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobServiceClient, ContainerClient, ContentSettings
from azure.storage.queue import QueueServiceClient

from fanfold import limits
from fanfold.errors import PipelineFault, WorkMissing
from fanfold.pipeline.messages import DatasetVersion
from fanfold.pipeline.ports import Dataset, Outbox
from fanfold.storage.clients import BASE64, blob_service, queue_service
from fanfold.storage.documents import check_size
from fanfold.storage.faults import dataset_faults, storage_faults
from fanfold.storage.settings import Settings
from fanfold.storage.webhook import WebhookQueue

_SUMMARY = "summary"
_BATCH = 256
"""Blobs that the service deletes with one request."""


class AzurePorts:
    """The outside world on one storage account."""

    def __init__(self, settings: Settings) -> None:
        self._blobs = blob_service(settings)
        self.work = BlobWorkStore(self._blobs.get_container_client(settings.work_container))
        self.reports = BlobReportStore(self._blobs.get_container_client(settings.output_container))
        queues = queue_service(settings)
        self.outbox: Outbox = QueueOutbox(queues, settings.completions_queue)
        if settings.webhook is not None:
            self.outbox = BothOutboxes(self.outbox, WebhookQueue(queues, settings.completions_queue))

    def document(self, container: str, name: str) -> bytes | None:
        """A blob's content, None where there is none."""
        client = self._blobs.get_blob_client(container, name)
        with storage_faults(f"{container}/{name}"):
            try:
                data: bytes = client.download_blob(offset=0, length=limits.SCHEMA_BYTES_MAX + 1).readall()
            except ResourceNotFoundError:
                return None
        return check_size(name, data)

    def open(self, dataset: DatasetVersion) -> Dataset:
        """The dataset for reading, pinned to its ETag."""
        return BlobDataset(self._blobs, dataset)


class BlobDataset:
    """Ranges of one version of a blob: every read is conditional on its ETag (promise P5)."""

    def __init__(self, blobs: BlobServiceClient, dataset: DatasetVersion) -> None:
        self._client: BlobClient = blobs.get_blob_client(dataset.container, dataset.blob)
        self._etag = dataset.etag
        self._what = f"{dataset.container}/{dataset.blob}"

    def read(self, start: int, stop: int) -> bytes:
        """Exactly the bytes in [start, stop)."""
        if start >= stop:
            return b""
        with dataset_faults(self._what, self._client.exists):
            data: bytes = self._client.download_blob(
                offset=start,
                length=stop - start,
                etag=f'"{self._etag}"',
                match_condition=MatchConditions.IfNotModified,
                max_concurrency=1,
            ).readall()
        if len(data) != stop - start:
            raise PipelineFault(f"{self._what}: asked for bytes {start} to {stop}, got {len(data)}")
        return data


class BlobWorkStore:
    """Partials as blobs; the summary travels as metadata, so that both appear at once."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def put(self, name: str, data: bytes, summary: str = "") -> None:
        """Store the bytes with their summary."""
        with storage_faults(name):
            _upload(self._container, name, data, metadata={_SUMMARY: summary} if summary else None)

    def get(self, name: str) -> bytes:
        """The bytes."""
        with storage_faults(name):
            try:
                data: bytes = self._container.download_blob(name).readall()
            except ResourceNotFoundError as error:
                raise WorkMissing(f"{name}: expected to be stored, found nothing") from error
        return data

    def summary(self, name: str) -> str | None:
        """The summary, None where nothing is stored."""
        with storage_faults(name):
            try:
                properties = self._container.get_blob_client(name).get_blob_properties()
            except ResourceNotFoundError:
                return None
        return properties.metadata.get(_SUMMARY, "")

    def runs(self) -> Iterable[str]:
        """The runs that something is stored for."""
        with storage_faults(self._container.container_name), suppress(ResourceNotFoundError):
            for prefix in self._container.walk_blobs(delimiter="/"):
                yield prefix.name.rstrip("/")

    def written_at(self, run_id: str) -> datetime | None:
        """When something was last stored for a run."""
        with storage_faults(run_id), suppress(ResourceNotFoundError):
            times = (blob.last_modified for blob in self._container.list_blobs(name_starts_with=f"{run_id}/"))
            return max(times, default=None)
        return None

    def remove(self, run_id: str, at_most: int) -> bool:
        """Remove some of what is stored for a run, a batch a request; says whether nothing is left."""
        with storage_faults(run_id), suppress(ResourceNotFoundError):
            names = list(islice(self._names(run_id), at_most))
            for first in range(0, len(names), _BATCH):
                # One that is gone already would be a failure.
                self._container.delete_blobs(*names[first : first + _BATCH], raise_on_any_failure=False)
            return next(self._names(run_id), None) is None
        return True

    def _names(self, run_id: str) -> Iterator[str]:
        return iter(self._container.list_blob_names(name_starts_with=f"{run_id}/"))


class BlobReportStore:
    """Reports as blobs."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def put(self, name: str, data: bytes | IO[bytes], content_type: str) -> str:
        """Store a file of the report and give its URL."""
        with storage_faults(name):
            client = _upload(self._container, name, data, content_settings=ContentSettings(content_type=content_type))
        return str(client.url)

    def names(self, prefix: str) -> list[str]:
        """The names that begin so; none when there is no container yet."""
        with storage_faults(prefix):
            try:
                return list(self._container.list_blob_names(name_starts_with=prefix))
            except ResourceNotFoundError:
                return []

    def delete(self, name: str) -> None:
        """Remove a file."""
        with storage_faults(name), suppress(ResourceNotFoundError):
            self._container.delete_blob(name)

    def get(self, name: str) -> bytes | None:
        """A file of a report, None where there is none."""
        with storage_faults(name):
            try:
                data: bytes = self._container.download_blob(name).readall()
            except ResourceNotFoundError:
                return None
        return data


class QueueOutbox:
    """Completion messages on a queue, base64 on the wire."""

    def __init__(self, queues: QueueServiceClient, name: str) -> None:
        self._queue = queues.get_queue_client(name, **BASE64)
        self._name = name

    def send(self, message: bytes) -> None:
        """Deliver; the queue is created when it is missing. Messages do not expire unread."""
        with storage_faults(self._name):
            try:
                self._queue.send_message(message.decode("utf-8"), time_to_live=-1)
            except ResourceNotFoundError:
                self._queue.create_queue()
                self._queue.send_message(message.decode("utf-8"), time_to_live=-1)


@dataclass(frozen=True, slots=True)
class BothOutboxes:
    """Two outboxes, one after the other; when one fails the message is sent again, to both."""

    first: Outbox
    second: Outbox

    def send(self, message: bytes) -> None:
        """Deliver to both."""
        self.first.send(message)
        self.second.send(message)


def _upload(container: ContainerClient, name: str, data: bytes | IO[bytes], **options: Any) -> BlobClient:
    """Upload a blob, replacing what is there; the container is created when it is missing."""
    start = None if isinstance(data, bytes) else data.tell()
    try:
        return container.upload_blob(name, data, overwrite=True, **options)
    except ResourceNotFoundError:
        with suppress(ResourceExistsError):
            container.create_container()
        if not isinstance(data, bytes) and start is not None:
            data.seek(start)
        return container.upload_blob(name, data, overwrite=True, **options)
