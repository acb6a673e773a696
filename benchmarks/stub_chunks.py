"""Chunks that read nothing: the pipeline's messages, with every boundary right at the first guess."""

from typing import Any

from fanfold.pipeline.envelopes import Envelope, succeeded
from fanfold.pipeline.messages import DatasetVersion, FoldTask, Link, Plan, SpanTask, from_wire, to_wire

CHUNK_BYTES = 64 * 1024 * 1024


def whole_span(chunks: int) -> SpanTask:
    """The span of all chunks of a dataset."""
    dataset = DatasetVersion(account="bench", container="input", blob="a.csv", etag="0x1", size=chunks * CHUNK_BYTES)
    plan = Plan(run_id="a-csv-0123456789abcdef", dataset=dataset, chunk_bytes=CHUNK_BYTES, data_start=0, work="r/x")
    started_at = "2100-01-01T00:00:00+00:00"  # its deadline is far
    return SpanTask(plan=plan, first=0, stop=chunks, entry=0, width=plan.terms.max_concurrency, started_at=started_at)


def stub_chunk(wire: Any) -> Envelope:
    """As if the chunk had been read."""
    task = from_wire(wire, SpanTask)
    return succeeded(to_wire(_link(task.plan, task.first, task.stop)))


def stub_fold(wire: Any) -> Envelope:
    """As if the partials had been merged."""
    task = from_wire(wire, FoldTask)
    return succeeded(to_wire(_link(task.plan, task.links[0].first, task.links[-1].stop)))


def _link(plan: Plan, first: int, stop: int) -> Link:
    start, end = plan.offset(first), plan.offset(stop)
    partial = f"{plan.work}/chunk/{start}-{end}/{start}"
    return Link(
        first=first, stop=stop, start_byte=start, stop_byte=end, entry=start, exit=end, partial=partial, records=1
    )
