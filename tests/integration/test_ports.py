"""One contract for every adapter of the pipeline's ports: memory, folder, Azure Storage."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from fanfold import limits
from fanfold.errors import DatasetMissing, DatasetSuperseded, PipelineFault, RequestRefused, WorkMissing
from fanfold.pipeline.messages import DatasetVersion
from fanfold.pipeline.ports import Ports
from fanfold.storage.azure import AzurePorts
from fanfold.storage.clients import BASE64
from fanfold.storage.events import plain_etag
from fanfold.storage.local import FileDataset, LocalPorts, file_version
from fanfold.storage.memory import MemoryPorts
from fanfold.storage.settings import Settings


@dataclass
class Adapter:
    """Ports, and what a test needs to stir the world behind them."""

    ports: Ports
    drop: Callable[[bytes], DatasetVersion]
    delete: Callable[[], None]
    report: Callable[[str], bytes]
    messages: Callable[[], list[bytes]]
    place: Callable[[bytes], tuple[str, str]]
    """Puts a document there; gives its container and its name."""


def memory() -> Adapter:
    ports = MemoryPorts()

    def place(data: bytes) -> tuple[str, str]:
        ports.drop("a/schema.json", data, container="schemas")
        return "schemas", "a/schema.json"

    return Adapter(
        ports,
        drop=lambda data: ports.drop("a.csv", data),
        delete=lambda: ports.blobs.clear(),  # noqa: PLW0108 - one shape for all
        report=lambda name: ports.reports.files[name],
        messages=lambda: ports.outbox.messages,
        place=place,
    )


def folder(tmp_path: Path) -> Adapter:
    file = tmp_path / "a.csv"

    def drop(data: bytes) -> DatasetVersion:
        file.write_bytes(data)
        return file_version(file)

    def place(data: bytes) -> tuple[str, str]:
        (tmp_path / "schema.json").write_bytes(data)
        return str(tmp_path), "schema.json"

    return Adapter(
        LocalPorts(partial(FileDataset, file), tmp_path / "work", tmp_path / "reports"),
        drop=drop,
        delete=file.unlink,
        report=lambda name: (tmp_path / "reports" / name.rsplit("/", 1)[-1]).read_bytes(),
        messages=lambda: [(tmp_path / "reports" / "completion.json").read_bytes().rstrip(b"\n")],
        place=place,
    )


def azure(connection_string: str) -> Adapter:
    run = uuid4().hex[:12]
    settings = Settings(
        input_container=f"input-{run}",
        output_container=f"output-{run}",
        work_container=f"work-{run}",
        completions_queue=f"completions-{run}",
        connection_string=connection_string,
    )
    blobs = BlobServiceClient.from_connection_string(connection_string)
    queue = QueueServiceClient.from_connection_string(connection_string).get_queue_client(
        settings.completions_queue, **BASE64
    )
    blob = blobs.get_blob_client(blobs.create_container(settings.input_container).container_name, "a b/ü.csv")

    def drop(data: bytes) -> DatasetVersion:
        answer = blob.upload_blob(data, overwrite=True)
        return DatasetVersion(
            account=str(blobs.account_name),
            container=blob.container_name,
            blob=blob.blob_name,
            etag=plain_etag(answer["etag"]),
            size=len(data),
        )

    def place(data: bytes) -> tuple[str, str]:
        container = blobs.get_container_client(f"schemas-{run}")
        if not container.exists():
            container.create_container()
        container.upload_blob("a/schema.json", data, overwrite=True)
        return f"schemas-{run}", "a/schema.json"

    output = blobs.get_container_client(settings.output_container)
    return Adapter(
        AzurePorts(settings),
        drop=drop,
        delete=blob.delete_blob,
        report=lambda name: output.download_blob(name).readall(),
        messages=lambda: [message.content.encode() for message in queue.receive_messages()],
        place=place,
    )


@pytest.fixture(params=["memory", "folder", "azure"])
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> Adapter:
    if request.param == "memory":
        return memory()
    if request.param == "folder":
        return folder(tmp_path)
    return azure(request.getfixturevalue("azurite").connection_string)


def test_a_range_is_exactly_its_bytes(adapter: Adapter) -> None:
    dataset = adapter.ports.open(adapter.drop(b"0123456789"))
    assert dataset.read(3, 7) == b"3456"
    assert dataset.read(0, 10) == b"0123456789"
    assert dataset.read(4, 4) == b""


def test_an_overwritten_dataset_cannot_be_read(adapter: Adapter) -> None:
    old = adapter.drop(b"old version")
    new = adapter.drop(b"new version, longer")
    with pytest.raises(DatasetSuperseded, match="overwritten"):
        adapter.ports.open(old).read(0, 3)
    assert adapter.ports.open(new).read(0, 3) == b"new"


def test_a_deleted_dataset_cannot_be_read(adapter: Adapter) -> None:
    gone = adapter.drop(b"data")
    adapter.delete()
    with pytest.raises(DatasetMissing, match="gone"):
        adapter.ports.open(gone).read(0, 3)


def test_a_range_past_the_end_is_a_fault(adapter: Adapter) -> None:
    dataset = adapter.ports.open(adapter.drop(b"0123"))
    with pytest.raises(PipelineFault):
        dataset.read(2, 9)


def test_work_is_found_again_with_its_summary(adapter: Adapter) -> None:
    work = adapter.ports.work
    assert work.summary("run/chunk/0-9/0") is None
    work.put("run/chunk/0-9/0", b"\x00\nbytes\n", json.dumps({"records": 3}))
    assert work.get("run/chunk/0-9/0") == b"\x00\nbytes\n"
    assert work.summary("run/chunk/0-9/0") == '{"records": 3}'


def test_work_written_twice_is_there_once(adapter: Adapter) -> None:
    adapter.ports.work.put("run/x", b"same", "s")
    adapter.ports.work.put("run/x", b"same", "s")
    assert adapter.ports.work.get("run/x") == b"same"


def test_work_never_stored_is_missing_for_good(adapter: Adapter) -> None:
    adapter.ports.work.put("run/x", b"", "")
    with pytest.raises(WorkMissing) as raised:
        adapter.ports.work.get("run/y")
    assert not raised.value.retryable


def test_a_run_s_work_is_removed_and_nobody_else_s(adapter: Adapter) -> None:
    work = adapter.ports.work
    for name in ("run/chunk/0-9/0", "run/layout.json", "run-2/layout.json", "ru/x"):
        work.put(name, b"bytes", "summary")
    assert work.remove("run", 100)
    assert sorted(work.runs()) == ["ru", "run-2"]
    assert work.summary("run/layout.json") is None
    assert work.get("run-2/layout.json") == b"bytes"


def test_work_is_removed_a_part_at_a_time(adapter: Adapter) -> None:
    work = adapter.ports.work
    for number in range(5):
        work.put(f"run/{number}", b"")
    assert not work.remove("run", 3)
    assert sum(work.summary(f"run/{number}") is not None for number in range(5)) == 2
    assert work.remove("run", 3)
    assert work.remove("run", 3)


def test_a_run_s_last_write_is_known(adapter: Adapter) -> None:
    work = adapter.ports.work
    assert work.written_at("run") is None
    work.put("run/x", b"")
    written_at = work.written_at("run")
    assert written_at is not None
    assert abs(datetime.now(UTC) - written_at) < timedelta(minutes=1)


def test_where_nothing_was_ever_stored_there_is_nothing_to_remove(adapter: Adapter) -> None:
    work = adapter.ports.work
    assert list(work.runs()) == []
    assert work.remove("run", 100)


def test_a_report_is_readable_under_its_name_and_replaced_when_written_again(adapter: Adapter) -> None:
    adapter.ports.reports.put("a b/ü.csv/run/report.json", b"{}", "application/json")
    url = adapter.ports.reports.put("a b/ü.csv/run/report.json", b"{1}", "application/json")
    assert adapter.report("a b/ü.csv/run/report.json") == b"{1}"
    assert url.endswith("report.json")


def test_a_file_is_stored_from_where_it_stands(adapter: Adapter) -> None:
    file = io.BytesIO(b"skipped, kept")
    file.seek(len(b"skipped, "))
    adapter.ports.reports.put("a b/ü.csv/run/rejects.csv", file, "text/csv")
    assert adapter.report("a b/ü.csv/run/rejects.csv") == b"kept"


def test_files_of_the_data_are_found_by_their_folder_and_deleted(adapter: Adapter) -> None:
    reports, folder = adapter.ports.reports, "a b/ü.csv/run/data/"
    assert list(reports.names(folder)) == []
    reports.put("a b/ü.csv/run/report.json", b"{}", "application/json")
    for name in ("part-000000.csv", "part-000001.csv"):
        reports.put(f"{folder}{name}", b"x", "text/csv")
    assert sorted(reports.names(folder)) == [f"{folder}part-000000.csv", f"{folder}part-000001.csv"]
    reports.delete(f"{folder}part-000000.csv")
    reports.delete(f"{folder}part-000000.csv")
    assert list(reports.names(folder)) == [f"{folder}part-000001.csv"]
    assert adapter.report("a b/ü.csv/run/report.json") == b"{}"


def test_a_message_arrives_as_it_was_sent(adapter: Adapter) -> None:
    adapter.ports.outbox.send(b'{"id": "1"}')
    messages: list[Any] = adapter.messages()
    assert messages == [b'{"id": "1"}']


def test_a_document_is_read_whole_or_not_at_all(adapter: Adapter) -> None:
    container, name = adapter.place(b'{"fields": []}')
    assert adapter.ports.document(container, name) == b'{"fields": []}'
    assert adapter.ports.document(container, "nowhere.json") is None
    assert adapter.ports.document("nowhere", name) is None
    adapter.place(b" " * (limits.SCHEMA_BYTES_MAX + 1))
    with pytest.raises(RequestRefused, match="expected at most"):
        adapter.ports.document(container, name)
