"""Long profile: orchestrations of every shape, while hosts and workers are killed at random. All must end right."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from running_host import Azurite, RunningHost, await_ready, launch, wait_for

APP = Path(__file__).parent / "soak_app"
SOAK_S = float(os.environ.get("SOAK_S", "600"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
REST_S = 300.0
"""What everything that was started may take to end, once nobody is killed any more."""
PAUSE_MAX_S = 4.0
PROGRESS_S = 60.0
ALIVE_MAX = 60
"""Orchestrations at once: more of them would only wait."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(int(SOAK_S + 2 * REST_S))]


@dataclass
class Soak:
    state: Path
    settings: dict[str, str]
    random: random.Random
    host: RunningHost
    expected: dict[str, Any] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    events: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def start_one(self) -> None:
        name, given, output = self.random.choice(SHAPES)(self.random)
        instance = f"soak-{len(self.expected)}"
        if self.ask(lambda: self.host.start(name, given, instance)):
            self.expected[instance] = output
            self.open.add(instance)
            if name == "signalled":
                self.ask(lambda: self.raise_event(instance))

    def raise_event(self, instance: str) -> bool:
        path = f"/runtime/webhooks/durabletask/instances/{instance}/raiseEvent/Go"
        return self.host.request("POST", path, 7).status in (202, 410)

    def ask(self, request: Callable[[], object]) -> bool:
        """What a dead host cannot answer is asked again of the next one; a start that was accepted is refused then."""
        for _ in range(50):
            try:
                return bool(request())
            except (OSError, AssertionError) as error:
                if "already exists" in str(error):
                    return True
                time.sleep(0.1)
        raise AssertionError("the host does not answer")

    def figures(self) -> dict[str, int]:
        return {"orchestrations": len(self.expected), "open": len(self.open), **self.events}

    def tell(self) -> None:
        """Once a minute, with -s: ten minutes without a word look like a hang."""
        if time.monotonic() - self.told >= PROGRESS_S:
            self.told = time.monotonic()
            print(f"\nsoak: {self.told - self.began:.0f} s of {SOAK_S:.0f}:", self.figures(), end="", flush=True)  # noqa: T201

    def kill_worker(self) -> None:
        pids = workers_of(self.host.process.pid)
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.random.choice(pids), signal.SIGKILL)
            self.events["workers killed"] += 1

    def kill_host(self) -> None:
        self.host.stop(signal.SIGKILL)
        self.events["hosts killed"] += 1
        self.host = start_host(self.state, self.settings)

    def check(self) -> None:
        """Look at some of those that have not ended, and make sure that those that have ended did so rightly."""
        for instance in self.random.sample(sorted(self.open), min(20, len(self.open))):
            found: dict[str, Any] = {}
            self.ask(lambda instance=instance, found=found: found.update(self.host.status(instance)) or True)
            if found["runtimeStatus"] not in ("Pending", "Running"):
                assert (found["runtimeStatus"], found["output"]) == ("Completed", self.expected[instance]), found
                self.open.discard(instance)


def workers_of(pid: int) -> list[int]:
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            if b"local_host.processes.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return found


def start_host(state: Path, settings: dict[str, str]) -> RunningHost:
    return await_ready(launch(APP, state, "--private", "--exit-with-parent", **settings), state)


Shape = Callable[[random.Random], tuple[str, Any, Any]]
SHAPES: list[Shape] = [
    lambda random: ("chained", (n := random.randint(1, 40)), n),
    lambda random: ("fanned_out", (n := random.randint(1, 80)), sum(x * x for x in range(n))),
    lambda random: ("branched", (n := random.randint(0, 3)), 3**n),
    lambda random: ("slept", random.choice([0.1, 1, 3]), "awake"),
    lambda random: ("began_anew", random.randint(0, 20), "end"),
    lambda _: ("signalled", None, 7),
    lambda random: ("recovered", (n := random.randint(1, 9)), n),
    lambda random: ("counted", (n := random.randint(1, 9)), n),
]


@pytest.fixture
def soak(azurite: Azurite, tmp_path: Path) -> Iterator[Soak]:
    settings = {"AzureWebJobsStorage": azurite.connection_string}
    made = Soak(tmp_path, settings, random.Random(SEED), start_host(tmp_path, settings))
    yield made
    made.host.stop()


def test_every_orchestration_ends_right_whoever_is_killed(soak: Soak, record_property: Any) -> None:
    until = time.monotonic() + SOAK_S
    while time.monotonic() < until:
        pause_until = time.monotonic() + soak.random.uniform(0, PAUSE_MAX_S)
        while time.monotonic() < pause_until:
            if len(soak.open) < ALIVE_MAX:
                soak.start_one()
            else:
                soak.check()
        soak.random.choice([soak.kill_worker, soak.kill_worker, soak.kill_host])()
        soak.check()
        soak.tell()
    began = time.monotonic()
    wait_for(lambda: soak.check() or not soak.open, "all orchestrations to end", REST_S)
    figures = {**soak.figures(), "rest_s": round(time.monotonic() - began, 1)}
    for name, figure in figures.items():
        record_property(name, figure)
    print("\nsoak:", figures)  # noqa: T201 - with -s
    assert soak.expected
