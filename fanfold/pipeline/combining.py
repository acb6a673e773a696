"""Steps of a run of several datasets: keep the profile of each, and fold them into one report."""

from collections.abc import Sequence
from typing import Any

import msgspec

from fanfold.errors import DatasetRejected, RequestRefused
from fanfold.pipeline.account import take_account
from fanfold.pipeline.archive import Archive, merge_archives, pack_archive, unpack_archive
from fanfold.pipeline.baseline import choose_baseline, drift, remember
from fanfold.pipeline.checking import find_rules
from fanfold.pipeline.messages import CombineTask, KeepTask, Kept, Link, PublishTask, ReportLinks, RunRequest
from fanfold.pipeline.options import read_options
from fanfold.pipeline.partial import unpack
from fanfold.pipeline.planning import Findings, make_plan
from fanfold.pipeline.ports import Ports
from fanfold.pipeline.publishing import assemble, write_report
from fanfold.pipeline.several import member_requests
from fanfold.pipeline.work import load_layout
from fanfold.profile.codec import decode
from fanfold.profile.merging import empty
from fanfold.records.layout import Layout


def keep_member(task: KeepTask, ports: Ports) -> Kept:
    """Take the account of one dataset, and keep its profile until the others have theirs."""
    plan, result = task.plan, task.result
    layout = load_layout(plan, ports)
    partial = None if result.partial is None else unpack(ports.work.get(result.partial))
    take_account(plan, result, partial, empty(len(layout.columns)) if partial is None else decode(partial.profile))
    dataset = plan.dataset
    archive = Archive(
        run_id=plan.run_id, name=dataset.blob, size=dataset.size, layout=layout.to_json(), partial=partial
    )
    ports.work.put(_archive_name(plan.run_id), pack_archive(archive))
    return Kept(
        chunks=plan.chunks,
        chunk_bytes=plan.chunk_bytes,
        records=result.records,
        rejected=result.rejected,
        batches=result.batches,
        unproven=result.unproven,
        reprocessed=result.reprocessed,
        retries=result.retries,
        owned_bytes=result.owned_bytes,
    )


def combine_members(task: CombineTask, ports: Ports) -> ReportLinks:
    """Fold the profiles of all datasets into one, and write its report. Again, it writes the same bytes."""
    request, options = task.request, read_options(task.request.options)
    counts: list[tuple[int, int]] = []
    archive = _fold(request, ports, counts)
    layout = Layout.from_json(archive.layout)
    rules = find_rules(options, layout, ports)
    baseline = choose_baseline(options, request.dataset.blob, request.run_id, ports)
    plan = make_plan(request.run_id, request.dataset, Findings(layout, rules, baseline), options)
    publish = PublishTask(
        plan=plan,
        options=request.options,
        result=_link(task.total, request.dataset.size),
        started_at=task.started_at,
        completed_at=task.completed_at,
    )
    partial = archive.partial
    profile = empty(len(layout.columns)) if partial is None else decode(partial.profile)
    document = assemble(publish, layout, partial, profile, rules)
    document["run"] = {**document["run"], **_run(task, counts)}
    changes = drift(plan, profile, document["columns"], ports)
    if changes is not None:
        document["run"]["drift"] = changes
    links = write_report(document, archive, ports.reports)
    remember(plan, ports)
    return links


def _fold(request: RunRequest, ports: Ports, counts: list[tuple[int, int]]) -> Archive:
    """One archive of all, two in memory at a time; notes the records and rejects of each."""
    total: Archive | None = None
    for member in member_requests(request):
        name = _archive_name(member.run_id)
        found = unpack_archive(ports.work.get(name), name)
        partial = found.partial
        counts.append((0, 0) if partial is None else (partial.records, partial.rejected))
        total = found if total is None else _joined(total, found, request)
    if total is None:
        raise RequestRefused(f"run {request.run_id}: it has no datasets; expected one or more")
    return msgspec.structs.replace(total, run_id=request.run_id, name=request.dataset.blob)


def _joined(total: Archive, other: Archive, request: RunRequest) -> Archive:
    first = msgspec.structs.replace(total, name=request.members[0].blob)
    try:
        return merge_archives([first, other], request.run_id)
    except RequestRefused as error:
        raise DatasetRejected(str(error)) from error


def _link(total: Kept, size: int) -> Link:
    return Link(
        first=0,
        stop=total.chunks,
        start_byte=0,
        stop_byte=size,
        records=total.records,
        rejected=total.rejected,
        batches=total.batches,
        unproven=total.unproven,
        reprocessed=total.reprocessed,
        retries=total.retries,
        owned_bytes=total.owned_bytes,
    )


def _run(task: CombineTask, counts: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """What the report says of this run that it does not say of a run of one dataset."""
    datasets = [
        {"blob": member.blob, "etag": member.etag, "bytes": member.size, "records": records, "rejected": rejected}
        for member, (records, rejected) in zip(task.request.members, counts, strict=True)
    ]
    return {"chunks": task.total.chunks, "chunk_bytes": task.total.chunk_bytes, "datasets": datasets}


def _archive_name(run_id: str) -> str:
    return f"{run_id}/archive"
