"""What travels between the steps: references, byte ranges and counts, never data."""

from typing import Any, TypeVar

import msgspec

from fanfold import limits
from fanfold.errors import PipelineFault, RequestRefused


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Root of everything that travels; immutable, and strict about what it is read from."""


class DatasetVersion(Message, frozen=True):
    """One version of one blob."""

    account: str
    container: str
    blob: str
    etag: str
    size: int


class Member(Message, frozen=True):
    """One version of one blob among those that a run of several reads; it is in the container of them all."""

    blob: str
    etag: str
    size: int


class RunRequest(Message, frozen=True, omit_defaults=True):
    """The input of a run. The options are still as the caller wrote them: the first step reads them.

    Without members it travels as it did before there were any: runs that were started then go on.
    """

    run_id: str
    dataset: DatasetVersion
    """With members, what stands for them all: a name, their sizes added up, and as ETag a hash of theirs."""
    options: dict[str, Any] | str
    members: tuple[Member, ...] = ()
    """The datasets of a run of several, in the order of their report (fanfold.pipeline.several)."""


class Terms(Message, frozen=True):
    """The terms a run is carried out on: none of them changes what its report says outside `run`."""

    max_concurrency: int = limits.CONCURRENCY_DEFAULT
    """Chunks at work at a time, in the whole tree of spans."""
    tolerated: int = 0
    """Chunks that may fail for good."""
    fail_fast: bool = True
    """Whether to end as soon as more have failed, or only when every chunk has been tried."""
    chunk_deadline_s: int = limits.CHUNK_DEADLINE_S
    deadline_s: int = limits.RUN_DEADLINE_S


class Plan(Message, frozen=True):
    """How a dataset is processed: everything a chunk needs to know besides its own range."""

    run_id: str
    dataset: DatasetVersion
    chunk_bytes: int
    data_start: int
    work: str
    """Prefix of everything this plan stores; differs for what decides the content of the partials."""
    null_values: tuple[str, ...] | None = None
    """As asked for: the texts that are null in every column."""
    terms: Terms = Terms()
    emit: str | None = None
    """The format in which the accepted records are written, None when they are not (fanfold.pipeline.emitting)."""
    processors: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    """What is made besides the profile: the options of each processor by its name."""
    has_rules: bool = False
    """Whether the records are checked against a schema; its rules are stored with the layout."""
    schema_tolerance: int | str = 0
    baseline: str | None = None
    """The run to compare with."""

    @property
    def chunks(self) -> int:
        """Number of chunks; the last one may be short."""
        return -(-self.dataset.size // self.chunk_bytes)

    def offset(self, chunk: int) -> int:
        """Where a chunk starts, and the one before it stops."""
        return min(chunk * self.chunk_bytes, self.dataset.size)


class SpanTask(Message, frozen=True):
    """Process the chunks [first, stop) of a plan. With an entry, that is where the first record is known to start."""

    plan: Plan
    first: int
    stop: int
    entry: int | None = None
    width: int = 1
    """Chunks that this span may have at work at a time: its share of the run's."""
    started_at: str | None = None
    """When the run started, ISO 8601: its deadline counts from there. None where there is no deadline."""
    counted: bool = False
    """Whether the chunks of this span have been counted as progress: they are processed again."""


class Failure(Message, frozen=True):
    """Why a run ended without a report, or a chunk is not in it."""

    kind: str
    message: str


class FailedChunk(Message, frozen=True):
    """A chunk that failed for good; its range is half-open."""

    start: int
    stop: int
    error: Failure


class Link(Message, frozen=True):
    """What processing a span found, as a link of the chain that the proof walks (fanfold.pipeline.proof).

    Entry is None when no record was believed to start in the span; exit is None then, and when what is inside the span
    does not join. A hole is what chunks that failed leave: with it before the entry or after the exit, what joins on
    there is not known.
    """

    first: int
    stop: int
    start_byte: int
    stop_byte: int
    entry: int | None = None
    exit: int | None = None
    partial: str | None = None
    records: int = 0
    rejected: int = 0
    batches: int = 0
    unproven: int = 0
    """Batches that needed the exact reader because the fast one could not be proved right."""
    reprocessed: int = 0
    """Chunks processed again because they had guessed their first record wrong."""
    retries: int = 0
    hole_before: bool = False
    hole_after: bool = False
    failed: int = 0
    failed_chunks: tuple[FailedChunk, ...] = ()
    """The first of them, in file order."""
    unread: int = 0
    """Bytes in holes between the entry and the exit: nobody knows which records start there."""
    unread_ranges: tuple[tuple[int, int], ...] = ()
    """The first of them, in file order."""
    owned_bytes: int = 0
    """Bytes of the records and rejects that start in the span, counted while they were read."""


class FoldTask(Message, frozen=True):
    """Fold the partials of neighbouring links, in file order, into one. But for the gaps they join on to each other."""

    plan: Plan
    links: tuple[Link, ...]
    gaps: tuple[tuple[int, int], ...] = ()


class SchemaTask(Message, frozen=True):
    """Decide the schema of the emitted parts from the partial of the whole dataset."""

    plan: Plan
    partial: str | None


class SchemaRef(Message, frozen=True):
    """Where the schema is stored; the name holds the hash of what it names."""

    name: str


class EmitTask(SpanTask, frozen=True, kw_only=True):
    """Write the parts of the chunks [first, stop), whose boundaries are proven and stored below the whole's partial."""

    partial: str | None
    schema: str


class Parts(Message, frozen=True):
    """What was written of a span: totals, and the name of the list of its parts, None when it has none."""

    listed: str | None = None
    parts: int = 0
    records: int = 0
    bytes: int = 0
    retries: int = 0


class ListTask(Message, frozen=True):
    """Join the lists of neighbouring spans, in file order, into one."""

    task: EmitTask
    children: tuple[Parts, ...]


class Emitted(Message, frozen=True):
    """All parts of a run, and their schema."""

    schema: str
    parts: Parts


class PublishTask(Message, frozen=True):
    """Write the report of a run."""

    plan: Plan
    options: dict[str, Any] | str
    result: Link
    started_at: str
    completed_at: str
    emitted: Emitted | None = None


class ReportLinks(Message, frozen=True):
    """URLs of the published report."""

    json: str
    html: str
    rejects: str | None = None
    verdict: str | None = None
    """Of the schema; it is in the report."""


class MemberTask(Message, frozen=True):
    """Profile one dataset of a run of several, as that run's part."""

    request: RunRequest
    width: int
    """Chunks that it may have at work at a time."""
    started_at: str
    """When the whole run started."""


class KeepTask(Message, frozen=True):
    """Keep the profile of one dataset of a run of several."""

    plan: Plan
    result: Link


class Kept(Message, frozen=True):
    """What was found in one dataset of a run of several, or in all of them."""

    chunks: int = 0
    chunk_bytes: int = 0
    """The largest."""
    records: int = 0
    rejected: int = 0
    batches: int = 0
    unproven: int = 0
    reprocessed: int = 0
    retries: int = 0
    owned_bytes: int = 0


class CombineTask(Message, frozen=True):
    """Write the one report of a run of several datasets."""

    request: RunRequest
    total: Kept
    started_at: str
    completed_at: str


class CleanTask(Message, frozen=True):
    """Remove what a run has stored while it went on."""

    run_id: str


class Cleaned(Message, frozen=True):
    """Whether all of it is gone now."""

    everything: bool


class Completion(Message, frozen=True):
    """The end of a run, as its message tells it."""

    run_id: str
    dataset: DatasetVersion
    outcome: str
    """completed, failed or superseded"""
    completed_at: str
    duration_s: float
    records: int = 0
    rejected: int = 0
    chunks: int = 0
    failed_chunks: int = 0
    verdict: str | None = None
    """pass, warn or fail, where the run was given a schema."""
    report: ReportLinks | None = None
    error: Failure | None = None


class Refusal(Message, frozen=True):
    """A request that came to nothing, to be told to those who wait for its end."""

    run_id: str
    dataset: DatasetVersion
    """As far as it is known: without a blob there is no ETag, and of an unreadable request no blob."""
    error: Failure


M = TypeVar("M")


def to_wire(message: Message) -> dict[str, Any]:
    """The message as JSON types, for a binding or an activity; PipelineFault when it is too long to travel."""
    size = len(msgspec.json.encode(message))
    if size > limits.MESSAGE_BYTES_MAX:
        raise PipelineFault(f"{type(message).__name__} of {size} bytes: expected at most {limits.MESSAGE_BYTES_MAX}")
    wire: dict[str, Any] = msgspec.to_builtins(message)
    return wire


def from_wire(wire: object, kind: type[M], what: str | None = None) -> M:
    """The message from JSON types; RequestRefused names the field that is not of the stated form.

    `what` is the word of whoever has written it: without one, it is a message of ours.
    """
    try:
        return msgspec.convert(wire, kind)
    except msgspec.ValidationError as error:
        raise RequestRefused(f"{kind.__name__}: {error}" if what is None else _complaint(str(error), what)) from error


def _complaint(said: str, what: str) -> str:
    """What msgspec says, in the words of those who ask: `options.chunk_bytes: expected ...`."""
    found, _, path = said.partition(" - at `$")
    found = found.removeprefix("Object contains ").removeprefix("Object ")
    found = found.replace(", got ", ", found ").replace("`", "")
    return f"{what}{path.removesuffix('`')}: {found[:1].lower()}{found[1:]}"
