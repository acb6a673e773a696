"""What Pearson's correlations of numeric columns follow from, exactly.

A number counts as the double nearest to it. A pair of columns is compared over the records that have a value in both:
so for each pair there are the number of such records and the sums of the values, of their squares and of their
products over them, as integers in units of a power of two. They do not depend on how the records were cut.

Followed are columns among the first CORRELATED_COLUMNS, until a value shows that is no number, or values whose sizes
are more than CORRELATED_OCTAVES apart (zeros aside). Both show in the records together if they do in a part of them,
so what is followed in the end does not depend on the parts either.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import numpy as np

from fanfold import limits
from fanfold.profile import limbs
from fanfold.profile.arrays import Flags, Floats
from fanfold.profile.products import Exact, Multiples, Sums, sum_up
from fanfold.profile.rounding import root

_DOUBLE_BITS = 53


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
    followed: dict[int, Multiples] = {}
    sizes: list[Sizes | None] = []
    for position, numbers in sorted(columns.items()):
        present = ~np.isnan(numbers) if np.isnan(numbers.max()) else None
        values = numbers if present is None else np.where(present, numbers, 0.0)
        own = _sizes(values)
        if _near(own):
            followed[position] = _multiples(values, present, own)
            sizes.append(own)
    if len(followed) < 2:
        return nothing(0)
    return Correlations(tuple(followed), tuple(sizes), *_sum_up([*followed.values()], sizes))


def _sizes(values: Floats) -> Sizes | None:
    absolute = np.abs(values)
    high = float(absolute.max())
    if not high:
        return None
    low = float(absolute.min()) or float(np.where(absolute > 0, absolute, high).min())
    return Sizes(math.frexp(low)[1], math.frexp(high)[1])


def _multiples(values: Floats, present: Flags | None, sizes: Sizes | None) -> Multiples:
    """In the coarsest unit that saves a limb."""
    if sizes is None:
        return Multiples(values, present, 0, 1)
    most = math.ceil((sizes.high + 1 - sizes.unit) / limbs.BITS)
    for count in range(1, most):
        unit = sizes.high + 1 - count * limbs.BITS
        if _are_multiples(values, unit):
            return Multiples(values, present, unit, count)
    return Multiples(values, present, sizes.unit, most)


def _are_multiples(values: Floats, unit: int) -> bool:
    room = np.empty(min(values.size, limbs.GROUP))
    for start in range(0, values.size, limbs.GROUP):
        group = values[start : start + limbs.GROUP]
        counted = room[: group.size]
        limbs.shift(group, -unit, counted)
        if not np.array_equal(np.rint(counted), counted):
            return False
    return True


def _sum_up(followed: Sequence[Multiples], sizes: Sequence[Sizes | None]) -> Sums:
    """In the units of the sizes, which are finer, if anything."""
    finer = [0 if own is None else each.unit - own.unit for each, own in zip(followed, sizes, strict=True)]
    shift = np.array(finer, object)
    sums = sum_up(followed)
    return Sums(
        sums.counts,
        sums.values << shift[:, None],
        sums.squares << 2 * shift[:, None],
        sums.products << (shift[:, None] + shift),
    )


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
