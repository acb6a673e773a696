"""Exact sums of powers: the same integers whatever the order, so nothing is rounded before the end.

Each value counts as the number that it is: an integer as itself, a double as its binary fraction, so that a deviation
is that of the doubles themselves. Sums of doubles are kept in units of 2**-1074, the last bit of the smallest
subnormal, those of their squares in the square of that unit.

No Python loop runs over many values: what could overflow is cut into limbs whose products cannot.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from fanfold.profile.arrays import Counts, Floats, Ints, Rows

POWERS = 2
"""Sums are kept of the powers 1 to this."""

_LAST_BIT = 1074
_LIMB_BITS = 22
_LIMB = (1 << _LIMB_BITS) - 1
_BLOCK = 1 << 18
"""Products of two limbs are below 2**44: this many of them stay below 2**63."""

_DOUBLE_LIMBS = 5
_DOUBLE_LIMB_BITS = 17
_DOUBLE_BITS = _DOUBLE_LIMBS * _DOUBLE_LIMB_BITS
_OCTAVES = _DOUBLE_BITS - 53
"""Of doubles within so many octaves of each other the limbs hold every bit."""

_DOUBLE_BLOCK = 1 << 12
"""Products of two limbs are below 2**34: the sums of this many are integers below 2**46, exact in a double and, with
one limb of a count each, below 2**63 in an integer. Its limbs stay in the cache."""


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


def add(moments: Sequence[Moments]) -> Moments:
    """Moments of all values together."""
    return Moments(
        tuple(map(sum, zip(*(each.whole for each in moments), strict=True))),
        tuple(map(sum, zip(*(each.binary for each in moments), strict=True))),
    )


def of_integers(values: Ints, counts: Counts | None) -> Moments:
    """Moments of int64 values, each ``counts`` times (None: once)."""
    return Moments(_power_sums(values) if counts is None else _weighted(values.tolist(), counts.tolist()))


def of_big_integers(values: Sequence[int], counts: Sequence[int]) -> Moments:
    """Moments of integers of any size."""
    return Moments(_weighted(values, counts))


def of_doubles(values: Floats, counts: Counts | None) -> Moments:
    """Moments of finite doubles, each ``counts`` times (None: once)."""
    sums = [0] * POWERS
    far = _add_blocks(sums, values, counts)
    while far.size:
        # Sorted by size, neighbours are near each other: most of a block goes at once.
        far = far[np.argsort(np.abs(values[far]))]
        values, counts = values[far], None if counts is None else counts[far]
        far = _add_blocks(sums, values, counts)
    return Moments(binary=tuple(sums))


def _weighted(values: Iterable[int], counts: Sequence[int]) -> tuple[int, ...]:
    sums = [0] * POWERS
    for value, count in zip(values, counts, strict=True):
        term = count
        for power in range(POWERS):
            term *= value
            sums[power] += term
    return tuple(sums)


def _power_sums(values: Ints) -> tuple[int, ...]:
    if not values.size:
        return (0,) * POWERS
    largest = max(abs(int(values.min())), abs(int(values.max())))
    if largest * largest * values.size < 2**63:
        return int(values.sum()), int(np.dot(values, values))
    low, high = values & 0xFFFFFFFF, values >> 32
    return int(low.sum()) + (int(high.sum()) << 32), _square_sum(values)


def _square_sum(values: Ints) -> int:
    size = np.abs(values).view(np.uint64)  # abs(-2**63) wraps to itself, which is right when read unsigned
    limbs = [((size >> np.uint64(_LIMB_BITS * place)) & np.uint64(_LIMB)).astype(np.int64) for place in range(3)]
    total = 0
    for start in range(0, values.size, _BLOCK):
        block = [limb[start : start + _BLOCK] for limb in limbs]
        for i in range(3):
            for j in range(i, 3):
                product = int(np.dot(block[i], block[j]))
                total += (product if i == j else 2 * product) << (_LIMB_BITS * (i + j))
    return total


def _add_blocks(sums: list[int], values: Floats, counts: Counts | None) -> Rows:
    """Add each block's largest double and all that are within its octaves; return the rows of the others but zeros."""
    far = [np.zeros(0, np.intp)]
    for start in range(0, values.size, _DOUBLE_BLOCK):
        block = values[start : start + _DOUBLE_BLOCK]
        repeats = None if counts is None else counts[start : start + _DOUBLE_BLOCK]
        sizes = np.abs(block)
        top = math.frexp(float(sizes.max()))[1]
        least = math.ldexp(1.0, top - _OCTAVES - 1)
        if sizes.min() < least:
            far.append(start + np.flatnonzero((sizes < least) & (sizes > 0)))
            near = sizes >= least
            block, repeats = block[near], None if repeats is None else repeats[near]
        limbs = _limbs(block, top)
        parts = _limb_sums(limbs, limbs) if repeats is None else _weighted_limb_sums(limbs, repeats)
        shift = top - _DOUBLE_BITS + _LAST_BIT
        for place, part in enumerate(parts):
            bits = shift * (place + 1)
            # To the right only bits are shifted out that no double has.
            sums[place] += part << bits if bits >= 0 else part >> -bits
    return np.concatenate(far)


def _limbs(values: Floats, top: int) -> Floats:
    """Cut doubles below 2**top into integers of 17 bits, the highest first, each with the sign of its double."""
    limbs = np.empty((_DOUBLE_LIMBS, values.size))
    exponent = _DOUBLE_LIMB_BITS - top
    # In two steps, for 2**exponent itself may be beyond the doubles; neither rounds.
    rest = values * 2.0 ** (exponent // 2) * 2.0 ** (exponent - exponent // 2)
    for limb in limbs:
        np.trunc(rest, out=limb)
        rest -= limb
        rest *= 2.0**_DOUBLE_LIMB_BITS
    return limbs


def _limb_sums(limbs: Floats | Ints, weighted: Floats | Ints) -> tuple[int, int]:
    """Sum, and sum of squares, in units of the last bit of the lowest limb, and its square."""
    return (
        _positional(weighted.sum(axis=1).tolist()),
        _positional([sum(diagonal) for diagonal in _diagonals((weighted @ limbs.T).tolist())]),
    )


def _weighted_limb_sums(limbs: Floats, counts: Counts) -> tuple[int, int]:
    """The same of doubles that occur ``counts`` times: limb by limb of the counts."""
    whole = limbs.astype(np.int64)
    first = second = shift = 0
    while counts.any():
        low = counts & ((1 << _DOUBLE_LIMB_BITS) - 1)
        one, two = _limb_sums(whole, whole * low)
        first, second = first + (one << shift), second + (two << shift)
        counts = counts >> _DOUBLE_LIMB_BITS
        shift += _DOUBLE_LIMB_BITS
    return first, second


def _diagonals(products: Sequence[Sequence[float]]) -> list[list[int]]:
    """Products of limbs by the sum of their places."""
    diagonals: list[list[int]] = [[] for _ in range(2 * _DOUBLE_LIMBS - 1)]
    for i, row in enumerate(products):
        for j, product in enumerate(row):
            diagonals[i + j].append(int(product))
    return diagonals


def _positional(digits: Sequence[float]) -> int:
    """The integer of those digits, the highest first."""
    total = 0
    for digit in digits:
        total = (total << _DOUBLE_LIMB_BITS) + int(digit)
    return total
