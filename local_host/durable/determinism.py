"""Compares what an orchestrator does in a replay with what its history says it did. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable.actions import Numbered, describe

_SCHEDULING = frozenset(
    {
        "taskScheduled",
        "timerCreated",
        "subOrchestrationInstanceCreated",
        "entityOperationCalled",
        "entityOperationSignaled",
    }
)
"""Events that an action of the orchestrator left in the history."""


class NonDeterministic(Exception):
    """The orchestrator's code does not repeat what its history says it did."""


def check_repetition(past: Sequence[pb.HistoryEvent], done: Sequence[Numbered], reached: str) -> None:
    """Make sure that a replay in full repeated what the history has; ``reached`` is where the orchestrator is now."""
    repeated = {numbered.id: numbered for numbered in done}
    for event in past:
        if event.WhichOneof("eventType") in _SCHEDULING:
            _check(event, repeated.get(event.eventId), reached)


def not_in_history(unseen: Sequence[pb.HistoryEvent], numbered: Sequence[Numbered]) -> list[Numbered]:
    """What nobody has scheduled yet: another worker may have taken the turns in between."""
    scheduled = {event.eventId for event in unseen if event.WhichOneof("eventType") in _SCHEDULING}
    return [one for one in numbered if one.id not in scheduled]


def _check(event: pb.HistoryEvent, numbered: Numbered | None, reached: str) -> None:
    """``reached`` is where the replay is now, for what it has not scheduled at all."""
    kind = event.WhichOneof("eventType")
    before = f"{kind} {getattr(getattr(event, str(kind)), 'name', '')}".strip()
    now = "nothing" if numbered is None else describe(numbered)
    place = numbered.place if numbered else reached
    if before != now:
        raise NonDeterministic(
            f"Non-Deterministic workflow detected: a previous execution of this orchestrator scheduled"
            f" '{before}' as number {event.eventId}, the replay scheduled '{now}' at {place or 'its end'}. Was the"
            " orchestrator changed while it was running, or does it use the clock, random numbers or I/O?"
        )
