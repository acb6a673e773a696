"""Record the histories that test_histories replays: `python -m tests.simulation.record_histories`.

Recorded anew after a deliberate change of what the orchestrations do. A history that today's code does not repeat is a
run that an upgrade would break while it is going on: say so in the changelog.
"""

from __future__ import annotations

import json
import logging
import random
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fanfold import limits
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.messages import Member, RunRequest
from fanfold.pipeline.several import request_several
from fanfold.storage.memory import MemoryPorts
from local_host.durable.history import translate
from tests.simulation.chaos import Chaos, Odds
from tests.simulation.faults import FaultyPorts, Misfortune

HISTORIES = Path(__file__).parent / "histories"
FAN_OUT, WAVE = 4, 2
"""Children of one orchestration in these worlds, and chunks of a wave, so that small datasets have trees."""


@dataclass(frozen=True, slots=True)
class Story:
    """One run, and what befalls it."""

    chunks: int
    options: dict[str, Any] = field(default_factory=dict)
    odds: Odds = field(default_factory=Odds)
    fault: float = 0.0
    cancel: bool = False
    datasets: int = 1
    lost: frozenset[int] = frozenset()


STORIES = {
    "plain": Story(3),
    "tree": Story(23, {"max_concurrency": 5}),
    "retries": Story(4, fault=0.05),
    "parts": Story(6, {"emit": "csv"}),
    "deadlines": Story(4, {"chunk_deadline_s": 3}, Odds(silence=0.4)),
    "holes": Story(9, {"tolerated_failures": 3}, lost=frozenset({0, 5, 6})),
    "too_late": Story(6, {"deadline_s": 6, "max_concurrency": 1}),
    "several": Story(5, datasets=2),
    "cancelled": Story(6, {"max_concurrency": 1}, cancel=True),
}


def tell(story: Story, folder: Path) -> Chaos:
    """The world of a story when its run has ended."""
    limits.FAN_OUT_MAX, limits.WAVE_CHUNKS = FAN_OUT, WAVE
    data = ("id,name\n" + "".join(f"{number},name {number}\n" for number in range(40))).encode()
    real = MemoryPorts()
    dataset = real.drop("story.csv", data)
    options = {"chunk_bytes": -(-len(data) // story.chunks), **story.options}
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)
    if story.datasets > 1:
        members = [Member(blob=dataset.blob, etag=dataset.etag, size=dataset.size)] * story.datasets
        request = request_several(dataset.account, dataset.container, "stories", members, options)
    dice = random.Random(7)
    world = Chaos.make(folder / "engine.db", FaultyPorts(real, Misfortune(dice, story.fault)), dice, story.odds)
    world.lost = story.lost
    if story.cancel:
        begun = lambda: len(real.work.writes) > 2  # noqa: E731 - told once
        world.when.append((begun, lambda: world.raise_event("cancel", "enough", request.run_id)))
    world.drive(request)
    return world


def histories(world: Chaos) -> list[dict[str, Any]]:
    """Every orchestration of a world as the SDK replays it, without the event that ended it."""
    rows = world.store._db.execute("SELECT key, id, name, input, output FROM instances ORDER BY key").fetchall()
    return [
        {
            "orchestrator": name,
            "instance_id": identity,
            "input": json.loads(given),
            "output": json.loads(output),
            "history": [
                translate(event)
                for event in world.store.history(key)
                if event.WhichOneof("eventType") != "executionCompleted"
            ],
        }
        for key, identity, name, given, output in rows
        if output is not None
    ]


def main() -> None:
    """Write one file a story."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    HISTORIES.mkdir(exist_ok=True)
    for name, story in STORIES.items():
        with tempfile.TemporaryDirectory() as folder:
            world = tell(story, Path(folder))
            text = json.dumps(histories(world), indent=1, ensure_ascii=True)
            world.store.close()
        (HISTORIES / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
