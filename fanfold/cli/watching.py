"""Watching a run until its completion message comes."""

import json
import time
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from fanfold.cli.local import Host, why_it_failed
from fanfold.cli.terminal import progress
from fanfold.errors import PipelineFault
from fanfold.storage.clients import BASE64, blob_service, queue_service
from fanfold.storage.settings import Settings

_STALL_TIMEOUT_S = 600
"""A run that shows no progress for so long, twice an activity's own limit, is given up."""

_POLL_S = 0.2
_ENDED_BADLY = frozenset({"Failed", "Terminated"})


def wait_for_completion(host: Host, settings: Settings, run: str) -> dict[str, Any]:
    """The completion message of a run; PipelineFault when it can no longer come."""
    queue = queue_service(settings).get_queue_client(settings.completions_queue, **BASE64)
    work = blob_service(settings).get_container_client(settings.work_container)
    seen: object = None
    seen_at = time.monotonic()
    with progress() as bar:
        shown = bar.add_task("waiting for the run to start", total=None)
        while True:
            polled_at = time.monotonic()
            event = _receive(queue, run)
            if event is not None:
                return event
            host.check()
            status = _status(host, run)
            done = _chunks_done(work, run, status["phase"]) if status.get("chunks") else 0
            bar.update(shown, description=status["phase"], total=status.get("chunks"), completed=done)
            if (status, done) != seen:
                seen, seen_at = (status, done), time.monotonic()
            elif time.monotonic() - seen_at > _STALL_TIMEOUT_S:
                raise PipelineFault(f"no progress for {_STALL_TIMEOUT_S} s: {why_it_failed(host.log)}")
            time.sleep(_POLL_S + (time.monotonic() - polled_at))


def _receive(queue: QueueClient, run: str) -> dict[str, Any] | None:
    """The run's message, taken off the queue; others are left to whoever waits for them."""
    try:
        for message in queue.receive_messages(max_messages=32, visibility_timeout=5):
            event: dict[str, Any] = json.loads(message.content)
            if event["id"] == run:
                queue.delete_message(message)
                return event
    except ResourceNotFoundError:
        pass
    return None


def _status(host: Host, run: str) -> dict[str, Any]:
    """The run's custom status; PipelineFault when the orchestration itself failed and no message will come."""
    try:
        with urlopen(f"{host.http}/runtime/webhooks/durabletask/instances/{quote(run)}", timeout=10) as answer:  # noqa: S310 - our own host
            status = json.load(answer)
    except (URLError, TimeoutError):
        return {"phase": "waiting for the run to start"}
    if status["runtimeStatus"] in _ENDED_BADLY:
        raise PipelineFault(f"the orchestration ended {status['runtimeStatus']}: {status.get('output')}")
    return status["customStatus"] or {"phase": "starting"}


def _chunks_done(work: ContainerClient, run: str, phase: str) -> int:
    """How far the phase is: every profiled chunk leaves a partial, every emitted part the list of itself."""
    sign = "/part/" if phase == "emitting" else "/chunk/"
    try:
        return sum(sign in name for name in work.list_blob_names(name_starts_with=f"{run}/"))
    except ResourceNotFoundError:
        return 0
