"""python -m fanfold subscribe: prints the completion messages of the app as they come.

It is a consumer of the queue like any other: what it has printed it takes off, so that nobody else gets it. With
`peek` it only looks, and leaves the messages to those who wait for them (docs/decisions/0025).
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage

from fanfold import limits
from fanfold.cli.terminal import complain, say
from fanfold.errors import PipelineFault
from fanfold.nouns import counted
from fanfold.pipeline.completion import COMPLETED
from fanfold.report.figures import duration, number
from fanfold.report.text import plain
from fanfold.storage.clients import BASE64, queue_service
from fanfold.storage.faults import reason
from fanfold.storage.settings import CONNECTION, read_settings

Found = Iterator[tuple[QueueMessage, dict[str, Any]]]

INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C has ended."""

_POLL_S = 1.0
_HIDDEN_S = 30
"""How long nobody else sees what we have received: printing takes far less."""


def subscribe(form: str, most: int | None, *, peek: bool) -> int:
    """Print messages until there were so many, 0 then; or until Ctrl-C."""
    queue = _queue()
    found = _peeked(queue) if peek else _received(queue, most)
    try:
        for message, event in islice(found, most):
            print(_line(event) if form == "text" else json.dumps(event), flush=True)
            if not peek:
                with suppress(ResourceNotFoundError):  # printing took so long that somebody else has it now
                    queue.delete_message(message)
    except AzureError as error:
        raise PipelineFault(f"queue {queue.queue_name}: {reason(error)}") from error
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Who read us has seen enough. What was not printed stays on the queue; the interpreter must not flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _queue() -> QueueClient:
    """The queue that the app's settings name; on a laptop without any, the emulator's."""
    settings = read_settings({CONNECTION: "UseDevelopmentStorage=true", **os.environ})
    queue = queue_service(settings).get_queue_client(settings.completions_queue, **BASE64)
    say(f"waiting for messages on the queue {queue.queue_name} of {queue.account_name}; Ctrl-C ends it")
    return queue


def _received(queue: QueueClient, most: int | None) -> Found:
    """Messages as they come, no more than are wanted: what is received is hidden from others for a while."""
    complained: set[str] = set()
    left = limits.SUBSCRIBED_AT_ONCE if most is None else most
    while True:
        found = _some(queue, min(left, limits.SUBSCRIBED_AT_ONCE))
        for message in found:
            event = _event(message, complained)
            if event is not None:
                left -= most is not None
                yield message, event
        if not found:
            time.sleep(_POLL_S)


def _some(queue: QueueClient, at_once: int) -> list[QueueMessage]:
    try:
        pages = queue.receive_messages(messages_per_page=at_once, max_messages=at_once, visibility_timeout=_HIDDEN_S)
        return list(pages)
    except ResourceNotFoundError:
        return []  # no run has ended yet


def _peeked(queue: QueueClient) -> Found:
    """Each message once, without taking any; the service shows the first 32 only."""
    seen: set[str] = set()
    while True:
        try:
            found = queue.peek_messages(max_messages=limits.SUBSCRIBED_AT_ONCE)
        except ResourceNotFoundError:
            found = []
        fresh = [message for message in found if message.id not in seen]
        seen |= {message.id for message in fresh}
        for message in fresh:
            event = _event(message, set())
            if event is not None:
                yield message, event
        if not fresh:
            time.sleep(_POLL_S)


def _event(message: QueueMessage, complained: set[str]) -> dict[str, Any] | None:
    """The completion message, None when it is none of ours: that stays on the queue, and is told of once."""
    try:
        event = json.loads(message.content)
        if isinstance(event, dict) and {"id", "type", "subject", "data"} <= event.keys():
            return event
    except ValueError:
        pass
    if message.id not in complained:
        complained.add(message.id)
        complain(f"message {message.id} is no completion message; it is left on the queue")
    return None


def _line(event: dict[str, Any]) -> str:
    """A run's end on a line: when, which dataset, what became of it."""
    data = event["data"]
    word = str(data.get("status", event["type"].rpartition(".")[2])).replace("_", " ")
    pieces = [str(event.get("time", ""))[:19], plain(str(event["subject"])), word]
    if event["type"].endswith(f".{COMPLETED}"):
        pieces += [counted(data["records"], "record"), f"{number(data['rejected']).text} rejected"]
        pieces += [duration(data["duration_s"]).text]
        pieces += [str((data["report"] or {}).get("html", ""))]
    if data.get("error"):
        pieces.append(plain(f"{data['error']['kind']}: {data['error']['message']}"))
    return "  ".join(piece for piece in pieces if piece)
