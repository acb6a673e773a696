"""Traces: one OpenTelemetry span a step, chunks included.

The API alone does nothing and costs nothing; spans go where the operator's exporter sends them, if there is one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace

from fanfold.pipeline.messages import Message, SpanTask

_TRACER = trace.get_tracer("fanfold")


@contextmanager
def traced(step: str, message: Message) -> Iterator[None]:
    """Around one step: a span with the run's id, and of a chunk its byte range. An error is recorded with it."""
    with _TRACER.start_as_current_span(f"fanfold.{step}", attributes=_attributes(message)):
        yield


def run_id_of(message: Message) -> str:
    """The run that a message is about."""
    found = getattr(message, "run_id", None) or getattr(getattr(message, "plan", None), "run_id", None)
    return str(found or "")


def _attributes(message: Message) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {"fanfold.run_id": run_id_of(message)}
    if isinstance(message, SpanTask):
        attributes["fanfold.chunk"] = message.first
        attributes["fanfold.start_byte"] = message.plan.offset(message.first)
        attributes["fanfold.stop_byte"] = message.plan.offset(message.stop)
    return attributes
