"""What became of a run, and why, in words for those who have not written this program."""

from collections.abc import Mapping
from typing import Any

from fanfold.errors import (
    Cancelled,
    DatasetMissing,
    DatasetRejected,
    DatasetSuperseded,
    DeadlineExceeded,
    PipelineFault,
    RequestRefused,
    StepOverdue,
    WorkMissing,
)
from fanfold.nouns import counted
from fanfold.pipeline.completion import COMPLETED, COMPLETED_WITH_FAILURES, FAILED, SUPERSEDED
from fanfold.pipeline.runs import PENDING, RUNNING, SUSPENDED

STATUSES = {
    PENDING: "waiting",
    RUNNING: "running",
    SUSPENDED: "suspended",
    COMPLETED: "completed",
    COMPLETED_WITH_FAILURES: "completed with gaps",
    FAILED: "failed",
    SUPERSEDED: "superseded",
}

_PHASES = {
    "inspecting": "looking at the head of the file",
    "profiling": "reading the chunks",
    "emitting": "writing the accepted records",
    "publishing": "writing the report",
    "announcing": "sending the completion message",
}

_ERRORS = {
    DatasetRejected.__name__: "The file cannot be read as a table. Trying again will not help; another file may.",
    DatasetSuperseded.__name__: "The file was overwritten while it was read. The new version has a run of its own.",
    DatasetMissing.__name__: "The file was deleted before it had been read.",
    RequestRefused.__name__: "The request asked for something that is not possible. Correct it and send it again.",
    Cancelled.__name__: "Somebody ended the run.",
    DeadlineExceeded.__name__: "The run took longer than it may. It can be taken up again, and keeps what it has done.",
    PipelineFault.__name__: "Something on our side failed, each time it was tried. The run can be taken up again.",
    StepOverdue.__name__: "A step gave no answer in time, also when it was tried again. The run can be taken up again.",
    WorkMissing.__name__: "What the run had stored on its way is gone: it was cleaned up, or removed by hand.",
    "Terminated": "Somebody ended the orchestration from outside. The run can be taken up again.",
}
_FOR_GOOD = frozenset({DatasetRejected.__name__, RequestRefused.__name__})
"""The fault of what was sent: the same again fails again."""

_UNKNOWN = "Something went wrong that has no words of its own here."


def phase(run: Mapping[str, Any]) -> str:
    """What a run that goes on is at."""
    return _PHASES.get(str(run["phase"]), "waiting for its turn")


def may_be_mended(run: Mapping[str, Any]) -> bool:
    """Whether there is hope in taking the run up again."""
    return run["error"] is None or run["error"]["kind"] not in _FOR_GOOD


def explanation(run: Mapping[str, Any]) -> str | None:
    """Why the run has no report, or one with gaps; None when there is nothing to explain."""
    if run["error"] is not None:
        return _ERRORS.get(run["error"]["kind"], _UNKNOWN)
    if run["status"] == COMPLETED_WITH_FAILURES:
        failed, chunks = run["progress"]["failed"], counted(run["progress"]["chunks"], "chunk")
        return f"{failed:,} of {chunks} failed for good: what could not be read is not in the report."
    return None
