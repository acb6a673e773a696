"""The SDK's worker, which lets an `Executor` do the work.

It authenticates, connects again when it was cut off, and bounds what runs at once; each item at work holds one of its
threads until its outcome is delivered.
"""

# ruff: noqa: N803 - the SDK's names

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any, TypeVar

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc  # type: ignore[import-untyped]
from durabletask.azuremanaged.worker import DurableTaskSchedulerWorker
from durabletask.internal.helpers import convert_to_entity_batch_request

from local_host.durable.engine import Executor, Turn

log = logging.getLogger("Host.Triggers.DurableTask")

LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.NOT_FOUND)
"""The connection is gone, or another worker has the item: there is nothing to abandon."""

T = TypeVar("T")


class ExecutorWorker(DurableTaskSchedulerWorker):
    """A worker of a scheduler, whose work an `Executor` does."""

    def open(self, executor: Executor) -> None:
        """Connect, and stay connected."""
        self._executor = executor
        self._waiting: set[Future[Any]] = set()
        self._closed = False
        self._guard = threading.Lock()
        self.start()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Leave what is at work to other workers."""
        if self._is_running:
            with self._guard:
                self._closed = True
                waiting = list(self._waiting)
            for future in waiting:
                future.cancel()
            self.stop()  # type: ignore[no-untyped-call]

    def _outcome(self, begin: Callable[[Callable[[T], None]], None]) -> T:
        """Begin the work and wait for its outcome; `CancelledError` when the worker closes first."""
        future: Future[T] = Future()
        with self._guard:
            if self._closed:
                raise CancelledError
            self._waiting.add(future)
        try:
            begin(lambda outcome: _settle(future, outcome))
            return future.result()
        finally:
            with self._guard:
                self._waiting.discard(future)

    def _execute_orchestrator(self, req: pb.OrchestratorRequest, stub: Any, completionToken: Any) -> None:
        turn = _turn(req)
        with self._delivering(req.instanceId):
            response: pb.OrchestratorResponse = self._outcome(partial(self._executor.run_turn, turn))
            response.completionToken = completionToken
            stub.CompleteOrchestratorTask(response)

    def _execute_activity(self, req: pb.ActivityRequest, stub: Any, completionToken: Any) -> None:
        with self._delivering(f"{req.name} of {req.orchestrationInstance.instanceId}"):
            response: pb.ActivityResponse = self._outcome(partial(self._executor.run_activities, [req]))
            response.completionToken = completionToken
            stub.CompleteActivityTask(response)

    def _execute_entity_batch(
        self, req: pb.EntityBatchRequest | pb.EntityRequest, stub: Any, completionToken: Any
    ) -> pb.EntityBatchResult:
        batch, infos = convert_to_entity_batch_request(req) if isinstance(req, pb.EntityRequest) else (req, [])
        result = pb.EntityBatchResult()  # for nobody: the SDK's signature
        with self._delivering(batch.instanceId):
            outcome: pb.EntityBatchResult = self._outcome(partial(self._executor.run_entity, batch))
            result = outcome
            result.completionToken = completionToken
            result.operationInfos.extend(infos)
            stub.CompleteEntityTask(result)
        return result

    @contextlib.contextmanager
    def _delivering(self, subject: str) -> Iterator[None]:
        """Name what could not be delivered: the scheduler hands it out again, or has done so already."""
        try:
            yield
        except CancelledError:
            log.debug("%s is left to another worker", subject)
        except grpc.RpcError as error:
            code = error.code()
            if code not in LOST:
                log.exception("the scheduler refused the outcome of %s: %s %s", subject, code.name, error.details())
                raise  # the SDK's worker abandons the item
            log.warning("the outcome of %s did not reach the scheduler: %s", subject, error.details())


def _settle(future: Future[T], outcome: T) -> None:
    """Set the result, unless nobody waits for it any more."""
    if future.set_running_or_notify_cancel():
        future.set_result(outcome)


def _turn(request: pb.OrchestratorRequest) -> Turn:
    """The execution's id is in the history; the request need not have it."""
    started = Turn(request.instanceId, "", request.pastEvents, request.newEvents).started
    execution_id = started.orchestrationInstance.executionId.value
    return Turn(request.instanceId, execution_id, request.pastEvents, request.newEvents)
