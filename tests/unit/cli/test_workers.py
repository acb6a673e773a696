"""The processes that work side by side for a command."""

import os
from pathlib import Path

import pytest

from fanfold.cli import workers
from fanfold.cli.workers import Workers


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set for the workers is gone after the test."""
    for name in workers._SURROUNDINGS:
        monkeypatch.setenv(name, "")


def test_workers_start_ahead_for_a_file_that_is_worth_it_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def start(_: Workers, ahead: int) -> None:
        started.append(ahead)

    monkeypatch.setattr(Workers, "start", start)
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"x")
    with large.open("wb") as file:
        file.truncate(3 * workers.WORTH_A_POOL_BYTES)
    with Workers() as some:
        for path in (small, tmp_path, tmp_path / "none", "https://example.com/a.csv"):
            some.start_for(str(path))
        assert started == []
        some.start_for(str(large))
        assert started == [3]


def test_results_come_in_the_order_of_their_tasks_and_a_failure_ends_the_work() -> None:
    counted = []
    with Workers() as some:
        assert some.map(abs, range(-9, 0), lambda: counted.append(1)) == [*range(9, 0, -1)]
        assert len(counted) == 9
        assert some.map(abs, [-1]) == [1]
        with pytest.raises(ValueError, match="'x'"):
            some.map(int, ["x", *["1"] * 999])


def test_workers_that_are_started_ahead_get_ready_side_by_side() -> None:
    with Workers() as some:
        processes = some.start(2)._processes
        assert len(processes) == min(2, os.cpu_count() or 1)
