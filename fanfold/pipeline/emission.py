"""The second fan-out, as orchestrations: the parts of a span, in the same tree and window as the profiling."""

from collections.abc import Sequence

import msgspec

from fanfold.pipeline.context import EMIT, LIST, PART, SCHEMA, Steps
from fanfold.pipeline.envelopes import Opened
from fanfold.pipeline.messages import (
    EmitTask,
    Emitted,
    Link,
    ListTask,
    Parts,
    SchemaRef,
    SchemaTask,
    SpanTask,
    from_wire,
)
from fanfold.pipeline.planning import at_once, divide
from fanfold.pipeline.rounds import Rounds, StepFailed
from fanfold.pipeline.spans import starter


def carry_out_emission(rounds: Rounds, whole: SpanTask, result: Link) -> Steps:
    """Decide the schema, then write all parts of it."""
    decided = yield from rounds.step(SCHEMA, SchemaTask(plan=whole.plan, partial=result.partial))
    schema = from_wire(decided, SchemaRef).name
    task = EmitTask(
        plan=whole.plan,
        first=whole.first,
        stop=whole.stop,
        width=whole.width,
        started_at=whole.started_at,
        partial=result.partial,
        schema=schema,
    )
    return Emitted(schema=schema, parts=(yield from carry_out_parts(rounds, task)))


def carry_out_parts(rounds: Rounds, task: EmitTask) -> Steps:
    """Fan out as the profiling does, and join the lists of the children's parts into one.

    A part that fails for good ends it: a table with rows missing is no table.
    """
    children = divide(task)
    spans = any(child.stop - child.first > 1 for child in children)
    deadline_s = None if spans else task.plan.terms.chunk_deadline_s
    outcomes, retries = yield from rounds.carry_out(
        starter(rounds.context, PART, EMIT), children, at_once(task), deadline_s, _check
    )
    joined = ListTask(task=task, children=tuple(from_wire(outcome.value, Parts) for outcome in outcomes))
    parts = from_wire((yield from rounds.step(LIST, joined)), Parts)
    return msgspec.structs.replace(parts, retries=parts.retries + retries)


def _check(wave: Sequence[tuple[EmitTask, Opened]], last: bool) -> None:
    """StepFailed after the wave in which a part has failed for good: the others are not begun."""
    for _, outcome in wave:
        if outcome.failure is not None and (last or not outcome.retryable):
            raise StepFailed(outcome.failure)
