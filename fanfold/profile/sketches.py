"""What is kept of the values of a column with too many distinct ones: functions of the multiset of their hashes.

``Smallest`` is a KMV sketch (Bar-Yossef et al., RANDOM 2002): the k smallest distinct hashes, here with their exact
counts; whoever is among the k smallest of all is so in each part, so no count misses a part. ``Table`` is a count-min
table (Cormode, Muthukrishnan, J. Algorithms 2005): linear, so parts add up.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from fanfold.profile.arrays import Counts, Flags, Hashes, Narrow
from fanfold.profile.rounding import BOUND_DEVIATIONS

ROWS = 4
"""Of a count-min table: an estimate is over its bound with a probability of e**-4 = 1.8 %."""

_FIELD = 1 << 16
"""Values of one of the four 16-bit fields of a hash, each the index into one row."""


_GROUPED_FROM = 65_536
"""From so many on polars' hash table is faster than sorting, the more so the more often they repeat."""


@dataclass(frozen=True, slots=True)
class Smallest:
    """Rising distinct ``hashes`` and how often each occurs."""

    hashes: Hashes
    counts: Narrow


EMPTY = Smallest(np.zeros(0, np.uint64), np.zeros(0, np.int64))


def narrow(values: Narrow) -> Narrow:
    """Keep integers in the smallest unsigned type that holds them all, below 64 bits; else as they are."""
    if not values.size:
        return values.astype(np.uint8)
    smallest = np.min_scalar_type(int(values.max()))
    return values.astype(smallest) if values.min() >= 0 and smallest.itemsize < values.itemsize else values


def keep_smallest(hashes: Hashes, counts: Narrow | None, k: int) -> Smallest:
    """Keep the ``k`` smallest hashes, each given ``counts`` times (None: once)."""
    candidates = _below_threshold(hashes, k)
    if candidates is not None:
        hashes, counts = hashes[candidates], None if counts is None else counts[candidates]
    distinct, totals = _count(hashes, counts)
    # Copies, so that no larger array stays behind them.
    return Smallest(distinct[:k].copy(), narrow(totals[:k].copy()))


def _count(hashes: Hashes, counts: Narrow | None) -> tuple[Hashes, Counts]:
    """Distinct hashes, rising, with the sums of their counts."""
    if counts is not None:
        distinct, places = np.unique(hashes, return_inverse=True)
        totals = np.zeros(distinct.size, np.int64)
        np.add.at(totals, places, counts)
        return distinct, totals
    if hashes.size < _GROUPED_FROM:
        ordered = np.sort(hashes)
        starts = np.flatnonzero(_first_of_each(ordered))
        return ordered[starts], np.diff(starts, append=ordered.size)
    grouped = pl.Series("hash", hashes).value_counts(name="count").sort("hash")
    return grouped["hash"].to_numpy(), grouped["count"].to_numpy().astype(np.int64)


def _first_of_each(ordered: Hashes) -> Flags:
    """Whether a sorted hash is not the same as the one before; much faster than NumPy's table of distinct values."""
    first = np.ones(ordered.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def _below_threshold(hashes: Hashes, k: int) -> np.ndarray[tuple[int], np.dtype[np.intp]] | None:
    """Rows whose hashes certainly hold the ``k`` smallest distinct ones; None when that is about all of them."""
    wanted = 2 * k
    while wanted * 2 < hashes.size:
        rows = np.flatnonzero(hashes < np.uint64((wanted << 64) // hashes.size))
        # Hashes are uniform, but values repeat: widen until k distinct ones are below the threshold.
        distinct = int(np.count_nonzero(_first_of_each(np.sort(hashes[rows]))))
        if distinct >= k:
            return rows
        wanted *= max(2, min(64, 2 * k // (distinct + 1)))
    return None


def merge_smallest(parts: Sequence[Smallest], k: int) -> Smallest:
    """Keep the ``k`` smallest hashes of all parts."""
    if len(parts) == 1:
        return parts[0]
    return keep_smallest(
        np.concatenate([part.hashes for part in parts]), np.concatenate([part.counts for part in parts]), k
    )


def count_fields(hashes: Hashes, counts: Counts | None) -> Counts:
    """Counts by each of the four 16-bit fields of the hashes, shape (4, 65536)."""
    fields = hashes.view(np.uint16).reshape(-1, ROWS)
    rows = [np.bincount(fields[:, row], weights=counts, minlength=_FIELD) for row in range(ROWS)]
    return np.array(rows).astype(np.int64)


def fold_table(fields: Counts, width: int) -> Narrow:
    """Fold counts by field into a table of ``width`` cells a row, shape (4, width)."""
    return narrow(fields.reshape(ROWS, _FIELD // width, width).sum(axis=1))


def add_tables(tables: Sequence[Narrow]) -> Narrow:
    """Counts of all together; only their sum is ever wide."""
    total = np.zeros(tables[0].shape, np.int64)
    for table in tables:
        total += table
    return narrow(total)


def estimate(table: Narrow, hashes: Hashes) -> Narrow:
    """At most how often each hash occurred: never less than it did."""
    cells = hashes.view(np.uint16).reshape(-1, ROWS) & np.uint16(table.shape[1] - 1)
    smallest: Narrow = table[np.arange(ROWS), cells].min(axis=1)
    return smallest


def distinct_estimate(hashes: Hashes, count: int) -> tuple[int, float]:
    """How many different hashes ``count`` of them are, by the smallest ones, and the bound of the relative error."""
    k = hashes.size
    estimate = ((k - 1) << 64) // (int(hashes[-1]) + 1)
    return max(k, min(estimate, count)), BOUND_DEVIATIONS / math.sqrt(max(k - 2, 1))


def distinct_at_least(hashes: Hashes) -> int:
    """Count the different first fields of the hashes: there cannot be fewer different values. Costs one pass."""
    fields = hashes.view(np.uint16).reshape(-1, ROWS)[:, 0]
    return int(np.count_nonzero(np.bincount(fields, minlength=_FIELD)))
