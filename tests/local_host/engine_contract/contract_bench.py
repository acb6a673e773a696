"""An engine of one kind with a scripted executor, as a test of the contract sees it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from running_host import WAIT_S, wait_for
from scripted_executor import Script, ScriptedExecutor
from served_engine import ServedEngine

from local_host.durable import events
from local_host.durable.embedded import EmbeddedEngine
from local_host.durable.engine import Engine
from local_host.durable.remote import RemoteEngine


class Clock:
    """The real time, and whatever was skipped."""

    def __init__(self) -> None:
        self.skipped_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.skipped_s


@dataclass
class Bench:
    kind: str
    path: Path
    script: Script
    activities: int = 8
    clock: Clock = field(default_factory=Clock)
    served: ServedEngine | None = None

    def open(self) -> None:
        self.executor = ScriptedExecutor(self.script)
        self.engine = self._make()
        self.engine.open(self.executor)

    def _make(self) -> Engine:
        if self.kind == "remote" and self.served:
            return RemoteEngine(self.served.scheduler, activities=self.activities)
        embedded = EmbeddedEngine(self.path / "durable.db", turns=100, clock=self.clock)
        if self.kind == "embedded":
            return embedded
        self.served = ServedEngine(embedded)
        return RemoteEngine(self.served.scheduler, activities=self.activities)

    def lose_worker(self) -> None:
        """Whoever does the work is gone in the midst of it; another one takes its place."""
        self.executor.vanish()
        self.engine.close()
        self.open()

    def close(self) -> None:
        self.executor.vanish()
        self.engine.close()
        if self.served:
            self.served.close()

    # What tests do

    def start(self, name: str, given: Any = None, instance_id: str = "") -> str:
        # As the SDK's client does: JSON in a JSON string.
        text = events.text(None if given is None else json.dumps(json.dumps(given)))
        return self.engine.start_instance(pb.CreateInstanceRequest(instanceId=instance_id, name=name, input=text))

    def state(self, instance_id: str) -> pb.OrchestrationState:
        found = self.engine.get_instance(instance_id)
        assert found is not None
        return found

    def finish(self, instance_id: str, timeout_s: float = WAIT_S) -> pb.OrchestrationState:
        def ended() -> bool:
            return self.state(instance_id).orchestrationStatus in events.TERMINAL

        wait_for(ended, f"the end of {instance_id}", timeout_s)
        return self.state(instance_id)

    def output(self, instance_id: str, timeout_s: float = WAIT_S) -> Any:
        state = self.finish(instance_id, timeout_s)
        assert state.orchestrationStatus == events.COMPLETED, state
        return json.loads(state.output.value)

    def run(self, name: str, given: Any = None) -> Any:
        return self.output(self.start(name, given))

    def raise_event(self, instance_id: str, name: str, data: Any = None) -> None:
        text = events.text(json.dumps(data))
        self.engine.raise_event(pb.RaiseEventRequest(instanceId=instance_id, name=name, input=text))

    def reach(self, instance_id: str, status: pb.OrchestrationStatus) -> None:
        wait_for(lambda: self.state(instance_id).orchestrationStatus == status, events.status_name(status))

    def await_history(self, instance_id: str, kind: str) -> None:
        def there() -> bool:
            return any(event.HasField(kind) for event in self.engine.get_history(instance_id))  # type: ignore[arg-type]

        wait_for(there, f"{kind} in the history of {instance_id}")

    def skip(self, seconds: float) -> None:
        self.clock.skipped_s += seconds


MakeBench = Callable[..., Bench]
