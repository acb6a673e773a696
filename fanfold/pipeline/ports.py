"""What the steps need of the outside world. The adapters are in fanfold.storage."""

from collections.abc import Iterable
from datetime import datetime
from typing import IO, Protocol

from fanfold.pipeline.messages import DatasetVersion


class Dataset(Protocol):
    """One version of one blob, readable by range.

    Every method raises DatasetSuperseded when the blob holds another version, DatasetMissing when it is gone and
    PipelineFault when the read may work next time.
    """

    def read(self, start: int, stop: int) -> bytes:
        """Exactly the bytes in [start, stop)."""


class WorkStore(Protocol):
    """Partials and layouts, by name. Writing a name again writes the same bytes (idea 5: claim check)."""

    def put(self, name: str, data: bytes, summary: str = "") -> None:
        """Store the bytes and, atomically with them, a short ASCII summary."""

    def get(self, name: str) -> bytes:
        """The bytes; WorkMissing when nothing is stored under the name."""

    def summary(self, name: str) -> str | None:
        """The summary stored with the name, None when nothing is."""

    def runs(self) -> Iterable[str]:
        """The runs that something is stored for: names begin with the run's id and a slash."""

    def written_at(self, run_id: str) -> datetime | None:
        """When something was last stored for a run, None when nothing is."""

    def remove(self, run_id: str, at_most: int) -> bool:
        """Remove what is stored for a run, but not more names than that; says whether nothing is left."""


class ReportStore(Protocol):
    """Where readers find the report."""

    def put(self, name: str, data: bytes | IO[bytes], content_type: str) -> str:
        """Store bytes, or a file's from where it stands, replacing what is there, and give their URL."""

    def names(self, prefix: str) -> Iterable[str]:
        """The names stored that begin so; the prefix ends in a slash."""

    def delete(self, name: str) -> None:
        """Remove what is stored, if anything is."""

    def get(self, name: str) -> bytes | None:
        """The bytes, None where there are none."""


class Outbox(Protocol):
    """Where subscribers hear of the end of a run."""

    def send(self, message: bytes) -> None:
        """Deliver at least once."""


class Ports(Protocol):
    """The outside world of one process."""

    @property
    def work(self) -> WorkStore:
        """Partials and layouts."""

    @property
    def reports(self) -> ReportStore:
        """Finished reports."""

    @property
    def outbox(self) -> Outbox:
        """Completion messages."""

    def document(self, container: str, name: str) -> bytes | None:
        """A small document that a request refers to, None where there is none; RequestRefused when it is not small."""

    def open(self, dataset: DatasetVersion) -> Dataset:
        """The dataset for reading; touches nothing yet."""
