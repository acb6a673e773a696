"""Those who hear of the end of runs, on real Azurite: the command, and the consumer of the README."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient

from fanfold.errors import DatasetRejected
from fanfold.pipeline.completion import cloud_event
from fanfold.pipeline.messages import Completion, DatasetVersion, Failure, ReportLinks
from fanfold.storage.clients import BASE64

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300)


class Listener:
    """A consumer as a process, and the queue that it listens to."""

    def __init__(self, azurite: Any, name: str) -> None:
        self.queue = QueueClient.from_connection_string(azurite.connection_string, name, **BASE64)
        self.environ = {
            **os.environ,
            "AzureWebJobsStorage": azurite.connection_string,
            "COMPLETIONS_QUEUE": name,
            "PYTHONPATH": str(ROOT),
        }

    def send(self, *events: bytes) -> None:
        with suppress(ResourceExistsError):
            self.queue.create_queue()
        for event in events:
            self.queue.send_message(event.decode())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=pipe, stderr=pipe, text=True)

    def left(self) -> int:
        """Messages on the queue, those included that somebody has received and not deleted."""
        return self.queue.get_queue_properties().approximate_message_count or 0

    def wait_until_taken(self) -> None:
        """What was printed is deleted next: a consumer that is stopped in between leaves the message to the next."""
        deadline = time.monotonic() + 60
        while self.left():
            assert time.monotonic() < deadline, f"{self.left()} messages were not taken"
            time.sleep(0.05)


@pytest.fixture
def listener(azurite: Any) -> Listener:
    return Listener(azurite, f"ends-{uuid4().hex[:12]}")


def event(blob: str, error: str | None = None) -> bytes:
    dataset = DatasetVersion(account="a", container="input", blob=blob, etag="0x1", size=10)
    completion = Completion(
        run_id="a-csv-0123456789abcdef",
        dataset=dataset,
        outcome="failed" if error else "completed",
        completed_at="2026-11-21T10:00:00+00:00",
        duration_s=1.25,
        records=1234,
        rejected=5,
        report=None if error else ReportLinks(json="https://o/r.json", html="https://o/r.html"),
        error=Failure(kind=DatasetRejected.__name__, message=error) if error else None,
    )
    return cloud_event(completion)


def end(process: subprocess.Popen[str]) -> tuple[str, str]:
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=300)


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


def test_subscriber_prints_the_end_of_runs_as_they_come_and_takes_the_messages(listener: Listener) -> None:
    with listener.start("-m", "fanfold", "subscribe") as process:
        assert "waiting" in line(process.stderr)  # there is no queue yet
        listener.send(event("orders.csv"))
        shown = line(process.stdout)
        assert shown.split("  ") == [
            *("2026-11-21T10:00:00", "orders.csv", "completed", "1,234 records", "5 rejected", "1.2 s"),
            "https://o/r.html\n",
        ]
        listener.send(event("\x1b[31mred\n.csv", "no columns"))
        assert line(process.stdout).endswith("␛[31mred↵.csv  failed  DatasetRejected: no columns\n")
        listener.wait_until_taken()
        assert end(process)[1] == ""  # it is how it ends, and no failure
    assert process.returncode == 130


def test_messages_are_printed_as_they_are_and_no_more_are_taken_than_wanted(listener: Listener) -> None:
    listener.send(*(event(f"{n}.csv") for n in range(3)))
    with listener.start("-m", "fanfold", "subscribe", "--format", "json", "--limit", "2") as process:
        printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    assert [json.loads(text) for text in printed.splitlines()] == [json.loads(event(f"{n}.csv")) for n in range(2)]
    assert listener.left() == 1
    assert len(list(listener.queue.receive_messages())) == 1  # nobody holds it


def test_who_only_looks_leaves_the_messages_and_sees_each_once(listener: Listener) -> None:
    listener.send(event("a.csv"), event("b.csv"))
    with listener.start("-m", "fanfold", "subscribe", "--peek") as process:
        assert "a.csv" in line(process.stdout)
        assert "b.csv" in line(process.stdout)
        listener.send(event("c.csv"))
        assert "c.csv" in line(process.stdout)
        rest, _ = end(process)
    assert (process.returncode, rest, listener.left()) == (130, "", 3)


def test_foreign_message_is_told_of_and_left(listener: Listener) -> None:
    listener.send(b"hello", event("a.csv"))
    with listener.start("-m", "fanfold", "subscribe", "--limit", "1") as process:
        printed, told = process.communicate(timeout=300)
    assert "a.csv" in printed
    assert "no completion message" in told
    assert listener.left() == 1


def test_reader_that_closes_its_pipe_ends_the_subscriber_quietly(listener: Listener) -> None:
    listener.send(event("a.csv"))
    with listener.start("-m", "fanfold", "subscribe") as process:
        assert process.stdout is not None
        line(process.stdout)
        process.stdout.close()
        listener.send(event("b.csv"))
        assert process.wait(300) == 0
    assert listener.left() == 1


def test_consumer_of_the_readme_prints_the_end_of_runs_and_takes_the_messages(
    listener: Listener, tmp_path: Path
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    consumer = tmp_path / "consumer.py"
    consumer.write_text(code.replace('"completions"', repr(listener.queue.queue_name)), "utf-8")
    assert len([text for text in code.splitlines() if text]) <= 20
    with listener.start(str(consumer)) as process:
        listener.send(event("orders.csv"), event("bad.csv", "no columns"))
        assert line(process.stdout) == "orders.csv 1234 https://o/r.html\n"
        assert line(process.stdout) == "bad.csv failed no columns\n"
        listener.send(event("later.csv"))
        assert line(process.stdout).startswith("later.csv")
        end(process)
    assert listener.left() <= 1  # the last one, if it was stopped before it could take it
