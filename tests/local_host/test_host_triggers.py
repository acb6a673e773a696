from __future__ import annotations

import base64
import json
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient, QueueServiceClient
from running_host import APPS, Azurite, RunningHost, StartHost, await_ready, launch, running, wait_for

pytestmark = pytest.mark.usefixtures("host")


@dataclass(frozen=True, slots=True)
class Storage:
    container: ContainerClient
    queues: QueueServiceClient
    requests: str
    results: str

    def next_message(self, queue: str) -> str:
        client = self.queues.get_queue_client(queue)
        return base64.b64decode(wait_for(lambda: _receive(client), f"a message in {queue}")).decode()

    def next_result(self) -> dict:
        return json.loads(self.next_message(self.results))

    def send(self, message: object) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        self.queues.get_queue_client(self.requests).send_message(base64.b64encode(text.encode()).decode())


def _receive(client: QueueClient) -> str | None:
    try:
        message = client.receive_message()
    except ResourceNotFoundError:
        return None
    if message is None:
        return None
    client.delete_message(message)
    return message.content


@pytest.fixture(scope="module")
def storage(azurite: Azurite) -> Iterator[Storage]:
    names = [f"{kind}-{uuid.uuid4().hex[:8]}" for kind in ("container", "requests", "results")]
    with (
        BlobServiceClient.from_connection_string(azurite.connection_string) as blobs,
        QueueServiceClient.from_connection_string(azurite.connection_string) as queues,
    ):
        yield Storage(blobs.get_container_client(names[0]), queues, *names[1:])


@pytest.fixture(scope="module")
def host(host_of: StartHost, storage: Storage) -> RunningHost:
    # The host comes first: neither container nor queues exist, as in a new account.
    started = host_of(
        "storage", CONTAINER=storage.container.container_name, REQUESTS=storage.requests, RESULTS=storage.results
    )
    storage.container.create_container()
    storage.queues.create_queue(storage.requests)
    return started


def test_what_triggers_listen_to_is_created_where_that_is_asked_for(azurite: Azurite, tmp_path: Path) -> None:
    made = {kind: f"{kind.lower()}-{uuid.uuid4().hex[:8]}" for kind in ("CONTAINER", "REQUESTS", "RESULTS")}
    settings = {"AzureWebJobsStorage": azurite.connection_string, **made}
    with (
        BlobServiceClient.from_connection_string(azurite.connection_string) as blobs,
        QueueServiceClient.from_connection_string(azurite.connection_string) as queues,
    ):
        queues.create_queue(made["REQUESTS"])  # is left as it is
        with running("storage", tmp_path, "--workers", "1", "--create-storage", **settings):
            blobs.get_blob_client(made["CONTAINER"], "deferred/a.csv").upload_blob(b"12345")
            result = wait_for(lambda: _receive(queues.get_queue_client(made["RESULTS"])), "the drop")
    assert json.loads(base64.b64decode(result))["blob"] == "deferred/a.csv"


def test_drop_reaches_a_deferred_binding_within_half_a_second(storage: Storage) -> None:
    latencies_s = []
    for n in range(4):
        storage.container.upload_blob(f"deferred/a/{n}.csv", b"12345")
        dropped = time.monotonic()
        assert storage.next_result() == {"by": "deferred", "blob": f"deferred/a/{n}.csv", "size": 5}
        latencies_s.append(time.monotonic() - dropped)
    # The machine may be busy with other things: the host keeps its promise if it does so at all.
    assert min(latencies_s) < 0.5


def test_content_binding_reads_and_writes_blobs(storage: Storage) -> None:
    storage.container.upload_blob("content/hello.txt", b"hello")
    name = storage.container.container_name
    assert storage.next_result() == {"by": "content", "blob": f"{name}/content/hello.txt", "size": 5, "text": "hello"}
    copy = storage.container.get_blob_client("copies/hello.upper")
    wait_for(copy.exists, "the copy")
    assert copy.download_blob().readall() == b"HELLO"


def test_stream_and_container_client_are_real_and_a_result_goes_to_its_queue(storage: Storage) -> None:
    storage.container.upload_blob("streamed/a", b"stream")
    name = storage.container.container_name
    assert storage.next_result() == {"by": "streamed", "text": "stream", "container": name}


def test_missing_container_is_created_on_output(host: RunningHost, storage: Storage, azurite: Azurite) -> None:
    assert host.request("POST", "/api/keep/it", b"content").body == b"kept"
    name = f"{storage.container.container_name}-kept"
    with ContainerClient.from_connection_string(azurite.connection_string, name) as kept:
        assert kept.download_blob("it").readall() == b"content"


def test_queue_function_can_be_run_by_hand(host: RunningHost, storage: Storage) -> None:
    message = json.dumps({"file": "nowhere"})
    assert host.request("POST", "/admin/functions/request", {"input": message}).status == 202
    assert storage.next_result() == {"by": "request", "text": None}
    assert storage.next_result() == {"by": "request", "id": "by hand"}


def test_overwritten_blob_is_another_version_and_triggers_again(storage: Storage) -> None:
    for size in (1, 2):
        storage.container.upload_blob("deferred/again", b"x" * size, overwrite=True)
        assert storage.next_result()["size"] == size


def test_blob_that_does_not_match_the_pattern_triggers_nothing(storage: Storage) -> None:
    storage.container.upload_blob("content/note.csv", b"")
    storage.container.upload_blob("deferred/after", b"")
    assert storage.next_result()["blob"] == "deferred/after"


def test_blob_that_fails_five_times_is_announced_on_the_poison_queue(host: RunningHost, storage: Storage) -> None:
    storage.container.upload_blob("poison/bad", b"")
    message = json.loads(storage.next_message("webjobs-blobtrigger-poison"))
    name = storage.container.container_name
    assert (message["ContainerName"], message["BlobName"]) == (name, "poison/bad")
    assert message["FunctionId"] == "Host.Functions.poisoned_blob"
    assert host.log.read_text().count("Executed 'poisoned_blob' (Failed), blob") == 5


def test_message_reaches_its_function_with_bindings_named_by_its_content(storage: Storage) -> None:
    storage.container.upload_blob("plain", b"content")
    storage.send({"file": "plain"})
    assert storage.next_result() == {"by": "request", "text": "content"}
    assert set(storage.next_result()) == {"by", "id"}


def test_message_that_fails_five_times_goes_to_the_poison_queue(host: RunningHost, storage: Storage) -> None:
    storage.send({"file": "plain", "fail": True})
    assert json.loads(storage.next_message(f"{storage.requests}-poison")) == {"file": "plain", "fail": True}
    assert [f"message number {n}" in host.log.read_text() for n in range(1, 7)] == [True] * 5 + [False]


def test_function_that_fails_in_storage_has_failed_like_any_other(host: RunningHost, storage: Storage) -> None:
    storage.send({"file": "plain", "fail": "in storage"})
    assert json.loads(storage.next_message(f"{storage.requests}-poison"))["fail"] == "in storage"
    assert host.log.read_text().count("ResourceNotFoundError: there is no such blob") == 5


def test_message_that_is_not_base64_goes_to_the_poison_queue(storage: Storage) -> None:
    storage.queues.get_queue_client(storage.requests).send_message("{not base64}")
    client = storage.queues.get_queue_client(f"{storage.requests}-poison")
    assert wait_for(lambda: _receive(client), "the poison message") == "{not base64}"


def test_messages_are_plain_text_where_host_json_says_so(azurite: Azurite, storage: Storage, tmp_path: Path) -> None:
    names = {"CONTAINER": "unused-c", "REQUESTS": f"q-{uuid.uuid4().hex[:8]}", "RESULTS": f"r-{uuid.uuid4().hex[:8]}"}
    app, state = tmp_path / "app", tmp_path / "state"
    shutil.copytree(APPS / "storage", app)
    (app / "host.json").write_text('{"extensions": {"queues": {"messageEncoding": "none"}}}')
    requests, results = (storage.queues.create_queue(names[name]) for name in ("REQUESTS", "RESULTS"))
    requests.send_message('{"file": "héllo"}')
    requests.send_message("no JSON at all")
    settings = {"AzureWebJobsStorage": azurite.connection_string, **names}
    with requests, results, launch(app, state, "--private", "--exit-with-parent", **settings) as process:
        host = await_ready(process, state)
        answers = [json.loads(wait_for(lambda: _receive(results), "a plain message")) for _ in range(2)]
        assert [set(one) for one in answers] == [{"by", "text"}, {"by", "id"}]
        with storage.queues.get_queue_client(f"{names['REQUESTS']}-poison") as poison:
            assert wait_for(lambda: _receive(poison), "the poison message") == "no JSON at all"
        assert host.stop() == 0


def test_versions_had_before_a_restart_do_not_trigger_again(azurite: Azurite, storage: Storage, tmp_path: Path) -> None:
    names = {"CONTAINER": f"c-{uuid.uuid4().hex[:8]}", "REQUESTS": "unused-q", "RESULTS": f"r-{uuid.uuid4().hex[:8]}"}
    results = Storage(storage.container, storage.queues, "", names["RESULTS"])
    with BlobServiceClient.from_connection_string(azurite.connection_string) as blobs:
        container = blobs.create_container(names["CONTAINER"])
        for name in ("first", "second"):
            container.upload_blob(f"deferred/{name}", b"")
            with running("storage", tmp_path, AzureWebJobsStorage=azurite.connection_string, **names) as host:
                assert results.next_result()["blob"] == f"deferred/{name}"
                assert host.stop() == 0


def test_timer_fires_at_start_and_by_its_schedule(host_of: StartHost, storage: Storage) -> None:
    queue = f"ticks-{uuid.uuid4().hex[:8]}"
    host_of("timer", RESULTS=queue)
    assert [storage.next_message(queue) for _ in range(2)] == ["tick", "tick"]


def test_timer_that_was_missed_fires_at_start_and_knows_it(azurite: Azurite, storage: Storage, tmp_path: Path) -> None:
    queue = f"ticks-{uuid.uuid4().hex[:8]}"
    settings = {"AzureWebJobsStorage": azurite.connection_string, "RESULTS": queue}
    with running("timer", tmp_path, **settings) as host:
        storage.next_message(queue)
        assert host.stop() == 0
    with storage.queues.get_queue_client(queue) as client:
        client.clear_messages()
    time.sleep(1.1)
    with running("timer", tmp_path, **settings) as host:
        assert storage.next_message(queue) == "late"
        assert host.stop() == 0
