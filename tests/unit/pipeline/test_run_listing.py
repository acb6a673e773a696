import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.errors import PipelineFault
from fanfold.pipeline.run_listing import RunPage, list_newest
from fanfold.pipeline.run_queries import RunQuery, read_run_query

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AGES_S = st.one_of(st.integers(0, 5), st.integers(0, 7_200), st.integers(0, 40 * 86_400), st.integers(0, 400 * 86_400))


def run(n: int, age_s: float) -> dict[str, Any]:
    created = NOW - timedelta(seconds=age_s)
    return {
        "run_id": f"r{n}-0123456789abcdef",
        "status": "completed",
        "dataset": {"blob": f"{n}.csv"},
        "created": created,
        "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


class Scheduler:
    """One that lists in an order of its own, and reads no more than `most` runs."""

    def __init__(self, runs: Sequence[dict[str, Any]], most: int = 1_000) -> None:
        self.runs, self.most, self.asked = runs, most, 0

    def page(self, query: RunQuery) -> RunPage:
        async def gather(start: datetime | None, stop: datetime | None) -> list[dict[str, Any]] | None:
            self.asked += 1
            found = [
                run
                for run in self.runs
                if (start is None or run["created"] >= start) and (stop is None or run["created"] <= stop)
            ]
            return None if len(found) > self.most else [run for run in found if query.admits(run)]

        return asyncio.run(list_newest(gather, query, NOW))

    def walk(self, query: RunQuery) -> list[list[dict[str, Any]]]:
        """All pages of the list, each asked for with the continuation of the one before."""
        pages = [self.page(query)]
        while (then := pages[-1].continuation) is not None:
            assert len(pages) < 100
            pages.append(self.page(replace(query, after=read_run_query({"continuation": then}).after)))
        return [page.runs for page in pages]


@given(st.lists(AGES_S, max_size=30), st.integers(1, 8))
def test_walking_the_pages_shows_every_run_once_and_the_newest_first(ages: list[int], limit: int) -> None:
    runs = [run(n, age + 0.5) for n, age in enumerate(ages)]
    pages = Scheduler(runs).walk(RunQuery(limit=limit))
    assert all(len(page) <= limit for page in pages)
    shown = [(one["created_at"], one["run_id"]) for page in pages for one in page]
    assert shown == sorted(((one["created_at"], one["run_id"]) for one in runs), reverse=True)


@given(st.lists(AGES_S, max_size=30, unique=True), st.integers(1, 8))
def test_a_list_too_long_to_be_read_whole_is_walked_in_shorter_stretches(ages: list[int], limit: int) -> None:
    runs = [run(n, age) for n, age in enumerate(ages)]
    pages = Scheduler(runs, most=3).walk(RunQuery(limit=limit))
    shown = [(one["created_at"], one["run_id"]) for page in pages for one in page]
    assert shown == sorted(((one["created_at"], one["run_id"]) for one in runs), reverse=True)


def test_no_more_is_read_than_a_page_needs() -> None:
    scheduler = Scheduler([*(run(n, 60) for n in range(5)), run(9, 10_000_000)])
    page = scheduler.page(RunQuery(limit=5))
    assert (len(page.runs), scheduler.asked) == (5, 1)
    assert page.continuation is not None


def test_the_list_keeps_to_the_times_that_are_asked_for() -> None:
    scheduler = Scheduler([run(n, age) for n, age in enumerate((10, 100, 5_000, 9_000))])
    asked = RunQuery(created_from=NOW - timedelta(seconds=5_000), created_to=NOW - timedelta(seconds=50), limit=1)
    assert [[one["run_id"][:2] for one in page] for page in scheduler.walk(asked)] == [["r1"], ["r2"]]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_times_at_the_ends_of_the_calendar_are_times(time: str) -> None:
    assert Scheduler([]).page(read_run_query({"from": time, "to": time})).runs == []


def test_a_second_with_too_many_runs_is_told() -> None:
    with pytest.raises(PipelineFault, match="within a second"):
        Scheduler([run(n, 0) for n in range(9)], most=3).page(RunQuery())
