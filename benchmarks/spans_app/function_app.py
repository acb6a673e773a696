"""The pipeline's real span orchestrations over chunks that take no time: what is left is the cost of orchestrating."""

import sys
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.stub_chunks import stub_chunk, stub_fold, whole_span
from fanfold.pipeline.context import CHUNK, FOLD, SPAN
from fanfold.pipeline.messages import to_wire
from fanfold.pipeline.orchestration import process_span
from fanfold.pipeline.policy import STEPS
from fanfold.pipeline.progress import ADD, ENTITY, add
from fanfold.pipeline.spans import carry_out_span, rounds_of

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def span_of(context):
    task = whole_span(context.get_input())
    link = yield from carry_out_span(rounds_of(context, STEPS, task), task)
    return to_wire(link)


@app.orchestration_trigger(context_name="context", orchestration=SPAN)
def span(context):
    return (yield from process_span(context))


@app.activity_trigger(input_name="task", activity=CHUNK)
def chunk(task: dict) -> dict:
    return stub_chunk(task)


@app.activity_trigger(input_name="task", activity=FOLD)
def fold(task: dict) -> dict:
    return stub_fold(task)


@app.entity_trigger(context_name="context", entity_name=ENTITY)
def run_progress(context):
    if context.operation_name == ADD:
        context.set_state(add(context.get_state(lambda: None), context.get_input()))
