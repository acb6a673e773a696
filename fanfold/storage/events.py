"""From a blob that has appeared to the request of its run."""

import json
from typing import Any

from azure.storage.blob import BlobClient

from fanfold.pipeline.identity import run_id
from fanfold.pipeline.messages import DatasetVersion, RunRequest
from fanfold.storage.settings import Settings

OPTIONS_METADATA = "fanfold_options"
"""Blob metadata that carries the options of the run as JSON, for those who drop a blob and want to say how."""


def request_for(blob: BlobClient, settings: Settings) -> RunRequest:
    """The request for the version that is there now; ResourceNotFoundError when there is none.

    Options that are no JSON object travel on as they are: the first step refuses them, in the completion message.
    """
    properties = blob.get_blob_properties()
    dataset = DatasetVersion(
        account=str(blob.account_name),
        container=blob.container_name,
        blob=blob.blob_name,
        etag=plain_etag(properties.etag),
        size=properties.size,
    )
    options = parse_options(properties.metadata.get(OPTIONS_METADATA))
    if isinstance(options, dict):
        usual = {"chunk_bytes": settings.chunk_bytes, "max_concurrency": settings.max_concurrency}
        options = {name: value for name, value in usual.items() if value is not None} | options
    return RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)


def parse_options(text: str | None) -> dict[str, Any] | str:
    """The options as the caller wrote them, unchecked; a text that is no JSON object as it is."""
    if text is None:
        return {}
    try:
        options = json.loads(text)
    except ValueError:
        options = None
    return options if isinstance(options, dict) else text


def plain_etag(etag: str) -> str:
    """An ETag without the quotes that it has in some answers of the service and not in others."""
    return etag.strip('"')
