"""Step 4, emit: write the accepted records, where the request asks for them.

A second fan-out, after the fold: only then are all boundaries proven and the types known (ideas 3 and 8). A chunk is
read again from its proven entry, and writes one part (fanfold.pipeline.formats). Written again, a part is the same
bytes. The lists of the parts are joined span by span, as the partials are folded.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import msgspec
import polars as pl

from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.pipeline.chain import ProvenChunk, find_chunk
from fanfold.pipeline.formats import FOLDER, FORMATS, MANIFEST, Field, part_name
from fanfold.pipeline.messages import EmitTask, Link, ListTask, Message, Parts, Plan, SchemaRef, SchemaTask
from fanfold.pipeline.partial import unpack
from fanfold.pipeline.ports import Ports
from fanfold.pipeline.recent import Recent
from fanfold.pipeline.work import check_run, load_layout
from fanfold.profile.codec import decode
from fanfold.profile.nulls import nulls_of
from fanfold.profile.typed import STRING, Typing, decide_types
from fanfold.records.batch import Batch
from fanfold.records.reader import RecordReader


class Part(Message, frozen=True):
    """One written part, as the manifest lists it."""

    name: str
    records: int
    bytes: int
    sha256: str
    first_row: int
    """Its first row's number among all rows of all parts, counting from 1."""
    first_record: int
    """The number of the first record that its chunk owns, as rejects.csv counts them: rejects included."""


def run_folder(plan: Plan) -> str:
    """Where the files of a run are, in the container for reports."""
    return f"{plan.dataset.blob}/{plan.run_id}"


def decide_schema(task: SchemaTask, ports: Ports) -> SchemaRef:
    """Decide the one schema of all parts from the merged evidence, and store it.

    The manifest of an earlier run goes first: where one is, its parts are whole.
    """
    plan = task.plan
    ports.reports.delete(f"{run_folder(plan)}/{MANIFEST}")
    labels = load_layout(plan, ports).columns
    types = (Typing(STRING),) * len(labels)
    if task.partial is not None:
        types = decide_types(decode(unpack(ports.work.get(task.partial)).profile), nulls_of(plan.null_values))
    schema = json.dumps([asdict(Field(*field)) for field in zip(labels, types, strict=True)]).encode()
    name = f"{plan.work}/schema/{hashlib.sha256(schema).hexdigest()[:16]}"
    ports.work.put(name, schema)
    return SchemaRef(name=name)


def emit_part(task: EmitTask, ports: Ports) -> Parts:
    """Write the part of one chunk; none where no record was accepted.

    The first chunk always writes one, so that a table without rows has its columns.
    """
    check_run(task, ports)
    found = find_chunk(ports.work, task.plan, task.partial, task.first)
    if task.first > 0 and (found is None or not found.link.records):
        return Parts()
    part = _write(task, found, ports)
    return _listed(task, [part], 0, ports)


def _write(task: EmitTask, found: ProvenChunk | None, ports: Ports) -> Part:
    plan, fields = task.plan, load_schema(task.schema, ports)
    extension = plan.emit or ""
    name = part_name(task.first, extension)
    with SpooledTemporaryFile(max_size=limits.PART_MEMORY_BYTES) as file:
        counted = _Counted(_frames(plan, found.link, ports) if found is not None else ())
        FORMATS[extension].write(file, fields, counted)
        expected = 0 if found is None else found.link.records
        if counted.records != expected:
            raise PipelineFault(f"{name}: wrote {counted.records} records, expected the {expected} that were profiled")
        size = file.tell()
        digest = _digest(file)
        file.seek(0)
        ports.reports.put(f"{run_folder(plan)}/{FOLDER}/{name}", file, FORMATS[extension].content_type)
    before = (0, 0) if found is None else (found.records_before, found.rejected_before)
    return Part(
        name=name,
        records=counted.records,
        bytes=size,
        sha256=digest,
        first_row=before[0] + 1,
        first_record=sum(before) + 1,
    )


class _Counted:
    """Frames, counted as they pass."""

    def __init__(self, frames: Iterable[pl.DataFrame]) -> None:
        self._frames = frames
        self.records = 0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for frame in self._frames:
            self.records += frame.height
            yield frame


def _frames(plan: Plan, link: Link, ports: Ports) -> Iterator[pl.DataFrame]:
    """The accepted records of a chunk, some row group's worth at a time."""
    if link.entry is None:
        return
    reader = RecordReader(load_layout(plan, ports), ports.open(plan.dataset).read)
    waiting: list[pl.DataFrame] = []
    size = 0
    for batch in reader.batches(link.entry, link.stop_byte):
        waiting += _rows(batch)
        size += batch.stop - batch.start
        if waiting and size >= limits.ROW_GROUP_BYTES:
            yield pl.concat(waiting)
            waiting, size = [], 0
    if waiting:
        yield pl.concat(waiting)


def _rows(batch: Batch) -> list[pl.DataFrame]:
    return [batch.frame] if batch.frame.height else []


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(limits.MIB):
        digest.update(block)
    return digest.hexdigest()


def list_parts(task: ListTask, ports: Ports) -> Parts:
    """Join the lists of neighbouring spans into one."""
    parts = [part for child in task.children for part in load_parts(child, ports)]
    return _listed(task.task, parts, sum(child.retries for child in task.children), ports)


def _listed(task: EmitTask, parts: list[Part], retries: int, ports: Ports) -> Parts:
    """Store a list of parts under the name of its span; the lists of single chunks are what progress counts."""
    if not parts:
        return Parts(retries=retries)
    kind = "part" if task.stop - task.first == 1 else "parts"
    # What was profiled is part of the name: rows are numbered otherwise where a failed chunk is missing before them.
    profiled = hashlib.sha256((task.partial or "").encode("utf-8", "surrogatepass")).hexdigest()[:8]
    name = f"{task.schema}/{task.plan.emit}-{task.plan.chunk_bytes}-{profiled}/{kind}/{task.first}-{task.stop}"
    ports.work.put(name, msgspec.json.encode(parts))
    return Parts(
        listed=name,
        parts=len(parts),
        records=sum(part.records for part in parts),
        bytes=sum(part.bytes for part in parts),
        retries=retries,
    )


def load_parts(parts: Parts, ports: Ports) -> list[Part]:
    """The parts of a list; PipelineFault when what is stored is no list."""
    if parts.listed is None:
        return []
    try:
        return msgspec.json.decode(ports.work.get(parts.listed), type=list[Part])
    except msgspec.MsgspecError as error:
        raise PipelineFault(f"the stored list {parts.listed} cannot be read: {error}") from error


_recent: Recent[tuple[Field, ...]] = Recent()


def load_schema(name: str, ports: Ports) -> tuple[Field, ...]:
    """The schema of that name."""
    return _recent.get(name, lambda stored: tuple(_field(each) for each in json.loads(ports.work.get(stored))))


def _field(stored: dict[str, Any]) -> Field:
    typing = stored["typing"]
    return Field(stored["name"], Typing(**{**typing, "null_values": tuple(typing["null_values"])}))
