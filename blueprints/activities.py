"""The activities: decode, one step, encode. Errors come back as values (fanfold.pipeline.envelopes).

They are plain functions, not coroutines: a worker runs them in its thread pool, and one that computes blocks no other.
Their annotations are plain types, for the Functions worker takes no others.
"""

import azure.durable_functions as df

from blueprints.wiring import ports
from fanfold.pipeline import context
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.cleaning import clean_up
from fanfold.pipeline.combining import combine_members, keep_member
from fanfold.pipeline.completion import announce_completion
from fanfold.pipeline.emitting import decide_schema, emit_part, list_parts
from fanfold.pipeline.envelopes import run_step
from fanfold.pipeline.folding import fold_partials
from fanfold.pipeline.inspection import inspect_dataset
from fanfold.pipeline.messages import (
    CleanTask,
    CombineTask,
    Completion,
    EmitTask,
    FoldTask,
    KeepTask,
    ListTask,
    PublishTask,
    RunRequest,
    SchemaTask,
    SpanTask,
)
from fanfold.pipeline.publishing import publish_report

bp = df.Blueprint()


@bp.activity_trigger(input_name="task", activity=context.INSPECT)
def inspect(task: dict) -> dict:
    """Look at the head of the dataset and plan the run."""
    return run_step(inspect_dataset, RunRequest, task, ports())


@bp.activity_trigger(input_name="task", activity=context.CHUNK)
def chunk(task: dict) -> dict:
    """Read the records that start in one chunk and store their partial."""
    return run_step(process_chunk, SpanTask, task, ports())


@bp.activity_trigger(input_name="task", activity=context.FOLD)
def fold(task: dict) -> dict:
    """Merge neighbouring partials into one."""
    return run_step(fold_partials, FoldTask, task, ports())


@bp.activity_trigger(input_name="task", activity=context.SCHEMA)
def schema(task: dict) -> dict:
    """Decide the schema of the emitted parts."""
    return run_step(decide_schema, SchemaTask, task, ports())


@bp.activity_trigger(input_name="task", activity=context.PART)
def part(task: dict) -> dict:
    """Write the accepted records of one chunk."""
    return run_step(emit_part, EmitTask, task, ports())


@bp.activity_trigger(input_name="task", activity=context.LIST)
def join(task: dict) -> dict:
    """Join the lists of the parts of neighbouring spans."""
    return run_step(list_parts, ListTask, task, ports())


@bp.activity_trigger(input_name="task", activity=context.PUBLISH)
def publish(task: dict) -> dict:
    """Write the report where its readers find it."""
    return run_step(publish_report, PublishTask, task, ports())


@bp.activity_trigger(input_name="task", activity=context.KEEP)
def keep(task: dict) -> dict:
    """Keep the profile of one dataset of a run of several."""
    return run_step(keep_member, KeepTask, task, ports())


@bp.activity_trigger(input_name="task", activity=context.COMBINE)
def combine(task: dict) -> dict:
    """Write the one report of several datasets."""
    return run_step(combine_members, CombineTask, task, ports())


@bp.activity_trigger(input_name="task", activity=context.NOTIFY)
def announce(task: dict) -> dict:
    """Send the completion message."""
    return run_step(announce_completion, Completion, task, ports())


@bp.activity_trigger(input_name="task", activity=context.CLEAN)
def clean(task: dict) -> dict:
    """Remove what the run has stored on its way."""
    return run_step(clean_up, CleanTask, task, ports())
