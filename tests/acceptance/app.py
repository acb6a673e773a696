"""The whole app as its users meet it: the local host as a child process, and the plain Azure SDK."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient, TextBase64DecodePolicy

ROOT = Path(__file__).parents[2]
READY_TIMEOUT_S = 240
RUN_TIMEOUT_S = 240


def wait_until(found: Callable[[], Any], timeout_s: float, what: str) -> Any:
    """The first true answer; a wait that ends is a failure that names what did not happen."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {timeout_s} s")


class App:
    """The app on the local host, with its own Azurite and its own state, to be killed and started again."""

    def __init__(self, state: Path, folder: Path = ROOT, **settings: str) -> None:
        self.state = state
        self.folder = folder
        self.settings = settings
        self.messages: list[dict[str, Any]] = []
        self._ports: list[str] = ["--private"]

    def start(self) -> "App":
        ready = self.state / "ready.json"
        ready.unlink(missing_ok=True)
        log = (self.state / "host.log").open("ab")
        command = [sys.executable, "-m", "local_host", "start", "--app", str(self.folder), *self._ports]
        command += ["--state", str(self.state / "state"), "--ready-file", str(ready), "--exit-with-parent"]
        env = {**os.environ, "AzureWebJobsStorage": "UseDevelopmentStorage=true", **self.settings}
        with log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(lambda: ready.exists() or self.process.poll() is not None, READY_TIMEOUT_S, "the host to be ready")
        assert ready.exists(), self.log()
        self.http = json.loads(ready.read_bytes())["http"]
        connection = json.loads(ready.read_bytes())["storage_connection_string"]
        self.blobs = BlobServiceClient.from_connection_string(connection)
        self.queues = QueueServiceClient.from_connection_string(connection)
        return self

    def kill(self) -> None:
        """As the power cut does it: no good-bye."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def log(self) -> str:
        return (self.state / "host.log").read_text(errors="replace")[-4000:]

    def drop(self, name: str, data: bytes, options: dict[str, Any] | None = None) -> str:
        """Upload as a user would; gives the ETag."""
        container = self.blobs.get_container_client("input")
        with suppress(ResourceExistsError):
            container.create_container()
        metadata = {"fanfold_options": json.dumps(options)} if options else None
        client = container.upload_blob(name, data, overwrite=True, metadata=metadata)
        return str(client.get_blob_properties().etag).strip('"')

    def completion(self, name: str, timeout_s: float = RUN_TIMEOUT_S, *, etag: str | None = None) -> dict[str, Any]:
        """The message on the end of the run of a blob, of a certain version if need be."""

        def found() -> dict[str, Any] | None:
            self._receive()
            for event in self.messages:
                if event["subject"] == name and etag in (None, event["data"]["dataset"]["etag"]):
                    return event
            return None

        event: dict[str, Any] = wait_until(found, timeout_s, f"the completion of {name}\n{self.log()}")
        return event

    def report(self, event: dict[str, Any], file: str = "report.json") -> bytes:
        name = f"{event['subject']}/{event['id']}/{file}"
        data: bytes = self.blobs.get_container_client("output").download_blob(name).readall()
        return data

    def document(self, event: dict[str, Any]) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.report(event))
        return document

    def chunks_done(self, name: str) -> int:
        try:
            names = list(self.blobs.get_container_client("work").list_blob_names())
        except ResourceNotFoundError:
            return 0
        return sum(name.partition(".")[0] in stored and "/chunk/" in stored for stored in names)

    def _receive(self) -> None:
        queue = self.queues.get_queue_client("completions", message_decode_policy=TextBase64DecodePolicy())
        try:
            for message in queue.receive_messages(max_messages=32):
                self.messages.append(json.loads(message.content))
                queue.delete_message(message)
        except ResourceNotFoundError:
            pass


def outside_run(document: dict[str, Any]) -> str:
    """What may not depend on chunking, order or retries (promise P6), as text."""
    return json.dumps({key: value for key, value in document.items() if key != "run"}, ensure_ascii=False)
