"""The timeline of a run, read from its durable history: what was given out when, and when its result was there.

A row is a step, a chunk, or an orchestration below the run's: a span of chunks, or one of several datasets. So a run of
any size has some hundred rows, or a few hundred, but for what was tried again. Times are those that the scheduler has
recorded.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fanfold import limits
from fanfold.pipeline.context import (
    CHUNK,
    CLEAN,
    COMBINE,
    EMIT,
    FOLD,
    INSPECT,
    LIST,
    MEMBER,
    NOTIFY,
    PART,
    PUBLISH,
    SCHEMA,
    SPAN,
)
from fanfold.report.text import plain

DONE = "done"
FAILED = "failed"
GOING_ON = "going on"

_STEPS = {
    INSPECT: "look at the head",
    FOLD: "fold",
    SCHEMA: "schema of the parts",
    LIST: "list of the parts",
    PUBLISH: "write the report",
    COMBINE: "write the report",
    NOTIFY: "send the message",
    CLEAN: "clean up",
}
_RANGES = {CHUNK: "chunk", SPAN: "chunk", PART: "part of chunk", EMIT: "part of chunk"}
_BEGUN = {"TaskScheduled", "SubOrchestrationInstanceCreated"}
_ENDED = {"TaskCompleted", "SubOrchestrationInstanceCompleted"}
_BROKEN = {"TaskFailed", "SubOrchestrationInstanceFailed"}
_NAME_CHARACTERS = 60
_LAYERS_MAX = 3  # of JSON in JSON: an input comes as a value, as a text of it, or as a text of that


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt at something. Without a stop it goes on."""

    start: datetime
    stop: datetime | None
    outcome: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A step, a chunk or a span, with every attempt at it."""

    label: str
    tries: list[Try] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Rows in the order they were begun; `hidden` more are not shown."""

    start: datetime
    stop: datetime
    rows: tuple[Row, ...]
    hidden: int = 0


def read_timeline(history: Iterable[Mapping[str, Any]] | None, now: datetime) -> Timeline | None:
    """The timeline as of now; None where the scheduler tells nothing of it."""
    rows: dict[tuple[int, str], Row] = {}
    for begun_at, first, label, event in sorted(_begun(history or ()), key=lambda found: found[:3]):
        rows.setdefault((first, label), Row(label)).tries.append(_try(begun_at, event))
    if not rows:
        return None
    tries = [one for row in rows.values() for one in row.tries]
    start = min(one.start for one in tries)
    stop = max(one.stop or now for one in tries)
    shown = tuple(rows.values())[: limits.TIMELINE_ROWS_MAX]
    return Timeline(start, max(stop, start), shown, len(rows) - len(shown))


def _begun(history: Iterable[Mapping[str, Any]]) -> Iterable[tuple[datetime, int, str, Mapping[str, Any]]]:
    """What was begun, with its time, its first chunk and its label: in this order it is shown."""
    for event in history:
        kind = event.get("EventType")
        at = _time(event.get("Timestamp") if kind in _BEGUN else event.get("ScheduledTime"))
        if kind in _BEGUN | _ENDED | _BROKEN and at is not None:
            yield at, *_named(event), event


def _try(start: datetime, event: Mapping[str, Any]) -> Try:
    if event["EventType"] in _BEGUN:
        return Try(start, None, GOING_ON)
    stop = _time(event.get("Timestamp")) or start
    result = _value(event.get("Result"))
    if event["EventType"] in _BROKEN:
        return Try(start, stop, FAILED, str(event.get("Reason") or event.get("Details") or "no reason was given"))
    error = result.get("error")
    if isinstance(error, Mapping):
        return Try(start, stop, FAILED, f"{error.get('kind')}: {error.get('message')}")
    return Try(start, stop, DONE)


def _named(event: Mapping[str, Any]) -> tuple[int, str]:
    name = str(event.get("FunctionName") or event.get("Name") or "a step")
    if name == MEMBER:
        return 0, plain(_blob(event), _NAME_CHARACTERS)
    if name not in _RANGES:
        return 0, _STEPS.get(name, name)
    task = _value(event.get("Input")) or _value(_value(event.get("Result")).get("value"))
    first, stop = task.get("first"), task.get("stop")
    if not isinstance(first, int) or not isinstance(stop, int):
        return 0, _RANGES[name]
    if stop - first <= 1:
        return first, f"{_RANGES[name]} {first + 1:,}"
    return first, f"{_RANGES[name]}s {first + 1:,} to {stop:,}"


def _blob(event: Mapping[str, Any]) -> str:
    """Which of several datasets a part of the run is of."""
    request = _value(_value(event.get("Input")).get("request"))
    return str(_value(request.get("dataset")).get("blob") or "a dataset")


def _value(wire: object) -> Mapping[str, Any]:
    """An object of JSON, wrapped into texts or not; an empty one where there is none."""
    for _ in range(_LAYERS_MAX):
        if not isinstance(wire, str):
            break
        try:
            wire = json.loads(wire)
        except ValueError:
            break
    return wire if isinstance(wire, Mapping) else {}


def _time(text: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time
