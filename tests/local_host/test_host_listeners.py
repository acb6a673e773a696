"""What a blob trigger sees of its container, and when it looks again; how many messages a queue trigger takes."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from azure.core.exceptions import AzureError
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient
from running_host import Azurite, wait_for

from local_host.functions.index import Function
from local_host.functions.invoke import Occasion
from local_host.functions.storage import Storage
from local_host.settings import BlobSettings, QueueSettings
from local_host.triggers import queues
from local_host.triggers.blobs import BlobTrigger
from local_host.triggers.glance import Glance
from local_host.triggers.memory import Memory
from local_host.triggers.queues import QueueTrigger


@pytest.fixture
def container(azurite: Azurite) -> Iterator[ContainerClient]:
    with BlobServiceClient.from_connection_string(azurite.connection_string) as blobs:
        yield blobs.get_container_client(f"c-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def glance(container: ContainerClient) -> Iterator[Glance]:
    made = Glance(container)
    yield made
    made.close()


def test_list_is_the_same_until_a_blob_comes_changes_or_goes(container: ContainerClient, glance: Glance) -> None:
    assert glance.read() == b""  # there is no container
    container.create_container()
    seen = [glance.read()]
    container.upload_blob("a", b"1")
    seen.append(glance.read())
    container.upload_blob("a", b"2", overwrite=True)
    seen.append(glance.read())
    assert glance.read() == seen[-1]
    container.delete_blob("a")
    assert None not in seen
    assert len(set(seen)) == 3
    assert glance.read() == seen[0]


def test_storage_that_is_not_there_is_left_to_the_sdk() -> None:
    account = "AccountName=a;AccountKey=aaaa;BlobEndpoint"
    nobody = ContainerClient.from_connection_string(f"{account}=http://127.0.0.1:1/a;", "c")
    real = ContainerClient.from_connection_string(f"{account}=https://a.blob.core.windows.net;", "c")
    with nobody, real:
        assert Glance(nobody).read() is None
        assert (Glance(real).possible, Glance(real).read()) == (False, None)


class Succeeds:
    """An invoker whose functions do nothing."""

    def __init__(self) -> None:
        self.calls = 0

    def submit(self, _: Function, __: Occasion) -> Future[Any]:
        self.calls += 1
        done: Future[Any] = Future()
        done.set_result(None)
        return done


def test_blob_whose_delivery_was_not_recorded_is_delivered_again(
    container: ContainerClient, azurite: Azurite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing changes in the container: that alone is no reason not to look."""
    monkeypatch.setenv("STORAGE", azurite.connection_string)
    container.create_container()
    container.upload_blob("a", b"1")
    memory, storage, invoker = Memory(tmp_path / "memory.db"), Storage(base64_queues=True), Succeeds()
    record = memory.add_receipt

    def fail_once(*_: str) -> None:
        monkeypatch.setattr(memory, "add_receipt", record)
        raise AzureError("not now")

    monkeypatch.setattr(memory, "add_receipt", fail_once)
    trigger = {
        "type": "blobTrigger",
        "name": "a",
        "path": f"{container.container_name}/{{name}}",
        "connection": "STORAGE",
    }
    function = Function("f", MappingProxyType(trigger), (), print, {}, frozenset())
    watched = BlobTrigger([function], invoker, storage, memory, BlobSettings())  # type: ignore[arg-type]
    watched.start()
    wait_for(lambda: memory.receipts("f", container.container_name), "the receipt")
    watched.close()
    assert invoker.calls == 2
    storage.close()
    memory.close()


class Holds:
    """An invoker whose functions go on until they are released."""

    def __init__(self) -> None:
        self.open: list[Future[Any]] = []
        self.most = self.done = 0

    def submit(self, _: Function, __: Occasion) -> Future[Any]:
        self.open.append(Future())
        self.most = max(self.most, len(self.open))
        return self.open[-1]

    def release(self) -> int:
        if self.open:
            self.open.pop(0).set_result(None)
            self.done += 1
        return self.done


@pytest.fixture
def queue(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> Iterator[QueueClient]:
    monkeypatch.setenv("STORAGE", azurite.connection_string)
    with QueueClient.from_connection_string(azurite.connection_string, f"q-{uuid.uuid4().hex[:8]}") as made:
        made.create_queue()
        yield made


@contextlib.contextmanager
def watching(queue: QueueClient, invoker: Holds, settings: QueueSettings) -> Iterator[QueueTrigger]:
    storage = Storage(base64_queues=True)
    trigger = {"type": "queueTrigger", "name": "message", "queueName": queue.queue_name, "connection": "STORAGE"}
    function = Function("f", MappingProxyType(trigger), (), print, {}, frozenset())
    watched = QueueTrigger(function, invoker, storage, settings)  # type: ignore[arg-type]
    watched.start()
    yield watched
    watched.close()
    storage.close()


def is_empty(queue: QueueClient) -> bool:
    return queue.get_queue_properties().approximate_message_count == 0


def test_queue_trigger_takes_a_batch_and_the_threshold_at_most(queue: QueueClient) -> None:
    for _ in range(12):
        queue.send_message("e30=")
    invoker = Holds()
    with watching(queue, invoker, QueueSettings(batch_size=3, new_batch_threshold=1)):
        wait_for(lambda: len(invoker.open) == 3, "the first batch")
        wait_for(lambda: invoker.release() == 12, "all messages")
        wait_for(lambda: is_empty(queue), "an empty queue")
    assert 3 <= invoker.most <= 4


def test_message_stays_invisible_for_as_long_as_its_function_runs(
    queue: QueueClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "VISIBILITY_S", 2)
    monkeypatch.setattr(queues, "RENEWAL_S", 0.2)
    queue.send_message("e30=")
    invoker = Holds()
    with watching(queue, invoker, QueueSettings()):
        wait_for(lambda: invoker.open, "the message")
        time.sleep(3)  # longer than it would be invisible by itself
        assert invoker.release() == 1
        wait_for(lambda: is_empty(queue), "an empty queue")
    assert (invoker.open, invoker.most) == ([], 1)


def test_message_that_failed_comes_back_after_the_visibility_timeout(queue: QueueClient) -> None:
    queue.send_message("e30=")
    invoker = Holds()
    with watching(queue, invoker, QueueSettings(retry_delay_s=2)):
        wait_for(lambda: invoker.open, "the first try")
        failed_at = time.monotonic()
        invoker.open.pop().set_exception(ValueError("not yet"))
        wait_for(lambda: invoker.release() == 1, "the second try")
        assert time.monotonic() - failed_at >= 1  # the service counts in whole seconds
        wait_for(lambda: is_empty(queue), "an empty queue")


def test_message_that_comes_while_the_trigger_closes_is_left_to_the_next_host(queue: QueueClient) -> None:
    with watching(queue, Holds(), QueueSettings()) as watched:
        watched._messages.shutdown()
        queue.send_message("e30=")
        wait_for(lambda: not queue.peek_messages(), "the message to be received")
        time.sleep(0.2)
        assert watched._thread.is_alive()
    assert not is_empty(queue)
