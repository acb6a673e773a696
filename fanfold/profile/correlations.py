"""What Pearson's correlations of numeric columns follow from, exactly.

A number counts as the double nearest to it. A pair of columns is compared over the records that have a value in both:
so for each pair there are the number of such records and the sums of the values, of their squares and of their
products over them, as integers in units of a power of two. They do not depend on how the records were cut.

Followed are columns among the first CORRELATED_COLUMNS, until a value shows that is no number, or values whose sizes
are more than CORRELATED_OCTAVES apart (zeros aside). Both show in the records together if they do in a part of them,
so what is followed in the end does not depend on the parts either.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanfold import limits
from fanfold.profile import limbs
from fanfold.profile.arrays import Floats
from fanfold.profile.rounding import root

_DOUBLE_BITS = 53
_BLOCKS = 512
"""Sums of so many blocks stay below 2**63."""

Exact = NDArray[np.object_]
"""Integers of any size."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Binary exponents of the smallest and the largest of a column's numbers that are not zero."""

    low: int
    high: int

    @property
    def unit(self) -> int:
        """Every double from the smallest on is a multiple of 2**unit."""
        return self.low - _DOUBLE_BITS


@dataclass(frozen=True, slots=True)
class Correlations:
    """Sums for each two of ``n`` columns, each of shape (n, n)."""

    columns: tuple[int, ...]
    """Positions, rising."""
    sizes: tuple[Sizes | None, ...]
    """None: there are zeros at most."""
    counts: Exact
    """Records with both."""
    sums: Exact
    """Of the first column's numbers, in its unit, where there is one of the second, too."""
    squares: Exact
    """Of their squares."""
    products: Exact
    """In the product of both units."""


def nothing(width: int) -> Correlations:
    """Of no records in so many columns."""
    followed = min(width, limits.CORRELATED_COLUMNS)
    followed = followed if followed > 1 else 0
    zeros = np.zeros((followed, followed), object)
    return Correlations(tuple(range(followed)), (None,) * followed, zeros, zeros, zeros, zeros)


def add(parts: Sequence[Correlations]) -> Correlations:
    """Of all records together."""
    return reduce(_add_two, parts)


def _add_two(left: Correlations, right: Correlations) -> Correlations:
    shared = sorted(set(left.columns) & set(right.columns))
    pairs = [(left.sizes[left.columns.index(each)], right.sizes[right.columns.index(each)]) for each in shared]
    sizes = {each: _spanning(*pair) for each, pair in zip(shared, pairs, strict=True)}
    kept = [each for each in shared if _near(sizes[each])]
    if len(kept) < 2:
        return nothing(0)
    one, other = (_in_units_of(part, kept, [sizes[each] for each in kept]) for part in (left, right))
    return Correlations(
        tuple(kept),
        tuple(sizes[each] for each in kept),
        one.counts + other.counts,
        one.sums + other.sums,
        one.squares + other.squares,
        one.products + other.products,
    )


def _spanning(one: Sizes | None, other: Sizes | None) -> Sizes | None:
    if one is None or other is None:
        return one or other
    return Sizes(min(one.low, other.low), max(one.high, other.high))


def _near(sizes: Sizes | None) -> bool:
    return sizes is None or sizes.high - sizes.low <= limits.CORRELATED_OCTAVES


def _in_units_of(part: Correlations, kept: Sequence[int], sizes: Sequence[Sizes | None]) -> Correlations:
    """Sums of some of the columns, in finer units."""
    rows = [part.columns.index(each) for each in kept]
    finer = [
        0 if own is None or new is None else own.unit - new.unit
        for own, new in zip((part.sizes[row] for row in rows), sizes, strict=True)
    ]
    if rows == [*range(len(part.columns))] and not any(finer):
        return part
    shift = np.array(finer, object)
    square = np.ix_(rows, rows)
    return Correlations(
        tuple(kept),
        tuple(sizes),
        part.counts[square],
        part.sums[square] << shift[:, None],
        part.squares[square] << 2 * shift[:, None],
        part.products[square] << (shift[:, None] + shift),
    )


def correlate(columns: Mapping[int, Floats]) -> Correlations:
    """Of some records, given the numbers of the columns to follow by position, NaN where there is none."""
    followed = []
    for position, numbers in sorted(columns.items()):
        missing = np.isnan(numbers)
        present = None if not missing.any() else ~missing
        values = numbers if present is None else np.where(missing, 0.0, numbers)
        sizes = _sizes(values)
        if _near(sizes):
            followed.append(_Followed(position, values, present, sizes))
    return _sum_up(followed) if len(followed) > 1 else nothing(0)


def _sizes(values: Floats) -> Sizes | None:
    absolute = np.abs(values)
    high = float(absolute.max())
    if not high:
        return None
    low = float(absolute.min()) or float(absolute[absolute > 0].min())
    return Sizes(math.frexp(low)[1], math.frexp(high)[1])


@dataclass(frozen=True, slots=True)
class _Followed:
    """A column: zeros where there is no value."""

    position: int
    values: Floats
    present: NDArray[np.bool_] | None
    """None: everywhere."""
    sizes: Sizes | None

    @property
    def limbs(self) -> int:
        """How many hold every bit of every value."""
        if self.sizes is None:
            return 1
        return math.ceil((self.sizes.high + 1 - self.sizes.unit) / limbs.BITS)

    @property
    def spare_bits(self) -> int:
        """Of the lowest limb, below the unit: no value has any of them."""
        if self.sizes is None:
            return 0
        return self.limbs * limbs.BITS - (self.sizes.high + 1 - self.sizes.unit)

    def cut(self, start: int) -> Floats:
        """Limbs of one block."""
        top = 0 if self.sizes is None else self.sizes.high
        return limbs.of_doubles(self.values[start : start + limbs.BLOCK], top, self.limbs)


def _sum_up(followed: Sequence[_Followed]) -> Correlations:
    partly = [place for place, each in enumerate(followed) if each.present is not None]
    products, sums, squares, counts = _add_blocks(followed, partly)
    sizes = [each.limbs for each in followed]
    spare = np.array([each.spare_bits for each in followed], object)
    # Where a column is complete its presence is the row of ones, the first one.
    presence = [1 + partly.index(place) if place in partly else 0 for place in range(len(followed))]
    squares_of = _gather(squares, [2 * size for size in sizes])[:, presence] if partly else None
    both = _gather(_gather(products, sizes).T, sizes).T
    if squares_of is None:
        squares_of = np.repeat(np.diag(both)[:, None], len(followed), axis=1)
    return Correlations(
        tuple(each.position for each in followed),
        tuple(each.sizes for each in followed),
        counts[np.ix_(presence, presence)],
        _gather(sums, sizes)[:, presence] >> spare[:, None],
        squares_of >> 2 * spare[:, None],
        both >> (spare[:, None] + spare),
    )


def _add_blocks(followed: Sequence[_Followed], partly: Sequence[int]) -> tuple[Exact, Exact, Exact, Exact]:
    """Sums by limb: products, values, squares (only if there are missing values), and counts of what is present."""
    totals: list[Any] = [0, 0, 0, 0]
    batch: list[Any] = [0, 0, 0, 0]
    for number, sums in enumerate(_block_sums(followed, partly), 1):
        batch = [total + part.astype(np.int64) for total, part in zip(batch, sums, strict=True)]
        if number % _BLOCKS == 0:
            totals = [total + part.astype(object) for total, part in zip(totals, batch, strict=True)]
            batch = [0 * part for part in batch]
    products, sums, squares, counts = (total + part.astype(object) for total, part in zip(totals, batch, strict=True))
    return products, sums, squares, counts


def _block_sums(
    followed: Sequence[_Followed], partly: Sequence[int]
) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
    for start in range(0, followed[0].values.size, limbs.BLOCK):
        cut = [each.cut(start) for each in followed]
        values = np.concatenate(cut)
        flags = [followed[place].present for place in partly]
        present = np.ones((1 + len(partly), values.shape[1]))
        for row, flag in zip(present[1:], flags, strict=True):
            row[:] = flag[start : start + limbs.BLOCK] if flag is not None else 1
        squares = np.concatenate([limbs.square(each) for each in cut]) @ present.T if partly else np.zeros((0, 0))
        yield values @ values.T, values @ present.T, squares, present @ present.T


def _gather(rows: Exact, sizes: Sequence[int]) -> Exact:
    """Integers of limbs, which stand in rows: so many for each column."""
    gathered = []
    stop = 0
    for size in sizes:
        start, stop = stop, stop + size
        total = rows[stop - 1]
        for row in rows[start : stop - 1][::-1]:
            total = (total << limbs.BITS) + row
        gathered.append(total)
    return np.array(gathered, object).reshape(len(sizes), rows.shape[1])


def coefficient(found: Correlations, i: int, j: int) -> float | None:
    """Pearson's, rounded once; None where one of both does not vary over the records that have both."""
    count = int(found.counts[i, j])
    first, second = int(found.sums[i, j]), int(found.sums[j, i])
    one = count * int(found.squares[i, j]) - first**2
    other = count * int(found.squares[j, i]) - second**2
    both = count * int(found.products[i, j]) - first * second
    if not one or not other:
        return None
    size = root(Fraction(both**2, one * other))
    return -size if size and both < 0 else size
