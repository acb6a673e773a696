"""Whatever happens to a run, the promises P1 to P8 hold (DESIGN: promises, each with its test).

Each seed is one world. A seed that fails names itself; `FANFOLD_SEED=123 pytest tests/simulation` runs that one alone.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fanfold import limits
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.in_process import run_in_process
from fanfold.pipeline.messages import Completion, RunRequest, from_wire
from fanfold.storage.memory import MemoryPorts
from local_host.durable import events
from tests.simulation.chaos import Chaos, Odds
from tests.simulation.faults import FaultyPorts, Misfortune

SEEDS = [int(os.environ["FANFOLD_SEED"])] if "FANFOLD_SEED" in os.environ else list(range(50))
LONG_SEEDS = range(1000)
ANNOUNCING_S = 6 * 3600
"""After its deadline a run still tells of its end, through an outage of hours."""

# The SDK warns of completions that come when nobody waits for them, and of its own codec.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Potential duplicate Task completion"),
    pytest.mark.filterwarnings("ignore:azure.functions df_loads"),
]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the dice of a seed have decided before the run begins."""

    data: bytes
    options: dict[str, Any]
    odds: Odds
    fault: float
    death: float
    twist: str

    @classmethod
    def of(cls, dice: random.Random) -> Scenario:
        data = table(dice, dice.randint(1, 60))
        options: dict[str, Any] = {"chunk_bytes": max(len(data) // dice.randint(1, 24), 8)}
        options["max_concurrency"] = dice.choice([1, 2, 3, 5, 256])
        options["chunk_deadline_s"] = dice.choice([8, 60])
        options["deadline_s"] = dice.choice([40, 3600, 86400])
        options["tolerated_failures"] = dice.choice([0, 0, 1, "20%", "100%"])
        options["on_failure"] = dice.choice(["fail_fast", "collect_all"])
        options["emit"] = dice.choice([None, None, "csv"])
        quiet = dice.random() < 0.2
        odds = Odds(
            lost_acknowledgement=0 if quiet else dice.choice([0, 0.05, 0.3]),
            silence=0 if quiet else dice.choice([0, 0.02, 0.1]),
            longest_s=dice.choice([0.1, 5, 12]),
            commits_between_crashes=None if quiet else dice.choice([None, 10, 60]),
        )
        fault, death = (0.0, 0.0) if quiet else (dice.choice([0, 0.02, 0.2]), dice.choice([0, 0.02, 0.1]))
        twist = dice.choice(["none", "none", "none", "overwritten", "deleted", "cancelled"])
        return cls(data, options, odds, fault, death, twist)


def table(dice: random.Random, records: int) -> bytes:
    """A small CSV of every kind of trouble: quoted newlines, rejects, long records."""
    lines = ["id,text,value"]
    for number in range(records):
        text = dice.choice(["plain", '"two\nlines"', '"say ""hi"", twice"', '"' + "long\n" * dice.randint(1, 20) + '"'])
        lines.append(dice.choice([f"{number},{text},{number / 4}"] * 9 + [f"{number},short"]))
    return ("\n".join(lines) + dice.choice(["", "\n"])).encode()


@pytest.fixture(autouse=True)
def _small_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAN_OUT_MAX", 4)
    monkeypatch.setattr(limits, "WAVE_CHUNKS", 2)
    monkeypatch.setattr(limits, "CHUNK_DEADLINE_S", 60)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_world_keeps_its_promises(seed: int, tmp_path: Path) -> None:
    live(seed, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_thousand_worlds_keep_their_promises(tmp_path: Path) -> None:
    broken: dict[int, str] = {}
    for seed in LONG_SEEDS:
        try:
            live(seed, tmp_path / str(seed))
        except Exception as error:  # noqa: BLE001 - all seeds are wanted, not the first
            broken[seed] = f"{type(error).__name__}: {error}"
    assert broken == {}


def live(seed: int, path: Path) -> None:
    """One world from its seed to its end, and once more when the run can be taken up again."""
    path.mkdir(exist_ok=True, parents=True)
    dice = random.Random(seed)
    scenario = Scenario.of(dice)
    real = MemoryPorts()
    ports = FaultyPorts(real, Misfortune(dice, scenario.fault, scenario.death))
    dataset = real.drop("t.csv", scenario.data)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=scenario.options)
    world = Chaos.make(path / "engine.db", ports, dice, scenario.odds)
    world.chunk_deadline_s = scenario.options["chunk_deadline_s"]
    _twist(scenario, world, real, request)
    began = world.now
    world.drive(request)
    completion = _check(world, scenario, request)
    assert world.now - began <= scenario.options["deadline_s"] + ANNOUNCING_S, "P8: the run outlived its deadline"
    if scenario.twist == "none" and (completion.outcome == "failed" or completion.failed_chunks):
        _redrive(world, scenario, request)
    world.store.close()


def _twist(scenario: Scenario, world: Chaos, real: MemoryPorts, request: RunRequest) -> None:
    after = world.dice.randint(0, 12)

    def begun() -> bool:
        return len(real.work.writes) >= after

    deeds = {
        "overwritten": lambda: real.drop("t.csv", b"a,b\n1,2\n"),
        "deleted": real.blobs.clear,
        "cancelled": lambda: world.raise_event("cancel", "enough", request.run_id),
    }
    if scenario.twist in deeds:
        world.when.append((begun, deeds[scenario.twist]))


def _check(world: Chaos, scenario: Scenario, request: RunRequest) -> Completion:
    """P1 to P7 of one run that has come to rest."""
    assert world.ports is not None
    real = world.ports.real
    state = world.state(request.run_id)
    assert state.orchestrationStatus == events.COMPLETED, f"P1: {state}"
    completion = from_wire(json.loads(state.output.value), Completion)
    told = [json.loads(message) for message in real.outbox.messages]
    assert told, "P3: nobody was told"
    assert all(event == told[-1] for event in told), "P1: subscribers hear of one outcome"
    assert told[-1]["id"] == request.run_id
    assert told[-1]["type"] == f"fanfold.run.{completion.outcome}"
    assert world.ports.broken == [], "P2, P4"
    assert world.at_work_most <= scenario.options["max_concurrency"], "the window"
    report = real.reports.files.get(f"t.csv/{request.run_id}/report.json")
    if completion.outcome == "completed":
        assert report is not None, "P3: no report is readable"
        manifest = real.reports.files.get(f"t.csv/{request.run_id}/data/manifest.json")
        assert (manifest is None) == (scenario.options["emit"] is None)
        _check_report(json.loads(report), completion, scenario, manifest)
    kinds = {"overwritten": "DatasetSuperseded", "deleted": "DatasetMissing", "cancelled": "Cancelled"}
    ours = {"PipelineFault", "StepOverdue", "DeadlineExceeded", "WorkMissing"} | {kinds.get(scenario.twist, "")}
    if completion.error is not None:
        assert completion.error.kind in ours, completion.error
        assert (completion.outcome == "superseded") == (completion.error.kind == "DatasetSuperseded")
    return completion


def _check_report(document: dict[str, Any], completion: Completion, scenario: Scenario, manifest: bytes | None) -> None:
    if manifest is not None:
        assert json.loads(manifest)["total"]["records"] == completion.records, "P7: the parts"
    truth = oracle(scenario)
    rows = document["dataset"]["records"] + document["dataset"]["rejected"]
    all_rows = truth["dataset"]["records"] + truth["dataset"]["rejected"]
    assert document["run"]["failed_chunks"]["count"] == completion.failed_chunks
    if completion.failed_chunks == 0:
        assert document["run"]["unread"]["bytes"] == 0
        for key in truth:
            assert key == "run" or document[key] == truth[key], f"P6: {key}"
        assert rows == all_rows, "P7"
    else:
        assert rows <= all_rows
        assert document["run"]["unread"]["bytes"] > 0 or rows == all_rows, "P7"


def oracle(scenario: Scenario) -> dict[str, Any]:
    ports = MemoryPorts()
    dataset = ports.drop("t.csv", scenario.data)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options={})

    def alone(tasks: Any) -> Any:
        return [process_chunk(task, ports) for task in tasks]

    run_in_process(request, ports, lambda: datetime(2026, 1, 1, tzinfo=UTC), alone)
    document: dict[str, Any] = json.loads(ports.reports.files[f"t.csv/{request.run_id}/report.json"])
    return document


def _redrive(world: Chaos, scenario: Scenario, request: RunRequest) -> None:
    """The same run again, in a calm world: it completes, and computes only what is not stored."""
    assert world.ports is not None
    world.ports.misfortune.fault = world.ports.misfortune.death = 0.0
    world.odds = Odds()
    world.commits_left = None
    world.pending.clear()
    world.issued.clear()
    world.chunk_deadline_s = 60
    world.ports.real.outbox.messages.clear()
    stored = set(world.ports.real.work.stored)
    calm = RunRequest(
        run_id=request.run_id,
        dataset=request.dataset,
        options={**request.options, "deadline_s": 86400, "chunk_deadline_s": 60},
    )
    world.drive(calm)
    completion = _check(world, scenario, request)
    assert (completion.outcome, completion.failed_chunks) == ("completed", 0)
    again = [name for name in world.ports.real.work.writes if "/chunk/" in name]
    assert len(again) == len(set(again)), f"P4: {stored}"
