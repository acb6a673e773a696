"""Hands an engine's work items to the workers that are connected, and takes back what a lost worker had.

An item is in one of two places: in the line of its kind, or with one stream. Its token changes each time it is handed
out, so that only the last worker who got it can answer for it; an item that is back in line still takes a late answer.
All methods but the `Executor`'s belong to the thread of one event loop.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable.engine import ActivityDone, EntityDone, Turn, TurnDone
from local_host.durable.entities import split_entity_id

Kind = Literal["orchestration", "activity", "entity"]
Response = pb.OrchestratorResponse | pb.ActivityResponse | pb.EntityBatchResult
"""The outcome of a work item; which of the three follows from its kind."""

KINDS: tuple[Kind, ...] = ("orchestration", "activity", "entity")


@dataclass(frozen=True, slots=True)
class Appetite:
    """What a worker takes of one kind: at most so many at once (0: any number), of these names (None: any)."""

    limit: int
    names: frozenset[str] | None = None


@dataclass(eq=False, slots=True)
class Item:
    """A work item, how to make its message, and whom to tell its outcome."""

    kind: Kind
    name: str
    instance_id: str
    message: Callable[[str], pb.WorkItem]
    done: Callable[[Any], None]
    token: str = ""


@dataclass(eq=False, slots=True)
class Stream:
    """A connected worker: what it takes, what is on its way to it, what it has."""

    appetites: dict[Kind, Appetite]
    outbox: asyncio.Queue[pb.WorkItem] = field(default_factory=asyncio.Queue)
    items: dict[str, Item] = field(default_factory=dict)
    counts: Counter[Kind] = field(default_factory=Counter)

    def takes(self, item: Item) -> bool:
        """Whether the worker has room for the item, and knows its name."""
        appetite = self.appetites[item.kind]
        has_room = appetite.limit <= 0 or self.counts[item.kind] < appetite.limit
        return has_room and (appetite.names is None or item.name in appetite.names)


class Dispatcher:
    """An `Executor` whose work is done by whoever is connected; without workers, work waits."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lines: dict[Kind, dict[Item, None]] = {kind: {} for kind in KINDS}
        self._items: dict[str, Item] = {}
        self._streams: list[Stream] = []

    # The executor

    def run_turn(self, turn: Turn, done: TurnDone) -> None:
        """Execute an orchestrator over its history."""

        def finish(response: pb.OrchestratorResponse) -> None:
            response.instanceId, response.completionToken = turn.instance_id, turn.execution_id
            done(response)

        item = Item(
            "orchestration", turn.started.name, turn.instance_id, lambda token: _turn_message(turn, token), finish
        )
        self._loop.call_soon_threadsafe(self._add, [item])

    def run_activities(self, requests: Sequence[pb.ActivityRequest], done: ActivityDone) -> None:
        """Execute activities; ``done`` is called once for each, in any order."""
        items = [_activity_item(request, done) for request in requests]
        self._loop.call_soon_threadsafe(self._add, items)

    def run_entity(self, request: pb.EntityBatchRequest, done: EntityDone) -> None:
        """Execute a batch of operations of one entity."""

        def finish(response: pb.EntityBatchResult) -> None:
            response.completionToken = request.instanceId
            done(response)

        name, _ = split_entity_id(request.instanceId)
        item = Item("entity", name, request.instanceId,
                    lambda token: pb.WorkItem(entityRequest=request, completionToken=token), finish)  # fmt: skip
        self._loop.call_soon_threadsafe(self._add, [item])

    def _add(self, items: Sequence[Item]) -> None:
        for item in items:
            self._lines[item.kind][item] = None
        self._hand_out()

    # Workers

    def connect(self, appetites: dict[Kind, Appetite]) -> Stream:
        """A worker that takes work from now on."""
        stream = Stream(appetites)
        self._streams.append(stream)
        self._hand_out()
        return stream

    def disconnect(self, stream: Stream) -> None:
        """The worker is gone: what it had goes to the front of the line."""
        self._streams.remove(stream)
        for item in reversed(stream.items.values()):
            self._put_back(item)
        stream.items.clear()
        self._hand_out()

    def _put_back(self, item: Item) -> None:
        self._lines[item.kind] = {item: None, **self._lines[item.kind]}

    def _hand_out(self) -> None:
        for kind, line in self._lines.items():
            room = [one for one in self._streams if _has_room(one, kind)]
            given: list[Item] = []
            for item in line:
                if not room:
                    break
                takers = [one for one in room if one.takes(item)]
                if takers:
                    self._give(item, min(takers, key=lambda one: one.counts[kind]))
                    given.append(item)
                    room = [one for one in room if _has_room(one, kind)]
            for item in given:
                del line[item]

    def _give(self, item: Item, stream: Stream) -> None:
        self._items.pop(item.token, None)
        item.token = uuid.uuid4().hex
        self._items[item.token] = item
        stream.items[item.token] = item
        stream.counts[item.kind] += 1
        stream.outbox.put_nowait(item.message(item.token))

    # Outcomes

    def find(self, kind: Kind, token: str) -> Item | None:
        """The item of that token; None where it was answered before, or handed to another worker since."""
        item = self._items.get(token)
        return item if item and item.kind == kind else None

    def complete(self, item: Item, response: Response) -> None:
        """Tell the engine the outcome."""
        del self._items[item.token]
        self._lines[item.kind].pop(item, None)
        self._release(item)
        item.done(response)
        self._hand_out()

    def abandon(self, item: Item) -> None:
        """The worker cannot do it now: the next one may."""
        del self._items[item.token]
        if self._release(item):
            self._lines[item.kind][item] = None
        self._hand_out()

    def _release(self, item: Item) -> bool:
        """Take the item from the worker that has it; whether there was one."""
        for stream in self._streams:
            if stream.items.pop(item.token, None):
                stream.counts[item.kind] -= 1
                return True
        return False


def _has_room(stream: Stream, kind: Kind) -> bool:
    limit = stream.appetites[kind].limit
    return limit <= 0 or stream.counts[kind] < limit


def _turn_message(turn: Turn, token: str) -> pb.WorkItem:
    request = pb.OrchestratorRequest(instanceId=turn.instance_id, pastEvents=turn.past, newEvents=turn.new)
    request.executionId.value = turn.execution_id
    return pb.WorkItem(orchestratorRequest=request, completionToken=token)


def _activity_item(request: pb.ActivityRequest, done: ActivityDone) -> Item:
    instance = request.orchestrationInstance

    def finish(response: pb.ActivityResponse) -> None:
        response.instanceId, response.taskId = instance.instanceId, request.taskId
        response.completionToken = instance.executionId.value
        done(response)

    return Item("activity", request.name, instance.instanceId,
                lambda token: pb.WorkItem(activityRequest=request, completionToken=token), finish)  # fmt: skip
