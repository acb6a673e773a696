"""Today's orchestrations repeat what recorded histories say they did, through the SDK's own replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.durable_functions import DurableOrchestrationContext, Orchestrator

from fanfold import limits
from fanfold.pipeline.context import EMIT, MEMBER, RUN, SPAN
from fanfold.pipeline.messages import Completion, Kept, Link, Message, Parts, from_wire, to_wire
from fanfold.pipeline.orchestration import emit_span, process_span, profile_member, run_dataset
from tests.simulation.chaos import STEPS
from tests.simulation.record_histories import FAN_OUT, HISTORIES, STORIES, WAVE

ORCHESTRATORS: dict[str, Callable[[Any], Any]] = {
    RUN: run_dataset,
    SPAN: process_span,
    EMIT: emit_span,
    MEMBER: profile_member,
}
RESULTS: dict[str, type[Message]] = {RUN: Completion, SPAN: Link, EMIT: Parts, MEMBER: Kept}
ACTIVITY, SUB_ORCHESTRATION, TIMER = 4, 7, 10

# The SDK warns of completions that come when nobody waits for them, and of its own codec.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Potential duplicate Task completion"),
    pytest.mark.filterwarnings("ignore:azure.functions df_loads"),
]


@pytest.fixture(autouse=True)
def _small_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAN_OUT_MAX", FAN_OUT)
    monkeypatch.setattr(limits, "WAVE_CHUNKS", WAVE)


def recorded() -> Iterator[Any]:
    for path in sorted(HISTORIES.glob("*.json")):
        for one in json.loads(path.read_text("utf-8")):
            yield pytest.param(one, id=f"{path.stem}-{one['instance_id'].rpartition('~')[0] or 'run'}")


def replay(one: dict[str, Any], events: int | None = None) -> dict[str, Any]:
    """What the SDK answers the platform, after so many events."""
    body = {
        "history": one["history"][:events],
        "input": one["input"],
        "instanceId": one["instance_id"],
        "isReplaying": True,
        "parentInstanceId": None,
        "upperSchemaVersion": 1,
        "upperSchemaVersionNew": 2,
    }
    context = DurableOrchestrationContext.from_json(json.dumps(body))
    state: dict[str, Any] = json.loads(Orchestrator(ORCHESTRATORS[one["orchestrator"]]).handle(context))
    return state


def asked(action: Any) -> Iterator[tuple[Any, ...]]:
    """The activities, sub-orchestrations and timers of an answer, in order."""
    if isinstance(action, list):
        for inner in action:
            yield from asked(inner)
    elif "compoundActions" in action:
        yield from asked(action["compoundActions"])
    elif "fireAt" in action:
        yield (TIMER,)
    elif "instanceId" in action and "functionName" in action:
        yield SUB_ORCHESTRATION, action["functionName"], action["instanceId"]
    elif "functionName" in action:
        yield ACTIVITY, action["functionName"], json.loads(action["input"])


def today(wire: Any, kind: type[Message]) -> Any:
    """A recorded message as today's code reads it: a field that it has not yet has its default."""
    return json.loads(json.dumps(to_wire(from_wire(wire, kind))))


def ended(one: dict[str, Any]) -> Any:
    output, kind = one["output"], RESULTS[one["orchestrator"]]
    if one["orchestrator"] == RUN:
        return today(output, kind)
    return {**output, "value": today(output["value"], kind)} if "value" in output else output


def happened(history: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for event in sorted((e for e in history if e["EventType"] in {4, 7, 10}), key=lambda event: event["EventId"]):
        if event["EventType"] == ACTIVITY:
            yield ACTIVITY, event["Name"], today(json.loads(event["Input"]), STEPS[event["Name"]][1])
        elif event["EventType"] == SUB_ORCHESTRATION:
            yield SUB_ORCHESTRATION, event["Name"], event["InstanceId"]
        else:
            yield (TIMER,)


@pytest.mark.parametrize("one", list(recorded()))
def test_a_recorded_history_is_repeated(one: dict[str, Any]) -> None:
    state = replay(one)
    assert state["isDone"]
    assert state["output"] == ended(one)
    assert list(asked(state["actions"])) == list(happened(one["history"]))


@pytest.mark.parametrize("one", list(recorded()))
def test_every_turn_asks_for_what_the_whole_history_has(one: dict[str, Any]) -> None:
    whole = list(happened(one["history"]))
    turns = [i for i, event in enumerate(one["history"]) if event["EventType"] == 13]
    for end in turns[:-1]:
        so_far = list(asked(replay(one, end)["actions"]))
        assert so_far == whole[: len(so_far)]


def test_every_story_is_recorded() -> None:
    assert {path.stem for path in Path(HISTORIES).glob("*.json")} == set(STORIES)


def test_the_stories_show_what_their_names_say() -> None:
    told = {name: json.loads((HISTORIES / f"{name}.json").read_text("utf-8")) for name in STORIES}
    ends = {name: runs[0]["output"] for name, runs in told.items()}
    assert len(told["tree"]) > 3
    assert ends["cancelled"]["error"]["kind"] == "Cancelled"
    assert ends["too_late"]["error"]["kind"] == "DeadlineExceeded"
    assert ends["holes"]["failed_chunks"] > 0
    assert {ends[name]["outcome"] for name in ("plain", "tree", "retries", "parts", "deadlines", "several")} == {
        "completed"
    }
