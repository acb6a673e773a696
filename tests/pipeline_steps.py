"""Every step of a run, under the name of its activity, with the message that it takes: as in blueprints.activities."""

from typing import Any

from fanfold.pipeline import context
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.cleaning import clean_up
from fanfold.pipeline.combining import combine_members, keep_member
from fanfold.pipeline.completion import announce_completion
from fanfold.pipeline.emitting import decide_schema, emit_part, list_parts
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

STEPS: dict[str, tuple[Any, Any]] = {
    context.INSPECT: (inspect_dataset, RunRequest),
    context.CHUNK: (process_chunk, SpanTask),
    context.FOLD: (fold_partials, FoldTask),
    context.SCHEMA: (decide_schema, SchemaTask),
    context.PART: (emit_part, EmitTask),
    context.LIST: (list_parts, ListTask),
    context.PUBLISH: (publish_report, PublishTask),
    context.KEEP: (keep_member, KeepTask),
    context.COMBINE: (combine_members, CombineTask),
    context.NOTIFY: (announce_completion, Completion),
    context.CLEAN: (clean_up, CleanTask),
}
