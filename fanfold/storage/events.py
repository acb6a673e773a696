"""From a blob that has appeared to the request of its run."""

import json
from typing import Any

from azure.storage.blob import BlobClient

from fanfold.pipeline.identity import run_id
from fanfold.pipeline.messages import DatasetVersion, RunRequest
from fanfold.storage.settings import Settings

OPTIONS_METADATA = "fanfold_options"
"""Blob metadata that carries the options of the run as JSON, for those who drop a blob and want to say how."""


def is_wanted(name: str, settings: Settings) -> bool:
    """Whether the appearance of a blob of that name starts a run. Whoever asks for a run by name is not filtered."""
    return name.startswith(settings.input_prefix) and name.endswith(settings.input_suffixes)


def request_for(blob: BlobClient, settings: Settings, wished: dict[str, Any] | None = None) -> RunRequest:
    """The request for the version that is there now; ResourceNotFoundError when there is none.

    The options are those that are wished, or else those of the blob's metadata, whole: they are never mixed.
    Options that are no JSON object travel on as they are: the first step refuses them, in the completion message.
    """
    properties = blob.get_blob_properties()
    dataset = version_of(blob, properties.etag, properties.size)
    options = parse_options(properties.metadata.get(OPTIONS_METADATA)) if wished is None else wished
    return run_request(dataset, options, settings)


def version_of(blob: BlobClient, etag: str, size: int) -> DatasetVersion:
    """One version of a blob."""
    return DatasetVersion(
        account=str(blob.account_name),
        container=blob.container_name,
        blob=blob.blob_name,
        etag=plain_etag(etag),
        size=size,
    )


def run_request(dataset: DatasetVersion, options: dict[str, Any] | str, settings: Settings) -> RunRequest:
    """The request of a run; where options say nothing, the settings' do."""
    if isinstance(options, dict):
        options = usual_options(options, settings)
    return RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)


def usual_options(options: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The options, and where they say nothing, the settings."""
    usual = {"chunk_bytes": settings.chunk_bytes, "max_concurrency": settings.max_concurrency}
    return {name: value for name, value in usual.items() if value is not None} | options


def parse_options(text: str | None) -> dict[str, Any] | str:
    """The options as the caller wrote them, unchecked; a text that is no JSON object as it is."""
    if text is None:
        return {}
    try:
        options = json.loads(text)
    except (ValueError, RecursionError):
        options = None
    return options if isinstance(options, dict) else text


def plain_etag(etag: str) -> str:
    """An ETag without the quotes that it has in some answers of the service and not in others."""
    return etag.strip('"')
