"""Drives the samples' orchestrations with their own activities: no host, no SDK, no clock, any order of completion."""

import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from blueprints.samples import (
    aggregation,
    batches,
    fan_out,
    items,
    iterations,
    parallel,
    progress,
    tolerance,
    work_items,
)
from fanfold import limits

Activity = Callable[[Any], Any]

ORCHESTRATIONS: dict[str, Callable[[Any], Any]] = {
    fan_out.WAVE: fan_out.run_wave,
    batches.ORDER: batches.process_order,
    batches.CHUNK_OF_ITEMS: batches.process_chunk_of_items,
    batches.BOUNDED_PART: batches.process_bounded_part,
    tolerance.FAIL_FAST: tolerance.fail_fast,
    progress.TRACKED_BATCH: progress.process_tracked_batch,
}
ACTIVITIES: dict[str, Activity] = {
    items.PROCESS: items.process_item,
    items.PROCESS_OR_RAISE: items.process_item_or_raise,
    batches.AGGREGATE_CHUNKS: batches.aggregate_chunks,
    aggregation.VALIDATE: aggregation.validate_data,
    aggregation.ENRICH: aggregation.enrich_data,
    aggregation.CLASSIFY: aggregation.classify_data,
    aggregation.ORDER_TOTAL: aggregation.calculate_order_total,
    aggregation.ANALYZE: aggregation.analyze_source,
    aggregation.MAP: aggregation.count_words,
    aggregation.REDUCE: aggregation.add_word_counts,
    iterations.SAY_HELLO: iterations.say_hello,
    parallel.PROCESS_WORK_ITEM: parallel.double_number,
    work_items.AGGREGATE_RESULTS: work_items.aggregate_results,
}


def travel(value: Any) -> Any:
    """As a message does: by JSON, in less than the scheduler takes."""
    text = json.dumps(value)
    assert len(text) < 1_000_000
    return json.loads(text)


@dataclass(eq=False)
class Task:
    run: Callable[[], Any]
    done: bool = False
    value: Any = None
    error: Exception | None = None

    @property
    def is_completed(self) -> bool:
        return self.done

    @property
    def result(self) -> Any:
        return self.error or self.value

    @property
    def parts(self) -> list["Task"]:
        return [self]

    def settle(self) -> Any:
        if not self.done:
            self.done = True
            try:
                self.value = travel(self.run())
            except Exception as error:  # noqa: BLE001 - as the SDK does
                self.error = error
        if self.error is not None:
            raise self.error
        return self.value


@dataclass(eq=False)
class Every:
    """task_all: fails with the first failure."""

    parts: list[Task]

    @property
    def done(self) -> bool:
        return all(task.done for task in self.parts) or any(task.error for task in self.parts)

    def settle(self) -> list[Any]:
        return [task.settle() for task in self.parts]


@dataclass(eq=False)
class First:
    """task_any: gives the first to end, whichever that is."""

    tasks: list[Task | Every]
    chance: random.Random

    @property
    def parts(self) -> list[Task]:
        return [part for task in self.tasks for part in task.parts]

    def settle(self) -> Task | Every:
        winner = self.chance.choice([task for task in self.tasks if task.done] or self.tasks)
        with suppress(Exception):  # it is the winner that tells of it
            winner.settle()
        return winner


@dataclass
class EntityContext:
    operation_name: str
    input: Any
    state: Any = None
    result: Any = None

    def get_input(self) -> Any:
        return self.input

    def get_state(self, initial: Callable[[], Any]) -> Any:
        return initial() if self.state is None else self.state

    def set_state(self, state: Any) -> None:
        self.state = state

    def set_result(self, result: Any) -> None:
        self.result = result


@dataclass
class Stage:
    """What all orchestrations of one play share."""

    activities: dict[str, Activity]
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    calls: list[tuple[str, Any]] = field(default_factory=list)
    children: Counter[str] = field(default_factory=Counter)
    states: dict[str, Any] = field(default_factory=dict)
    statuses: list[Any] = field(default_factory=list)
    at_work_most: int = 0

    @property
    def asked(self) -> list[Any]:
        return [task for _, task in self.calls]


@dataclass
class Orchestra:
    """A Context of one orchestration."""

    input: Any
    stage: Stage
    instance_id: str = "sample"
    current_utc_datetime: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def get_input(self) -> Any:
        return self.input

    def call_activity(self, name: str, input_: Any = None) -> Task:
        self.stage.children[self.instance_id] += 1
        wire = travel(input_)

        def run() -> Any:
            self.stage.calls.append((name, wire))
            return self.stage.activities[name](wire)

        return Task(run)

    def call_sub_orchestrator(self, name: str, input_: Any = None, instance_id: str | None = None) -> Task:
        assert instance_id is not None
        assert instance_id not in self.stage.children, "ids of sub-orchestrations are used once"
        self.stage.children[self.instance_id] += 1
        self.stage.children[instance_id] = 0
        child = Orchestra(travel(input_), self.stage, instance_id)
        return Task(lambda: child.play(ORCHESTRATIONS[name](child)))

    def call_entity(self, entity_id: Any, operation: str, input_: Any = None) -> Task:
        def run() -> Any:
            key = f"{entity_id.name}/{entity_id.key}"
            context = EntityContext(operation, travel(input_), self.stage.states.get(key))
            progress.track(context)
            self.stage.states[key] = travel(context.state)
            return context.result

        return Task(run)

    def create_timer(self, fire_at: datetime) -> Task:
        raise AssertionError(f"no sample waits: {fire_at}")

    def set_custom_status(self, status: Any) -> None:
        self.stage.statuses.append(status)

    def task_all(self, activities: list[Task]) -> Every:
        return Every(activities)

    def task_any(self, activities: list[Task | Every]) -> First:
        return First(activities, self.stage.chance)

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

    def _settle(self, yielded: Task | Every | First) -> Any:
        waiting = sum(not part.done for part in yielded.parts)
        self.stage.at_work_most = max(self.stage.at_work_most, waiting)
        return yielded.settle()


def play(orchestrate: Callable[[Any], Any], input_: Any, **changes: Activity) -> tuple[Any, Stage]:
    """What the orchestration returns, and what happened on the way."""
    stage = Stage(ACTIVITIES | changes)
    orchestra = Orchestra(travel(input_), stage)
    result = travel(orchestra.play(orchestrate(orchestra)))
    # One more than F: what folds the results of F children is a child, too.
    assert max(stage.children.values()) <= limits.FAN_OUT_MAX + 1
    assert all(len(instance_id) <= 68 for instance_id in stage.children), "with an id of 32 characters in front: 100"
    return result, stage
