"""Drives an orchestration's generator with activities that are plain functions: no host, no SDK, no clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from fanfold import limits
from fanfold.pipeline.orchestration import EMIT, SPAN, emit_span, process_span
from fanfold.pipeline.policy import RetryPolicy

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Task:
    run: Callable[[], Any]


@dataclass
class TaskAll:
    tasks: list[Task]


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
    children_most: int = 0

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
        orchestration = {SPAN: process_span, EMIT: emit_span}[name]
        assert instance_id is not None
        self.sub_ids.append(instance_id)
        child = Orchestra(input_, self.activities, self.now, self.calls, self.delays, self.statuses, self.sub_ids)

        def run() -> Any:
            result = child.play(orchestration(child, RetryPolicy()))
            self.children_most = max(self.children_most, child.children_most)
            return result

        return Task(run)

    def create_timer(self, fire_at: datetime) -> Task:
        def fire() -> None:
            self.delays.append(fire_at - self.now)
            self.now = fire_at

        return Task(fire)

    def task_all(self, activities: list[Task]) -> TaskAll:
        self.children_most = max(self.children_most, len(activities))
        return TaskAll(activities)

    def set_custom_status(self, status: Any) -> None:
        self.statuses.append(status)

    def play(self, generator: Any) -> Any:
        """Run the generator to its end; gives what it returns."""
        try:
            yielded = next(generator)
            while True:
                try:
                    value = self._settle(yielded)
                except Exception as error:  # noqa: BLE001 - as the SDK does
                    yielded = generator.throw(error)
                else:
                    yielded = generator.send(value)
        except StopIteration as stop:
            return stop.value

    def _settle(self, yielded: Task | TaskAll) -> Any:
        if isinstance(yielded, TaskAll):
            return [task.run() for task in yielded.tasks]
        return yielded.run()
