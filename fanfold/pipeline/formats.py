"""The files that hold the accepted records: where they are, and how a table becomes one.

Both formats write what they are given row group by row group, so that a part of any size needs the memory of a few.
The same rows in the same groups are the same bytes, for one version of polars and pyarrow.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO

import polars as pl
import pyarrow as pa

from fanfold.profile.typed import Typing, arrow_type, typed

FOLDER = "data"
MANIFEST = f"{FOLDER}/manifest.json"
LONGEST_NAME = f"{FOLDER}/part-000000.parquet"
"""The longest name of a file in a run's folder."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the parts: its label, and the type that holds every value of it exactly as read."""

    name: str
    typing: Typing


Write = Callable[[IO[bytes], Sequence[Field], Iterable[pl.DataFrame]], None]
"""Writes frames of String columns, named by position, as one file."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of parts."""

    content_type: str
    write: Write
    notes: dict[str, str]
    """What a reader of the manifest must know to read the parts."""


def part_name(chunk: int, extension: str) -> str:
    """The file of a chunk."""
    return f"part-{chunk:06}.{extension}"


def write_csv(file: IO[bytes], fields: Sequence[Field], frames: Iterable[pl.DataFrame]) -> None:
    """The fields exactly as read: nothing is made safe for a spreadsheet here, or it could not be read back."""
    labels = [field.name for field in fields]
    file.write(pl.DataFrame(schema=dict.fromkeys(labels, pl.String)).write_csv().encode())
    for frame in frames:
        file.write(frame.write_csv(include_header=False).encode())


def write_parquet(file: IO[bytes], fields: Sequence[Field], frames: Iterable[pl.DataFrame]) -> None:
    """A row group a frame, each column of its type."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to import, and every run has the formats, whether it emits or not

    schema = pa.schema([pa.field(field.name, arrow_type(field.typing.type)) for field in fields])
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for frame in frames:
            columns = [typed(series, field.typing) for series, field in zip(frame, fields, strict=True)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=max(frame.height, 1))


FORMATS = {
    "csv": Format(
        content_type="text/csv; charset=utf-8",
        write=write_csv,
        notes={
            "encoding": "utf-8",
            "delimiter": ",",
            "quote": '"',
            "newline": "\n",
            "header": "in every part",
            "values": "as read, not made safe for a spreadsheet; type, rule and null_values say how to read them",
        },
    ),
    "parquet": Format(
        content_type="application/vnd.apache.parquet",
        write=write_parquet,
        notes={
            "compression": "zstd",
            "values": "read by rule and null_values; an empty field is null, in a string column it is an empty string",
        },
    ),
}
