"""Exact sums of powers: the same integers whatever the order, so nothing is rounded before the end.

Each value counts as the number that it is: an integer as itself, a double as its binary fraction, so that a deviation
is that of the doubles themselves. Sums of doubles are kept in units of 2**-1074, the last bit of the smallest
subnormal, those of their powers in the power of that unit.

No Python loop runs over many values: what could overflow is cut into limbs whose products cannot.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from fanfold.profile import limbs
from fanfold.profile.arrays import Counts, Floats, Ints, Rows

POWERS = 4
"""Sums are kept of the powers 1 to this: mean, deviation, skewness and kurtosis follow from them."""

_LAST_BIT = 1074
_DOUBLE_BITS = 53

_LIMBS = 4
_HELD_BITS = _LIMBS * limbs.BITS - 1
"""Of whole numbers, beside the sign."""
_OCTAVES = _HELD_BITS - _DOUBLE_BITS
"""Of doubles within so many octaves of each other the limbs hold every bit."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums of the powers 1, 2, ... of numbers, exactly."""

    whole: tuple[int, ...] = (0,) * POWERS
    """Of the integers."""
    binary: tuple[int, ...] = (0,) * POWERS
    """Of the doubles, of power p in units of 2**-1074p."""

    def total(self, power: int) -> Fraction:
        """Sum of one power."""
        return self.whole[power - 1] + Fraction(self.binary[power - 1], 1 << _LAST_BIT * power)

    def scaled(self) -> tuple[int, tuple[int, ...]]:
        """Sums of all powers as integers, of power p in units of 2**(p * the first); no finer than they need."""
        if not any(self.binary):
            return 0, self.whole
        zeros = min(_trailing_zeros(each) // power for power, each in enumerate(self.binary, 1) if each)
        zeros = min(zeros, _LAST_BIT)  # a unit of the integers, if there are any
        finer = _LAST_BIT - zeros
        return -finer, tuple(
            (whole << finer * power) + (binary >> zeros * power)
            for power, (whole, binary) in enumerate(zip(self.whole, self.binary, strict=True), 1)
        )


def add(moments: Sequence[Moments]) -> Moments:
    """Moments of all values together."""
    return Moments(
        tuple(map(sum, zip(*(each.whole for each in moments), strict=True))),
        tuple(map(sum, zip(*(each.binary for each in moments), strict=True))),
    )


def of_integers(values: Ints, counts: Counts | None) -> Moments:
    """Moments of int64 values, each ``counts`` times (None: once)."""
    if counts is not None:
        return Moments(_weighted(values.tolist(), counts.tolist()))
    return Moments(_power_sums(values)) if values.size else Moments()


def of_big_integers(values: Sequence[int], counts: Sequence[int]) -> Moments:
    """Moments of integers of any size."""
    return Moments(_weighted(values, counts))


def of_doubles(values: Floats, counts: Counts | None) -> Moments:
    """Moments of finite doubles, each ``counts`` times (None: once)."""
    if counts is not None:
        return Moments(binary=_weighted_doubles(values, counts))
    sums = [0] * POWERS
    rows = _room(_LIMBS, values.size)
    far = [
        start + _add_near(sums, values[start : start + limbs.GROUP], rows)
        for start in range(0, values.size, limbs.GROUP)
    ]
    if far:
        for group in _near_each_other(values[np.concatenate(far)]):
            _add_near(sums, group, rows)
    return Moments(binary=tuple(sums))


def _weighted(values: Iterable[int], counts: Sequence[int]) -> tuple[int, ...]:
    sums = [0] * POWERS
    for value, count in zip(values, counts, strict=True):
        term = count
        for power in range(POWERS):
            term *= value
            sums[power] += term
    return tuple(sums)


def _weighted_doubles(values: Floats, counts: Counts) -> tuple[int, ...]:
    """By exponent: values of one are integers of 53 bits in a common unit."""
    fractions, exponents = np.frexp(values)
    whole = (fractions * 2.0**_DOUBLE_BITS).astype(np.int64).tolist()
    groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for exponent, value, count in zip(exponents.tolist(), whole, counts.tolist(), strict=True):
        groups[exponent].append((value, count))
    sums = [0] * POWERS
    for exponent, pairs in groups.items():
        parts = _weighted((value for value, _ in pairs), [count for _, count in pairs])
        _add_shifted(sums, parts, exponent - _DOUBLE_BITS + _LAST_BIT)
    return tuple(sums)


def _power_sums(values: Ints) -> tuple[int, ...]:
    low, high = int(values.min()), int(values.max())
    # Sums of deviations from the middle need fewer limbs; what they are of the values themselves is exact algebra.
    middle = (low + high + 1) // 2
    count = limbs.needed(low - middle, high - middle)
    rows = _room(count, values.size)
    sums = [0] * POWERS
    for start in range(0, values.size, limbs.GROUP):
        group = values[start : start + limbs.GROUP]
        filled = rows[:, : group.size]
        limbs.put_integers(group, middle, filled[:count])
        _add_shifted(sums, limbs.power_sums(filled), 0)
    return _shifted_by(middle, (values.size, *sums))


def _room(count: int, size: int) -> Floats:
    """For the power sums of up to so many numbers of so many limbs."""
    return np.empty((4 * count, min(size, limbs.GROUP)))


def _shifted_by(shift: int, sums: Sequence[int]) -> tuple[int, ...]:
    """Power sums 1 to 4 of values + shift, of the power sums 0 to 4 of values."""
    return tuple(
        sum(math.comb(power, k) * shift ** (power - k) * sums[k] for k in range(power + 1))
        for power in range(1, POWERS + 1)
    )


def _add_near(sums: list[int], values: Floats, rows: Floats) -> Rows:
    """Add the largest of a group and all that are within its octaves; return the rows of the others but zeros."""
    rows = rows[:, : values.size]
    numbers, sizes = rows[0], rows[-1]
    np.abs(values, out=sizes)
    top = math.frexp(float(sizes.max()))[1]
    least = math.ldexp(1.0, top - _OCTAVES - 1)
    limbs.shift(values, _HELD_BITS - top, out=numbers)
    far = np.zeros(0, np.intp)
    if sizes.min() < least:
        far = np.flatnonzero((sizes < least) & (sizes > 0))
        numbers[far] = 0
    limbs.cut(rows[:_LIMBS])
    _add_shifted(sums, limbs.power_sums(rows), top - _HELD_BITS + _LAST_BIT)
    return far


def _near_each_other(values: Floats) -> Iterator[Floats]:
    """Groups of doubles that are within so many octaves of each other, at most GROUP in each."""
    sizes = np.abs(values)
    order = np.argsort(sizes)
    exponents = np.frexp(sizes[order])[1]
    start = 0
    while start < order.size:
        stop = int(np.searchsorted(exponents, exponents[start] + _OCTAVES, side="right"))
        stop = min(stop, start + limbs.GROUP)
        yield values[order[start:stop]]
        start = stop


def _add_shifted(sums: list[int], parts: Sequence[int], shift: int) -> None:
    """Add sums of powers in units of 2**(shift - 1074)."""
    for place, part in enumerate(parts):
        bits = shift * (place + 1)
        # To the right only bits are shifted out that no double has.
        sums[place] += part << bits if bits >= 0 else part >> -bits


def _trailing_zeros(value: int) -> int:
    return (value & -value).bit_length() - 1
