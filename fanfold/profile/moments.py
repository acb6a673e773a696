"""Exact sums of powers: the same integers whatever the order, so nothing is rounded before the end.

Each value counts as one rational number, by a rule of its own: an integer as itself; a double that is the nearest one
to a decimal of at most six places, and below 2**53 / 10**6, as that decimal; any other double as the binary fraction
that it is. Decimals are summed in units of 10**-6, other doubles in units of 2**-1126 (the last bit of the smallest
subnormal with its significand widened to 53 bits), their squares in the squares of those units.

No Python loop runs over many values: what could overflow int64 is cut into limbs whose products cannot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from fanfold.profile.arrays import Counts, Floats, Ints

POWERS = 2
"""Sums are kept of the powers 1 to this."""

_PLACES = 10**6
_DECIMAL_BELOW = 2**53 / _PLACES
_BINARY_BITS = 1126
_SIGNIFICAND_BITS = 53
_LIMB_BITS = 22
_LIMB = (1 << _LIMB_BITS) - 1
_BLOCK = 1 << 18
"""Products of two limbs are below 2**44: this many of them stay below 2**63."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums of the powers 1, 2, ... of numbers, exactly."""

    decimal: tuple[int, ...] = (0,) * POWERS
    """Of power p in units of 10**-6p."""
    binary: tuple[int, ...] = (0,) * POWERS
    """Of power p in units of 2**-1126p."""

    def total(self, power: int) -> Fraction:
        """Sum of one power."""
        decimal = Fraction(self.decimal[power - 1], _PLACES**power)
        binary = self.binary[power - 1]
        return decimal + Fraction(binary, 1 << _BINARY_BITS * power) if binary else decimal


def add(moments: Sequence[Moments]) -> Moments:
    """Moments of all values together."""
    return Moments(
        tuple(map(sum, zip(*(each.decimal for each in moments), strict=True))),
        tuple(map(sum, zip(*(each.binary for each in moments), strict=True))),
    )


def of_integers(values: Ints, counts: Counts | None) -> Moments:
    """Moments of int64 values, each ``counts`` times (None: once)."""
    sums = _power_sums(values) if counts is None else _weighted(values.tolist(), counts.tolist())
    return Moments(decimal=tuple(each * _PLACES**power for power, each in enumerate(sums, 1)))


def of_big_integers(values: Sequence[int], counts: Sequence[int]) -> Moments:
    """Moments of integers of any size."""
    sums = _weighted(values, counts)
    return Moments(decimal=tuple(each * _PLACES**power for power, each in enumerate(sums, 1)))


def of_doubles(values: Floats, counts: Counts | None) -> Moments:
    """Moments of finite doubles, each ``counts`` times (None: once)."""
    near = np.abs(values) < _DECIMAL_BELOW
    scaled = np.rint(np.where(near, values, 0.0) * _PLACES)
    decimal = near & (scaled / _PLACES == values)
    ints = scaled[decimal].astype(np.int64)
    other = values[~decimal]
    if counts is None:
        return Moments(_power_sums(ints), _binary_sums(other) if other.size else (0,) * POWERS)
    units = [_binary_units(*each.as_integer_ratio()) for each in other.tolist()]
    return Moments(_weighted(ints.tolist(), counts[decimal].tolist()), _weighted(units, counts[~decimal].tolist()))


def _binary_units(numerator: int, denominator: int) -> int:
    return numerator << (_BINARY_BITS - (denominator.bit_length() - 1))


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


def _binary_sums(values: Floats) -> tuple[int, ...]:
    """Group by exponent: within one, significands are integers of 53 bits."""
    fractions, exponents = np.frexp(values)
    significands = np.ldexp(fractions, _SIGNIFICAND_BITS).astype(np.int64)
    order = np.argsort(exponents.astype(np.int16), kind="stable")
    significands, exponents = significands[order], exponents[order]
    firsts = np.flatnonzero(np.diff(exponents, prepend=exponents[0] - 1))
    sums = [0] * POWERS
    for start, stop in zip(firsts.tolist(), [*firsts[1:].tolist(), values.size], strict=True):
        shift = int(exponents[start]) - _SIGNIFICAND_BITS + _BINARY_BITS
        for power, each in enumerate(_power_sums(significands[start:stop]), 1):
            sums[power - 1] += each << (shift * power)
    return tuple(sums)
