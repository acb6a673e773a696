"""The pipeline's ports in memory: for tests, held to the same contract as the real ones."""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO

from fanfold.errors import DatasetMissing, DatasetSuperseded, PipelineFault, WorkMissing
from fanfold.pipeline.messages import DatasetVersion
from fanfold.pipeline.ports import Dataset
from fanfold.storage.documents import check_size


@dataclass(slots=True)
class MemoryDataset:
    """Ranges of one version of a blob."""

    ports: "MemoryPorts"
    dataset: DatasetVersion
    reads: list[tuple[int, int]] = field(default_factory=list)

    def read(self, start: int, stop: int) -> bytes:
        """Exactly the bytes in [start, stop)."""
        key = (self.dataset.container, self.dataset.blob)
        if key not in self.ports.blobs:
            raise DatasetMissing(f"{key[0]}/{key[1]} is gone: it was deleted after its run began")
        etag, data = self.ports.blobs[key]
        if etag != self.dataset.etag:
            raise DatasetSuperseded(f"{key[0]}/{key[1]} was overwritten after its run began")
        self.reads.append((start, stop))
        if stop > len(data):
            raise PipelineFault(f"asked for bytes {start} to {stop}, there are {len(data)}")
        return data[start:stop]


@dataclass(slots=True)
class MemoryWorkStore:
    """Partials by name, with their summaries."""

    stored: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    times: dict[str, datetime] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def put(self, name: str, data: bytes, summary: str = "") -> None:
        """Store the bytes with their summary."""
        self.writes.append(name)
        self.stored[name] = (summary, data)
        self.times[name] = self.clock()

    def get(self, name: str) -> bytes:
        """The bytes."""
        if name not in self.stored:
            raise WorkMissing(f"{name}: expected to be stored, found nothing")
        return self.stored[name][1]

    def summary(self, name: str) -> str | None:
        """The summary, None where nothing is stored."""
        return self.stored[name][0] if name in self.stored else None

    def runs(self) -> Iterable[str]:
        """The runs that something is stored for."""
        return sorted({name.partition("/")[0] for name in self.stored})

    def written_at(self, run_id: str) -> datetime | None:
        """When something was last stored for a run."""
        return max((self.times[name] for name in self._names(run_id)), default=None)

    def remove(self, run_id: str, at_most: int) -> bool:
        """Remove some of what is stored for a run; says whether nothing is left."""
        for name in self._names(run_id)[:at_most]:
            del self.stored[name]
        return not self._names(run_id)

    def _names(self, run_id: str) -> list[str]:
        return [name for name in self.stored if name.startswith(f"{run_id}/")]


@dataclass(slots=True)
class MemoryReportStore:
    """The files of reports by name."""

    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, data: bytes | IO[bytes], content_type: str) -> str:  # noqa: ARG002 - nobody reads it here
        """Store a file of the report and give its URL."""
        self.files[name] = data if isinstance(data, bytes) else data.read()
        return f"memory://{name}"

    def names(self, prefix: str) -> list[str]:
        """The names that begin so."""
        return [name for name in self.files if name.startswith(prefix)]

    def delete(self, name: str) -> None:
        """Remove a file."""
        self.files.pop(name, None)

    def get(self, name: str) -> bytes | None:
        """A file of the report."""
        return self.files.get(name)


@dataclass(slots=True)
class MemoryOutbox:
    """Messages in the order they were sent."""

    messages: list[bytes] = field(default_factory=list)

    def send(self, message: bytes) -> None:
        """Deliver."""
        self.messages.append(message)


@dataclass(slots=True)
class MemoryPorts:
    """Blobs by (container, name), each with its ETag; everything written is there to be looked at."""

    blobs: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    work: MemoryWorkStore = field(default_factory=MemoryWorkStore)
    reports: MemoryReportStore = field(default_factory=MemoryReportStore)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)

    def drop(self, name: str, data: bytes, container: str = "input") -> DatasetVersion:
        """Put a blob there, in the place of any older version."""
        etag = f"0x{zlib.crc32(data):X}"
        self.blobs[container, name] = (etag, data)
        return DatasetVersion(account="memory", container=container, blob=name, etag=etag, size=len(data))

    def document(self, container: str, name: str) -> bytes | None:
        """A blob's content, None where there is none."""
        found = self.blobs.get((container, name))
        return None if found is None else check_size(name, found[1])

    def open(self, dataset: DatasetVersion) -> Dataset:
        """The dataset for reading."""
        return MemoryDataset(self, dataset)
