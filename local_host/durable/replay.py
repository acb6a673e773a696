"""Executes one turn of an orchestrator through the real Durable Functions SDK, which replays its history.

The SDK returns a list of actions without ids, to be simulated once more on the other side. This module does not: it
listens where the SDK numbers its tasks, so the ids cannot diverge, and emits an action for every number that the
history does not have. What the history has and the orchestrator does not repeat is non-determinism, and is refused.
"""

from __future__ import annotations

import inspect
import json
import logging
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from azure.durable_functions.models.actions import (
    CreateTimerAction,
)
from azure.durable_functions.models.actions.NoOpAction import NoOpAction
from azure.durable_functions.models.DurableOrchestrationContext import DurableOrchestrationContext
from azure.durable_functions.models.history import HistoryEvent
from azure.durable_functions.models.Task import AtomicTask
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

from local_host.durable import events
from local_host.durable.actions import Numbered, ask_for
from local_host.durable.determinism import NonDeterministic, check_repetition, not_in_history
from local_host.durable.engine import Turn
from local_host.durable.history import translate

log = logging.getLogger("Host.Triggers.DurableTask")

# Half the time of a replay is spent parsing times, and a turn's events share theirs.
_history_event_module: Any = sys.modules[HistoryEvent.__module__]
_history_event_module.dt_parse = lru_cache(4096)(_history_event_module.dt_parse)

SCHEMA_V2, SCHEMA_V3 = 1, 2
"""What the extension says that it understands: V2 for old SDKs, V3 for those that know the newer field."""

FULL_REPLAY_EVENTS = 400
"""Up to so many events every turn replays the history in full, as the real host does: that is what catches an
orchestrator that is not deterministic. A longer history is replayed in full each time it has doubled, and goes on from
where it was in between, so that a thousand steps do not cost a million."""

SESSIONS_MAX = 1000
SESSION_EVENTS_MAX = 100_000
"""Suspended orchestrators in memory, and events in their histories; one that is not there any more is replayed."""

OUTPUT_LABEL = "\n\n$OutOfProcData$:"


class RecordingContext(DurableOrchestrationContext):  # type: ignore[misc]
    """The SDK's context, noting every task it numbers."""

    def __init__(self, started: list[dict[str, Any]], **fields: Any) -> None:
        self.numbered: list[Numbered] = []
        self.executor: TaskOrchestrationExecutor | None = None
        super().__init__(started, upperSchemaVersion=SCHEMA_V2, upperSchemaVersionNew=SCHEMA_V3, **fields)

    def _add_to_open_tasks(self, task: Any) -> None:
        unnumbered = isinstance(task, AtomicTask) and task.id is None and not task._is_scheduled  # noqa: SLF001 - the seam
        if unnumbered and not self.will_continue_as_new:
            self.numbered.append(self._number(task))
        super()._add_to_open_tasks(task)

    def _number(self, task: Any) -> Numbered:
        action = task._get_action()  # noqa: SLF001 - the seam
        fire_at = None
        if isinstance(action, NoOpAction):
            # The two anonymous tasks of a retry: the pause, and the task once more.
            interval = task.parent.retry_options.first_retry_interval_in_milliseconds
            if "timer" in str(action.metadata):
                fire_at = self.current_utc_datetime + timedelta(milliseconds=interval)
            else:
                action = task.parent.children[0]._get_action()  # noqa: SLF001 - the seam
        elif isinstance(action, CreateTimerAction):
            fire_at = action.fire_at
        return Numbered(self._sequence_number, action, fire_at, self.place)

    @property
    def place(self) -> str:
        """Where the orchestrator's code is, in the innermost generator that it waits in; empty where it has ended."""
        generator = getattr(self.executor, "generator", None)
        while inspect.isgenerator(inner := getattr(generator, "gi_yieldfrom", None)):
            generator = inner
        frame = getattr(generator, "gi_frame", None)
        return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else ""

    def _record_fire_and_forget_action(self, action: Any) -> None:
        if not self.will_continue_as_new:
            self.numbered.append(Numbered(self._sequence_number, action, place=self.place))
        super()._record_fire_and_forget_action(action)

    def _add_to_actions(self, action_repr: Any) -> None:
        """Do nothing: the list of actions without ids is not needed."""


@dataclass(slots=True)
class Session:
    """An execution between two turns: the suspended orchestrator, what it has seen, and what it was told to do."""

    execution_id: str
    context: RecordingContext
    executor: TaskOrchestrationExecutor
    history: list[HistoryEvent]
    seen: int
    emitted: int
    replayed_at: int
    """Events in the history when it was last replayed in full."""
    began: tuple[int, pb.HistoryEvent]
    """Where the last turn begins in the history, and its first event: its time tells whether that turn was recorded,
    or lost and taken again, perhaps by another worker."""


class Replayer:
    """Executes turns, keeping suspended orchestrators from one turn to the next."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._events = 0
        self._lock = threading.RLock()

    def run(self, turn: Turn, orchestrator: Callable[[Any], Any], input_type: type | None) -> pb.OrchestratorResponse:
        """Execute the orchestrator (the user's generator function); the answer's token is the execution's id."""
        session = self._take(turn.instance_id)
        if session is None or not _can_continue(session, turn):
            known = session.history if session and _is_recorded(session, turn) else []
            session, failure = _replay(turn, known, orchestrator, input_type)
            unseen: Sequence[pb.HistoryEvent] = turn.past
        else:
            unseen = turn.past[session.seen :]
            failure = _continue(turn, session)
        session.seen, session.began = len(turn.past) + len(turn.new), (len(turn.past), turn.new[0])
        response = _respond(turn, session, unseen, failure)
        if not any(action.HasField("completeOrchestration") for action in response.actions):
            self._keep(turn.instance_id, session)
        return response

    def _take(self, instance_id: str) -> Session | None:
        with self._lock:
            session = self._sessions.pop(instance_id, None)
            self._events -= session.seen if session else 0
            return session

    def _keep(self, instance_id: str, session: Session) -> None:
        with self._lock:
            self._take(instance_id)  # of a turn that was taken twice
            self._sessions[instance_id] = session
            self._events += session.seen
            while len(self._sessions) > SESSIONS_MAX or (self._events > SESSION_EVENTS_MAX and len(self._sessions) > 1):
                _, dropped = self._sessions.popitem(last=False)
                self._events -= dropped.seen


def _can_continue(session: Session, turn: Turn) -> bool:
    """Whether the suspended orchestrator may go on from where it is, without a replay."""
    past = len(turn.past)
    return FULL_REPLAY_EVENTS < past < 2 * session.replayed_at and _is_recorded(session, turn)


def _is_recorded(session: Session, turn: Turn) -> bool:
    """Whether all that the session has seen is in the history."""
    position, first = session.began
    is_same = session.execution_id == turn.execution_id and session.seen <= len(turn.past)
    return is_same and turn.past[position] == first


def _replay(
    turn: Turn, known: list[HistoryEvent], orchestrator: Callable[[Any], Any], input_type: type | None
) -> tuple[Session, BaseException | None]:
    events_of_turn = [*turn.past, *turn.new]
    history = known + [HistoryEvent(**translate(event)) for event in events_of_turn[len(known) :]]
    context = _context(turn, history, input_type)
    context.executor = executor = TaskOrchestrationExecutor()
    began = (len(turn.past), turn.new[0])
    session = Session(turn.execution_id, context, executor, history, len(history), 0, len(history), began)
    try:
        executor.execute(context, history, orchestrator)
    except Exception as error:  # noqa: BLE001 - the orchestration's failure, whatever it is
        return session, executor.exception or error
    return session, None


def _continue(turn: Turn, session: Session) -> BaseException | None:
    """Let the suspended orchestrator see what it has not seen yet."""
    unseen = [HistoryEvent(**translate(event)) for event in (*turn.past[session.seen :], *turn.new)]
    session.history.extend(unseen)
    executor = session.executor
    for event in unseen:
        executor.process_event(event)
        if executor.has_execution_completed:
            break
    try:
        executor.get_orchestrator_state_str()  # checks that the output is JSON
    except Exception as error:  # noqa: BLE001 - the orchestration's failure, whatever it is
        return executor.exception or error
    return None


def _respond(
    turn: Turn, session: Session, unseen: Sequence[pb.HistoryEvent], failure: BaseException | None
) -> pb.OrchestratorResponse:
    """``unseen`` is the part of the history that the session had not seen before this turn."""
    response = pb.OrchestratorResponse(instanceId=turn.instance_id, completionToken=turn.execution_id)
    context, executor = session.context, session.executor
    if context.custom_status:
        response.customStatus.value = json.dumps(context.custom_status)
    try:
        if len(unseen) == len(turn.past):
            check_repetition(unseen, context.numbered, context.place)
        numbered = not_in_history(unseen, context.numbered[session.emitted :])
        response.actions.extend(ask_for(one, turn) for one in numbered)
        session.emitted = len(context.numbered)
    except (NonDeterministic, NotImplementedError) as error:
        failure = error.with_traceback(None)  # it says where the app's code is; ours helps nobody
    if failure is not None:
        response.actions.append(_failed(turn, failure))
    elif executor.orchestrator_returned and not context.will_continue_as_new:
        response.actions.append(_completed(executor.output))
    return response


def _context(turn: Turn, history: list[HistoryEvent], input_type: type | None) -> RecordingContext:
    first, started = _first_events(turn), turn.started
    context = RecordingContext(
        [translate(event) for event in first],
        instanceId=turn.instance_id,
        isReplaying=bool(turn.past),
        parentInstanceId=started.parentInstance.orchestrationInstance.instanceId
        if started.HasField("parentInstance")
        else None,
        input=json.loads(started.input.value) if started.HasField("input") else None,
    )
    context._histories = history  # noqa: SLF001 - translated once, replayed many times
    context._input_expected_type = input_type  # noqa: SLF001 - as the SDK's own entry point does
    return context


def _first_events(turn: Turn) -> list[pb.HistoryEvent]:
    """OrchestratorStarted and ExecutionStarted, with which every history begins."""
    return [*turn.past[:2], *turn.new[:2]][:2]


def _completed(output: Any) -> pb.OrchestratorAction:
    action = pb.OrchestratorAction(id=events.NO_TASK)
    action.completeOrchestration.orchestrationStatus = events.COMPLETED
    action.completeOrchestration.result.value = json.dumps(output)
    return action


def failed_turn(turn: Turn, error: BaseException) -> pb.OrchestratorResponse:
    """The answer of an orchestrator that could not even be executed."""
    response = pb.OrchestratorResponse(instanceId=turn.instance_id, completionToken=turn.execution_id)
    response.actions.append(_failed(turn, error))
    return response


def _failed(turn: Turn, error: BaseException) -> pb.OrchestratorAction:
    name = turn.started.name
    message = str(error).split(OUTPUT_LABEL)[0] or type(error).__name__
    trace = error if error.__traceback__ else None
    log.error("orchestrator %s failed: %s", name, message.partition("\n")[0] if trace else message, exc_info=trace)
    stack = "".join(traceback.format_exception(error))
    action = pb.OrchestratorAction(id=events.NO_TASK)
    action.completeOrchestration.orchestrationStatus = events.FAILED
    action.completeOrchestration.failureDetails.CopyFrom(
        events.failure(type(error).__name__, f"Orchestrator function '{name}' failed: {message}", stack)
    )
    return action
