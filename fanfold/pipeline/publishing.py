"""Step 5, publish: write the report of a run where its readers find it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fanfold import limits
from fanfold.pipeline.account import take_account
from fanfold.pipeline.archive import Archive, pack_archive
from fanfold.pipeline.baseline import ARCHIVE, drift, remember
from fanfold.pipeline.completion import duration_s
from fanfold.pipeline.formats import MANIFEST
from fanfold.pipeline.manifest import publish_manifest
from fanfold.pipeline.messages import DatasetVersion, Link, Parts, Plan, PublishTask, ReportLinks
from fanfold.pipeline.options import Options
from fanfold.pipeline.partial import Partial, unpack
from fanfold.pipeline.planning import Findings, make_plan
from fanfold.pipeline.ports import Ports, ReportStore
from fanfold.pipeline.work import load_layout, load_rules
from fanfold.processors.contract import Chunk
from fanfold.processors.sections import describe as describe_section
from fanfold.processors.sections import process_frame
from fanfold.profile.alerts import alerts
from fanfold.profile.codec import decode
from fanfold.profile.dataset import describe_dataset
from fanfold.profile.description import describe
from fanfold.profile.merging import empty
from fanfold.profile.model import Profile
from fanfold.profile.nulls import nulls_of
from fanfold.records.batch import empty_frame
from fanfold.records.layout import Layout
from fanfold.report.canonical import to_json, to_text
from fanfold.report.html import to_html
from fanfold.report.markdown import to_markdown
from fanfold.report.rejects import RejectRow, raw_text, rejects_csv
from fanfold.schema.inference import json_schema, table_schema
from fanfold.schema.rules import Rules
from fanfold.schema.verdict import judge
from fanfold.version import SCHEMA_VERSION, VERSION

_CAPS = {"kept_max": limits.REJECTS_KEPT, "text_bytes_max": limits.REJECT_TEXT_BYTES}


def publish_report(task: PublishTask, ports: Ports) -> ReportLinks:
    """Write the manifest of the parts, rejects.csv where there are rejects, the schemas of what is read, the report.

    Again, it writes the same bytes; what an earlier run with other options left and this one has not is removed.
    """
    layout = load_layout(task.plan, ports)
    partial = None if task.result.partial is None else unpack(ports.work.get(task.result.partial))
    profile = empty(len(layout.columns)) if partial is None else decode(partial.profile)
    document = assemble(task, layout, partial, profile, load_rules(task.plan, ports))
    changes = drift(task.plan, profile, document["columns"], ports)
    if changes is not None:
        document["run"]["drift"] = changes
    publish_manifest(task.plan, task.emitted, ports)
    links = write_report(document, _archive(task, layout, partial), ports.reports)
    remember(task.plan, ports)
    return links


def publish_archive(archive: Archive, merged: Sequence[str], reports: ReportStore, now: datetime) -> ReportLinks:
    """Write the report of what is in an archive; `merged` are the runs it was folded from."""
    dataset = DatasetVersion(account="", container="", blob=archive.name, etag="", size=archive.size)
    layout = Layout.from_json(archive.layout)
    plan = make_plan(archive.run_id, dataset, Findings(layout), Options(null_values=archive.null_values))
    partial = archive.partial
    result = Link(first=0, stop=plan.chunks, start_byte=0, stop_byte=archive.size)
    if partial is not None:
        counts = {"records": partial.records, "rejected": partial.rejected, "owned_bytes": partial.owned_bytes}
        result = msgspec.structs.replace(result, **counts)
    at = now.isoformat()
    task = PublishTask(plan=plan, options={}, result=result, started_at=at, completed_at=at)
    profile = empty(len(layout.columns)) if partial is None else decode(partial.profile)
    document = assemble(task, layout, partial, profile, None)
    document["run"] = {**document["run"], "source": dict.fromkeys(("container", "blob", "etag")), "merged": [*merged]}
    return write_report(document, archive, reports)


def write_report(document: dict[str, Any], archive: Archive, reports: ReportStore) -> ReportLinks:
    """Write all that is read of a report, report.json last."""
    folder = f"{archive.name}/{archive.run_id}"
    partial = archive.partial
    rejects = None
    if partial is None or not partial.rejects:
        reports.delete(f"{folder}/rejects.csv")
    else:
        rows = (RejectRow(r.ordinal + 1, r.offset, r.reason, r.text) for r in partial.rejects)
        content = rejects_csv(rows, archive.layout["encoding"])
        rejects = reports.put(f"{folder}/rejects.csv", content, "text/csv; charset=utf-8")
    fields = table_schema(document)
    for name, schema in (("table_schema", fields), ("json_schema", json_schema(document))):
        reports.put(f"{folder}/{name}.json", to_text(schema), "application/json")
    reports.put(f"{folder}/{ARCHIVE}", pack_archive(archive), "application/octet-stream")
    reports.put(f"{folder}/report.md", to_markdown(document), "text/markdown; charset=utf-8")
    html = reports.put(f"{folder}/report.html", to_html(document, fields), "text/html; charset=utf-8")
    json = reports.put(f"{folder}/report.json", to_json(document), "application/json")
    return ReportLinks(json=json, html=html, rejects=rejects, verdict=document.get("validation", {}).get("verdict"))


def _archive(task: PublishTask, layout: Layout, partial: Partial | None) -> Archive:
    dataset = task.plan.dataset
    return Archive(
        run_id=task.plan.run_id,
        name=dataset.blob,
        size=dataset.size,
        layout=layout.to_json(),
        partial=partial,
        null_values=task.plan.null_values,
    )


def assemble(
    task: PublishTask, layout: Layout, partial: Partial | None, profile: Profile, rules: Rules | None
) -> dict[str, Any]:
    """The report document (DESIGN of report.json: docs/report.schema.json). Time and chunking stand in run alone."""
    account = take_account(task.plan, task.result, partial, profile)
    columns = describe(profile, layout.columns, nulls=nulls_of(task.plan.null_values))
    records = 0 if partial is None else partial.records
    rejected = 0 if partial is None else partial.rejected
    dataset = {
        "name": task.plan.dataset.blob,
        "bytes": task.plan.dataset.size,
        "records": records,
        "rejected": rejected,
        "padded": 0 if partial is None else partial.padded,
        "extended": 0 if partial is None else partial.extended,
        "columns": len(columns),
        "encoding": layout.encoding,
        "dialect": {**layout.dialect.to_json(), **layout.detection.to_json()},
        "policy": layout.policy.to_json(),
        "account": account,
        **describe_dataset(profile, columns),
    }
    document = {
        "schema_version": SCHEMA_VERSION,
        "run": _run(task),
        "dataset": dataset,
        "columns": columns,
        "alerts": [*_incomplete(task), *alerts(columns, dataset)],
        "rejects": _rejects(partial, layout.encoding),
    }
    if rules is not None:
        violations = {} if partial is None else partial.violations
        document["validation"] = judge(rules, violations, profile.columns, records, task.plan.schema_tolerance)
    sections = _sections(task.plan, layout, partial)
    return {**document, "sections": sections} if sections else document


def _incomplete(task: PublishTask) -> Iterator[dict[str, str]]:
    """The alert that comes before all others: figures that are right of what was read, but not of the dataset."""
    result = task.result
    if result.failed:
        lost = f"{result.failed:,} of {task.plan.chunks:,} chunks failed: {result.unread:,} bytes were not read"
        message = f"{lost}, and what starts there is not in this report"
        yield {"kind": "incomplete", "severity": "error", "message": message}


def _sections(plan: Plan, layout: Layout, partial: Partial | None) -> list[dict[str, Any]]:
    """What the processors report, in the order of the request; of a dataset without records, too."""
    chunks = {name: Chunk(columns=layout.columns, options=options) for name, options in plan.processors.items()}
    made = process_frame(empty_frame(len(layout.columns)), chunks) if partial is None else partial.sections
    return [describe_section(name, made[name]) for name in plan.processors]


def _run(task: PublishTask) -> dict[str, Any]:
    plan, result = task.plan, task.result
    source = {"container": plan.dataset.container or None, "blob": plan.dataset.blob, "etag": plan.dataset.etag}
    emitted = {} if task.emitted is None else {"emitted": _emitted(plan, task.emitted.parts)}
    return {
        "id": plan.run_id,
        "source": source,
        "options": task.options,
        "chunk_bytes": plan.chunk_bytes,
        "chunks": plan.chunks,
        "retries": result.retries + (0 if task.emitted is None else task.emitted.parts.retries),
        "reprocessed": result.reprocessed,
        "batches": {"read": result.batches, "unproven": result.unproven},
        "failed_chunks": {
            "count": result.failed,
            "first": [msgspec.to_builtins(chunk) for chunk in result.failed_chunks],
        },
        "unread": {"bytes": result.unread, "first": [list(gap) for gap in result.unread_ranges]},
        "started_at": task.started_at,
        "completed_at": task.completed_at,
        "duration_s": duration_s(task.started_at, task.completed_at),
        "versions": {"fanfold": VERSION},
        **emitted,
    }


def _emitted(plan: Plan, parts: Parts) -> dict[str, Any]:
    """Where the accepted records are; the manifest's name is seen from the report."""
    return {
        "format": plan.emit,
        "parts": parts.parts,
        "records": parts.records,
        "bytes": parts.bytes,
        "manifest": MANIFEST,
    }


def _rejects(partial: Partial | None, encoding: str) -> Mapping[str, Any]:
    if partial is None:
        return {"count": 0, "reasons": {}, "kept": 0, **_CAPS, "examples": []}
    examples = [
        {
            "record": reject.ordinal + 1,
            "offset": reject.offset,
            "reason": reject.reason,
            "text": raw_text(reject.text, encoding),
        }
        for reject in partial.rejects[: limits.REJECT_EXAMPLES]
    ]
    return {
        "count": partial.rejected,
        "reasons": partial.reasons,
        "kept": len(partial.rejects),
        **_CAPS,
        "examples": examples,
    }
