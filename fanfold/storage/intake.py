"""What requests name, found in storage; and what they bring, put there."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient, ContentSettings

from fanfold import limits
from fanfold.errors import DatasetExists, DatasetMissing, RequestRefused
from fanfold.pipeline.completion import completion_name
from fanfold.pipeline.messages import Member, RunRequest
from fanfold.pipeline.requests import Reference
from fanfold.pipeline.several import check_members, name_of, request_several
from fanfold.storage.clients import blob_service
from fanfold.storage.events import (
    OPTIONS_METADATA,
    is_wanted,
    parse_options,
    plain_etag,
    request_for,
    run_request,
    usual_options,
    version_of,
)
from fanfold.storage.faults import storage_faults
from fanfold.storage.settings import Settings

_FOLDER_METADATA = "hdi_isfolder"
"""Marks what stands for a folder in an account with a hierarchical namespace: it is no dataset."""


def is_folder(blob: BlobProperties) -> bool:
    """Whether it stands for a folder."""
    return (blob.metadata or {}).get(_FOLDER_METADATA) == "true"


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the input container, and where the next page begins; None after the last one."""

    requests: tuple[RunRequest, ...]
    then: str | None


class Intake:
    """The datasets of one storage account."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._blobs: BlobServiceClient = blob_service(settings)
        self._input = self._blobs.get_container_client(settings.input_container)
        self._output = self._blobs.get_container_client(settings.output_container)

    @property
    def account(self) -> str:
        """The account's name, which is part of every run id."""
        return str(self._blobs.account_name)

    def find(self, reference: Reference) -> RunRequest:
        """The request for the versions that are there now; DatasetMissing when there are none."""
        container = reference.container or self._settings.input_container
        if reference.blob is not None:
            return self._find_one(container, reference.blob, reference.options)
        if reference.prefix is not None:
            members = tuple(self._below(container, reference.prefix))
        else:
            members = tuple(self._member(container, blob) for blob in reference.blobs or ())
        check_members(members)
        options = usual_options(reference.options or {}, self._settings)
        name = reference.name or name_of(reference.prefix, members)
        return request_several(self.account, container, name, members, options)

    def _member(self, container: str, blob: str) -> Member:
        dataset = self._find_one(container, blob, {}).dataset
        return Member(blob=dataset.blob, etag=dataset.etag, size=dataset.size)

    def _below(self, container: str, prefix: str) -> Iterator[Member]:
        """What is there below a prefix, in the order of the names; more than a run can have is refused."""
        where = f"{container}/{prefix}"
        with storage_faults(where):
            try:
                listing = self._blobs.get_container_client(container).list_blobs(prefix, include=["metadata"])
                found = list(islice((blob for blob in listing if not is_folder(blob)), limits.DATASETS_MAX + 1))
            except ResourceNotFoundError:
                found = []
        if not found:
            raise DatasetMissing(f"{where}: expected blobs whose names begin so, found none")
        for blob in found:
            yield Member(blob=blob.name, etag=plain_etag(blob.etag), size=blob.size)

    def _find_one(self, container: str, blob: str, options: dict[str, Any] | None) -> RunRequest:
        where = f"{container}/{blob}"
        with storage_faults(where):
            try:
                return request_for(self._blob(container, blob), self._settings, options)
            except ResourceNotFoundError as error:
                raise DatasetMissing(f"{where}: expected a blob, found none") from error
            except HttpResponseError as error:
                if error.status_code == 400:  # a name that the service takes for none
                    raise RequestRefused(f"{where}: expected the name of a blob") from error
                raise

    def store(self, name: str, data: bytes, content_type: str, options: dict[str, Any], *, replace: bool) -> RunRequest:
        """Put a dataset into the input container; DatasetExists when there is one and it is not to be replaced."""
        client = self._blob(self._settings.input_container, name)
        metadata = {OPTIONS_METADATA: json.dumps(options)} if options else None
        with storage_faults(f"{self._settings.input_container}/{name}"):
            try:
                stored = self._upload(client, data, content_type, metadata, replace=replace)
            except ResourceExistsError as error:
                raise DatasetExists(
                    f"{self._settings.input_container}/{name} is there already: "
                    "expected another name, or replace=true to overwrite it"
                ) from error
        return run_request(version_of(client, stored["etag"], len(data)), options, self._settings)

    def page(self, after: str | None) -> Page:
        """The requests of the wanted blobs on one page of the input container; an empty page where there is none."""
        listing: Any = self._input.list_blobs(
            name_starts_with=self._settings.input_prefix or None,
            include=["metadata"],
            results_per_page=limits.RECONCILED_AT_ONCE,
        ).by_page(after)
        with storage_faults(self._settings.input_container):
            try:
                found = tuple(self._wanted(next(listing, iter(()))))
            except ResourceNotFoundError:
                return Page((), None)
        return Page(found, listing.continuation_token or None)

    def has_ended(self, request: RunRequest) -> bool:
        """Whether a run of this dataset has left its completion message beside its report."""
        name = completion_name(request.dataset.blob, request.run_id)
        with storage_faults(name):
            return bool(self._output.get_blob_client(name).exists())

    def _wanted(self, blobs: Iterator[BlobProperties]) -> Iterator[RunRequest]:
        for blob in blobs:
            metadata = blob.metadata or {}
            if is_folder(blob) or not is_wanted(blob.name, self._settings):
                continue
            dataset = version_of(self._blob(self._settings.input_container, blob.name), blob.etag, blob.size)
            yield run_request(dataset, parse_options(metadata.get(OPTIONS_METADATA)), self._settings)

    def _upload(
        self, client: BlobClient, data: bytes, content_type: str, metadata: dict[str, str] | None, *, replace: bool
    ) -> dict[str, Any]:
        def upload() -> dict[str, Any]:
            content = ContentSettings(content_type=content_type)
            return client.upload_blob(data, overwrite=replace, metadata=metadata, content_settings=content)

        try:
            return upload()
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                self._input.create_container()
            return upload()

    def _blob(self, container: str, name: str) -> BlobClient:
        return self._blobs.get_blob_client(container, name)
