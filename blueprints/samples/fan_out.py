"""The samples' fan-out: the pipeline's own (fanfold.pipeline.orchestration), for a list in place of a dataset.

Every activity returns an envelope, so that a fan-in waits for all; no orchestration has more children than
limits.FAN_OUT_MAX, so that its history stays short: what is more goes through sub-orchestrations.
"""

from collections.abc import Generator, Sequence
from typing import Any, Protocol, TypeVar

import azure.durable_functions as df

from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.pipeline import context as pipeline
from fanfold.pipeline.envelopes import Envelope, Opened, failed, open_envelope, succeeded

WAVE = "fan_out_wave"

Steps = Generator[Any, Any, Any]
T = TypeVar("T")

bp = df.Blueprint()


class Context(pipeline.Context, Protocol):
    """The part of DurableOrchestrationContext that the samples use."""

    @property
    def instance_id(self) -> str:
        """The orchestration's id."""

    def task_any(self, activities: list[Any]) -> Any:
        """A task that completes as soon as one has; its result is that one."""

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
        return (yield from outcomes(context, [context.call_activity(activity, task) for task in tasks]))
    waves = [
        context.call_sub_orchestrator(WAVE, {"activity": activity, "tasks": part}, f"{context.instance_id}-{label}-{n}")
        for n, part in enumerate(divide(tasks, room))
    ]
    ended = values((yield from outcomes(context, waves)))
    return [open_envelope(envelope) for wave in ended for envelope in wave]


def run_wave(context: Context) -> Steps:
    """Some of the tasks of a fan-out, as a sub-orchestration; it returns their envelopes, in an envelope."""
    wave = context.get_input()
    ended = yield from fan_out(context, wave["activity"], wave["tasks"], "wave")
    return succeeded([_seal(one) for one in ended])


def outcomes(context: Context, tasks: list[Any]) -> Generator[Any, Any, list[Opened]]:
    """How the tasks ended, side by side, in their order. None is tried again."""
    return [open_envelope(envelope) for envelope in (yield from gather(context, tasks))]


def gather(context: Context, tasks: list[Any]) -> Generator[Any, Any, list[Envelope]]:
    """The envelopes of all tasks; of one that ended without an envelope (its worker died), a failure's envelope.

    task_all fails with the first failure, so after one each task is asked in turn.
    """
    try:
        return list((yield context.task_all(tasks))) if tasks else []
    except Exception:  # noqa: BLE001 - the SDK raises bare Exceptions
        envelopes: list[Envelope] = []
        for task in tasks:
            try:
                envelopes.append((yield task))
            except Exception as error:  # noqa: BLE001 - as above
                envelopes.append(failed(PipelineFault.__name__, str(error), retryable=True))
        return envelopes


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
