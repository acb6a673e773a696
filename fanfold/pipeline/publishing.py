"""Step 4, publish: write the report of a run where its readers find it."""

from collections.abc import Mapping
from typing import Any

from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.pipeline.checking import load_rules
from fanfold.pipeline.completion import duration_s
from fanfold.pipeline.inspection import load_layout
from fanfold.pipeline.messages import Plan, PublishTask, ReportLinks
from fanfold.pipeline.partial import Partial, unpack
from fanfold.pipeline.ports import Ports
from fanfold.processors.contract import Chunk
from fanfold.processors.sections import describe as describe_section
from fanfold.processors.sections import process_frame
from fanfold.profile.alerts import alerts
from fanfold.profile.codec import decode
from fanfold.profile.dataset import describe_dataset
from fanfold.profile.description import describe
from fanfold.profile.merging import empty
from fanfold.profile.nulls import nulls_of
from fanfold.records.batch import empty_frame
from fanfold.records.layout import Layout
from fanfold.report.canonical import to_json, to_text
from fanfold.report.html import to_html
from fanfold.report.rejects import RejectRow, rejects_csv
from fanfold.schema.inference import json_schema, table_schema
from fanfold.schema.rules import Rules
from fanfold.schema.verdict import judge
from fanfold.version import SCHEMA_VERSION, VERSION


def publish_report(task: PublishTask, ports: Ports) -> ReportLinks:
    """Write the report, the schemas of what is in it and, where there are rejects, these. Again: the same bytes."""
    layout = load_layout(task.plan, ports)
    partial = None if task.result.partial is None else unpack(ports.work.get(task.result.partial))
    check_tiling(task, layout, partial)
    document = assemble(task, layout, partial, load_rules(task.plan, ports))
    folder = f"{task.plan.dataset.blob}/{task.plan.run_id}"
    rejects = None
    if partial is not None and partial.rejects:
        rows = (RejectRow(r.ordinal + 1, r.offset, r.reason, r.text) for r in partial.rejects)
        rejects = ports.reports.put(f"{folder}/rejects.csv", rejects_csv(rows), "text/csv; charset=utf-8")
    for name, schema in (("table_schema", table_schema(document)), ("json_schema", json_schema(document))):
        ports.reports.put(f"{folder}/{name}.json", to_text(schema), "application/json")
    html = ports.reports.put(f"{folder}/report.html", to_html(document), "text/html; charset=utf-8")
    json = ports.reports.put(f"{folder}/report.json", to_json(document), "application/json")
    return ReportLinks(json=json, html=html, rejects=rejects, verdict=document.get("validation", {}).get("verdict"))


def check_tiling(task: PublishTask, layout: Layout, partial: Partial | None) -> None:
    """Promise P7: the records tile the file from the end of the header to its last byte."""
    start, stop = (layout.data_start, layout.data_start) if partial is None else (partial.start, partial.stop)
    if (start, stop) != (layout.data_start, task.plan.dataset.size):
        raise PipelineFault(
            f"the records cover bytes {start} to {stop}, "
            f"expected {layout.data_start} to {task.plan.dataset.size}: a chunk is missing"
        )


def assemble(task: PublishTask, layout: Layout, partial: Partial | None, rules: Rules | None) -> dict[str, Any]:
    """The report document (DESIGN of report.json: docs/report.schema.json). Time and chunking stand in run alone."""
    profile = empty(len(layout.columns)) if partial is None else decode(partial.profile)
    columns = describe(profile, layout.columns, nulls=nulls_of(task.plan.null_values))
    records = 0 if partial is None else partial.records
    rejected = 0 if partial is None else partial.rejected
    dataset = {
        "name": task.plan.dataset.blob,
        "bytes": task.plan.dataset.size,
        "records": records,
        "rejected": rejected,
        "columns": len(columns),
        "encoding": layout.encoding,
        "dialect": layout.dialect.to_json(),
        **describe_dataset(profile, columns),
    }
    document = {
        "schema_version": SCHEMA_VERSION,
        "run": _run(task),
        "dataset": dataset,
        "columns": columns,
        "alerts": alerts(columns, dataset),
        "rejects": _rejects(partial),
    }
    if rules is not None:
        violations = {} if partial is None else partial.violations
        document["validation"] = judge(rules, violations, profile.columns, records, task.plan.schema_tolerance)
    sections = _sections(task.plan, layout, partial)
    return {**document, "sections": sections} if sections else document


def _sections(plan: Plan, layout: Layout, partial: Partial | None) -> list[dict[str, Any]]:
    """What the processors report, in the order of the request; of a dataset without records, too."""
    chunks = {name: Chunk(columns=layout.columns, options=options) for name, options in plan.processors.items()}
    made = process_frame(empty_frame(len(layout.columns)), chunks) if partial is None else partial.sections
    return [describe_section(name, made[name]) for name in plan.processors]


def _run(task: PublishTask) -> dict[str, Any]:
    plan, result = task.plan, task.result
    source = {"container": plan.dataset.container, "blob": plan.dataset.blob, "etag": plan.dataset.etag}
    return {
        "id": plan.run_id,
        "source": source,
        "options": task.options,
        "chunk_bytes": plan.chunk_bytes,
        "chunks": plan.chunks,
        "retries": result.retries,
        "reprocessed": result.reprocessed,
        "batches": {"read": result.batches, "unproven": result.unproven},
        "started_at": task.started_at,
        "completed_at": task.completed_at,
        "duration_s": duration_s(task.started_at, task.completed_at),
        "versions": {"fanfold": VERSION},
    }


def _rejects(partial: Partial | None) -> Mapping[str, Any]:
    if partial is None:
        return {"count": 0, "reasons": {}, "kept": 0, "examples": []}
    examples = [
        {
            "record": reject.ordinal + 1,
            "offset": reject.offset,
            "reason": reject.reason,
            "text": reject.text.decode("utf-8", "backslashreplace"),
        }
        for reject in partial.rejects[: limits.REJECT_EXAMPLES]
    ]
    return {
        "count": partial.rejected,
        "reasons": partial.reasons,
        "kept": len(partial.rejects),
        "examples": examples,
    }
