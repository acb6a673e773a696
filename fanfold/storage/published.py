"""Reports that have been published, read again."""

from dataclasses import dataclass

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient

from fanfold import limits
from fanfold.errors import ReportTooLarge
from fanfold.storage.clients import blob_service
from fanfold.storage.faults import storage_faults
from fanfold.storage.settings import Settings


@dataclass(frozen=True, slots=True)
class Published:
    """One file of a report."""

    content: bytes
    content_type: str


class PublishedReports:
    """The output container, for readers."""

    def __init__(self, settings: Settings) -> None:
        self._container: ContainerClient = blob_service(settings).get_container_client(settings.output_container)

    def read(self, blob: str, run_id: str, file: str) -> Published | None:
        """A file of the report of a run, None where there is none; ReportTooLarge when the app cannot pass it on."""
        name = f"{blob}/{run_id}/{file}"
        with storage_faults(name):
            try:
                stream = self._container.download_blob(name, max_concurrency=1)
            except ResourceNotFoundError:
                return None
            if stream.size > limits.REPORT_BYTES_MAX:
                raise ReportTooLarge(f"{name}: {stream.size} bytes; expected at most {limits.REPORT_BYTES_MAX}")
            return Published(stream.readall(), str(stream.properties.content_settings.content_type))
