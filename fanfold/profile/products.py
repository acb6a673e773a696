"""Exact sums of products of two columns' numbers, record by record.

All limbs of all columns stand in one table, so that one matrix product of it with itself holds every sum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanfold.profile import limbs
from fanfold.profile.arrays import Flags, Floats, Ints, Rows

Exact = NDArray[np.object_]
"""Integers of any size."""

_BLOCKS = 1 << 63 - 53
"""Sums of fewer blocks' sums stay below 2**63."""
_CELLS = 16 * limbs.GROUP
"""Of a table, about: as much as a processor's cache holds."""
_ROWS = 4
"""A matrix product takes a third less time where the rows are a multiple of this."""


@dataclass(frozen=True, slots=True)
class Multiples:
    """A column's numbers, zeros where there is none, each a multiple of 2**unit."""

    values: Floats
    present: Flags | None
    """None: everywhere."""
    unit: int
    limbs: int
    """How many a number needs in that unit."""


class Sums(NamedTuple):
    """For each two columns, each of shape (n, n), in the first column's unit or in that of both."""

    counts: Exact
    """Records with both."""
    values: Exact
    """Of the first column, where there is one of the second."""
    squares: Exact
    """Of those."""
    products: Exact


def sum_up(columns: Sequence[Multiples]) -> Sums:
    """Over all records, of which there is at least one."""
    height = columns[0].values.size
    # A product of two numbers has, of one place, at most as many products of limbs as a number has limbs.
    span = (_BLOCKS - 1) // max(each.limbs for each in columns) * limbs.BLOCK
    parts = [_sum_span(columns, start, min(start + span, height)) for start in range(0, height, span)]
    return Sums(*(np.sum(each, axis=0) for each in zip(*parts, strict=True)))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Of a table: for each column so many, by place."""

    sizes: Sequence[int]

    @property
    def slices(self) -> list[slice]:
        """Of each column."""
        return [slice(*bounds) for bounds in pairwise(accumulate(self.sizes, initial=0))]

    @property
    def places(self) -> list[int]:
        """Of each row."""
        return [place for size in self.sizes for place in range(size)]

    @property
    def by_place(self) -> list[Rows]:
        """Row of each column at a place, -1 where it has none."""
        starts, sizes = np.cumsum([0, *self.sizes])[:-1], np.array(self.sizes)
        return [np.where(place < sizes, starts + place, -1) for place in range(max(self.sizes))]


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows of the limbs of all columns; below, one of ones and, for each incomplete column, one of where it is present.

    Rows of zeros fill it up.
    """

    columns: Sequence[Multiples]

    @property
    def limbs(self) -> _Rows:
        """The rows at the top."""
        return _Rows([each.limbs for each in self.columns])

    @property
    def flags(self) -> list[Flags]:
        """Of the incomplete columns."""
        return [each.present for each in self.columns if each.present is not None]

    @property
    def presence(self) -> slice:
        """Rows of ones and of where values are present."""
        ones = sum(self.limbs.sizes)
        return slice(ones, ones + 1 + len(self.flags))

    @property
    def present(self) -> Rows:
        """Of these rows, counted from the ones, that of each column."""
        gaps = np.array([each.present is not None for each in self.columns])
        return np.where(gaps, np.cumsum(gaps), 0)

    @property
    def places(self) -> list[int]:
        """Of each row; 0 where there are no limbs."""
        places = [*self.limbs.places, *[0] * (1 + len(self.flags))]
        return places + [0] * (-len(places) % _ROWS)

    def fill(self, start: int, stop: int) -> Iterator[Floats]:
        """Records from ``start`` to ``stop``, some after the others."""
        height = len(self.places)
        width = min(max(_CELLS // height // limbs.BLOCK, 1) * limbs.BLOCK, stop - start)
        room = np.zeros((height, width))
        room[self.presence.start] = 1
        rows, flags = self.limbs.slices, [*enumerate(self.flags, self.presence.start + 1)]
        for begin in range(start, stop, width):
            end = min(begin + width, stop)
            filled = room[:, : end - begin]
            for column, own in zip(self.columns, rows, strict=True):
                limbs.shift(column.values[begin:end], -column.unit, filled[own.start])
                limbs.cut(filled[own])
            for row, flag in flags:
                filled[row] = flag[begin:end]
            yield filled


def _sum_span(columns: Sequence[Multiples], start: int, stop: int) -> Sums:
    table = _Table(columns)
    rows, presence, present = table.limbs, table.presence, table.present
    units = limbs.units(table.places, table.places)
    # Zeros come last, for limbs that a column does not have.
    sums = np.zeros((len(units) + 1, len(units) + 1), np.int64)
    squares = _Squares(rows, presence)
    for filled in table.fill(start, stop):
        sums[:-1, :-1] += limbs.sum_products(filled, filled, units)
        if table.flags:
            squares.add(filled)
    by_place = rows.by_place
    products = _gather(sums, by_place, by_place)
    alone = np.repeat(np.diag(products)[:, None], len(columns), axis=1)
    return Sums(
        sums[presence, presence][present[:, None], present].astype(object),
        _gather(sums[:, presence], by_place, [present]),
        squares.gather(present) if table.flags else alone,
        products,
    )


class _Squares:
    """Sums of the squares of each column's numbers over the records that have ones in a row."""

    def __init__(self, rows: _Rows, presence: slice) -> None:
        self._limbs = rows
        self._presence = presence
        self._rows = _Rows([2 * size - 1 for size in rows.sizes])
        self._units = limbs.units(self._rows.places, [0] * (presence.stop - presence.start))
        self._sums = np.zeros((len(self._units) + 1, self._units.shape[1]), np.int64)
        self._room = np.empty((0, 0))

    def add(self, table: Floats) -> None:
        """Of some records."""
        most, width = max(self._limbs.sizes), table.shape[1]
        if width > self._room.shape[1]:
            self._room = np.empty((most + len(self._units), width))
        work, squares = self._room[:most, :width], self._room[most:, :width]
        for own, square in zip(self._limbs.slices, self._rows.slices, strict=True):
            limbs.multiply(table[own], squares[square], work[: own.stop - own.start])
        # Up to so many products of limbs are one number here.
        block = limbs.BLOCK >> (most - 1).bit_length()
        self._sums[:-1] += limbs.sum_products(squares, table[self._presence], self._units, block)

    def gather(self, present: Rows) -> Exact:
        """Return sums for each column and the row of each."""
        return _gather(self._sums, self._rows.by_place, [present])


def _gather(sums: Ints, left: Sequence[Rows], right: Sequence[Rows]) -> Exact:
    """Integers of the sums of their limbs' products, which stand in rows and columns by place."""
    by_place = [np.zeros((left[0].size, right[0].size), np.int64) for _ in range(len(left) + len(right) - 1)]
    for i, rows in enumerate(left):
        for j, columns in enumerate(right):
            by_place[i + j] += sums[rows[:, None], columns]
    total = by_place[-1].astype(object)
    for each in by_place[-2::-1]:
        total = (total << limbs.BITS) + each
    return total
