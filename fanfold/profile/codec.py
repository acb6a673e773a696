"""A profile as bytes and back: Arrow IPC, zstd, the same bytes for the same profile.

One row a column, after a first row for the record sample, whose ``cells`` stand with their columns, and the number of
columns. A batch holds a few rows, so that who reads or writes them one by one needs memory for a few.

Lists of texts are Arrow lists; arrays of integers are blobs: the number of bytes of each, the fewest that do, and then
their bytes transposed (all lowest bytes first), where the zeros of small numbers vanish under zstd; rising ones as
differences. What is one of a kind stands in a JSON text, where an integer may have any number of digits.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.profile import arrow
from fanfold.profile.arrays import Hashes, Ints, Narrow
from fanfold.profile.buckets import Buckets
from fanfold.profile.correlations import Correlations, Sizes
from fanfold.profile.marks import Marks
from fanfold.profile.missingness import Missingness
from fanfold.profile.model import (
    Alternative,
    Column,
    Extremes,
    Figures,
    Forms,
    Joint,
    Lengths,
    Profile,
    Sample,
    Summary,
    Tally,
)
from fanfold.profile.moments import Moments
from fanfold.profile.order import Order, Run
from fanfold.profile.sketches import ROWS, Smallest, narrow

_REVISION = 4
"""Raised with every change of what is encoded, of a hash, of a grammar or of a bucket."""

_CAPS = (
    limits.EXACT_VALUES_MAX,
    limits.KMV_HASHES,
    limits.COUNT_TABLE_WIDTH,
    limits.SAMPLE_RECORDS,
    limits.VALUE_BYTES,
    limits.SAMPLE_VALUE_BYTES,
    limits.NUMBER_BYTES_MAX,
    limits.FORM_BYTES_MAX,
    limits.INTEGER_DIGITS_MAX,
    limits.HASH_WORDS_BYTES,
    limits.SHOWN_CHARACTERS,
    limits.CORRELATED_COLUMNS,
    limits.CORRELATED_OCTAVES,
    limits.MISSING_COLUMNS,
)
FORMAT_VERSION = "-".join(map(str, (_REVISION, *_CAPS)))
"""Of two profiles that can be merged it is the same: the limits they were made under are part of it."""

_STAMP = b"fanfold.profile"
_SCHEMA = pa.schema(
    [
        ("nulls", pa.int64()),
        ("tokens", pa.string()),
        ("figures", pa.string()),
        ("order", pa.string()),
        ("values", arrow.LISTS),
        ("counts", pa.large_binary()),
        ("hashes", pa.large_binary()),
        ("hash_counts", pa.large_binary()),
        ("table", pa.large_binary()),
        ("bucket_keys", pa.large_binary()),
        ("bucket_counts", pa.large_binary()),
        ("forms", pa.string()),
        ("cells", arrow.LISTS),
    ],
    metadata={_STAMP: FORMAT_VERSION},
)
_TYPES = {1: "<u1", 2: "<u2", 4: "<u4", 8: "<i8"}
"""Of packed integers, by the bytes of each."""
_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")


@dataclass(frozen=True, slots=True)
class Head:
    """A profile but for its columns."""

    records: int
    sample: Sample
    joint: Joint


def encode(profile: Profile) -> bytes:
    """Write a profile."""
    return write(Head(profile.records, profile.sample, profile.joint), profile.columns)


def write(head: Head, columns: Iterable[Column]) -> bytes:
    """Write the profile of those parts; of the columns a few are in memory at a time."""
    sink = pa.BufferOutputStream()
    fields = list(_SCHEMA)[:-1]
    rows = _pack_rows(head, columns)
    cells = _pack_cells(head.sample.cells)
    with pa.ipc.new_stream(sink, _SCHEMA, options=_OPTIONS) as stream:
        start = 0
        while batch := list(islice(rows, limits.PROFILE_COLUMNS_AT_ONCE)):
            arrays = [_array([row.get(field.name) for row in batch], field.type) for field in fields]
            stream.write_batch(pa.record_batch([*arrays, cells.slice(start, len(batch))], schema=_SCHEMA))
            start += len(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if kind == pa.int64():
        return arrow.integers(values)
    return arrow.lists(values) if kind == arrow.LISTS else arrow.texts(values, kind)


def _pack_rows(head: Head, columns: Iterable[Column]) -> Iterator[dict[str, object]]:
    document = {"columns": head.sample.cells.width, "joint": _pack_joint(head.joint)}
    figures = json.dumps(document, separators=(",", ":"))
    yield _pack_smallest(head.sample.smallest) | {"nulls": head.records, "figures": figures}
    yield from map(_pack_column, columns)


def decode(data: bytes) -> Profile:
    """Read what ``encode`` wrote; raise PipelineFault for anything else, and for another version's."""
    head = read_head(data)
    return Profile(head.records, tuple(read_columns(data)), head.sample, head.joint)


def read_head(data: bytes) -> Head:
    """Read what a profile is besides its columns; its sample has as many."""
    batches = list(_batches(data, ("nulls", "figures", "hashes", "hash_counts", "cells")))
    row = batches[0].slice(0, 1).to_pylist()[0]
    document = json.loads(row["figures"])
    cells = pa.concat_arrays([batch.column("cells") for batch in batches])
    if document["columns"] != len(cells) - 1:
        raise PipelineFault(
            f"a partial of {document['columns']} columns has {len(cells) - 1}: it cannot be read as one"
        )
    return Head(row["nulls"], Sample(_unpack_smallest(row), _unpack_cells(cells)), _unpack_joint(document["joint"]))


def read_columns(data: bytes) -> Iterator[Column]:
    """Read one column after the other; a few are in memory at a time."""
    names = tuple(field.name for field in _SCHEMA if field.name != "cells")
    rows = (row for batch in _batches(data, names) for row in batch.to_pylist())
    return map(_unpack_column, islice(rows, 1, None))


def _batches(data: bytes, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Batches with some of their fields: there is one at least."""
    options = pa.ipc.IpcReadOptions(included_fields=[_SCHEMA.get_field_index(name) for name in names])
    try:
        with pa.ipc.open_stream(data) as stream:
            stamp = (stream.schema.metadata or {}).get(_STAMP, b"none").decode()
        if stamp != FORMAT_VERSION:
            raise PipelineFault(f"a partial has format version {stamp}, expected {FORMAT_VERSION}")
        with pa.ipc.open_stream(data, options=options) as stream:
            yield stream.read_next_batch()
            yield from stream
    except (pa.ArrowException, OSError, StopIteration) as error:
        raise PipelineFault(f"a partial of {len(data)} bytes cannot be read as one: {error}") from error


def _pack_column(column: Column) -> dict[str, object]:
    orders = [_pack_order(column.order), column.order_as_text and _pack_order(column.order_as_text)]
    row: dict[str, object] = {"nulls": column.nulls, "tokens": _to_json(column.tokens), "order": _to_json(orders)}
    if isinstance(column.values, Tally):
        counts = column.values.counts
        keys = sorted(counts)
        return row | {"values": keys, "counts": _pack(np.array([counts[key] for key in keys], np.int64))}
    summary = column.values
    buckets = summary.buckets
    return (
        row
        | {
            "figures": _to_json(_pack_figures(summary.figures)),
            "forms": _to_json(list(map(_pack_forms, summary.forms))),
        }
        | {"table": _pack(summary.table.reshape(-1))}
        | _pack_smallest(summary.smallest)
        | {"bucket_keys": _pack(np.diff(buckets.keys, prepend=0)), "bucket_counts": _pack(buckets.counts)}
    )


def _unpack_column(row: dict[str, object]) -> Column:
    nulls, tokens = _integer(row["nulls"]), json.loads(str(row["tokens"]))
    order, as_text = (None if each is None else _unpack_order(each) for each in json.loads(str(row["order"])))
    assert order is not None  # noqa: S101 - only the other one may be missing
    if row["figures"] is None:
        values = row["values"]
        assert isinstance(values, list)  # noqa: S101 - the schema says so, for mypy
        return Column(
            nulls, Tally(dict(zip(values, _unpack(row["counts"]).tolist(), strict=True))), order, tokens, as_text
        )
    numbers, dates = map(_unpack_forms, json.loads(str(row["forms"])))
    return Column(
        nulls,
        Summary(
            _unpack_figures(json.loads(str(row["figures"]))),
            _unpack_smallest(row),
            _unpack(row["table"]).reshape(ROWS, -1),
            Buckets(np.cumsum(_unpack_wide(row["bucket_keys"])), _unpack_wide(row["bucket_counts"])),
            (numbers, dates),
        ),
        order,
        tokens,
        as_text,
    )


def _integer(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 - the schema says so, for mypy
    return value


def _pack_smallest(smallest: Smallest) -> dict[str, object]:
    differences = np.diff(smallest.hashes, prepend=np.uint64(0))
    return {"hashes": _pack(differences.view(np.int64)), "hash_counts": _pack(smallest.counts)}


def _unpack_smallest(row: dict[str, object]) -> Smallest:
    hashes: Hashes = np.cumsum(_unpack_wide(row["hashes"]).view(np.uint64), dtype=np.uint64)
    return Smallest(hashes, _unpack(row["hash_counts"]))


def _pack(values: Narrow) -> bytes:
    narrowed = narrow(values)
    size = narrowed.itemsize
    little = np.ascontiguousarray(narrowed).astype(narrowed.dtype.newbyteorder("<"), copy=False)
    return bytes([size]) + little.view(np.uint8).reshape(-1, size).T.tobytes()


def _unpack(blob: object) -> Narrow:
    """Unsigned integers of less than 64 bits, or int64."""
    assert isinstance(blob, bytes)  # noqa: S101 - the schema says so, for mypy
    size = blob[0]
    planes = np.frombuffer(blob, np.uint8, offset=1).reshape(size, -1)
    values: Narrow = np.ascontiguousarray(planes.T).view(_TYPES[size]).reshape(-1)
    return values


def _unpack_wide(blob: object) -> Ints:
    return _unpack(blob).astype(np.int64, copy=False)


def _pack_cells(cells: pl.DataFrame) -> pa.Array:
    offsets = np.array([0, *(column * cells.height for column in range(cells.width + 1))], np.int32)
    texts = pl.concat(cells.get_columns()) if cells.width else pl.Series(dtype=pl.String)
    inside = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return pa.Array.from_buffers(arrow.LISTS, cells.width + 1, [None, pa.py_buffer(offsets)], children=[inside])


def _unpack_cells(cells: pa.Array) -> pl.DataFrame:
    columns = len(cells) - 1
    texts = pl.Series("", cells.flatten(), dtype=pl.String)
    height = len(texts) // columns if columns else 0
    return pl.DataFrame(
        [texts[column * height : (column + 1) * height].alias(str(column)) for column in range(columns)]
    )


def _to_json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _pack_forms(forms: Forms | None) -> dict[str, object] | None:
    if forms is None:
        return None
    readings = [each if isinstance(each, bool) else _pack_alternative(each) for each in forms.readings]
    return {"votes": forms.votes, "readings": readings}


def _pack_alternative(alternative: Alternative) -> dict[str, object]:
    return {
        "figures": _pack_figures(alternative.figures),
        "keys": alternative.buckets.keys.tolist(),
        "counts": alternative.buckets.counts.tolist(),
        "marks": dict(alternative.marks),
    }


def _unpack_forms(document: dict[str, Any] | None) -> Forms | None:
    if document is None:
        return None
    first, second = (each if isinstance(each, bool) else _unpack_alternative(each) for each in document["readings"])
    one, other, either = document["votes"]
    return Forms((one, other, either), (first, second))


def _unpack_alternative(document: dict[str, Any]) -> Alternative:
    buckets = Buckets(np.array(document["keys"], np.int64), np.array(document["counts"], np.int64))
    return Alternative(_unpack_figures(document["figures"]), buckets, document["marks"])


def _pack_figures(figures: Figures) -> dict[str, object]:
    lengths, extremes = figures.lengths, figures.extremes
    return {
        "lengths": (lengths.smallest, lengths.largest, lengths.total),
        "evidence": figures.evidence,
        "extremes": [getattr(extremes, kind) for kind in _EXTREMES],
        "moments": (figures.moments.whole, [_pack_shifted(each) for each in figures.moments.binary]),
        "zeros": figures.zeros,
        "negatives": figures.negatives,
        "marks": (figures.marks.blanks, figures.marks.infinite, figures.marks.nans),
    }


_EXTREMES = tuple(Extremes.__dataclass_fields__)


def _unpack_figures(document: dict[str, Any]) -> Figures:
    whole, binary = document["moments"]
    return Figures(
        Lengths(*document["lengths"]),
        tuple(document["evidence"]),
        Extremes(*map(_pair, document["extremes"])),
        Moments(tuple(whole), tuple(value << zeros for value, zeros in binary)),
        document["zeros"],
        document["negatives"],
        Marks(*document["marks"]),
    )


def _pack_shifted(value: int) -> tuple[int, int]:
    """Return an integer without its trailing zero bits, and how many there are: most sums of doubles have thousands."""
    zeros = (value & -value).bit_length() - 1 if value else 0
    return value >> zeros, zeros


def _pack_order(order: Order) -> tuple[object, ...]:
    runs = [run and (run.rising, run.falling, run.first, run.last) for run in (order.text, order.number, order.time)]
    return order.first, order.last, *runs


def _unpack_order(packed: Sequence[Any]) -> Order:
    first, last, *runs = packed
    return Order(first, last, *(run and Run(*run[:2], *map(_key, run[2:])) for run in runs))


def _key(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _pack_joint(joint: Joint) -> dict[str, object]:
    missing, found = joint.missingness, joint.correlations
    return {
        "incomplete": missing.incomplete,
        "together": [(*pair, count) for pair, count in sorted(missing.together.items())],
        "columns": found.columns,
        "sizes": [sizes and (sizes.low, sizes.high) for sizes in found.sizes],
        "sums": [matrix.tolist() for matrix in (found.counts, found.sums, found.squares, found.products)],
    }


def _unpack_joint(document: dict[str, Any]) -> Joint:
    columns = tuple(document["columns"])
    matrices = (np.array(matrix, object).reshape(len(columns), len(columns)) for matrix in document["sums"])
    sizes = tuple(each and Sizes(*each) for each in document["sizes"])
    together = {(i, j): count for i, j, count in document["together"]}
    return Joint(Missingness(document["incomplete"], together), Correlations(columns, sizes, *matrices))


def _pair(values: Sequence[Any] | None) -> Any:
    return None if values is None else (values[0], values[1])
