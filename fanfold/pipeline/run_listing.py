"""The list of runs, the newest first, whatever the order of the scheduler's list.

Schedulers promise no order. So a page is sorted from all runs of a stretch of time: one long enough to fill the page,
and short enough to be read whole.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fanfold.errors import PipelineFault
from fanfold.pipeline.run_queries import Place, RunQuery, continuation, place_of

Run = dict[str, Any]
Gather = Callable[[datetime | None, datetime | None], Awaitable[Sequence[Run] | None]]
"""All runs that the query admits, created from a time to a time; None when the scheduler lists too much there."""

LONGER = (timedelta(hours=1), timedelta(days=1), timedelta(days=30), None)
"""How far back to look, until a page is full. None is back to the first run."""

SHORTER = (timedelta(minutes=10), timedelta(minutes=1), timedelta(seconds=10), timedelta(seconds=1))
"""How far, when even the first of those is too much."""

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some of the list, and what to ask the next page with; None after the last one."""

    runs: list[Run]
    continuation: str | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: datetime | None
    """None: from the first run on."""
    runs: Sequence[Run]


async def list_newest(gather: Gather, query: RunQuery, now: datetime) -> RunPage:
    """The newest runs that a query admits. The page may come out short, or empty, and the list go on nevertheless."""
    stretch = await _look_back(gather, query, now)
    newest = sorted(stretch.runs, key=place_of, reverse=True)
    page = newest[: query.limit]
    if len(newest) > len(page):
        return RunPage(page, continuation(place_of(page[-1])))
    if stretch.start is None or stretch.start == query.created_from:
        return RunPage(page, None)
    return RunPage(page, continuation(Place(stretch.start, "")))


async def _look_back(gather: Gather, query: RunQuery, now: datetime) -> _Stretch:
    """The shortest stretch with a page of runs in it, or else the longest that can be read whole."""
    stop = _stop(query)
    best: _Stretch | None = None
    for length in LONGER:
        start = _start(query, stop or now, length)
        runs = await gather(start, stop)
        if runs is None:
            break
        best = _Stretch(start, runs)
        if len(runs) >= query.limit or start == query.created_from:
            return best
    if best is not None:
        return best
    for length in SHORTER:
        start = _start(query, stop or now, length)
        runs = await gather(start, stop)
        if runs is not None:
            return _Stretch(start, runs)
    raise PipelineFault("the scheduler's list of runs: more began within a second than this list can show")


def _stop(query: RunQuery) -> datetime | None:
    """Up to when the runs that are not shown yet were created: a second of which some are shown is listed once more."""
    if query.after is None:
        return query.created_to
    seen = query.after.created
    if query.after.run_id:
        seen += min(timedelta(seconds=1), _LAST - seen)
    return seen if query.created_to is None else min(seen, query.created_to)


def _start(query: RunQuery, stop: datetime, length: timedelta | None) -> datetime | None:
    """A whole second, as places are, or where the query itself begins."""
    if length is None:
        return query.created_from
    start = (stop - min(length, stop - _FIRST)).replace(microsecond=0)
    return start if query.created_from is None else max(start, query.created_from)
