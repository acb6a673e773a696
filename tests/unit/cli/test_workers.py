"""The processes that work side by side for a command."""

import multiprocessing
import os
import signal
import time
from multiprocessing import parent_process
from pathlib import Path

import pytest

from fanfold.cli import workers
from fanfold.cli.workers import Workers
from fanfold.errors import PipelineFault


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set for the workers is gone after the test."""
    for name in workers._ONE_THREAD:
        monkeypatch.setenv(name, "")


def where(seconds: float) -> int:
    """A step that takes a while, and tells in which process."""
    time.sleep(seconds)
    return os.getpid()


def fail_while_another_writes(folder: Path) -> None:
    """A step that fails in the command's own process, once another one has begun to write what takes a while."""
    if parent_process() is None:
        while not (folder / "begun").exists():
            time.sleep(0.01)
        raise ValueError("failed")
    (folder / "begun").touch()
    time.sleep(0.3)
    (folder / "ended").touch()


def die_elsewhere(_: object) -> None:
    """A step that kills any process but the command's own."""
    if parent_process() is not None:
        os._exit(1)


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


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_results_come_in_the_order_of_their_tasks_and_a_failure_ends_the_work(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    counted = []
    with Workers() as some:
        assert some.map(abs, range(-9, 0), lambda: counted.append(1)) == [*range(9, 0, -1)]
        assert len(counted) == 9
        assert some.map(abs, [-1]) == [1]
        assert some.map(abs, []) == []
        with pytest.raises(ValueError, match="negative"):
            some.map(where, [-1, *[0.05] * 400], lambda: counted.append(1))
        assert len(counted) < 409


def test_each_core_has_a_process_and_the_commands_own_is_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    with Workers() as some:
        some.start(ahead=2)
        processes: set[int] = set()
        given_up = time.monotonic() + 300  # a busy machine takes its time to start one
        while len(processes) < 3 and time.monotonic() < given_up:
            processes |= {*some.map(where, [0.05] * 6)}
        processes |= {*some.map(where, [0.05] * 6)}
    assert len(processes) == 3
    assert os.getpid() in processes


def test_nobody_is_at_work_any_more_when_a_failure_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with Workers() as some:
        with pytest.raises(ValueError, match="failed"):
            some.map(fail_while_another_writes, [tmp_path] * 9)
        assert (tmp_path / "ended").exists()


def test_workers_leave_a_ctrl_c_to_the_main_process_from_their_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    with Workers() as some:
        some.start(ahead=1)
        interrupted = 0
        while interrupted < 2:  # the other one is started by the tasks, in another thread
            started = [*multiprocessing.active_children()]
            for process in started[interrupted:]:
                os.kill(process.pid or 0, signal.SIGINT)
            interrupted = len(started)
            assert some.map(abs, [-1] * 6) == [1] * 6


def test_a_worker_that_is_killed_ends_the_work_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with Workers() as some, pytest.raises(PipelineFault, match="ended from outside"):
        some.map(die_elsewhere, [None] * 9)
