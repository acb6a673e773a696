"""Whether storage can be reached, part by part, and what is wrong if not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from azure.core.exceptions import AzureError, ResourceNotFoundError

from fanfold.storage.clients import blob_service, queue_service
from fanfold.storage.faults import reason
from fanfold.storage.settings import Settings

_ONCE: dict[str, Any] = {"retry_total": 0, "timeout": 5, "connection_timeout": 3, "read_timeout": 5}
"""Whoever asks for health does not wait for retries."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the app needs, and how it is."""

    name: str
    ok: bool
    detail: str


def check_storage(settings: Settings) -> list[Check]:
    """Every container and queue of the app. One that is not there yet is well: it is created at first use."""
    return [_check(name, ask) for name, ask in _questions(settings)]


def _questions(settings: Settings) -> Iterator[tuple[str, Callable[[], object]]]:
    blobs, queues = blob_service(settings), queue_service(settings)
    for container in (settings.input_container, settings.output_container, settings.work_container):
        client = blobs.get_container_client(container)
        yield f"container {container}", partial(client.get_container_properties, **_ONCE)
    for queue in (settings.requests_queue, settings.completions_queue):
        inbox = queues.get_queue_client(queue)
        yield f"queue {queue}", partial(inbox.get_queue_properties, **_ONCE)


def _check(name: str, ask: Callable[[], object]) -> Check:
    try:
        ask()
    except ResourceNotFoundError:
        return Check(name, ok=True, detail="created at first use")
    except AzureError as error:
        return Check(name, ok=False, detail=reason(error))
    return Check(name, ok=True, detail="there")
