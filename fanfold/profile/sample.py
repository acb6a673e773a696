"""The record sample: the records with the smallest hashes, so a function of the set of records alone.

Of ``Caps.hashes`` records it is kept how often each is there, of the first ``Caps.records`` of them the values, too.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile import sketches
from fanfold.profile.arrays import Hashes
from fanfold.profile.caps import Caps
from fanfold.profile.keys import keys_of
from fanfold.profile.model import Sample
from fanfold.profile.sketches import Smallest


def empty(columns: int) -> Sample:
    """Return the sample of no records."""
    return Sample(sketches.EMPTY, pl.DataFrame(schema=_schema(columns)))


def draw(frame: pl.DataFrame, hashes: Hashes, caps: Caps) -> Sample:
    """Sample a frame, given the hash of each record."""
    smallest = sketches.keep_smallest(hashes, None, caps.hashes)
    if not smallest.hashes.size:
        return empty(frame.width)
    last = smallest.hashes[: caps.records][-1]
    rows = np.flatnonzero(hashes <= last)
    return _one_each(_abridge(frame[rows]), hashes[rows], smallest, caps.records)


def merge(samples: Sequence[Sample], caps: Caps) -> Sample:
    """Sample what all of them were drawn from."""
    if len(samples) == 1:
        return samples[0]
    smallest = sketches.merge_smallest([sample.smallest for sample in samples], caps.hashes)
    if not smallest.hashes.size:
        return samples[0]
    last = smallest.hashes[: caps.records][-1]
    kept = [int(np.searchsorted(sample.smallest.hashes, last, side="right")) for sample in samples]
    cells = pl.concat([sample.cells[:stop] for sample, stop in zip(samples, kept, strict=True)])
    hashes = [sample.smallest.hashes[:stop] for sample, stop in zip(samples, kept, strict=True)]
    return _one_each(cells, np.concatenate(hashes), smallest, caps.records)


def _one_each(cells: pl.DataFrame, hashes: Hashes, smallest: Smallest, records: int) -> Sample:
    """Keep one row for each hash; of different records that share one the least, so the order of chunks has no say."""
    if not cells.width:
        return Sample(smallest, cells)
    if cells.height > min(smallest.hashes.size, records):
        cells = cells.with_columns(pl.Series("hash", hashes))
        cells = cells.unique().sort("hash", *cells.columns).unique(subset="hash", keep="first", maintain_order=True)
        return Sample(smallest, cells.drop("hash"))
    return Sample(smallest, cells[np.argsort(hashes)])


def _abridge(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame([keys_of(series, limits.SAMPLE_VALUE_BYTES) for series in frame.get_columns()])


def _schema(columns: int) -> dict[str, type[pl.DataType]]:
    return {str(column): pl.String for column in range(columns)}
