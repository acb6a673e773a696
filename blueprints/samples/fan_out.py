"""The samples' fan-out: the pipeline's own waves and envelopes (fanfold.pipeline.rounds), for a list, not a dataset.

Every activity returns an envelope, so that a fan-in waits for all; no orchestration has more children than
limits.FAN_OUT_MAX, so that its history stays short: what is more goes through sub-orchestrations.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol, TypeVar

import azure.durable_functions as df

from fanfold import limits
from fanfold.pipeline import context as pipeline
from fanfold.pipeline.envelopes import Envelope, Opened, failed, open_envelope, succeeded
from fanfold.pipeline.policy import RetryPolicy
from fanfold.pipeline.rounds import Rounds

WAVE = "fan_out_wave"
ONCE = RetryPolicy(attempts_max=1)
"""A sample shows what has failed; it tries nothing again."""

Steps = Generator[Any, Any, Any]
T = TypeVar("T")

bp = df.Blueprint()


class Context(pipeline.Context, Protocol):
    """The part of DurableOrchestrationContext that the samples use."""

    @property
    def instance_id(self) -> str:
        """The orchestration's id."""

    def call_entity(self, entity_id: df.EntityId, operation: str, input_: Any = None) -> Any:
        """A task for an operation of an entity."""


class SampleFailed(Exception):
    """Ends an orchestration as failed, with a message for whoever looks at it."""


def fan_out(
    context: Context, activity: str, tasks: Sequence[Any], label: str, room: int = limits.FAN_OUT_MAX
) -> Generator[Any, Any, list[Opened]]:
    """One activity for each task, side by side; how they ended, in the tasks' order.

    1. With at most `room` tasks, each is a child of this orchestration.
    2. With more, each child is a sub-orchestration of some of them, `<instance id>-<label>-<n>`.
    """
    if len(tasks) <= room:
        return (yield from calls(context, activity, tasks))
    waves = [{"activity": activity, "tasks": part} for part in divide(tasks, room)]
    ended = values((yield from children(context, WAVE, waves, label)))
    return [open_envelope(envelope) for wave in ended for envelope in wave]


def run_wave(context: Context) -> Steps:
    """Some of the tasks of a fan-out, as a sub-orchestration; it returns their envelopes, in an envelope."""
    wave = context.get_input()
    ended = yield from fan_out(context, wave["activity"], wave["tasks"], "wave")
    return succeeded([_seal(one) for one in ended])


def calls(
    context: Context, activity: str, tasks: Sequence[Any], width: int = limits.FAN_OUT_MAX
) -> Generator[Any, Any, list[Opened]]:
    """One activity for each task, at most `width` at a time; how they ended, in the tasks' order."""
    return (yield from outcomes(context, lambda task: context.call_activity(activity, task), tasks, width))


def children(
    context: Context, orchestrator: str, inputs: Sequence[Any], label: str, width: int = limits.FAN_OUT_MAX
) -> Generator[Any, Any, list[Opened]]:
    """One sub-orchestration for each input, `<instance id>-<label>-<n>`, in the same way."""

    def start(n: int) -> Any:
        return context.call_sub_orchestrator(orchestrator, inputs[n], f"{context.instance_id}-{label}-{n}")

    return (yield from outcomes(context, start, range(len(inputs)), width))


def outcomes(
    context: Context, start: Callable[[Any], Any], tasks: Sequence[Any], width: int = limits.FAN_OUT_MAX
) -> Generator[Any, Any, list[Opened]]:
    """How the tasks ended, in their order: the pipeline's waves. One whose worker died has failed."""
    ended, _ = yield from Rounds(context, ONCE).carry_out(start, tasks, width, None)
    return ended


def divide(tasks: Sequence[T], room: int = limits.FAN_OUT_MAX) -> list[Sequence[T]]:
    """At most `room` parts, of F, F squared, ... tasks."""
    width = limits.FAN_OUT_MAX
    while len(tasks) > width * room:
        width *= limits.FAN_OUT_MAX
    return chunked(tasks, width)


def chunked(tasks: Sequence[T], size: int) -> list[Sequence[T]]:
    """Parts of a size; the last one may be short."""
    return [tasks[first : first + size] for first in range(0, len(tasks), size)]


def values(ended: Sequence[Opened]) -> list[Any]:
    """What they gave; SampleFailed with the first failure, if there is one."""
    for one in ended:
        if one.failure is not None:
            raise SampleFailed(one.failure.message)
    return [one.value for one in ended]


def _seal(opened: Opened) -> Envelope:
    if opened.failure is None:
        return succeeded(opened.value)
    return failed(opened.failure.kind, opened.failure.message, retryable=opened.retryable)


bp.orchestration_trigger(context_name="context", orchestration=WAVE)(run_wave)
