from typing import Any

from fanfold.pipeline.messages import Link
from fanfold.pipeline.progress import add, progress_of


def told(started_at: str, done: int) -> dict[str, Any]:
    return {"started_at": started_at, "done": done, "failed": 0, "records": 10 * done, "bytes": 100 * done}


def test_what_spans_tell_is_added_up() -> None:
    assert add(add(None, told("2026-01-01", 3)), told("2026-01-01", 4)) == told("2026-01-01", 7)


def test_an_execution_that_is_over_does_not_count_in_the_next_one() -> None:
    later = add(add(None, told("2026-01-01", 3)), told("2026-01-02", 1))
    assert later == told("2026-01-02", 1)
    assert add(later, told("2026-01-01", 5)) == told("2026-01-02", 1)


def test_a_failed_chunk_is_done_with() -> None:
    links = [
        Link(first=0, stop=1, start_byte=0, stop_byte=10, records=2, rejected=1),
        Link(first=1, stop=2, start_byte=10, stop_byte=15, failed=1, hole_after=True),
    ]
    progress = progress_of("2026", links)
    assert (progress.done, progress.failed, progress.records, progress.bytes) == (2, 1, 3, 15)
