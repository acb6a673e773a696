"""How an orchestration carries out tasks: in waves of a certain width, within deadlines, and again when that may help.

Every wait ends: each has a timer, which is cancelled when it is not needed, so that a worker that has vanished holds
up nobody for ever. There is one timer a wave, not one a task, and no wait for the first of many: both would make the
history, which is replayed at every step, too long.
"""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fanfold import limits
from fanfold.errors import Cancelled, DeadlineExceeded, PipelineFault, StepOverdue
from fanfold.pipeline import envelopes
from fanfold.pipeline.context import Context, Steps, Task
from fanfold.pipeline.envelopes import Envelope, Opened, open_envelope
from fanfold.pipeline.messages import Failure, Message, to_wire
from fanfold.pipeline.policy import STEPS, RetryPolicy


class StepFailed(Exception):
    """A step failed for good. Never leaves the orchestration."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


Look = Callable[[Sequence[tuple[Any, Opened]], bool], None]
"""Called after each wave with its tasks and outcomes, and whether this was their last attempt. May raise StepFailed."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """One orchestration's way of waiting."""

    context: Context
    policy: RetryPolicy = STEPS
    salt: str = ""
    """Who waits: decides the jitter of the back-off."""
    ends_at: datetime | None = None
    """When the run is over, whatever it has reached."""
    cancelled: Task | None = None
    """The wait for the event that ends the run."""

    def step(self, name: str, message: Message) -> Steps:
        """One activity, tried again while that may help; its value as JSON types. StepFailed when nothing helped."""
        start: Callable[[Message], Any] = lambda task: self.context.call_activity(name, to_wire(task))  # noqa: E731
        outcomes, _ = yield from self.carry_out(start, [message], 1, limits.CHUNK_DEADLINE_S)
        if outcomes[0].failure is not None:
            raise StepFailed(outcomes[0].failure)
        return outcomes[0].value

    def carry_out(
        self,
        start: Callable[[Any], Any],
        tasks: Sequence[Any],
        width: int,
        deadline_s: int | None,
        look: Look | None = None,
    ) -> Generator[Any, Any, tuple[list[Opened], int]]:
        """All tasks, at most `width` at a time; after a back-off, what failed and may succeed is tried again.

        Returns the last outcome of each, in the tasks' order, and the number of retries.
        """
        outcomes: dict[int, Opened] = {}
        waiting = list(range(len(tasks)))
        retries = 0
        for attempt in range(1, self.policy.attempts_max + 1):
            for wave in _slices(waiting, width):
                answers = yield from self._wave([start(tasks[i]) for i in wave], deadline_s)
                outcomes |= zip(wave, map(open_envelope, answers), strict=True)
                if look is not None:
                    look([(tasks[i], outcomes[i]) for i in wave], attempt == self.policy.attempts_max)
            waiting = [i for i in waiting if outcomes[i].retryable]
            if not waiting or attempt == self.policy.attempts_max:
                break
            retries += len(waiting)
            yield from self._pause(self.policy.delay(attempt, f"{self.salt}/{waiting[0]}"))
        return [outcomes[i] for i in range(len(tasks))], retries

    def _wave(self, tasks: list[Task], deadline_s: int | None) -> Generator[Any, Any, list[Envelope]]:
        """The envelopes of all tasks; of one that ended without (its worker died, its deadline passed), a failure's."""
        deadline = None if deadline_s is None else self.context.current_utc_datetime + timedelta(seconds=deadline_s)
        yield from self._wait(tasks, self._earlier(deadline))
        return [_envelope(task, deadline_s) for task in tasks]

    def _pause(self, delay: timedelta) -> Steps:
        yield from self._wait([], self._earlier(self.context.current_utc_datetime + delay))

    def _wait(self, tasks: list[Task], until: datetime | None) -> Steps:
        """Until all tasks have ended or a time has come, whichever is first; without tasks, until the time.

        StepFailed when the run is over meanwhile. task_all ends with the first failure, so after one the others are
        waited for anew.
        """
        timer = None if until is None else self.context.create_timer(until)
        wakers = [waker for waker in (timer, self.cancelled) if waker is not None]
        pending = tasks
        while (pending or not tasks) and not any(waker.is_completed for waker in wakers):
            yield self.context.task_any([*([self.context.task_all(pending)] if pending else []), *wakers])
            pending = [task for task in pending if not task.is_completed]
        self._abandon(pending)
        if timer is not None and not timer.is_completed:
            timer.cancel()
        self._check_whether_over()

    def _abandon(self, pending: Sequence[Task]) -> None:
        """Give each task a fan-in of its own.

        The SDK tells whoever waited for a shared one twice when it fails first and its last task succeeds later, and
        being told twice raises.
        """
        for task in pending:
            self.context.task_all([task])

    def _check_whether_over(self) -> None:
        if self.cancelled is not None and self.cancelled.is_completed:
            raise StepFailed(Failure(kind=Cancelled.__name__, message=_reason(self.cancelled.result)))
        if self.ends_at is not None and self.context.current_utc_datetime >= self.ends_at:
            message = f"the run was not done by {self.ends_at.isoformat()}, its deadline"
            raise StepFailed(Failure(kind=DeadlineExceeded.__name__, message=message))

    def _earlier(self, time: datetime | None) -> datetime | None:
        times = [one for one in (time, self.ends_at) if one is not None]
        return min(times) if times else None


def _slices(indices: list[int], width: int) -> Iterator[list[int]]:
    for first in range(0, len(indices), width):
        yield indices[first : first + width]


def _reason(told: Any) -> str:
    """Why the run was cancelled. The SDK's client wraps a text into JSON once more than its orchestrator unwraps it."""
    with suppress(TypeError, ValueError):
        told = json.loads(told)
    return str(told)[: limits.FAILED_CHUNK_CHARS] if told else "the run was cancelled"


def _envelope(task: Task, deadline_s: int | None) -> Envelope:
    if not task.is_completed:
        return envelopes.failed(StepOverdue.__name__, f"no answer within {deadline_s} s", retryable=True)
    if isinstance(task.result, Exception):
        return envelopes.failed(PipelineFault.__name__, str(task.result), retryable=True)
    envelope: Envelope = task.result
    return envelope
