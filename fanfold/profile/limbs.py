"""Numbers as digits of 22 bits, whose products add up in doubles without rounding.

A digit ("limb") is a whole number of at most 2**21 in size, with a sign. Products of two are below 2**42, and ``BLOCK``
of them add up to at most 2**53: in any order, fused or not, a matrix product of limbs is exact. Limbs stand in rows,
the lowest first, a column for each number.
"""

import math
from collections.abc import Sequence

import numpy as np

from fanfold.profile.arrays import Floats, Ints

BITS = 22
BLOCK = 1 << 11
"""Numbers that may be multiplied and added up at a time."""

_HALF = 1 << (BITS - 1)
_MASK = (1 << BITS) - 1
_UNIT = 2.0**BITS


def of_doubles(values: Floats, top: int, count: int) -> Floats:
    """Limbs of doubles below 2**top: the lowest is a multiple of 2**(top + 1 - BITS * count), what is below is lost."""
    limbs = np.empty((count, values.size))
    exponent = BITS - 1 - top
    # In two steps, for 2**exponent itself may be beyond the doubles; neither rounds.
    rest = values * 2.0 ** (exponent // 2) * 2.0 ** (exponent - exponent // 2)
    for limb in limbs[:0:-1]:
        np.rint(rest, out=limb)
        rest -= limb
        rest *= _UNIT
    np.rint(rest, out=limbs[0])
    return limbs


def of_integers(values: Ints, count: int) -> Floats:
    """Limbs of int64 values."""
    limbs = np.empty((count, values.size))
    for limb in limbs:
        low = values & _MASK
        carry = low >= _HALF
        limb[:] = low - (carry.astype(np.int64) << BITS)
        # Not (values - low) >> BITS, which may overflow.
        values = (values >> BITS) + carry
    return limbs


def integers_need(low: int, high: int) -> int:
    """How many limbs hold every integer from ``low`` to ``high``."""
    bits = max(-low, high, 1).bit_length() + 1
    return math.ceil(bits / BITS)


def square(limbs: Floats) -> Floats:
    """Limbs of the squares, of the same unit squared."""
    count = len(limbs)
    squares = np.zeros((2 * count, limbs.shape[1]))
    product = np.empty(limbs.shape[1])
    for i in range(count):
        for j in range(i):
            np.multiply(limbs[i], limbs[j], out=product)
            squares[i + j] += product
    squares *= 2
    for i in range(count):
        np.multiply(limbs[i], limbs[i], out=product)
        squares[2 * i] += product
    carry = product
    for place in range(2 * count - 1):
        np.multiply(squares[place], 1 / _UNIT, out=carry)
        np.rint(carry, out=carry)
        squares[place + 1] += carry
        carry *= _UNIT
        squares[place] -= carry
    return squares


def power_sums(limbs: Floats) -> list[int]:
    """Sums of the powers 1 to 4 of at most ``BLOCK`` numbers, in units of the lowest limb and its powers."""
    squares = square(limbs)
    return [
        positional(limbs.sum(axis=1).tolist()),
        positional(squares.sum(axis=1).tolist()),
        positional(_diagonals(squares @ limbs.T)),
        positional(_diagonals(squares @ squares.T)),
    ]


def positional(digits: Sequence[float]) -> int:
    """Return the integer of whole digits of any size, the lowest first."""
    total = 0
    for digit in reversed(digits):
        total = (total << BITS) + int(digit)
    return total


def _diagonals(products: Floats) -> list[int]:
    """Sums of products of limbs by the sum of their places."""
    sums = [0] * sum(products.shape)
    for i, row in enumerate(products.tolist()):
        for j, product in enumerate(row):
            sums[i + j] += int(product)
    return sums
