"""A dataset that is a blob somewhere, given by its URL: read in place, by ranges, pinned to its version."""

from functools import cache
from urllib.parse import unquote, urlsplit

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobClient

from fanfold.errors import DatasetMissing, PipelineFault, RequestRefused
from fanfold.pipeline.messages import DatasetVersion
from fanfold.storage.clients import BOUNDS
from fanfold.storage.events import plain_etag
from fanfold.storage.faults import dataset_faults


def url_version(url: str) -> DatasetVersion:
    """The version that the blob has now; DatasetMissing when there is none, RequestRefused when it is no blob's URL."""
    shown = url.split("?", maxsplit=1)[0]
    try:
        client = _client(url)
        properties = client.get_blob_properties()
    except ValueError as error:
        raise RequestRefused(f"{shown}: expected the URL of a blob: {error}") from error
    except ResourceNotFoundError as error:
        raise DatasetMissing(f"{shown}: there is no such blob") from error
    except AzureError as error:
        raise RequestRefused(f"{shown}: cannot be read: {str(error).splitlines()[0]}") from error
    return DatasetVersion(
        account=str(client.account_name),
        container=client.container_name,
        blob=client.blob_name,
        etag=plain_etag(properties.etag),
        size=properties.size,
    )


class UrlDataset:
    """Ranges of one version of the blob."""

    def __init__(self, url: str, etag: str) -> None:
        self._url = url
        self._etag = etag

    def read(self, start: int, stop: int) -> bytes:
        """Exactly the bytes in [start, stop)."""
        if start >= stop:
            return b""
        client = _client(self._url)
        with dataset_faults(unquote(urlsplit(self._url).path), client.exists):
            data: bytes = client.download_blob(
                offset=start,
                length=stop - start,
                etag=f'"{self._etag}"',
                match_condition=MatchConditions.IfNotModified,
            ).readall()
        if len(data) != stop - start:
            raise PipelineFault(f"asked for bytes {start} to {stop}, got {len(data)}")
        return data


@cache
def _client(url: str) -> BlobClient:
    """One a process; a URL that is signed, or on this machine, gets no other credential."""
    parts = urlsplit(url)
    plain = "sig=" in parts.query or parts.hostname in {"127.0.0.1", "localhost"}
    return BlobClient.from_blob_url(url, None if plain else DefaultAzureCredential(), **BOUNDS)
