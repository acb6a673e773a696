"""python -m fanfold run: the main job on this machine, as a user of the plain Azure SDK would do it.

1. Start the app on the local host, with a real Azurite.
2. Drop the file into the input container.
3. Wait for the completion message, showing progress meanwhile.
4. Save the message, and the report and the parts if there are any, and show the summary.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from azure.core.exceptions import AzureError, ResourceExistsError
from azure.storage.blob import ContainerClient

from fanfold.cli.local import local_host
from fanfold.cli.output import check_folder, leaving_files
from fanfold.cli.terminal import complain, say, show_summary, uploading
from fanfold.cli.watching import wait_for_completion
from fanfold.errors import PipelineFault
from fanfold.pipeline.completion import COMPLETED
from fanfold.pipeline.formats import FOLDER, MANIFEST
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.messages import DatasetVersion
from fanfold.pipeline.options import read_options
from fanfold.storage.clients import blob_service
from fanfold.storage.events import OPTIONS_METADATA, plain_etag
from fanfold.storage.local import blob_name, file_version
from fanfold.storage.settings import CONNECTION, Settings, read_settings

_FILES = ("table_schema.json", "json_schema.json", "profile.bin", "report.md")
_REPORT_FILES = {"json": "report.json", "html": "report.html", "rejects": "rejects.csv"}


def run(file: Path, out: Path, options: dict[str, Any]) -> int:
    """Run the whole pipeline on one file; 0 when the run completed, 1 with its reason when it did not."""
    file_version(file)
    read_options(options)
    check_folder(out)
    say("starting the local host and Azurite (the first time on a machine, Azurite is installed)")
    emulator = {CONNECTION: "UseDevelopmentStorage=true"}
    with local_host(emulator) as host:
        settings = read_settings({**os.environ, CONNECTION: host.connection_string})
        try:
            dataset = drop(file, settings, options)
            event = wait_for_completion(host, settings, run_id(dataset))
            with leaving_files(out) as folder:
                save(event, settings, folder)
        except AzureError as error:
            host.check()
            raise PipelineFault(f"storage: {error}") from error
    if event["type"] != f"fanfold.run.{COMPLETED}":
        complain(f"{event['data']['error']['kind']}: {event['data']['error']['message']}")
        return 1
    show_summary(json.loads((out / "report.json").read_bytes()), out)
    return 0


def drop(file: Path, settings: Settings, options: dict[str, Any]) -> DatasetVersion:
    """Upload a file into the input container, its options beside it; gives the version that this made."""
    blobs = blob_service(settings)
    container = blobs.get_container_client(settings.input_container)
    with suppress(ResourceExistsError):
        container.create_container()
    metadata = {OPTIONS_METADATA: json.dumps(options)} if options else None
    name = blob_name(file)
    with file.open("rb") as data, uploading(name, file.stat().st_size) as hook:
        blob = container.upload_blob(name, data, metadata=metadata, max_concurrency=2, progress_hook=hook)
        properties = blob.get_blob_properties()
    return DatasetVersion(
        account=str(blobs.account_name),
        container=settings.input_container,
        blob=name,
        etag=plain_etag(properties.etag),
        size=properties.size,
    )


def save(event: dict[str, Any], settings: Settings, folder: Path) -> None:
    """Download the report, where the run has one, and keep the message beside it."""
    container = blob_service(settings).get_container_client(settings.output_container)
    prefix = f"{event['subject']}/{event['id']}/"
    for kind, name in _REPORT_FILES.items():
        if (event["data"]["report"] or {}).get(kind) is not None:
            (folder / name).write_bytes(container.download_blob(prefix + name).readall())
    if event["data"]["report"]:
        for name in _FILES:
            (folder / name).write_bytes(container.download_blob(prefix + name).readall())
        save_parts(container, prefix, folder)
    text = json.dumps(event, indent=2, ensure_ascii=False)
    (folder / "completion.json").write_text(text + "\n", encoding="utf-8")


def save_parts(container: ContainerClient, prefix: str, folder: Path) -> None:
    """Download the emitted parts that the report speaks of, a block at a time."""
    if "emitted" not in json.loads((folder / "report.json").read_bytes())["run"]:
        return
    (folder / FOLDER).mkdir()
    manifest = container.download_blob(prefix + MANIFEST).readall()
    (folder / MANIFEST).write_bytes(manifest)
    for part in json.loads(manifest)["parts"]:
        name = f"{FOLDER}/{part['name']}"
        with (folder / name).open("wb") as file:
            container.download_blob(prefix + name).readinto(file)
