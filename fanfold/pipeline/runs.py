"""A run as those outside see it: what the scheduler knows of it, in the words of this product."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from fanfold.errors import RequestRefused
from fanfold.pipeline.completion import COMPLETED, COMPLETED_WITH_FAILURES, FAILED, SUPERSEDED, status
from fanfold.pipeline.context import REFUSE, RUN
from fanfold.pipeline.messages import Completion, DatasetVersion, M, Refusal, RunRequest, from_wire

PENDING = "pending"
RUNNING = "running"
SUSPENDED = "suspended"

GOING_ON = frozenset({PENDING, RUNNING, SUSPENDED})
ENDED = frozenset({COMPLETED, COMPLETED_WITH_FAILURES, FAILED, SUPERSEDED})
STATUSES = (PENDING, RUNNING, SUSPENDED, COMPLETED, COMPLETED_WITH_FAILURES, FAILED, SUPERSEDED)

_COMPLETED = "Completed"
_BROKEN = frozenset({"Failed", "Terminated", "Canceled"})
_WORDS = {"Pending": PENDING, "Running": RUNNING, "ContinuedAsNew": RUNNING, "Suspended": SUSPENDED}
_NOBODY = DatasetVersion(account="", container="", blob="", etag="", size=0)
_FIGURES = ("chunks", "done", "failed", "records", "bytes")


@dataclass(frozen=True, slots=True)
class Instance:
    """An orchestration as the scheduler shows it."""

    name: str
    instance_id: str
    runtime_status: str
    input: Any
    output: Any
    custom_status: Any
    created_at: str
    updated_at: str

    @property
    def is_run(self) -> bool:
        """Whether it is a run, or a request that came to nothing, and not a part of one."""
        return self.name in {RUN, REFUSE}


def runtime_statuses(wanted: Iterable[str]) -> tuple[str, ...]:
    """The scheduler's words for some of our statuses: what it finds by them may still be of another one of ours."""
    found = {theirs for theirs, ours in _WORDS.items() if ours in wanted}
    if ENDED & set(wanted):
        found.add(_COMPLETED)
    if FAILED in wanted:
        found |= _BROKEN
    return tuple(sorted(found))


def describe_run(instance: Instance, counted: dict[str, Any] | None = None) -> dict[str, Any]:
    """The run as JSON types; `counted` is what the run's progress entity has added up."""
    completion = _completion(instance)
    dataset, datasets, options = _asked(instance)
    shown = instance.custom_status if isinstance(instance.custom_status, dict) else {}
    word = _status(instance, completion)
    return {
        "run_id": instance.instance_id,
        "status": word,
        "phase": shown.get("phase") if word in GOING_ON else None,
        "dataset": {
            "container": dataset.container,
            "blob": dataset.blob,
            "etag": dataset.etag,
            "bytes": dataset.size,
        },
        "datasets": datasets,
        "options": options,
        "created_at": instance.created_at,
        "updated_at": instance.updated_at,
        "progress": _progress(shown, counted, completion),
        "records": None if completion is None else completion.records,
        "rejected": None if completion is None else completion.rejected,
        "duration_s": None if completion is None else completion.duration_s,
        "verdict": None if completion is None else completion.verdict,
        "error": _error(instance, completion),
        "links": _links(instance, word),
    }


def unknown_run(run_id: str) -> dict[str, Any]:
    """What is said of a run that is not there, where many are asked for."""
    return {"run_id": run_id, "status": "not_found"}


def _asked(instance: Instance) -> tuple[DatasetVersion, int, Any]:
    """What the run is of, of how many datasets, and with which options."""
    if instance.name == REFUSE:
        refusal = _read(instance.input, Refusal)
        return (_NOBODY if refusal is None else refusal.dataset), 1, None
    request = _read(instance.input, RunRequest)
    if request is None:
        return _NOBODY, 1, None
    return request.dataset, len(request.members) or 1, request.options


def _completion(instance: Instance) -> Completion | None:
    return _read(instance.output, Completion) if instance.runtime_status == _COMPLETED else None


def _status(instance: Instance, completion: Completion | None) -> str:
    if completion is not None:
        return status(completion)
    if instance.runtime_status == _COMPLETED:
        return COMPLETED
    return _WORDS.get(instance.runtime_status, FAILED)


def _progress(shown: dict[str, Any], counted: dict[str, Any] | None, completion: Completion | None) -> dict[str, int]:
    """The figures of the run's status and of its entity lag behind, each in its way: the larger one is nearer."""
    figures = {name: max(int(shown.get(name) or 0), int((counted or {}).get(name) or 0)) for name in _FIGURES}
    if completion is None:
        return figures
    done = completion.chunks if completion.report is not None else figures["done"]
    records = (completion.records + completion.rejected) or figures["records"]
    read = completion.dataset.size if completion.report is not None else figures["bytes"]
    return {
        "chunks": completion.chunks or figures["chunks"],
        "done": done,
        "failed": completion.failed_chunks or figures["failed"],
        "records": records,
        "bytes": read,
    }


def _error(instance: Instance, completion: Completion | None) -> dict[str, str] | None:
    if completion is not None:
        return None if completion.error is None else dict(msgspec.to_builtins(completion.error))
    if instance.runtime_status not in _BROKEN:
        return None
    told = str(instance.output or "").splitlines()
    return {"kind": instance.runtime_status, "message": told[0] if told else "the orchestration ended without a word"}


def _links(instance: Instance, word: str) -> dict[str, str]:
    own = f"/api/runs/{instance.instance_id}"
    links = {"self": own}
    if word in GOING_ON and instance.name == RUN:
        links["cancel"] = f"{own}/cancel"
    if word in {COMPLETED, COMPLETED_WITH_FAILURES}:
        links["report"] = f"{own}/report"
    if word in {FAILED, COMPLETED_WITH_FAILURES} and instance.name == RUN:
        links["redrive"] = f"{own}/redrive"
    return links


def _read(value: Any, kind: type[M]) -> M | None:
    """Inputs and outputs come as JSON, or as a text of it.

    None where one is not of the form: of a run of another release, or one that somebody has started by hand, the list
    shows what it can.
    """
    try:
        return from_wire(json.loads(value) if isinstance(value, str) else value, kind)
    except (RequestRefused, ValueError):
        return None
