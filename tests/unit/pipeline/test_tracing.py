import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from test_planning import plan

from fanfold.errors import PipelineFault
from fanfold.pipeline import tracing
from fanfold.pipeline.envelopes import run_step
from fanfold.pipeline.messages import Message, SpanTask, to_wire
from fanfold.pipeline.ports import Ports
from fanfold.storage.memory import MemoryPorts


def process(task: Message, ports: Ports) -> None:  # noqa: ARG001 - the shape of a step
    raise PipelineFault("no luck")


def test_a_step_leaves_a_span_with_its_run_its_bytes_and_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_TRACER", provider.get_tracer("fanfold"))
    task = SpanTask(plan=plan(100, 10), first=3, stop=4)
    envelope = run_step(process, SpanTask, to_wire(task), MemoryPorts())
    (span,) = exporter.get_finished_spans()
    assert envelope["error"]["message"] == "no luck"
    assert span.name == "fanfold.process"
    assert dict(span.attributes or {}) == {
        "fanfold.run_id": "r",
        "fanfold.chunk": 3,
        "fanfold.start_byte": 30,
        "fanfold.stop_byte": 40,
    }
    assert span.status.status_code is trace.StatusCode.ERROR
