"""Does the engine's work with the app: turns and entities in this process, activities in the worker pool."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host import logs
from local_host.durable import events
from local_host.durable.engine import ActivityDone, EntityDone, Turn, TurnDone
from local_host.durable.entities import failed_batch, run_batch, split_entity_id
from local_host.durable.replay import Replayer, failed_turn
from local_host.durable.watch import Watch
from local_host.functions.index import App
from local_host.processes.pool import Job, WorkerPool

log = logging.getLogger("Host.Triggers.DurableTask")

STUCK_MAX = 32
"""Threads beyond those that orchestrators take turns on: so many may hang, given up, before the others wait."""


class AppExecutor:
    """An `Executor` over the functions of one app."""

    def __init__(self, app: App, pool: WorkerPool, *, threads: int, timeout_s: float | None) -> None:
        """``threads`` is how many orchestrators execute at once; one that exceeds the timeout has failed."""
        self._orchestrators = app.of_kind("orchestrationTrigger")
        self._activities = app.of_kind("activityTrigger")
        self._entities = {name.lower(): function for name, function in app.of_kind("entityTrigger").items()}
        self._pool = pool
        self._threads = ThreadPoolExecutor(threads + STUCK_MAX, thread_name_prefix="orchestrator")
        self._watch = Watch(app.root, timeout_s)
        self._replayer = Replayer()

    def close(self) -> None:
        """Start nothing more; what still runs no longer counts."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._watch.close()

    def run_turn(self, turn: Turn, done: TurnDone) -> None:
        """Execute an orchestrator over its history."""
        self._threads.submit(
            self._watch.run, turn.started.name, turn.instance_id,
            lambda: self._turn(turn), lambda error: failed_turn(turn, error), done,
        )  # fmt: skip

    def _turn(self, turn: Turn) -> pb.OrchestratorResponse:
        name = turn.started.name
        function = self._orchestrators.get(name)
        if function is None:
            return failed_turn(turn, LookupError(unknown("orchestrator", name, self._orchestrators)))
        with logs.about(name, turn.instance_id):
            code: Any = function.code
            try:
                return self._replayer.run(turn, code.orchestrator_function, getattr(code, "_df_input_type", None))
            except Exception as error:  # noqa: BLE001 - an instance must end rather than wait for ever
                return failed_turn(turn, error)

    def run_activities(self, requests: Sequence[pb.ActivityRequest], done: ActivityDone) -> None:
        """Execute activities in the pool; one that does not exist fails at once."""
        jobs = []
        for request in requests:
            if request.name in self._activities:
                jobs.append(_job(request, done))
            else:
                text = unknown("activity", request.name, self._activities)
                done(_response(request, {"error": {"kind": "LookupError", "message": text, "stack": None}}))
        self._pool.submit(jobs)

    def run_entity(self, request: pb.EntityBatchRequest, done: EntityDone) -> None:
        """Execute a batch of operations of one entity."""
        name, _ = split_entity_id(request.instanceId)
        self._threads.submit(
            self._watch.run, name, request.instanceId,
            lambda: self._entity(request), lambda error: _failed_entity(request, error), done,
        )  # fmt: skip

    def _entity(self, request: pb.EntityBatchRequest) -> pb.EntityBatchResult:
        name, _ = split_entity_id(request.instanceId)
        function = self._entities.get(name)
        if function is None:
            return failed_batch(request, "LookupError", unknown("entity", name, self._entities))
        with logs.about(function.name, request.instanceId):
            try:
                return run_batch(request, function.code)
            except Exception as error:  # noqa: BLE001 - its callers must hear of it, whatever it is
                return _failed_entity(request, error)


def _failed_entity(request: pb.EntityBatchRequest, error: Exception) -> pb.EntityBatchResult:
    log.error("entity %s failed: %s", request.instanceId, error, exc_info=error)
    return failed_batch(request, type(error).__name__, str(error))


def unknown(kind: str, name: str, known: Any) -> str:
    """The extension's words for a function that is not there."""
    names = ", ".join(f"'{one}'" for one in sorted(known)) or "none"
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not an {kind} function. Additional info: The"
        f" following are the known {kind} functions: {names}."
    )


def _job(request: pb.ActivityRequest, done: ActivityDone) -> Job:
    asked = request.input.value if request.HasField("input") else None
    subject = request.orchestrationInstance.instanceId
    return Job(request.name, asked, subject, lambda outcome: done(_response(request, outcome)))


def _response(request: pb.ActivityRequest, outcome: dict[str, Any]) -> pb.ActivityResponse:
    response = pb.ActivityResponse(
        instanceId=request.orchestrationInstance.instanceId,
        taskId=request.taskId,
        completionToken=request.orchestrationInstance.executionId.value,
    )
    error = outcome.get("error")
    if error is None:
        response.result.value = outcome["result"]
        return response
    text = f"Activity function '{request.name}' failed: {error['kind']}: {error['message']}"
    response.failureDetails.CopyFrom(events.failure(error["kind"], text, error["stack"]))
    subject = request.orchestrationInstance.instanceId
    log.error("%s (%s)\n%s", text, subject, error["stack"] or "")
    return response
