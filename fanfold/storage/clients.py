"""Clients for one storage account: by connection string on a laptop, by managed identity in Azure."""

from typing import Any

from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient, TextBase64DecodePolicy, TextBase64EncodePolicy

from fanfold.errors import SettingRefused
from fanfold.storage.settings import CONNECTION, Settings

BOUNDS: dict[str, Any] = {"connection_timeout": 10, "read_timeout": 60, "retry_total": 4}
"""Every request ends: four retries with the SDK's exponential back-off, then the pipeline's own rounds take over."""


def blob_service(settings: Settings) -> BlobServiceClient:
    """The account's blobs; SettingRefused when no setting says where they are."""
    if settings.connection_string is not None:
        return BlobServiceClient.from_connection_string(settings.connection_string, **BOUNDS)
    if settings.blob_service_uri is not None:
        return BlobServiceClient(settings.blob_service_uri, _credential(settings), **BOUNDS)
    raise SettingRefused(f"expected the setting {CONNECTION} or {CONNECTION}__blobServiceUri, found neither")


def queue_service(settings: Settings) -> QueueServiceClient:
    """The account's queues; SettingRefused when no setting says where they are."""
    if settings.connection_string is not None:
        return QueueServiceClient.from_connection_string(settings.connection_string, **BOUNDS)
    if settings.queue_service_uri is not None:
        return QueueServiceClient(settings.queue_service_uri, _credential(settings), **BOUNDS)
    raise SettingRefused(f"expected the setting {CONNECTION} or {CONNECTION}__queueServiceUri, found neither")


BASE64 = {"message_encode_policy": TextBase64EncodePolicy(), "message_decode_policy": TextBase64DecodePolicy()}
"""How queue messages travel, as the Functions host expects it."""


def _credential(settings: Settings) -> DefaultAzureCredential:
    return DefaultAzureCredential(managed_identity_client_id=settings.client_id)
