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

_SPAN = 64 * limbs.BLOCK
"""Sums over so many numbers of products of limbs stay below 2**63, and so do sums of sixteen of those."""
_CELLS = 16 * limbs.GROUP
"""Of a table: as much as a processor's cache holds."""


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
    spans = [_sum_span(columns, start, min(start + _SPAN, height)) for start in range(0, height, _SPAN)]
    return Sums(*(np.sum(each, axis=0) for each in zip(*spans, strict=True)))


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


def _sum_span(columns: Sequence[Multiples], start: int, stop: int) -> Sums:
    rows = _Rows([each.limbs for each in columns])
    flags = [each.present for each in columns if each.present is not None]
    # Below the limbs: where there is any record, then where each incomplete column has a value.
    places = [*rows.places, *[0] * (1 + len(flags))]
    ones = len(places) - 1 - len(flags)
    present = np.full(len(columns), ones)
    present[[each.present is not None for each in columns]] += 1 + np.arange(len(flags))
    # Rows and columns of zeros come last, for limbs that a column does not have.
    sums = np.zeros((len(places) + 1, len(places) + 1), np.int64)
    squares = _Squares(rows, 1 + len(flags))
    units = limbs.units(places, places)
    for table in _tables(columns, rows, flags, (start, stop)):
        sums[:-1, :-1] += limbs.sum_products(table, table, units)
        if flags:
            squares.add(table)
    by_place = rows.by_place
    products = _gather(sums, by_place, by_place)
    return Sums(
        sums[present[:, None], present].astype(object),
        _gather(sums, by_place, [present]),
        squares.gather(present - ones) if flags else np.repeat(np.diag(products)[:, None], len(columns), axis=1),
        products,
    )


def _tables(
    columns: Sequence[Multiples], rows: _Rows, flags: Sequence[Flags], span: tuple[int, int]
) -> Iterator[Floats]:
    """Of limbs of some records after the others, with a row of ones and the flags below."""
    start, stop = span
    height = sum(rows.sizes) + 1 + len(flags)
    width = min(max(_CELLS // height // limbs.BLOCK, 1) * limbs.BLOCK, stop - start)
    room = np.empty((height, width))
    room[-1 - len(flags)] = 1
    for begin in range(start, stop, width):
        end = min(begin + width, stop)
        table = room[:, : end - begin]
        for column, own in zip(columns, rows.slices, strict=True):
            limbs.shift(column.values[begin:end], -column.unit, table[own.start])
            limbs.cut(table[own])
        for row, flag in zip(table[height - len(flags) :], flags, strict=True):
            row[:] = flag[begin:end]
        yield table


class _Squares:
    """Sums of the squares of each column's numbers over the records that each flag is true for."""

    def __init__(self, rows: _Rows, flags: int) -> None:
        self._rows = rows
        self._squares = _Rows([2 * size - 1 for size in rows.sizes])
        self._units = limbs.units(self._squares.places, [0] * flags)
        self._sums = np.zeros((len(self._units) + 1, flags), np.int64)
        self._room: Floats | None = None

    def add(self, table: Floats) -> None:
        """Of limbs and, below, of flags."""
        most = max(self._rows.sizes)
        if self._room is None:
            self._room = np.empty((most + len(self._units), table.shape[1]))
        work, squares = np.split(self._room[:, : table.shape[1]], [most])
        for own, square in zip(self._rows.slices, self._squares.slices, strict=True):
            limbs.multiply(table[own], squares[square], work[: own.stop - own.start])
        flags = table[-self._units.shape[1] :]
        # Up to so many products are added up to one number here.
        block = limbs.BLOCK >> (most - 1).bit_length()
        self._sums[:-1] += limbs.sum_products(squares, flags, self._units, block)

    def gather(self, flags: Rows) -> Exact:
        """Return sums for each column and the flag of each."""
        return _gather(self._sums, self._squares.by_place, [flags])


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
