"""How a dataset is cut: arithmetic on its size, nobody reads it to split it (idea 1)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.messages import DatasetVersion, Plan, SpanTask
from fanfold.pipeline.options import Options
from fanfold.pipeline.partial import REVISION
from fanfold.profile.codec import FORMAT_VERSION
from fanfold.records.layout import Layout
from fanfold.schema.rules import Rules

T = TypeVar("T", bound=SpanTask)

_FEW = 16
"""Chunks a middle-sized dataset is cut into, so that there is something to do in parallel."""

_AUTO_MIN = 1 * limits.MIB
_AUTO_MAX = 32 * limits.MIB


def default_chunk_bytes(size: int) -> int:
    """Sixteen chunks, but none below 1 MiB or above 32 MiB; a power of two.

    Below 1 MiB the fixed cost of an activity outweighs its work, above 32 MiB nothing more is gained
    (docs/decisions/0006-chunk-size.md).
    """
    share = max(size // _FEW, 1)
    return min(max(1 << (share - 1).bit_length(), _AUTO_MIN), _AUTO_MAX)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of a run before its chunks are read: the layout, the schema's rules, the run to compare with."""

    layout: Layout
    rules: Rules | None = None
    baseline: str | None = None


def make_plan(run_id: str, dataset: DatasetVersion, findings: Findings, options: Options) -> Plan:
    """The plan; RequestRefused when the asked chunk size gives more chunks than a run may have."""
    processors = options.processor_choice
    chunk_bytes = options.chunk_bytes or default_chunk_bytes(dataset.size)
    plan = Plan(
        terms=options.terms(-(-dataset.size // chunk_bytes)),
        run_id=run_id,
        dataset=dataset,
        chunk_bytes=chunk_bytes,
        data_start=findings.layout.data_start,
        null_values=options.null_values,
        emit=options.emit,
        processors=processors,
        has_rules=findings.rules is not None,
        schema_tolerance=options.schema_tolerance,
        baseline=findings.baseline,
        work=f"{run_id}/{_fingerprint(findings, options.null_values, processors)}",
    )
    if plan.chunks > limits.CHUNKS_MAX:
        raise RequestRefused(
            f"options.chunk_bytes: {chunk_bytes} cuts {dataset.size} bytes into {plan.chunks} chunks; "
            f"at most {limits.CHUNKS_MAX} are possible"
        )
    if plan.emit is not None and plan.chunks > limits.PARTS_MAX:
        raise RequestRefused(
            f"options.emit: {plan.chunks} chunks give as many parts; at most {limits.PARTS_MAX} are possible, "
            "so expected a larger options.chunk_bytes"
        )
    return plan


def _fingerprint(findings: Findings, nulls: Sequence[str] | None, processors: Mapping[str, Any]) -> str:
    """Tells partials of another layout, format, schema, nulls or processors apart: they must never be mixed."""
    made_by = [nulls, processors, msgspec.to_builtins(findings.rules)]
    text = json.dumps([findings.layout.to_json(), FORMAT_VERSION, REVISION, *made_by], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def divide(task: T) -> tuple[T, ...]:
    """At most F children: single chunks, or spans of F, F squared, ... chunks. Only the first may know its entry."""
    size = _child_chunks(task)
    firsts = range(task.first, task.stop, size)
    together = at_once(task)
    return tuple(
        msgspec.structs.replace(
            task,
            first=first,
            stop=min(first + size, task.stop),
            entry=task.entry if first == task.first else None,
            width=_share(task, first, min(first + size, task.stop))
            if together >= len(firsts)
            else task.width // together,
        )
        for first in firsts
    )


def at_once(task: SpanTask) -> int:
    """How many of a span's children may be at work at a time.

    Of chunks as many as it may have; of spans as many as still make waves worth a replay of their history.
    """
    if _child_chunks(task) == 1:
        return task.width
    return max(task.width // limits.WAVE_CHUNKS, 1)


def _child_chunks(task: SpanTask) -> int:
    """Chunks of each child, but the last, which may have fewer."""
    size = 1
    while (task.stop - task.first) > limits.FAN_OUT_MAX * size:
        size *= limits.FAN_OUT_MAX
    return size


def _share(task: SpanTask, first: int, stop: int) -> int:
    """What the chunks [first, stop) of a span get of its width, in proportion. All shares make the width.

    At least 1 where the width is at least the number of children: all but the last have the same size, and the last,
    which may be smaller, gets what was rounded off.
    """
    chunks = task.stop - task.first
    return task.width * (stop - task.first) // chunks - task.width * (first - task.first) // chunks
