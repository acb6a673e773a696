"""Drives an orchestration's generator with activities that are plain functions: no host, no SDK, no clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from fanfold import limits
from fanfold.pipeline.context import CHUNK, EMIT, MEMBER, SPAN
from fanfold.pipeline.orchestration import emit_span, process_span, profile_member
from fanfold.pipeline.policy import RetryPolicy

START = datetime(2026, 1, 1, tzinfo=UTC)
HANGS = object()
"""What an activity gives that never answers."""


@dataclass
class Task:
    """Runs at the first look at it; a hanging one never completes."""

    run: Callable[[], Any]
    is_completed: bool = False
    result: Any = None

    def settle(self) -> bool:
        if not self.is_completed:
            try:
                result = self.run()
            except Exception as error:  # noqa: BLE001 - as the SDK gives them
                result = error
            self.is_completed, self.result = result is not HANGS, result
        return self.is_completed


@dataclass
class TaskAll:
    tasks: list[Task]

    def settle(self) -> bool:
        settled = [task.settle() for task in self.tasks]
        return all(settled)


@dataclass
class Timer:
    orchestra: "Orchestra"
    fire_at: datetime
    is_completed: bool = False
    is_cancelled: bool = False
    result: Any = None

    def cancel(self) -> None:
        assert not self.is_completed
        self.is_cancelled = True

    def settle(self) -> bool:
        self.orchestra.delays.append(self.fire_at - self.orchestra.now)
        self.orchestra.now = self.fire_at
        self.is_completed = True
        return True


@dataclass
class Event:
    """The cancel event: raised once so many chunks have been called."""

    orchestra: "Orchestra"
    result: Any = "enough of it"

    @property
    def is_completed(self) -> bool:
        after = self.orchestra.cancelled_after_chunks
        chunks = sum(name == CHUNK for name, _ in self.orchestra.calls)
        return after is not None and chunks >= after

    def settle(self) -> bool:
        return self.is_completed


@dataclass
class Orchestra:
    """A Context whose activities run at once; its clock moves with the timers alone."""

    input: Any
    activities: dict[str, Callable[[Any], Any]]
    now: datetime = START
    calls: list[tuple[str, Any]] = field(default_factory=list)
    delays: list[timedelta] = field(default_factory=list)
    statuses: list[Any] = field(default_factory=list)
    sub_ids: list[str] = field(default_factory=list)
    signals: list[tuple[Any, str, Any]] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    children_most: int = 0
    cancelled_after_chunks: int | None = None
    is_replaying: bool = False

    @property
    def current_utc_datetime(self) -> datetime:
        return self.now

    def get_input(self) -> Any:
        return self.input

    def call_activity(self, name: str, input_: Any = None) -> Task:
        wire = msgspec.json.decode(msgspec.json.encode(input_))
        assert len(msgspec.json.encode(input_)) < limits.MESSAGE_BYTES_MAX
        self.calls.append((name, wire))
        return Task(lambda: self.activities[name](wire))

    def call_sub_orchestrator(self, name: str, input_: Any = None, instance_id: str | None = None) -> Task:
        orchestration = {SPAN: process_span, EMIT: emit_span, MEMBER: profile_member}[name]
        assert instance_id is not None
        self.sub_ids.append(instance_id)

        def run() -> Any:
            child = Orchestra(input_, self.activities, self.now, self.calls, self.delays, self.statuses, self.sub_ids)
            child.signals = self.signals
            result = child.play(orchestration(child, RetryPolicy()))
            self.children_most = max(self.children_most, child.children_most)
            return result

        return Task(run)

    def create_timer(self, fire_at: datetime) -> Timer:
        self.timers.append(Timer(self, fire_at))
        return self.timers[-1]

    def wait_for_external_event(self, name: str) -> Event:
        assert name == "cancel"
        return Event(self)

    def task_all(self, activities: list[Task]) -> TaskAll:
        self.children_most = max(self.children_most, len(activities))
        return TaskAll(activities)

    def task_any(self, activities: list[Any]) -> list[Any]:
        return activities

    def signal_entity(self, entity: Any, operation: str, input_: Any = None) -> None:
        self.signals.append((entity, operation, input_))

    def set_custom_status(self, status: Any) -> None:
        self.statuses.append(status)

    def play(self, generator: Any) -> Any:
        """Run the generator to its end; gives what it returns. What is asked for first is looked at first."""
        try:
            waited_for = next(generator)
            while True:
                winner = min(waited_for, key=lambda one: isinstance(one, Timer))
                if not winner.settle():
                    winner = next(one for one in waited_for if one is not winner and one.settle())
                waited_for = generator.send(winner)
        except StopIteration as stop:
            left = [timer for timer in self.timers if not (timer.is_completed or timer.is_cancelled)]
            assert left == []
            return stop.value
