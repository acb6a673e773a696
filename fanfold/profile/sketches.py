"""What is kept of the values of a column with too many distinct ones: functions of the multiset of their hashes.

``Smallest`` is a KMV sketch (Bar-Yossef et al., RANDOM 2002): the k smallest distinct hashes, here with their exact
counts; whoever is among the k smallest of all is so in each part, so no count misses a part. ``Table`` is a count-min
table (Cormode, Muthukrishnan, J. Algorithms 2005): linear, so parts add up.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanfold.profile.arrays import Counts, Hashes, Narrow, Rows
from fanfold.profile.rounding import BOUND_DEVIATIONS

ROWS = 4
"""Of a count-min table: an estimate is over its bound with a probability of e**-4 = 1.8 %."""


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


@dataclass(frozen=True, slots=True)
class Sorted:
    """Rising hashes, and where in them each different one ``starts``: NumPy sorts 64-bit integers in vectors."""

    hashes: Hashes
    starts: Rows

    @property
    def distinct(self) -> int:
        """How many different hashes."""
        return self.starts.size

    def smallest(self, k: int) -> Smallest:
        """Keep the ``k`` smallest."""
        starts = self.starts[:k]
        end = self.starts[k] if self.starts.size > k else self.hashes.size
        return Smallest(self.hashes[starts], narrow(np.diff(starts, append=end)))


def in_order(hashes: Hashes) -> Sorted:
    """Sort hashes."""
    ordered = np.sort(hashes)
    return Sorted(ordered, _starts(ordered))


def more_than(distinct: int, hashes: Hashes) -> bool:
    """Whether more hashes differ, and so more values; the first ones often show it."""
    return any(in_order(part).distinct > distinct for part in (hashes[: 4 * distinct], hashes))


def keep_smallest(hashes: Hashes, counts: Narrow | None, k: int) -> Smallest:
    """Keep the ``k`` smallest hashes, each given ``counts`` times (None: once)."""
    if counts is None:
        if hashes.size > 4 * k:
            # They are uniform, so those below a threshold hold the smallest, unless values repeat too often.
            few = in_order(hashes[hashes < np.uint64((2 * k << 64) // hashes.size)])
            if few.distinct >= k:
                return few.smallest(k)
        return in_order(hashes).smallest(k)
    order = np.argsort(hashes)
    ordered = hashes[order]
    starts = _starts(ordered)
    if starts.size > k:
        order, starts = order[: starts[k]], starts[:k]
    totals = np.add.reduceat(counts[order], starts, dtype=np.int64) if starts.size else EMPTY.counts
    return Smallest(ordered[starts], narrow(totals))


def _starts(ordered: Hashes) -> Rows:
    """Where the hash is not the same as the one before."""
    first = np.ones(ordered.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return np.flatnonzero(first)


def merge_smallest(parts: Sequence[Smallest], k: int) -> Smallest:
    """Keep the ``k`` smallest hashes of all parts."""
    if len(parts) == 1:
        return parts[0]
    return keep_smallest(
        np.concatenate([part.hashes for part in parts]), np.concatenate([part.counts for part in parts]), k
    )


def count_cells(hashes: Hashes, counts: Counts | None, width: int) -> Narrow:
    """Return the table of hashes, each given ``counts`` times, shape (4, width); ``width`` is a power of two.

    A row counts by one of the four 16-bit fields of the hashes, of which it takes the low bits.
    """
    cells = _cells(hashes, width)
    rows = [np.bincount(cells[:, row], weights=counts, minlength=width) for row in range(ROWS)]
    return narrow(np.array(rows).astype(np.int64))


def _cells(hashes: Hashes, width: int) -> NDArray[np.uint16]:
    """Where each hash stands in each row of a table."""
    return hashes.view(np.uint16).reshape(-1, ROWS) & np.uint16(width - 1)


def add_tables(tables: Sequence[Narrow]) -> Narrow:
    """Counts of all together; only their sum is ever wide."""
    total = np.zeros(tables[0].shape, np.int64)
    for table in tables:
        total += table
    return narrow(total)


def estimate(table: Narrow, hashes: Hashes) -> Narrow:
    """At most how often each hash occurred: never less than it did."""
    cells = _cells(hashes, table.shape[1])
    smallest: Narrow = table[np.arange(ROWS), cells].min(axis=1)
    return smallest


def distinct_estimate(hashes: Hashes, count: int) -> tuple[int, float]:
    """How many different hashes ``count`` of them are, by the smallest ones, and the bound of the relative error."""
    k = hashes.size
    estimate = ((k - 1) << 64) // (int(hashes[-1]) + 1)
    return max(k, min(estimate, count)), BOUND_DEVIATIONS / math.sqrt(max(k - 2, 1))
