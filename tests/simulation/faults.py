"""Ports that fail: before or after the effect, or by the death of the worker that uses them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from fanfold.errors import PipelineFault
from fanfold.pipeline.messages import DatasetVersion
from fanfold.pipeline.ports import Dataset
from fanfold.storage.memory import MemoryPorts


class WorkerDied(BaseException):
    """The process is gone in the middle of a step: nothing in it can catch that."""


@dataclass
class Misfortune:
    """What happens at each use of a port, as the dice fall."""

    dice: random.Random
    fault: float = 0.0
    death: float = 0.0

    def strike(self, what: str) -> None:
        roll = self.dice.random()
        if roll < self.fault:
            raise PipelineFault(f"{what}: storage is busy")
        if roll < self.fault + self.death:
            raise WorkerDied


@dataclass
class FaultyPorts:
    """The real steps' world: memory, with misfortune before and after every effect. Notes what breaks a promise."""

    real: MemoryPorts
    misfortune: Misfortune
    broken: list[str] = field(default_factory=list)

    @property
    def work(self) -> FaultyPorts:
        return self

    @property
    def reports(self) -> FaultyReports:
        return FaultyReports(self)

    @property
    def outbox(self) -> FaultyPorts:
        return self

    def document(self, container: str, name: str) -> bytes | None:
        return self.real.document(container, name)

    def open(self, dataset: DatasetVersion) -> Dataset:
        return FaultyDataset(self, self.real.open(dataset))

    def put(self, name: str, data: bytes, summary: str = "") -> None:
        self.misfortune.strike(name)
        stored = self.real.work.stored.get(name)
        if stored is not None and stored != (summary, data):
            self.broken.append(f"P2: {name} was written again with other bytes")
        if stored is not None and "/chunk/" in name:
            self.broken.append(f"P4: {name} was computed again")
        self.real.work.put(name, data, summary)
        self.misfortune.strike(name)

    def get(self, name: str) -> bytes:
        self.misfortune.strike(name)
        return self.real.work.get(name)

    def summary(self, name: str) -> str | None:
        self.misfortune.strike(name)
        return self.real.work.summary(name)

    def runs(self) -> Iterable[str]:
        return self.real.work.runs()

    def written_at(self, run_id: str) -> datetime | None:
        return self.real.work.written_at(run_id)

    def remove(self, run_id: str, at_most: int) -> bool:
        self.misfortune.strike(run_id)
        left = self.real.work.remove(run_id, self.misfortune.dice.randint(1, at_most))
        self.misfortune.strike(run_id)
        return left

    def send(self, message: bytes) -> None:
        self.misfortune.strike("the queue")
        self.real.outbox.send(message)
        self.misfortune.strike("the queue")


@dataclass
class FaultyReports:
    ports: FaultyPorts

    def put(self, name: str, data: bytes | IO[bytes], content_type: str) -> str:
        self.ports.misfortune.strike(name)
        url = self.ports.real.reports.put(name, data, content_type)
        self.ports.misfortune.strike(name)
        return url

    def get(self, name: str) -> bytes | None:
        self.ports.misfortune.strike(name)
        return self.ports.real.reports.get(name)

    def names(self, prefix: str) -> Iterable[str]:
        self.ports.misfortune.strike(prefix)
        return self.ports.real.reports.names(prefix)

    def delete(self, name: str) -> None:
        self.ports.misfortune.strike(name)
        self.ports.real.reports.delete(name)


@dataclass
class FaultyDataset:
    ports: FaultyPorts
    real: Dataset

    def read(self, start: int, stop: int) -> bytes:
        self.ports.misfortune.strike("the dataset")
        return self.real.read(start, stop)
