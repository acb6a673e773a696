"""Orchestrators and entities that take too long: told of, given up, and the others unharmed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from running_host import wait_for

from local_host.durable import watch
from local_host.durable.watch import Watch


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0.02)
    monkeypatch.setattr(watch, "SLOW_S", 0.1)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def begin(threads: ThreadPoolExecutor, timeout_s: float | None, work: Callable[[], str]) -> tuple[Watch, list[str]]:
    outcomes: list[str] = []
    watched = Watch(Path(__file__).parent, timeout_s)
    threads.submit(watched.run, "think", "instance-1", work, str, outcomes.append)
    return watched, outcomes


def test_slow_one_is_named_with_its_place_again_and_again(
    threads: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    release = threading.Event()

    def hang() -> str:
        release.wait()
        return "late"

    watched, outcomes = begin(threads, None, hang)
    wait_for(lambda: len(caplog.messages) >= 2, "two warnings")
    assert "think (instance-1) has been at work for" in caplog.messages[0]
    assert f"it is at {__file__}:" in caplog.messages[0]
    assert "in hang: release.wait()" in caplog.messages[0]
    release.set()
    wait_for(lambda: outcomes == ["late"], "the outcome")
    watched.close()


def test_one_that_runs_in_circles_is_stopped_and_its_thread_goes_on(threads: ThreadPoolExecutor) -> None:
    def circle() -> str:
        while True:
            with contextlib.suppress(Exception):  # it is not to be caught so
                time.sleep(0.001)

    watched, outcomes = begin(threads, 0.2, circle)
    wait_for(lambda: outcomes, "the outcome")
    assert outcomes[0].startswith("Timeout value of 00:00:00 exceeded by function: think; it was at ")
    assert threads.submit(lambda: "free").result(10) == "free"
    watched.close()


def test_outcome_that_comes_too_late_does_not_count(threads: ThreadPoolExecutor) -> None:
    release = threading.Event()
    watched, outcomes = begin(threads, 0.1, lambda: str(release.wait(20)))
    wait_for(lambda: outcomes, "the failure")
    release.set()
    threads.submit(lambda: None).result(10)
    assert len(outcomes) == 1
    watched.close()


def test_quick_ones_are_not_looked_at(threads: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture) -> None:
    watched, outcomes = begin(threads, 5.0, lambda: "at once")
    wait_for(lambda: outcomes == ["at once"], "the outcome")
    wait_for(lambda: not watched._busy.is_set(), "the watch to sleep")
    assert caplog.messages == []
    watched.close()
