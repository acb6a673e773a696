"""The end of a run as its subscribers hear of it: CloudEvents 1.0, structured JSON."""

import json
from datetime import datetime, timedelta

import msgspec

from fanfold import limits
from fanfold.errors import Cancelled, DatasetSuperseded
from fanfold.pipeline.messages import Completion, Failure, PublishTask, Refusal, ReportLinks, RunRequest
from fanfold.pipeline.ports import Ports
from fanfold.pipeline.work import end_name

COMPLETED = "completed"
FAILED = "failed"
SUPERSEDED = "superseded"
COMPLETED_WITH_FAILURES = "completed_with_failures"
"""The status of a run that has completed without some chunks, within its tolerance."""


def completed(task: PublishTask, report: ReportLinks) -> Completion:
    """The completion of a run whose report is readable."""
    return Completion(
        run_id=task.plan.run_id,
        dataset=task.plan.dataset,
        outcome=COMPLETED,
        completed_at=task.completed_at,
        duration_s=duration_s(task.started_at, task.completed_at),
        records=task.result.records,
        rejected=task.result.rejected,
        chunks=task.plan.chunks,
        failed_chunks=task.result.failed,
        report=report,
        verdict=report.verdict,
    )


def ended(request: RunRequest, failure: Failure, started_at: datetime, completed_at: datetime) -> Completion:
    """The completion of a run that has no report."""
    superseded = failure.kind == DatasetSuperseded.__name__
    return Completion(
        run_id=request.run_id,
        dataset=request.dataset,
        outcome=SUPERSEDED if superseded else FAILED,
        completed_at=completed_at.isoformat(),
        duration_s=(completed_at - started_at).total_seconds(),
        error=failure,
    )


def refused(refusal: Refusal, at: datetime) -> Completion:
    """The completion of a request that never became a run."""
    return Completion(
        run_id=refusal.run_id,
        dataset=refusal.dataset,
        outcome=FAILED,
        completed_at=at.isoformat(),
        duration_s=0,
        error=refusal.error,
    )


def status(completion: Completion) -> str:
    """The outcome, and whether chunks are missing."""
    partial = completion.outcome == COMPLETED and completion.failed_chunks
    return COMPLETED_WITH_FAILURES if partial else completion.outcome


def keeps_work(completion: Completion) -> bool:
    """Whether the run can be taken up again, so that what it has stored is worth keeping."""
    cancelled = completion.error is not None and completion.error.kind == Cancelled.__name__
    return status(completion) in {FAILED, COMPLETED_WITH_FAILURES} and not cancelled


def duration_s(started_at: str, completed_at: str) -> float:
    """Seconds between two ISO times."""
    return (datetime.fromisoformat(completed_at) - datetime.fromisoformat(started_at)).total_seconds()


def announce_completion(completion: Completion, ports: Ports) -> None:
    """Step 6, announce: send the completion message, and leave a copy beside the report.

    Sent again, it has the same id and content. The copy is what tells, when the scheduler has long forgotten the run,
    that this dataset has had its end, and tells whoever looks for a report why there is none. Spans that go on although
    their run has failed find its end beside their work.
    """
    event = cloud_event(completion)
    if completion.outcome == FAILED and completion.chunks:
        ports.work.put(end_name(completion.run_id), b"", _started_at(completion))
    if completion.dataset.blob:
        ports.reports.put(completion_name(completion.dataset.blob, completion.run_id), event, "application/json")
    ports.outbox.send(event)


def _started_at(completion: Completion) -> str:
    return (datetime.fromisoformat(completion.completed_at) - timedelta(seconds=completion.duration_s)).isoformat()


def completion_name(blob: str, run_id: str) -> str:
    """Where the copy of the message is, among the reports."""
    return f"{blob}/{run_id}/completion.json"


def cloud_event(completion: Completion) -> bytes:
    """The message, UTF-8 JSON under 48 KiB before base64."""
    dataset = completion.dataset
    event = {
        "specversion": "1.0",
        "id": completion.run_id,
        "type": f"fanfold.run.{completion.outcome}",
        "source": f"/fanfold/{dataset.account}/{dataset.container}",
        "subject": dataset.blob or completion.run_id,
        "time": completion.completed_at,
        "datacontenttype": "application/json",
        "data": {
            "run_id": completion.run_id,
            "status": status(completion),
            "dataset": {
                "container": dataset.container,
                "blob": dataset.blob,
                "etag": dataset.etag,
                "bytes": dataset.size,
            },
            "records": completion.records,
            "rejected": completion.rejected,
            "chunks": completion.chunks,
            "failed_chunks": completion.failed_chunks,
            "duration_s": completion.duration_s,
            "report": _links(completion.report),
            **({} if completion.verdict is None else {"verdict": completion.verdict}),
            "error": None if completion.error is None else msgspec.to_builtins(completion.error),
        },
    }
    message = json.dumps(event, ensure_ascii=True).encode("ascii")
    if len(message) > limits.COMPLETION_BYTES_MAX:  # pragma: no cover - names are at most 1,024 characters
        raise AssertionError(f"completion message of {len(message)} bytes")
    return message


def _links(report: ReportLinks | None) -> dict[str, str | None] | None:
    return None if report is None else {"json": report.json, "html": report.html, "rejects": report.rejects}
